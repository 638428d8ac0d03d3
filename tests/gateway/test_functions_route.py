"""What answers `POST /function-call`: a status and a body for each request."""

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec
import pytest

from turngate.functions import FunctionError, Manners, Registry
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.python import PythonFunction, Threads
from turngate.gateway.functions.route import Route
from turngate.units import Ms

functions = Registry()


@functions.register
async def stock(item: str) -> dict[str, str]:
    return {"item": item}


@functions.register
async def closed() -> str:
    raise FunctionError("The shop is closed.")


@functions.register(manners=Manners(deadline_ms=Ms(20)))
async def hangs() -> str:
    await asyncio.Event().wait()
    return "never"


CATALOGUE = Catalogue([PythonFunction(each, Threads()) for each in functions])


async def asked(route: Route, **request: object) -> tuple[HTTPStatus, dict[str, Any]]:
    status, body = await route.answer(msgspec.json.encode(request))
    return status, msgspec.json.decode(body)


async def test_a_function_is_run_and_its_result_returned() -> None:
    route = Route(CATALOGUE)
    status, body = await asked(route, id="a", name="stock", arguments={"item": "hat"})
    assert (status, body) == (HTTPStatus.OK, {"content": '{"item":"hat"}'})


async def test_arguments_may_be_the_text_that_the_model_wrote() -> None:
    status, body = await asked(Route(CATALOGUE), name="stock", arguments='{"item": "hat"}')
    assert (status, body) == (HTTPStatus.OK, {"content": '{"item":"hat"}'})


@pytest.mark.parametrize(
    "request_, status, code, says",
    [
        ({"name": "fly"}, 404, "unknown_function", "There is no function fly."),
        ({"name": "stock"}, 422, "invalid_arguments", "missing required field `item`"),
        ({"name": "closed"}, 200, "failed", "The shop is closed."),
        ({"name": "hangs"}, 504, "timeout", "The function hangs gave no result in time."),
        ({}, 400, "bad_request", "missing required field `name`"),
        ({"name": 5}, 400, "bad_request", "$.name"),
        ({"name": "stock", "arguments": [1]}, 400, "bad_request", "$.arguments"),
    ],
    ids=str,
)
async def test_whatever_goes_wrong_has_a_status_and_a_code(
    request_: dict[str, object], status: int, code: str, says: str
) -> None:
    got, body = await asked(Route(CATALOGUE), **request_)
    assert (got, body["code"]) == (status, code)
    assert says in body["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[" * 100_000, b"\xff"])
async def test_what_is_no_request_is_refused(body: bytes) -> None:
    status, _ = await Route(CATALOGUE).answer(body)
    assert status == HTTPStatus.BAD_REQUEST


async def test_an_id_is_run_once() -> None:
    route = Route(CATALOGUE)
    await asked(route, id="a", name="stock", arguments={"item": "hat"})
    status, body = await asked(route, id="a", name="stock", arguments={"item": "hat"})
    assert (status, body["code"]) == (HTTPStatus.CONFLICT, "repeated")
    status, _ = await asked(route, id="b", name="stock", arguments={"item": "hat"})
    assert status == HTTPStatus.OK


async def test_so_many_ids_are_remembered() -> None:
    route = Route(CATALOGUE)
    for number in range(4_097):
        await asked(route, id=str(number), name="fly")
    assert (await asked(route, id="4096", name="fly"))[0] == HTTPStatus.CONFLICT
    assert (await asked(route, id="0", name="fly"))[0] == HTTPStatus.NOT_FOUND


async def test_so_many_run_at_once_and_no_more() -> None:
    route = Route(CATALOGUE)
    running = [asyncio.create_task(asked(route, name="hangs")) for _ in range(32)]
    await asyncio.sleep(0)
    status, body = await asked(route, name="stock", arguments={"item": "hat"})
    assert (status, body["code"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "busy")
    await asyncio.gather(*running)
    assert (await asked(route, name="closed"))[0] == HTTPStatus.OK


async def test_a_host_that_goes_away_ends_its_function() -> None:
    route = Route(CATALOGUE)
    waiting = asyncio.create_task(asked(route, name="hangs"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
