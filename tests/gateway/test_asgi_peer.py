"""A client's connection inside an ASGI server, of which the test plays the server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Message

from gateway.conftest import Bounds
from gateway.far import DEADLINE_S
from turngate.gateway.asgi_peer import AsgiPeer
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import Reader
from turngate.gateway.wire_bytes import Crossed

AUDIO = bytes(4_000)


class Server:
    """Somebody's ASGI server with one connection; `takes` is whether it takes what is sent."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.heard: list[Any] = []
        self.ended: list[tuple[int, str]] = []
        self.failed: list[Exception] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self.is_lost = False
        self.news = asyncio.Event()
        self.outbox = Outbox(1_000_000)
        self.opened, self.stalled = asyncio.Event(), asyncio.Event()
        reader = Reader(
            self.opened.set,
            self.hear,
            self.heard.append,
            self.fail,
            self.end,
            too_big=lambda: self.outbox.send_last(b"too big"),
            stalled=self.stalled.set,
        )
        self.peer = AsgiPeer(reader, self.outbox, 10_000)

    def hear(self, text: bytes) -> None:
        if text == b"break":
            raise LookupError
        self.heard.append(text.decode())

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        if self.is_lost:
            raise OSError
        self.sent.append(message)
        self.news.set()

    def end(self, code: int, reason: str) -> None:
        self.ended.append((code, reason))

    def fail(self, fault: Exception) -> None:
        self.failed.append(fault)
        self.news.set()

    async def has_sent(self, number: int) -> None:
        while len(self.sent) < number:
            self.news.clear()
            await self.news.wait()

    def says(self, **message: Any) -> None:
        kind = "disconnect" if "code" in message else "receive"
        self.said.put_nowait({"type": f"websocket.{kind}", **message})


@asynccontextmanager
async def connected() -> AsyncGenerator[tuple[Server, asyncio.Task[None]]]:
    server = Server()
    server.said.put_nowait({"type": "websocket.connect"})
    running = asyncio.create_task(server.peer.run(server.said.get, server.send, "token"))
    async with asyncio.timeout(DEADLINE_S):
        await server.opened.wait()
        assert server.sent == [{"type": "websocket.accept", "subprotocol": "token"}]
        server.sent.clear()
        server.news.clear()
        yield server, running
        await running
    assert len(server.ended) == 1, "the reader is told once"


async def test_messages_go_both_ways_and_the_end_is_told() -> None:
    async with connected() as (server, running):
        server.outbox.send_text(b'{"type":"Welcome"}')
        server.outbox.send_audio(b"\x01\x02")
        server.says(text="h\u00e9", bytes=None)
        server.says(bytes=b"\x03")
        server.says(text=None, bytes=b"\x04")
        server.says(code=4000, reason="enough")
        await running
        assert server.heard == ["h\u00e9", b"\x03", b"\x04"]
        assert [each.get("text") or each["bytes"] for each in server.sent] == [
            '{"type":"Welcome"}',
            b"\x01\x02",
        ]
        assert server.ended == [(4000, "enough")]
        assert server.peer.crossed() == Crossed(received=5, sent=20)


async def test_what_the_server_does_not_take_stays_where_it_can_be_taken_back() -> None:
    async with connected() as (server, _):
        server.takes.clear()
        for _ in range(20):
            server.outbox.send_audio(AUDIO)
        server.outbox.send_text(b"words")
        assert server.outbox.waiting_bytes > 12 * len(AUDIO)
        server.outbox.discard_audio()
        server.takes.set()
        server.peer.close(1000, "")
    texts = [each["text"] for each in server.sent if "text" in each]
    assert texts == ["words"], "words keep their place"
    assert 1 <= len(server.sent) - 2 <= 6
    assert server.sent[-1] == {"type": "websocket.close", "code": 1000, "reason": ""}
    assert server.ended == [(1000, "")]


async def test_everything_leaves_in_order_once_the_server_takes_it() -> None:
    async with connected() as (server, _):
        server.takes.clear()
        for number in range(50):
            server.outbox.send_text(b"%04d" % number + AUDIO)
        server.takes.set()
        await server.has_sent(50)
        server.says(code=1000)
    assert [each["text"][:4] for each in server.sent] == [f"{each:04}" for each in range(50)]


async def test_our_close_follows_what_leaves_and_nothing_is_heard_after_it() -> None:
    async with connected() as (server, _):
        server.outbox.send_text(b"why")
        server.peer.close(1011, "FAULT")
        server.says(text="too late")
        server.peer.close(1000, "a second one")
    assert [each["type"] for each in server.sent] == ["websocket.send", "websocket.close"]
    assert (server.sent[1]["code"], server.sent[1]["reason"]) == (1011, "FAULT")
    assert server.heard == []
    assert server.ended == [(1011, "FAULT")]


async def test_a_server_that_takes_nothing_is_left_at_the_deadline(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.05)
    async with connected() as (server, _):
        server.takes.clear()
        server.outbox.send_text(b"why")
        server.peer.close(1011, "FAULT")
    assert server.sent == []


async def test_a_server_that_takes_nothing_for_long_is_told_of() -> None:
    async with connected() as (server, _):
        server.peer.stalled_s = 0.02
        server.takes.clear()
        for _ in range(20):
            server.outbox.send_audio(AUDIO)
        await server.stalled.wait()
        server.peer.abort()


async def test_a_message_that_is_too_big_closes_with_1009() -> None:
    async with connected() as (server, _):
        server.says(text="\u00e9" * 5_001)
    assert [each.get("text") for each in server.sent] == ["too big", None]
    assert server.heard == []
    assert server.ended == [(1009, "message too big")]


async def test_a_bug_is_told_to_the_call_which_decides() -> None:
    async with connected() as (server, _):
        server.says(text="break")
        await server.news.wait()
        assert isinstance(server.failed[0], LookupError)
        assert server.ended == []
        server.says(code=1000)


async def test_a_server_that_has_lost_the_client_ends_the_call() -> None:
    async with connected() as (server, _):
        server.is_lost = True
        server.outbox.send_text(b"is anybody there?")
    assert server.ended == [(1006, "")]


@pytest.mark.parametrize("code", [None, 0, 1005])
async def test_an_end_without_a_code_is_1005(code: int | None) -> None:
    async with connected() as (server, _):
        server.says(code=code, reason=None)
    assert server.ended == [(1005, "")]


async def test_a_host_that_cancels_the_app_ends_the_call() -> None:
    server = Server()
    server.said.put_nowait({"type": "websocket.connect"})
    running = asyncio.create_task(server.peer.run(server.said.get, server.send, None))
    await server.opened.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert server.ended == [(1006, "")]
