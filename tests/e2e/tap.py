"""A relay between gateway and upstream that writes down what passes, and can hold or add a line.

It decides nothing. Frames keep their order and kind, and so does the end of either connection.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from e2e.record import Record, Side

FRAME_BYTES = 32 * 1024 * 1024
MESSAGES = (WSMsgType.TEXT, WSMsgType.BINARY)

_marks = itertools.count(1)


class Leg(WSListener):
    """One side of a relayed connection: whole messages in, an end, and pings as barriers."""

    def __init__(self) -> None:
        self.transport: WSTransport | None = None
        self.is_over = False
        self._pongs: dict[bytes, asyncio.Future[None]] = {}

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind in MESSAGES:
            payload = frame.get_payload_as_bytes()
            self.received(payload, is_binary=kind is WSMsgType.BINARY)
        elif kind is WSMsgType.CLOSE:
            code = frame.get_close_code()
            self.closed(code, frame.get_close_message() or b"")
            transport.send_close(code or WSCloseCode.OK)
            transport.disconnect()
        elif kind is WSMsgType.PONG:
            waiting = self._pongs.pop(frame.get_payload_as_bytes(), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        del transport
        self.is_over = True
        self.transport = None
        for waiting in self._pongs.values():
            if not waiting.done():
                waiting.set_result(None)
        self.ended()

    def send(self, payload: bytes, *, is_binary: bool = False) -> None:
        """Send a message, unless the connection is gone."""
        if self.transport is not None:
            self.transport.send(WSMsgType.BINARY if is_binary else WSMsgType.TEXT, payload)

    async def barrier(self) -> None:
        """Wait until the peer has taken in all that was sent, and its answers have come."""
        if self.transport is None:
            return
        mark = b"%d" % next(_marks)
        waiting = self._pongs[mark] = asyncio.get_running_loop().create_future()
        self.transport.send_ping(mark)
        await waiting

    def received(self, payload: bytes, *, is_binary: bool) -> None:
        """Take a whole message."""

    def closed(self, code: WSCloseCode | None, reason: bytes) -> None:
        """Take a close frame."""

    def ended(self) -> None:
        """Take the end."""


class Relayed:
    """One connection of the gateway's and its continuation to the upstream."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.near, self.far = _End(self, ">U"), _End(self, "U>")
        self.near.other, self.far.other = self.far, self.near
        self.dialling: asyncio.Task[object] | None = None
        self.withheld: Callable[[str], bool] = lambda _: False
        self.held: deque[bytes] = deque()

    def dial(self, url: str, headers: dict[str, str]) -> None:
        self.dialling = asyncio.create_task(
            ws_connect(lambda: self.far, url, extra_headers=headers, max_frame_size=FRAME_BYTES)
        )


class _End(Leg):
    def __init__(self, relayed: Relayed, side: Side) -> None:
        super().__init__()
        self._relayed = relayed
        self._side: Side = side
        self.other: _End = self
        self._early: list[tuple[bytes, bool]] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        for payload, is_binary in self._early:
            self.send(payload, is_binary=is_binary)

    def send(self, payload: bytes, *, is_binary: bool = False) -> None:
        if self.transport is None and not self.is_over:
            self._early.append((payload, is_binary))
        super().send(payload, is_binary=is_binary)

    def received(self, payload: bytes, *, is_binary: bool) -> None:
        record, relayed = self._relayed.record, self._relayed
        if self._side == "U>" and not is_binary and relayed.withheld(payload.decode()):
            relayed.held.append(payload)
            return
        record.add(self._side, payload, is_binary=is_binary)
        self.other.send(payload, is_binary=is_binary)

    def closed(self, code: WSCloseCode | None, reason: bytes) -> None:
        if self.other.transport is not None:
            self.other.transport.send_close(code or WSCloseCode.OK, reason)

    def ended(self) -> None:
        self._relayed.record.stir()
        if self.other.transport is not None:
            self.other.transport.disconnect()
        elif not self.other.is_over and self._relayed.dialling is not None:
            self._relayed.dialling.cancel()


class Tap:
    """The relay as a test sees it."""

    def __init__(self, upstream_url: str, record: Record) -> None:
        self.url = ""
        self._upstream_url = upstream_url
        self._record = record
        self._relayed: list[Relayed] = []

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return sum(not each.near.is_over for each in self._relayed)

    def accept(self, request: WSUpgradeRequest) -> WSListener:
        """Take a connection of the gateway's and dial on, with the same query and key."""
        relayed = Relayed(self._record)
        self._relayed.append(relayed)
        query = request.path.decode().partition("?")[2]
        key = request.headers.get("Authorization")
        relayed.dial(f"{self._upstream_url}?{query}", {"Authorization": key} if key else {})
        return relayed.near

    def insert(self, frame: str, *, is_binary: bool) -> None:
        """Say something in the upstream's name on the last connection."""
        self._record.add("U>", frame, is_binary=is_binary)
        self._relayed[-1].near.send(frame.encode(), is_binary=is_binary)

    def withhold(self, *parts: str) -> None:
        """Hold back what the upstream says with all of these in it, until `release`."""
        self._relayed[-1].withheld = lambda text: all(part in text for part in parts)

    def release(self) -> None:
        """Let go what was held back."""
        relayed = self._relayed[-1]
        relayed.withheld = lambda _: False
        while relayed.held:
            relayed.far.received(relayed.held.popleft(), is_binary=False)

    def cut(self) -> None:
        """Cut the last connection without a close frame, as a network does."""
        transport = self._relayed[-1].near.transport
        if transport is not None:
            transport.disconnect(graceful=False)

    async def barrier(self) -> None:
        """Wait until both sides have taken in everything so far."""
        for relayed in self._relayed:
            await relayed.near.barrier()
            await relayed.far.barrier()
            await relayed.near.barrier()

    async def drop_all(self) -> None:
        """End what is left."""
        for relayed in self._relayed:
            for end in (relayed.near, relayed.far):
                if end.transport is not None:
                    end.transport.disconnect(graceful=False)
            if relayed.dialling is not None:
                relayed.dialling.cancel()
                await asyncio.gather(relayed.dialling, return_exceptions=True)


@asynccontextmanager
async def tapped(upstream_url: str, record: Record) -> AsyncGenerator[Tap]:
    """Relay to `upstream_url` until the block ends."""
    tap = Tap(upstream_url, record)
    server = await ws_create_server(tap.accept, "127.0.0.1", 0, max_frame_size=FRAME_BYTES)
    host, port = server.sockets[0].getsockname()[:2]
    tap.url = f"ws://{host}:{port}/v1/realtime"
    try:
        yield tap
    finally:
        await tap.drop_all()
        server.close()
        await server.wait_closed()
