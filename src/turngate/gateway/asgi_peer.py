"""A client's connection inside somebody else's ASGI server: what `Peer` is on a port of our own.

Frames, pings, compression and the closing handshake are that server's. Each message costs what its
events cost there; calls, core and translation are the same.

Source: ASGI specification, WebSocket connection scope, version 2.5.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from picows import WSMsgType, WSTransport
from starlette.types import Message, Receive, Send

from turngate.gateway import limits
from turngate.gateway.frames import TOO_BIG
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import ABNORMAL, NO_STATUS, Reader
from turngate.gateway.wire_bytes import Crossed

_TEXT = WSMsgType.TEXT


class AsgiPeer:
    """Hands whole messages to a reader while `run` runs, and sends what the outbox lets go."""

    def __init__(self, reader: Reader, outbox: Outbox, message_bytes: int) -> None:
        self._reader, self._binary = reader, reader.binary
        self._outbox = outbox
        self.message_bytes = self.largest_bytes = message_bytes
        self.stalled_s = limits.STALLED_S
        self._stalling: asyncio.TimerHandle | None = None
        self._leaving: deque[tuple[WSMsgType, bytes]] = deque()
        self._leaving_bytes = 0
        self._news = asyncio.Event()
        self._crossed = Crossed()
        self._at_work: tuple[asyncio.Task[None], ...] = ()
        self._end = (ABNORMAL, "")
        self._closing: asyncio.TimerHandle | None = None

    async def run(self, receive: Receive, send: Send, subprotocol: str | None) -> None:
        """Accept the connection, and return when it has ended."""
        await receive()  # that somebody wants to connect
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        self._at_work = (
            asyncio.create_task(self._read(receive)),
            asyncio.create_task(self._write(send)),
        )
        # an outbox needs of a transport only what is here
        self._outbox.open(cast("WSTransport", self))
        self._reader.opened()
        try:
            await asyncio.wait(self._at_work, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.abort()
            self._outbox.close()
            if self._closing is not None:
                self._closing.cancel()
            self._stop_stalling()
            ended, self._at_work = self._at_work, ()
            self._reader.ended(*self._end)
            await asyncio.gather(*ended, return_exceptions=True)

    # -- from the client

    async def _read(self, receive: Receive) -> None:
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                if self._closing is None:
                    self._end = (event.get("code") or NO_STATUS, event.get("reason") or "")
                return
            if self._closing is None:
                self._take(event)

    def _take(self, event: Message) -> None:
        text: str | None = event.get("text")
        message: bytes = event.get("bytes") or b"" if text is None else text.encode()
        self._crossed = self._crossed._replace(received=self._crossed.received + len(message))
        if len(message) > self.message_bytes:
            if self._reader.too_big is not None:
                self._reader.too_big()
            self.close(TOO_BIG, "message too big")
            return
        try:
            (self._binary if text is None else self._reader.text)(message)
        except Exception as fault:  # noqa: BLE001 - a bug ends this connection's call and no other
            self._reader.failed(fault)

    def bound(self, message_bytes: int) -> None:
        """Take messages of this size from now on."""
        self.message_bytes = message_bytes

    def hand_over(self, binary: Callable[[bytes], None]) -> None:
        """Give binary messages to somebody else from now on."""
        self._binary = binary

    # -- to the client

    def send(self, kind: WSMsgType, message: bytes) -> None:
        """Send a message (called by the outbox), and hold the outbox while too much leaves."""
        self._leaving.append((kind, message))
        self._leaving_bytes += len(message)
        self._news.set()
        if self._leaving_bytes > limits.ASGI_BYTES:
            self._outbox.pause()
            if self._reader.stalled is not None and self._stalling is None:
                loop = asyncio.get_running_loop()
                self._stalling = loop.call_later(self.stalled_s, self._reader.stalled)

    async def _write(self, send: Send) -> None:
        # whatever a server raises here means that there is nobody to send to
        with suppress(Exception):
            while self._leaving or self._closing is None:
                if self._leaving:
                    await self._send(send, *self._leaving.popleft())
                else:
                    self._news.clear()
                    await self._news.wait()
            code, reason = self._end
            await send({"type": "websocket.close", "code": code, "reason": reason})

    async def _send(self, send: Send, kind: WSMsgType, message: bytes) -> None:
        if kind is _TEXT:
            await send({"type": "websocket.send", "text": message.decode()})
        else:
            await send({"type": "websocket.send", "bytes": message})
        self._leaving_bytes -= len(message)
        self._crossed = self._crossed._replace(sent=self._crossed.sent + len(message))
        self._stop_stalling()
        if not self._leaving:
            self._outbox.resume()

    def _stop_stalling(self) -> None:
        if self._stalling is not None:
            self._stalling.cancel()
            self._stalling = None

    def crossed(self) -> Crossed:
        """Return how many bytes of messages came and went."""
        return self._crossed

    # -- the end

    def close(self, code: int, reason: str) -> None:
        """End the connection once what leaves has left, or the deadline for that has come."""
        if self._at_work and self._closing is None:
            self._end = (code, reason)
            loop = asyncio.get_running_loop()
            from_s = max(loop.time(), self._stalling.when() if self._stalling is not None else 0.0)
            self._closing = loop.call_at(from_s + limits.CLOSE_S, self.abort)
            self._news.set()

    def abort(self) -> None:
        """Let go of the connection without another word."""
        for task in self._at_work:
            task.cancel()
