"""Frames become messages, over a real connection."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
from picows import (
    WSMsgType,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from gateway.conftest import Bounds
from gateway.far import Far, dial
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.peer import Peer, Reader

TEXT, BINARY = WSMsgType.TEXT, WSMsgType.BINARY
LIMIT_BYTES = 1000


class Heard:
    """Keeps what a peer hands over."""

    def __init__(self) -> None:
        self.messages: list[bytes | bytearray] = []
        self.end: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.outbox = Outbox(LIMIT_BYTES)
        self.peer = Peer(
            Reader(self._opened, self.messages.append, self._heard_binary, self._ended),
            self.outbox,
            LIMIT_BYTES,
        )

    def fill(self) -> None:
        """Send until the far end's refusal to read is felt here."""
        with suppress(Overflow):
            while True:
                self.outbox.send_audio(bytes(1_000_000))

    def _opened(self) -> None:
        pass

    def _heard_binary(self, message: bytes) -> None:
        self.messages.append(bytearray(message))

    def _ended(self, code: int, reason: str) -> None:
        self.end.set_result((code, reason))


@asynccontextmanager
async def joined() -> AsyncGenerator[tuple[Far, Heard]]:
    """Yield the two ends of a connection. What was binary is heard as a bytearray."""
    heard = Heard()
    server = await ws_create_server(lambda _: heard.peer, "127.0.0.1", 0)
    far = await dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    try:
        yield far, heard
    finally:
        far.drop()
        async with asyncio.timeout(5):
            await heard.end
        server.close()
        await server.wait_closed()


async def test_opcode_tells_text_from_audio() -> None:
    async with joined() as (far, heard):
        far.say("12")
        far.say(b"12")
        await far.barrier()
        assert heard.messages == [b"12", bytearray(b"12")]


@pytest.mark.parametrize("kind", [TEXT, BINARY])
async def test_fragments_are_joined_past_control_frames_between_them(kind: WSMsgType) -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(kind, b"one ", b"", b"two ", b"three", between=True)
        far.say_in_pieces(TEXT, b"next ", b"message")
        await far.barrier()
        whole = b"one two three" if kind is TEXT else bytearray(b"one two three")
        assert heard.messages == [whole, b"next message"]


async def test_message_at_its_limit_passes_whole_and_in_pieces() -> None:
    async with joined() as (far, heard):
        far.say(bytes(LIMIT_BYTES))
        far.say_in_pieces(BINARY, bytes(LIMIT_BYTES - 1), bytes(1))
        await far.barrier()
        assert [len(message) for message in heard.messages] == [LIMIT_BYTES, LIMIT_BYTES]


@pytest.mark.parametrize(
    "sizes", [(LIMIT_BYTES + 1,), (LIMIT_BYTES, 1), (1, LIMIT_BYTES), (600, 600, 600)], ids=str
)
async def test_message_beyond_its_limit_closes_with_1009(sizes: tuple[int, ...]) -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(BINARY, *(bytes(size) for size in sizes))
        far.say("after it")
        assert await far.is_closed() == (1009, "message too big")
        assert heard.messages == []
        assert await heard.end == (1009, "message too big")


async def test_too_many_pieces_close_with_1009(bounds: Bounds) -> None:
    bounds(FRAGMENTS=3)
    async with joined() as (far, heard):
        far.say_in_pieces(TEXT, b"a", b"b", b"c")
        await far.barrier()
        assert heard.messages == [b"abc"]
        far.say_in_pieces(TEXT, b"a", b"b", b"c", b"d")
        assert (await far.is_closed())[0] == 1009


async def test_piece_of_no_message_closes_with_1002() -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(BINARY, b"a", b"b")
        far.transport.send(WSMsgType.CONTINUATION, b"c")
        assert await far.is_closed() == (1002, "fragments out of order")
        assert heard.messages == [bytearray(b"ab")]


async def test_message_within_a_message_closes_with_1002() -> None:
    async with joined() as (far, heard):
        far.transport.send(BINARY, b"a", fin=False)
        far.transport.send(TEXT, b"b")
        assert (await far.is_closed())[0] == 1002
        assert heard.messages == []


@pytest.mark.parametrize("code", [1000, 1001, 4000])
async def test_the_peers_close_is_answered_and_told_once(code: int) -> None:
    async with joined() as (far, heard):
        far.answers_close = False
        far.transport.send_close(code, b"bye")  # pyright: ignore[reportArgumentType] - picows needs the number only
        await far.until(lambda: far.is_gone)
        assert far.closed == (code, "")
        assert await heard.end == (code, "bye")


async def test_close_without_a_code_is_told_as_1005() -> None:
    async with joined() as (far, heard):
        far.transport.send(WSMsgType.CLOSE, b"")
        assert await heard.end == (1005, "")


async def test_cut_connection_is_told_as_1006() -> None:
    async with joined() as (far, heard):
        far.drop()
        assert await heard.end == (1006, "")


async def test_peer_that_never_answers_a_close_is_dropped(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.05)
    async with joined() as (far, heard):
        far.answers_close = False
        heard.peer.close(1013, "a reason that is longer than a close frame holds: " + "x" * 200)
        await far.until(lambda: far.is_gone)
        assert far.closed is not None
        assert far.closed[0] == 1013
        assert len(far.closed[1].encode()) <= 123
        assert (await heard.end)[0] == 1013


async def test_peer_that_says_goodbye_and_does_not_read_is_dropped(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.05)
    async with joined() as (far, heard):
        far.stop_reading()
        heard.fill()
        far.close()
        assert await heard.end == (1000, "")
