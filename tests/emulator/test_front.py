"""The hand-over of the one port: what picows must still see, and what POST meets."""

import asyncio
import base64
from collections.abc import Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import msgspec
import pytest
import uvloop

from turngate.emulator import Emulator, Knobs, serving
from turngate.emulator.front import BODY_MAX_BYTES, House, listening, refused

DEADLINE_S = 10
KEY = base64.b64encode(b"0" * 16).decode()
UPGRADE = (
    "GET /v1/realtime?model=m HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


def on_both_loops(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on asyncio's loop and on uvloop, whose transports differ."""

    @pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
    def on(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        run(test())

    return on


def masked(text: bytes) -> bytes:
    """A text frame of a client, its mask all zeros."""
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text


async def joined(emulator: Emulator) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(emulator.host, emulator.port)


async def event(reader: asyncio.StreamReader) -> Any:
    """The next event of the server."""
    async with asyncio.timeout(DEADLINE_S):
        size = (await reader.readexactly(2))[1]
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2))
        return msgspec.json.decode(await reader.readexactly(size))


async def head(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(DEADLINE_S):
        return await reader.readuntil(b"\r\n\r\n")


async def post(
    emulator: Emulator, body: bytes, path: str = "/control", more: str = ""
) -> tuple[int, Any]:
    """POST and return the status and the JSON answer."""
    reader, writer = await joined(emulator)
    length = f"Content-Length: {len(body)}\r\n"
    writer.write(f"POST {path} HTTP/1.1\r\nHost: here\r\n{length}{more}\r\n".encode() + body)
    answer = await asyncio.wait_for(reader.read(), DEADLINE_S)
    writer.close()
    told, _, content = answer.partition(b"\r\n\r\n")
    return int(told.split(b" ")[1]), msgspec.json.decode(content)


@on_both_loops
async def test_a_frame_in_the_segment_of_the_handshake() -> None:
    async with serving() as emulator:
        reader, writer = await joined(emulator)
        writer.write(UPGRADE + masked(b'{"type": "response.cancel"}'))
        assert b" 101 " in await head(reader)
        assert (await event(reader))["type"] == "session.created"
        assert (await event(reader))["error"]["code"] == "response_cancel_not_active"
        writer.close()


@on_both_loops
async def test_a_handshake_byte_by_byte() -> None:
    async with serving() as emulator:
        reader, writer = await joined(emulator)
        for byte in UPGRADE:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert b" 101 " in await head(reader)
        assert (await event(reader))["type"] == "session.created"
        writer.close()


@on_both_loops
async def test_many_frames_behind_the_handshake() -> None:
    """More than one read buffer of picows holds."""
    async with serving() as emulator:
        reader, writer = await joined(emulator)
        audio = b'{"type":"input_audio_buffer.clear","event_id":"' + b"x" * 60 + b'"}'
        writer.write(UPGRADE + masked(audio) * 300)
        await head(reader)
        kinds = [(await event(reader))["type"] for _ in range(301)]
        assert kinds == ["session.created", *["input_audio_buffer.cleared"] * 300]
        writer.close()


@pytest.mark.parametrize("begun", [b"GET /v1/realtime HTT", b"POST /control HTTP/1.1\r\n"])
async def test_a_head_that_never_ends_is_cut(begun: bytes) -> None:
    house = House(
        door=lambda _: None,
        post=lambda _: refused(HTTPStatus.NOT_FOUND, ""),
        upgrade_ms=lambda: 0,
        request_s=0.02,
    )
    server, _ = await listening(house, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), DEADLINE_S) == b""
        writer.close()


@pytest.mark.parametrize("method", [b"POST", b"GET"])
async def test_a_head_without_bounds_is_refused(method: bytes) -> None:
    async with serving() as emulator:
        reader, writer = await joined(emulator)
        writer.write(method + b" /control HTTP/1.1\r\nX: " + b"x" * 20_000)
        with suppress(ConnectionResetError):
            first = await asyncio.wait_for(reader.readline(), DEADLINE_S)
            assert first[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400", b"")
        writer.close()


@on_both_loops
async def test_control_turns_the_server_and_open_connections() -> None:
    async with serving(knobs=Knobs(per_delta_ms=7)) as emulator:
        reader, writer = await joined(emulator)
        writer.write(UPGRADE)
        await head(reader)
        await event(reader)
        status, knobs = await post(emulator, b'{"refuse_session_update": [1]}')
        assert (status, knobs["refuse_session_update"], knobs["per_delta_ms"]) == (200, [1], 7)
        writer.write(masked(b'{"type":"session.update","session":{"type":"realtime"}}'))
        assert (await event(reader))["error"]["code"] == "unknown_parameter"
        assert emulator.knobs.refuse_session_update == (1,)
        writer.close()


async def test_control_of_one_session() -> None:
    async with serving() as emulator:
        reader, writer = await joined(emulator)
        writer.write(UPGRADE)
        await head(reader)
        session_id = (await event(reader))["session"]["id"]
        status, knobs = await post(emulator, b'{"beta":"ignore"}', f"/control?session={session_id}")
        assert (status, knobs["beta"], emulator.knobs.beta) == (200, "ignore", "reject")
        status, _ = await post(emulator, b"{}", "/control?session=sess_gone")
        assert status == 404
        writer.close()


async def test_control_knows_dialects() -> None:
    async with serving() as emulator:
        _, knobs = await post(emulator, b'{"dialect": "azure"}')
        assert knobs["repeat_part_as_content"]
        _, knobs = await post(emulator, b'{"dialect": "openai"}')
        assert not knobs["repeat_part_as_content"]


@pytest.mark.parametrize(
    "body, path, more, status",
    [
        (b'{"bogus": 1}', "/control", "", 400),
        (b'{"dialect": "klingon"}', "/control", "", 400),
        (b"[]", "/control", "", 400),
        (b"{", "/control", "", 400),
        (b"{}", "/audit", "", 404),
        (b"{}", "/control", "Origin: http://elsewhere\r\n", 403),
        (b"{}", "/control", "Origin: http://here\r\n", 200),
        (b"{}", "/control", "Content-Length\r\n", 400),
        (b"{}", "/control", "Content-Length: many\r\n", 400),
        (b"{}", "/control", "Transfer-Encoding: chunked\r\n", 411),
        (b"{}", "/control", f"Content-Length: {BODY_MAX_BYTES + 1}\r\n", 413),
    ],
)
async def test_what_control_refuses(body: bytes, path: str, more: str, status: int) -> None:
    async with serving() as emulator:
        assert (await post(emulator, body, path, more))[0] == status


@on_both_loops
async def test_a_door_that_hangs_lets_its_pages_through() -> None:
    async with serving(knobs=Knobs(hang_upgrade=True)) as emulator:
        reader, writer = await joined(emulator)
        writer.write(UPGRADE)
        status, _ = await post(emulator, b'{"hang_upgrade": false}')
        assert status == 200
        second, other = await joined(emulator)
        other.write(UPGRADE)
        assert b" 101 " in await head(second)
        assert not reader.at_eof()
        writer.close()
        other.close()
