"""From a Python signature to a JSON schema, and from a call's arguments to values.

Type hints become the schema; the docstring becomes the description, and its `Args:` section the
descriptions of the arguments.
"""

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from turngate.functions.outcome import Failure, FunctionError

_SECTION = re.compile(r"^(Args|Arguments|Returns|Raises|Yields|Examples?):\s*$", re.MULTILINE)
_TITLES = frozenset({"Args", "Arguments"})
_ARGUMENT = re.compile(r"^ {2,8}(\w+)(?: \([^)]*\))?:\s*(.+)$")


def description_of(code: Callable[..., Any]) -> str:
    """Return what the docstring says before its first section."""
    text = inspect.getdoc(code) or ""
    return _SECTION.split(text, maxsplit=1)[0].strip()


def arguments_shape(code: Callable[..., Any]) -> type[Struct]:
    """Return the arguments of `code` as a type that decodes them.

    Raises:
        TypeError: An argument has no type hint, one that JSON cannot carry, or cannot be named.

    """
    name = getattr(code, "__name__", type(code).__name__)
    described = _argument_descriptions(inspect.getdoc(code) or "")
    arguments = inspect.signature(code, eval_str=True).parameters.values()
    fields = [_field(name, each, described.get(each.name)) for each in arguments]
    return msgspec.defstruct(name, fields, kw_only=True, frozen=True, forbid_unknown_fields=True)


def _field(
    function: str, argument: inspect.Parameter, description: str | None
) -> tuple[str, Any] | tuple[str, Any, Any]:
    """Return an argument as a field of a Struct: its name, its type, and its default if it has one."""
    kind = argument.annotation
    if argument.kind not in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY):
        raise TypeError(f"{function}: the argument {argument.name} cannot be given by its name")
    if kind is argument.empty:
        raise TypeError(f"{function}: the argument {argument.name} has no type hint")
    try:
        msgspec.json.schema(kind)
    except TypeError as error:
        raise TypeError(
            f"{function}: JSON cannot carry the type of the argument {argument.name}, {kind!r}"
        ) from error
    if description is not None:
        kind = Annotated[kind, Meta(description=description)]
    if argument.default is argument.empty:
        return argument.name, kind
    return argument.name, kind, argument.default


def parameters_of(shape: type[Struct]) -> dict[str, Any]:
    """Return the JSON schema of a shape: an object at the top, other types under `$defs`.

    Raises:
        TypeError: A type is none that JSON can carry.

    """
    _, definitions = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    schema: dict[str, Any] = definitions.pop(shape.__name__)
    schema.pop("title", None)
    if definitions:
        schema["$defs"] = definitions
    return schema


def values_of(shape: type[Struct], arguments: str) -> dict[str, Any]:
    """Return the values for a call of the function with this shape.

    Raises:
        FunctionError: The arguments do not fit; it names the field.

    """
    try:
        decoded = msgspec.json.decode(arguments or "{}", type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FunctionError(
            f"The arguments are wrong: {error}", Failure.INVALID_ARGUMENTS
        ) from error
    return {name: getattr(decoded, name) for name in shape.__struct_fields__}


def _argument_descriptions(text: str) -> dict[str, str]:
    """Return what a docstring says of each argument, by its name."""
    _, *sections = _SECTION.split(text)
    told = zip(sections[::2], sections[1::2], strict=True)
    found: dict[str, str] = {}
    last = ""
    for line in (line for title, lines in told if title in _TITLES for line in lines.splitlines()):
        if argument := _ARGUMENT.match(line):
            last = argument[1]
            found[last] = argument[2].strip()
        elif last and line.strip():
            found[last] += f" {line.strip()}"
    return found
