"""Arguments against a JSON schema, before the code that they are for runs.

The schema of an operator is taken whole. That of a client is a stranger's program: of it only the
keywords count that cost no more than the arguments are long, so neither a regular expression nor
references to references can hold up anybody's call.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import jsonschema
import msgspec
import referencing

from turngate.functions.outcome import Failure, FunctionError

Check: TypeAlias = Callable[[str], dict[str, Any]]
"""From a call's arguments, as JSON text, to their values, or a `FunctionError`."""

MESSAGE_CHARACTERS = 300

_PLAIN_KEYWORDS = (
    "additionalProperties",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "properties",
    "required",
    "type",
)

# what these two have of types is partial
_library: Any = jsonschema
_references: Any = referencing
_nowhere = _references.Registry()
"""A reference to elsewhere is an error and is never fetched."""

_Whole: Any = _library.Draft202012Validator
_Plain: Any = _library.validators.create(
    meta_schema=_Whole.META_SCHEMA,
    validators={name: _Whole.VALIDATORS[name] for name in _PLAIN_KEYWORDS},
    type_checker=_Whole.TYPE_CHECKER,
)


def check_schema(schema: Mapping[str, Any]) -> None:
    """Refuse what is no JSON schema of an object, which arguments always are.

    Raises:
        ValueError: It says where.

    """
    try:
        _Whole.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ValueError(f"{_where(error)}{error.message[:MESSAGE_CHARACTERS]}") from error
    if (kind := schema.get("type", "object")) != "object":
        raise ValueError(f"type: {kind!r} is not 'object', which the arguments of a function are")


def check_by(schema: Mapping[str, Any], *, is_own: bool) -> Check:
    """Return what checks arguments by `schema`; `is_own` is an operator's, which is trusted."""
    validator = (_Whole if is_own else _Plain)(schema, registry=_nowhere)

    def check(arguments: str) -> dict[str, Any]:
        values = _object(arguments)
        try:
            wrong = _library.exceptions.best_match(validator.iter_errors(values))
        except Exception as error:  # a schema can fail in many ways, none of them the model's fault
            raise FunctionError("The function's own schema is not usable.") from error
        if wrong is not None:
            told = f"The arguments are wrong: {_where(wrong)}{wrong.message[:MESSAGE_CHARACTERS]}"
            raise FunctionError(told, Failure.INVALID_ARGUMENTS)
        return values

    return check


def _object(arguments: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(arguments or "{}", type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        told = f"The arguments are not a JSON object: {error}"
        raise FunctionError(told, Failure.INVALID_ARGUMENTS) from error


def _where(error: Any) -> str:
    path = ".".join(str(step) for step in error.absolute_path)
    return f"{path}: " if path else ""
