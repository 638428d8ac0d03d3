"""Who is let in, and what the others are told."""

import asyncio
import base64

import msgspec
import pytest

from gateway.far import DEADLINE_S
from gateway.stand import AGENT_PATH, UPGRADE, Stood, gateway, over_both, request
from turngate.emulator import serving

KEY = "client-key-1"
NOWHERE = "ws://127.0.0.1:9/v1/realtime"


async def test_health_tells_the_upstream_and_the_calls() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        assert await stand.health() == {
            "status": "ok",
            "upstream": f"127.0.0.1:{emulator.port}",
            "calls": 0,
            "served": 0,
        }
        caller = await stand.called()
        assert (await stand.health())["calls"] == 1
        caller.close()
        await stand.is_empty()
        assert (await stand.health())["served"] == 1


@over_both
async def test_health_is_there_for_anybody(gateway: Stood) -> None:
    async with gateway(NOWHERE, client_keys=(KEY,)) as stand:
        answer = await request(stand, "/health?verbose")
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/agent/converse/", "//[", "/%"])
@over_both
async def test_unknown_path_is_404(gateway: Stood, path: str) -> None:
    async with gateway(NOWHERE) as stand:
        answer = await request(stand, path, UPGRADE)
        assert answer.status == 404
        assert "there is nothing at" in msgspec.json.decode(answer.body)["error"]


@pytest.mark.parametrize("path", [AGENT_PATH, "/openai", AGENT_PATH + "?model=x"])
async def test_agent_front_is_on_both_paths(path: str) -> None:
    async with gateway(NOWHERE) as stand:
        assert (await request(stand, path, UPGRADE)).status == 101


@over_both
async def test_plain_request_for_the_agent_is_told_to_upgrade(gateway: Stood) -> None:
    async with gateway(NOWHERE) as stand:
        answer = await request(stand)
        assert answer.status == 426
        assert answer.headers["upgrade"] == "websocket"


async def test_upgrade_that_fails_leaves_no_call() -> None:
    headers = {name: value for name, value in UPGRADE.items() if name != "Sec-WebSocket-Key"}
    async with gateway(NOWHERE) as stand:
        assert (await request(stand, headers=headers)).status == 400
        assert (await stand.health())["calls"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Token {KEY}"},
        {"Authorization": f"token {KEY}"},
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"BEARER   {KEY}"},
        {"Sec-WebSocket-Protocol": f"token, {KEY}"},
        {"Sec-WebSocket-Protocol": f"Bearer,{KEY}"},
        {"Sec-WebSocket-Protocol": f"other, bearer, {KEY}"},
    ],
    ids=str,
)
@over_both
async def test_key_is_taken_in_every_style(gateway: Stood, headers: dict[str, str]) -> None:
    async with gateway(NOWHERE, client_keys=("another", KEY)) as stand:
        assert (await request(stand, headers={**UPGRADE, **headers})).status == 101


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": KEY},
        {"Authorization": "Token"},
        {"Authorization": "Token "},
        {"Authorization": f"Token {KEY}x"},
        {"Authorization": "Token client-key-\u00e9"},
        {"Authorization": "Basic " + base64.b64encode(KEY.encode()).decode()},
        {"Sec-WebSocket-Protocol": KEY},
        {"Sec-WebSocket-Protocol": f"token, x, {KEY}"},
        {"Sec-WebSocket-Protocol": f"{KEY}, token"},
    ],
    ids=ascii,
)
@over_both
async def test_anything_else_is_401(gateway: Stood, headers: dict[str, str]) -> None:
    async with gateway(NOWHERE, client_keys=(KEY,)) as stand:
        answer = await request(stand, headers={**UPGRADE, **headers})
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert KEY.encode() not in answer.body
        assert (await stand.health())["served"] == 0


async def test_key_is_asked_for_before_the_upgrade_is_looked_at() -> None:
    async with gateway(NOWHERE, client_keys=(KEY,)) as stand:
        assert (await request(stand)).status == 401


@pytest.mark.parametrize("scheme", ["token", "bearer", "Token"])
@over_both
async def test_schemes_word_is_echoed_as_it_was_written_and_never_the_key(
    gateway: Stood, scheme: str
) -> None:
    async with gateway(NOWHERE, client_keys=(KEY,)) as stand:
        offered = {"Sec-WebSocket-Protocol": f"{scheme}, {KEY}"}
        answer = await request(stand, headers={**UPGRADE, **offered})
        assert answer.headers["sec-websocket-protocol"] == scheme
        assert KEY not in str(answer)


@over_both
async def test_nothing_is_echoed_to_who_offers_nothing(gateway: Stood) -> None:
    async with gateway(NOWHERE) as stand:
        for offered in ({}, {"Sec-WebSocket-Protocol": "chat"}):
            answer = await request(stand, headers={**UPGRADE, **offered})
            assert "sec-websocket-protocol" not in answer.headers


async def test_door_is_closed_while_the_gateway_drains() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured()
        caller.answers_close = False
        reader, writer = await asyncio.open_connection(stand.host, stand.port)
        await stand.health()  # so that the connection before it has been accepted
        stand.stop.set()
        await caller.until(lambda: caller.closed is not None)
        writer.write(f"GET {AGENT_PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        async with asyncio.timeout(DEADLINE_S):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        caller.drop()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"shutting down" in answer
