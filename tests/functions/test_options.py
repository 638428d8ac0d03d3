"""The functions that a configuration names."""

import msgspec
import pytest

from turngate.functions import Manners
from turngate.functions.options import HttpFunction, McpServer
from turngate.units import Ms


def test_the_least_that_names_a_function() -> None:
    table = {"name": "stock", "url": "https://shop.example/"}
    stock = msgspec.convert(table, HttpFunction)
    assert stock.parameters == {"type": "object", "properties": {}}
    assert stock.manners == Manners()


def test_manners_are_said_where_the_function_is() -> None:
    table = {"name": "crm", "command": ["x"], "on_turn": "keep", "filler": "Hm.", "deadline_ms": 9}
    assert msgspec.convert(table, McpServer).manners == Manners(
        on_turn="keep", filler="Hm.", deadline_ms=Ms(9)
    )


def test_fillers_and_the_end_of_the_turn_are_manners_too() -> None:
    table = {"name": "a", "url": "https://b/", "filler_max_count": 3, "filler_interval_ms": 2_000}
    assert msgspec.convert(table | {"defer_until_eot": True}, HttpFunction).manners == Manners(
        filler_max_count=3, filler_interval_ms=Ms(2_000), defer_until_eot=True
    )


def test_keys_do_not_show() -> None:
    key = {"Authorization": "Bearer hush"}
    assert "hush" not in repr(HttpFunction(name="a", url="https://b/", headers=key))
    assert "hush" not in repr(McpServer(name="a", url="https://b/", headers=key, env=key))


@pytest.mark.parametrize("table", [{}, {"command": ["a"], "url": "https://b/"}], ids=str)
def test_a_server_is_reached_in_exactly_one_way(table: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError, match="either a command or a url"):
        msgspec.convert({"name": "crm", **table}, McpServer)


@pytest.mark.parametrize(
    "table, says",
    [
        ({"name": "", "url": "x"}, "name"),
        ({"name": "a"}, "url"),
        ({"name": "a", "url": "x", "deadline_ms": 0}, "deadline_ms"),
        ({"name": "a", "url": "x", "on_turn": "stop"}, "on_turn"),
        ({"name": "a", "url": "x", "method": "GET"}, "method"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named(table: dict[str, object], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(table, HttpFunction)
