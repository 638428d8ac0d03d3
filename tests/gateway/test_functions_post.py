"""`POST /function-call`, over the port: who may ask for a function, and what they get."""

import asyncio
from typing import Any

import msgspec
import pytest

from gateway.conftest import Bounds
from gateway.far import DEADLINE_S
from gateway.ports import NOWHERE, connected
from gateway.stand import Gateway, Response, Stood, gateway, over_both, request
from turngate.functions import FunctionError, Registry

functions = Registry()
told: dict[str, "asyncio.Queue[str]"] = {}
"""How `wait` fares, for the test of the moment."""


@functions.register
async def stock(item: str) -> dict[str, Any]:
    """Tell how many there are."""
    if item == "moon":
        raise FunctionError("There is only one.")
    return {"item": item, "count": 3}


@functions.register
async def wait() -> str:
    """Wait for ever."""
    told["wait"].put_nowait("begun")
    try:
        await asyncio.Event().wait()
    finally:
        told["wait"].put_nowait("ended")
    return ""


OFFER: dict[str, Any] = {"functions": f"{__name__}:functions"}
STOCK = {"id": "call-1", "name": "stock", "arguments": {"item": "hat"}}


async def posted(stand: Gateway, asked: object = STOCK, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = asked if isinstance(asked, bytes) else msgspec.json.encode(asked)
    return await request(stand, "/function-call", named, method="POST", body=body)


@over_both
async def test_function_runs_for_a_host(gateway: Stood) -> None:
    async with gateway(NOWHERE, **OFFER) as stand:
        answer = await posted(stand)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert msgspec.json.decode(answer.body) == {"content": '{"item":"hat","count":3}'}
        failed = await posted(stand, {"name": "stock", "arguments": '{"item": "moon"}'})
        assert failed.status == 200
        assert msgspec.json.decode(failed.body)["error"] == "There is only one."


@pytest.mark.parametrize(
    "asked, status, code",
    [
        (b"{", 400, "bad_request"),
        ({"arguments": {}}, 400, "bad_request"),
        ({"name": "fly"}, 404, "unknown_function"),
        ({"name": "stock", "arguments": {"item": 5}}, 422, "invalid_arguments"),
        ({"name": "stock", "arguments": {"item": "x" * 300_000}}, 413, "too_large"),
        ({"name": "stock", "arguments": {"item": "x" * 3_000_000}}, 413, "too_large"),
    ],
    ids=range(6),
)
@over_both
async def test_what_is_wrong_has_a_status_and_a_code(
    gateway: Stood, asked: Any, status: int, code: str
) -> None:
    async with gateway(NOWHERE, **OFFER) as stand:
        answer = await posted(stand, asked)
        assert (answer.status, msgspec.json.decode(answer.body)["code"]) == (status, code)


async def test_an_id_runs_once_for_all_who_ask() -> None:
    async with gateway(NOWHERE, **OFFER) as stand:
        answers = [await posted(stand) for _ in range(2)]
        assert [each.status for each in answers] == [200, 409]


@over_both
async def test_key_and_origin_are_those_of_the_door(gateway: Stood) -> None:
    page = {"Origin": "https://app.example"}
    offer: dict[str, Any] = {**OFFER, "client_keys": ("k",), "origins": ("https://app.example",)}
    async with gateway(NOWHERE, **offer) as stand:
        assert (await posted(stand)).status == 401
        assert (await posted(stand, Authorization="Token x")).status == 401
        assert (await posted(stand, Authorization="Bearer k")).status == 200
        evil = await posted(stand, Authorization="Bearer k", Origin="https://evil.example")
        assert (evil.status, msgspec.json.decode(evil.body)["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in evil.headers
        listed = await posted(stand, {"name": "fly"}, Authorization="Bearer k", **page)
        assert listed.status == 404, "a page reads what went wrong, too"
        assert listed.headers["access-control-allow-origin"] == "https://app.example"


@over_both
async def test_browser_is_told_what_a_listed_page_may_send(gateway: Stood) -> None:
    async with gateway(NOWHERE, **OFFER, origins=("https://app.example",)) as stand:
        for origin, status in (("https://app.example", 200), ("https://evil.example", 403)):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = await request(stand, "/function-call", headers, method="OPTIONS")
            assert answer.status == status
            assert ("access-control-allow-headers" in answer.headers) == (status == 200)
        answer = await request(stand, "/function-call")
        assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")


@over_both
async def test_function_ends_when_nobody_waits_any_more(gateway: Stood) -> None:
    async with gateway(NOWHERE, **OFFER) as stand:
        held = told["wait"] = asyncio.Queue()
        asking = asyncio.create_task(posted(stand, {"name": "wait"}))
        async with asyncio.timeout(DEADLINE_S):
            assert await held.get() == "begun"
            asking.cancel()
            assert await held.get() == "ended"


async def test_body_that_never_comes_meets_its_deadline(bounds: Bounds) -> None:
    bounds(BODY_S=0.05)
    async with gateway(NOWHERE, **OFFER) as stand, connected(stand) as (reader, writer):
        writer.write(b"POST /function-call HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_body_without_end_is_not_read_to_its_end() -> None:
    async with gateway(NOWHERE, **OFFER) as stand, connected(stand) as (reader, writer):
        writer.write(
            b"POST /function-call HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
        )
        writer.write(bytes(5 * 1024 * 1024))
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")


async def test_connection_has_a_last_deadline_of_its_own(bounds: Bounds) -> None:
    bounds(HTTP_S=0.05)
    async with gateway(NOWHERE, **OFFER) as stand, connected(stand) as (reader, writer):
        writer.write(b"POST /function-call HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert await reader.read() == b""
