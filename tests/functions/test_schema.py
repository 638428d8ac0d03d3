"""What the model is told of a Python function, and what the function is given."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal

import jsonschema
import msgspec
import pytest
from msgspec import Meta, Struct

from turngate.functions import Failure, FunctionError, Manners, Registry
from turngate.functions.schema import (
    arguments_shape,
    description_of,
    parameters_of,
    values_of,
)
from turngate.units import Ms


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Address(Struct):
    street: str
    city: str = "Paris"


def find(
    text: str,
    size: Size,
    kind: Literal["shirt", "shoe"] = "shirt",
    limit: Annotated[int, Meta(ge=1, le=20)] = 5,
    tags: list[str] | None = None,
) -> list[str]:
    """Search the shop.

    Only what is in stock is found.

    Args:
        text: What to look for, in the
            customer's own words.
        size (Size): The size.
        limit: How many at most.

    Returns:
        Names.

    """
    return [text, size.value, kind, str(limit), *(tags or ())]


def test_hints_become_the_schema_and_the_docstring_its_words() -> None:
    assert description_of(find) == "Search the shop.\n\nOnly what is in stock is found."
    schema = parameters_of(arguments_shape(find))
    properties = schema["properties"]
    assert schema["type"] == "object"
    assert schema["required"] == ["text", "size"]
    assert schema["additionalProperties"] is False
    assert properties["text"] == {
        "type": "string",
        "description": "What to look for, in the customer's own words.",
    }
    assert properties["kind"] == {"enum": ["shirt", "shoe"], "default": "shirt"}
    assert properties["limit"]["description"] == "How many at most."
    assert (properties["limit"]["minimum"], properties["limit"]["maximum"]) == (1, 20)
    assert schema["$defs"]["Size"]["enum"] == ["large", "small"]
    jsonschema.Draft202012Validator.check_schema(schema)


def test_values_are_of_the_hinted_types() -> None:
    values = values_of(arguments_shape(find), '{"text": "red", "size": "small"}')
    assert values == {
        "text": "red",
        "size": Size.SMALL,
        "kind": "shirt",
        "limit": 5,
        "tags": None,
    }
    assert find(**values) == ["red", "small", "shirt", "5"]


def test_types_of_ones_own_are_decoded() -> None:
    def send(to: Address) -> str:
        return to.city

    shape = arguments_shape(send)
    assert "Address" in parameters_of(shape)["$defs"]
    assert send(**values_of(shape, '{"to": {"street": "Rue 1"}}')) == "Paris"


def test_a_function_without_arguments_takes_no_text_for_an_empty_object() -> None:
    def now() -> str:
        return "noon"

    shape = arguments_shape(now)
    assert parameters_of(shape)["properties"] == {}
    assert values_of(shape, "") == {}


@pytest.mark.parametrize(
    "arguments, says",
    [
        ('{"size": "small"}', "missing required field `text`"),
        ('{"text": 5, "size": "small"}', "Expected `str`, got `int` - at `$.text`"),
        ('{"text": "a", "size": "huge"}', "Invalid enum value 'huge' - at `$.size`"),
        ('{"text": "a", "size": "small", "limit": 99}', "`int` <= 20 - at `$.limit`"),
        ('{"text": "a", "size": "small", "colour": "red"}', "unknown field `colour`"),
        ('{"text": "a", "size": ', "truncated"),
        ("[]", "Expected `object`"),
        ("null", "Expected `object`"),
    ],
)
def test_wrong_arguments_are_told_so_that_the_model_can_act(arguments: str, says: str) -> None:
    with pytest.raises(FunctionError) as caught:
        values_of(arguments_shape(find), arguments)
    assert caught.value.code is Failure.INVALID_ARGUMENTS
    assert says in caught.value.message


def unhinted(x: Any) -> str:
    return str(x)


del unhinted.__annotations__["x"]


def starred(*names: str) -> str:
    return "".join(names)


def double_starred(**names: str) -> str:
    return "".join(names)


def positional(x: str, /) -> str:
    return x


@pytest.mark.parametrize("code", [unhinted, starred, double_starred, positional])
def test_an_argument_that_no_model_could_give_is_refused(code: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=code.__name__):
        arguments_shape(code)


def test_a_type_that_json_cannot_carry_is_refused() -> None:
    def compare(one: complex) -> str:
        return str(one)

    with pytest.raises(TypeError, match=r"compare: .* argument one, <class 'complex'>"):
        Registry().register(compare)


@pytest.mark.parametrize(
    "manners, says",
    [
        (Manners(on_turn="stop"), "find: manners: Invalid enum value 'stop'"),  # pyright: ignore[reportArgumentType] - it is what is tried
        (Manners(deadline_ms=Ms(0)), "deadline_ms"),
        ({"deadline_ms": 5}, "find: manners are Manners"),
    ],
    ids=str,
)
def test_manners_that_no_function_could_have_are_refused(manners: Any, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        Registry().register(manners=manners)(find)


def test_a_class_is_no_function() -> None:
    with pytest.raises(TypeError, match="Address is a class"):
        Registry().register(Address)


def test_registering_leaves_the_function_as_it_is() -> None:
    functions = Registry()

    @functions.register
    def one(x: int) -> int:
        """Tell one."""
        return x

    @functions.register(name="zwei", description="Tell two.", manners=Manners(deadline_ms=Ms(5)))
    async def two() -> int:
        return 2

    assert one(1) == 1
    first, second = functions
    assert (first.function.name, first.function.description) == ("one", "Tell one.")
    assert (second.function.name, second.function.description) == ("zwei", "Tell two.")
    assert second.function.manners.deadline_ms == 5
    assert [each.is_async for each in functions] == [False, True]
    assert len(functions) == 2
    assert two.__name__ == "two"


def test_an_object_that_can_be_called_is_a_function() -> None:
    class Greeter:
        """Greets."""

        async def __call__(self, name: str) -> str:
            return f"Hello {name}."

    functions = Registry()
    functions.register(name="greet")(Greeter())
    (greet,) = functions
    assert greet.is_async
    assert greet.function.description == "Greets."
    assert list(greet.function.parameters["properties"]) == ["name"]


def test_a_name_is_registered_once() -> None:
    functions = Registry()
    functions.register(find)
    with pytest.raises(ValueError, match="find is registered already"):
        functions.register(find)


@pytest.mark.parametrize("name", ["", "get time", "größe", "a" * 65, "a.b"])
def test_a_name_that_no_model_could_call_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 64 letters"):
        Registry().register(name=name or " ")(find)


def test_a_tool_is_what_the_upstream_takes() -> None:
    functions = Registry()
    functions.register(find)
    (found,) = functions
    tool = found.function.tool()
    assert list(tool) == ["type", "name", "description", "parameters"]
    assert tool["type"] == "function"
    assert msgspec.json.decode(msgspec.json.encode(tool))["name"] == "find"
