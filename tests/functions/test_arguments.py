"""Arguments against a JSON schema: an operator's whole, a client's as far as it costs nothing."""

from typing import Any

import pytest

from turngate.functions import Failure, FunctionError
from turngate.functions.arguments import check_by, check_schema

ORDER = {
    "type": "object",
    "properties": {
        "item": {"type": "string", "minLength": 1},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "size": {"enum": ["S", "M"]},
        "to": {"type": "object", "properties": {"city": {"type": "string"}}},
        "notes": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "required": ["item"],
    "additionalProperties": False,
}


def refused(arguments: str, schema: dict[str, Any], *, is_own: bool) -> str:
    with pytest.raises(FunctionError) as caught:
        check_by(schema, is_own=is_own)(arguments)
    assert caught.value.code is Failure.INVALID_ARGUMENTS
    return caught.value.message


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize(
    "arguments, says",
    [
        ("{}", "'item' is a required property"),
        ('{"item": 5}', "item: 5 is not of type 'string'"),
        ('{"item": ""}', "item: '' should be non-empty"),
        ('{"item": "a", "count": 10}', "count: 10 is greater than the maximum of 9"),
        ('{"item": "a", "size": "L"}', "size: 'L' is not one of ['S', 'M']"),
        ('{"item": "a", "to": {"city": 1}}', "to.city: 1 is not of type 'string'"),
        ('{"item": "a", "notes": ["x", 2]}', "notes.1: 2 is not of type 'string'"),
        ('{"item": "a", "colour": "red"}', "'colour' was unexpected"),
        ('{"item": ', "not a JSON object"),
        ('["item"]', "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
    ],
)
def test_what_does_not_fit_is_named(arguments: str, says: str, *, is_own: bool) -> None:
    assert says in refused(arguments, ORDER, is_own=is_own)


@pytest.mark.parametrize("is_own", [True, False])
def test_what_fits_is_returned(*, is_own: bool) -> None:
    check = check_by(ORDER, is_own=is_own)
    assert check('{"item": "hat", "count": 2}') == {"item": "hat", "count": 2}
    assert check_by({}, is_own=is_own)("") == {}


def test_an_operators_schema_counts_whole() -> None:
    schema = {
        "properties": {"code": {"pattern": "^[A-Z]{3}$"}, "to": {"$ref": "#/$defs/City"}},
        "anyOf": [{"required": ["code"]}, {"required": ["to"]}],
        "$defs": {"City": {"enum": ["Paris"]}},
    }
    assert "does not match" in refused('{"code": "abc"}', schema, is_own=True)
    assert "Rome" in refused('{"to": "Rome"}', schema, is_own=True)
    assert refused("{}", schema, is_own=True)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"x": {"pattern": "^(a+)+$"}}},
        {"patternProperties": {"^(a+)+$": {"type": "string"}}},
        {"$ref": "http://127.0.0.1:1/schema"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"properties": {"x": {"format": "regex"}}},
        {"uniqueItems": True},
    ],
    ids=str,
)
def test_a_clients_schema_cannot_hold_anybody_up(schema: dict[str, Any]) -> None:
    arguments = '{"x": "' + "a" * 5_000 + '!"}'
    assert check_by(schema, is_own=False)(arguments)["x"].endswith("!")


@pytest.mark.parametrize(
    "schema",
    [
        {"required": 5},
        {"type": "nothing"},
        {"properties": {"x": {"minLength": "long"}}},
        {"properties": {"x": {"enum": 5}}},
    ],
    ids=str,
)
def test_a_schema_that_is_none_is_not_the_models_fault(schema: dict[str, Any]) -> None:
    with pytest.raises(FunctionError) as caught:
        check_by(schema, is_own=False)('{"x": "y"}')
    assert caught.value.code is Failure.FAILED


@pytest.mark.parametrize("where", ["http://127.0.0.1:1/x.json", "file:///etc/hostname", "other"])
def test_a_reference_to_elsewhere_is_never_fetched(where: str) -> None:
    with pytest.raises(FunctionError) as caught:
        check_by({"properties": {"x": {"$ref": where}}}, is_own=True)('{"x": 1}')
    assert caught.value.code is Failure.FAILED


def test_a_long_value_is_not_repeated_in_full() -> None:
    told = refused('{"item": "a", "size": "' + "L" * 100_000 + '"}', ORDER, is_own=True)
    assert len(told) < 1_000


def test_an_operators_schema_is_looked_at_when_it_is_read() -> None:
    check_schema(ORDER)
    with pytest.raises(ValueError, match=r"properties\.x\.type: 'text' is not valid"):
        check_schema({"properties": {"x": {"type": "text"}}})
    with pytest.raises(ValueError, match="'string' is not 'object'"):
        check_schema({"type": "string"})
