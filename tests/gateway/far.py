"""The far end of a real connection: it sends what it is told and keeps what it hears."""

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

DEADLINE_S = 5.0
"""Everything awaited on loopback happens far sooner, or never."""

FRAME_BYTES = 64 * 1024 * 1024

Said: TypeAlias = dict[str, Any] | str | bytes
"""A JSON object, text that is none, or a binary message."""

_marks = itertools.count(1)


class Far(WSListener):
    """One end of a connection, client or server.

    `heard` keeps every message in order, and `frames` as it came. `answers` is called with each JSON object that comes.
    """

    def __init__(self, answers: "Callable[[Far, dict[str, Any]], None] | None" = None) -> None:
        self.heard: list[Said] = []
        self.frames: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.is_gone = False
        self.answers_close = True
        self._answers = answers
        self._transport: WSTransport | None = None
        self._read = 0
        self._news = asyncio.Event()

    @property
    def transport(self) -> WSTransport:
        assert self._transport is not None
        return self._transport

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        match frame.msg_type:
            case WSMsgType.TEXT:
                self.frames.append(frame.get_payload_as_bytes())
                self._keep(_parsed(self.frames[-1]))
            case WSMsgType.BINARY:
                self.frames.append(frame.get_payload_as_bytes())
                self._keep(self.frames[-1])
            case WSMsgType.PONG:
                self._keep({"type": "pong", "mark": frame.get_payload_as_bytes()})
            case WSMsgType.CLOSE:
                self.closed = (int(frame.get_close_code().value), frame.get_close_reason() or "")
                if self.answers_close:
                    transport.send_close(frame.get_close_code())
                    transport.disconnect()
            case _:
                pass
        self._news.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        del transport
        self.is_gone = True
        self._news.set()

    def _keep(self, said: Said) -> None:
        self.heard.append(said)
        if self._answers is not None and isinstance(said, dict):
            self._answers(self, said)

    def resume_writing(self) -> None:
        self._news.set()

    # -- speaking

    def say(self, message: Mapping[str, Any] | str | bytes) -> None:
        """Send an object as JSON, a str as it is, bytes as a binary message."""
        match message:
            case bytes():
                self.transport.send(WSMsgType.BINARY, message)
            case str():
                self.transport.send(WSMsgType.TEXT, message.encode())
            case _:
                self.transport.send(WSMsgType.TEXT, msgspec.json.encode(message))

    def say_in_pieces(self, kind: WSMsgType, *pieces: bytes, between: bool = False) -> None:
        """Send one message as fragments; `between` puts a ping between each two."""
        for place, piece in enumerate(pieces):
            opcode = kind if place == 0 else WSMsgType.CONTINUATION
            self.transport.send(opcode, piece, fin=place == len(pieces) - 1)
            if between:
                self.transport.send_ping(b"between")

    async def writes(self, content: bytes) -> None:
        """Write bytes as they are, until the peer has taken them or is gone."""
        beneath = self.transport.underlying_transport
        beneath.set_write_buffer_limits(0)
        beneath.write(content)
        await self.until(lambda: self.is_gone or beneath.get_write_buffer_size() == 0)

    def close(self, code: int | None = 1000, reason: str = "") -> None:
        """Send a close frame; one without a code has no reason either."""
        if code is None:
            self.transport.send(WSMsgType.CLOSE, b"")
        else:
            # picows' enumeration lacks the codes of applications; it only needs the number
            self.transport.send_close(code, reason.encode())  # pyright: ignore[reportArgumentType] - as said

    def drop(self) -> None:
        """Cut the connection without a close frame."""
        self.transport.disconnect(graceful=False)

    def stop_reading(self) -> None:
        self.transport.underlying_transport.pause_reading()

    def read_on(self) -> None:
        self.transport.underlying_transport.resume_reading()

    # -- hearing

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds, which is looked at after each frame."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def hears(self, kind: str) -> dict[str, Any]:
        """Return the next message of this type; what comes before it is passed over."""
        found = await self.next(lambda said: isinstance(said, dict) and said.get("type") == kind)
        assert isinstance(found, dict)
        return found

    async def hears_audio(self) -> bytes:
        """Return the next binary message."""
        found = await self.next(lambda said: isinstance(said, bytes))
        assert isinstance(found, bytes)
        return found

    async def next(self, wanted: Callable[[Said], bool]) -> Said:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                while self._read < len(self.heard):
                    self._read += 1
                    if wanted(self.heard[self._read - 1]):
                        return self.heard[self._read - 1]
                if self.is_gone:
                    raise AssertionError(f"gone ({self.closed}) after {self.types()}")
                self._news.clear()
                await self._news.wait()

    async def is_closed(self) -> tuple[int, str]:
        """Return the code and reason of the close frame once the connection has ended."""
        await self.until(lambda: self.is_gone)
        assert self.closed is not None, f"no close frame after {self.types()}"
        return self.closed

    async def barrier(self) -> None:
        """Wait until the peer has read all of what was sent and its answers have come, or it left."""
        pong = {"type": "pong", "mark": b"%d" % next(_marks)}
        self.transport.send_ping(pong["mark"])
        await self.until(lambda: pong in self.heard or self.is_gone)

    def types(self) -> list[str]:
        """Return what was heard, a word each."""
        return [
            said["type"] if isinstance(said, dict) else type(said).__name__
            for said in self.heard
            if not (isinstance(said, dict) and said.get("type") == "pong")
        ]

    def count(self, kind: str) -> int:
        return self.types().count(kind)


def _parsed(text: bytes) -> Said:
    try:
        value: object = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text.decode(errors="replace")
    return value if isinstance(value, dict) else text.decode()  # pyright: ignore[reportUnknownVariableType] - JSON


async def dial(url: str, headers: Mapping[str, str] | None = None) -> Far:
    """Return the client's end of a new connection."""
    far = Far()
    await ws_connect(
        lambda: far, url, extra_headers=dict(headers or {}), max_frame_size=FRAME_BYTES
    )
    return far
