"""The shop's functions, its HTTP server, and a whole call in which the model uses them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from examples.shop.shop import Refused, Shop, backend, serving
from starlette.testclient import TestClient

from e2e.script import client
from e2e.stage import calling, configured, through_turngate
from turngate.emulator import Call as Asks
from turngate.emulator import Reply, Script
from turngate.functions.options import HttpFunction
from turngate.gateway.loading import load
from turngate.wire.agent import InjectUserMessage

TOML = Path(__file__).parent.parent.parent / "examples" / "shop" / "turngate.toml"


@pytest.fixture
def shop() -> Iterator[Shop]:
    opened = Shop()
    yield opened
    opened.close()


def test_products_are_found_and_counted(shop: Shop) -> None:
    assert shop.search("trousers") == []
    assert [each["sku"] for each in shop.search("Gloves, or a scarf?")] == ["G1", "S1"]
    assert shop.search("search products: hats") == [
        {"sku": "H1", "name": "red hat", "euros": 19.0},
        {"sku": "H2", "name": "blue hat", "euros": 21.0},
    ]
    assert shop.stock("H1") == {"name": "red hat", "in_stock": 4}


def test_an_order_is_placed_once_for_each_call(shop: Shop) -> None:
    first = shop.call("c1", "place_order", {"sku": "H1", "quantity": 2})
    again = shop.call("c1", "place_order", {"sku": "H1", "quantity": 2})
    assert first == {"order": 1, "name": "red hat", "euros": 38.0}
    assert again == {"order": 1, "state": "placed"}
    assert shop.stock("H1")["in_stock"] == 2
    assert shop.status(1)["state"] == "placed"


@pytest.mark.parametrize(
    "name, arguments, says",
    [
        ("check_stock", {"sku": "X"}, "There is no product X."),
        ("order_status", {"order": 9}, "There is no order 9."),
        ("place_order", {"sku": "H2"}, "There are only 0 of blue hat."),
        ("fly", {}, "The shop has no function fly."),
    ],
)
def test_what_cannot_be_done_is_said(
    name: str, arguments: dict[str, Any], says: str, shop: Shop
) -> None:
    with pytest.raises(Refused) as caught:
        shop.call("c1", name, arguments)
    assert str(caught.value) == says
    body = {"id": "c1", "name": name, "arguments": arguments}
    answer = TestClient(backend(shop)).post("/functions", json=body)
    assert (answer.status_code, answer.json()) == (200, {"error": says})


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"id": "a", "name": "check_stock", "arguments": {"x": 1}}'],
)
def test_what_is_no_request_is_refused(body: bytes, shop: Shop) -> None:
    assert TestClient(backend(shop)).post("/functions", content=body).status_code == 422


def test_the_configuration_names_every_function_of_the_shop(shop: Shop) -> None:
    config = load({"config": TOML}, {})
    assert {each.name for each in config.function} == {
        "search_products",
        "check_stock",
        "order_status",
        "place_order",
    }
    for each in config.function:
        body: dict[str, object] = {"id": "", "name": each.name, "arguments": {}}
        answer = TestClient(backend(shop)).post("/functions", json=body)
        assert answer.status_code == 422, f"{each.name} is not known to the shop: {answer.text}"


async def test_a_customer_asks_and_orders(shop: Shop) -> None:
    script = Script(
        replies=(
            Reply(
                match="order",
                calls=(
                    Asks("search_products", {"query": "hat"}),
                    Asks("check_stock", {"sku": "H1"}),
                ),
                then=Reply(
                    calls=(Asks("place_order", {"sku": "H1", "quantity": 2}),),
                    then=Reply(text="Two red hats are on their way."),
                ),
            ),
        )
    )
    with serving(shop, port=0) as url:
        tables = tomllib.loads(TOML.read_text())["function"]
        functions = msgspec.convert(
            [{**each, "url": url} for each in tables], tuple[HttpFunction, ...]
        )
        through = through_turngate(function=functions)
        async with calling(
            script=script, through=through, settings=configured(functions=())
        ) as call:
            await call.follow(
                client >> InjectUserMessage("I want to order two red hats"),
                client << 'ConversationText assistant "Two red hats are on their way."',
            )
            await call.kept()
            told = [line.message for line in call.record.all(">C", "FunctionCallResponse")]
            names = [one["name"] for one in told if isinstance(one, dict)]
            assert sorted(names[:2]) == ["check_stock", "search_products"]
            assert names[2:] == ["place_order"]
            assert len(call.record.all(">U", "response.create")) == 3
    assert shop.stock("H1")["in_stock"] == 2
