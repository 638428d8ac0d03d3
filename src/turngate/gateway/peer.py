"""One WebSocket connection as a session sees it: messages in, an outbox, and one end.

Both legs are peers; what they say is not known here.
"""

import asyncio
from typing import Protocol

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from turngate.gateway import limits
from turngate.gateway.frames import Assembler, TooLarge
from turngate.gateway.outbox import Outbox

NO_STATUS = 1005
"""What the protocol calls a close frame without a code."""

TOO_BIG = 1009
ABNORMAL = 1006
"""What the protocol calls an end without a close frame."""

_REASON_BYTES = 123  # of a close frame's 125, its code takes two


class Reader(Protocol):
    """Who gets what a peer says."""

    def opened(self) -> None:
        """Take note that the connection is there."""

    def received_text(self, message: bytes) -> None:
        """Take a whole text message."""

    def received_binary(self, message: bytes) -> None:
        """Take a whole binary message."""

    def ended(self, code: int, reason: str) -> None:
        """Take the end; nothing follows."""


class Peer(WSListener):
    """A picows listener that hands whole messages to a reader."""

    def __init__(self, reader: Reader, outbox: Outbox, message_bytes: int) -> None:
        self._reader = reader
        self._outbox = outbox
        self._assembler = Assembler(message_bytes)
        self._transport: WSTransport | None = None
        self._end = (ABNORMAL, "")
        self._closing: asyncio.TimerHandle | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Open the outbox, then the reader: what waited leaves before anything new."""
        self._transport = transport
        self._outbox.open(transport)
        self._reader.opened()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Tell messages from control frames; picows answers pings itself."""
        kind = frame.msg_type
        if kind is WSMsgType.CLOSE:
            self._closed_by_peer(transport, frame)
        elif kind in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self._message(frame)

    def _message(self, frame: WSFrame) -> None:
        if self._closing is not None:
            return
        try:
            message = self._assembler.push(frame)
        except TooLarge:
            self.close(TOO_BIG, "message too big")
            return
        if message is None:
            return
        if message[0] is WSMsgType.BINARY:
            self._reader.received_binary(message[1])
        else:
            self._reader.received_text(message[1])

    def _closed_by_peer(self, transport: WSTransport, frame: WSFrame) -> None:
        if self._closing is None:
            code = frame.get_close_code()
            reason = frame.get_close_message() or b""
            self._end = (int(code.value) or NO_STATUS, reason.decode(errors="replace"))
            transport.send_close(code or WSCloseCode.OK)
        transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell the reader once."""
        del transport
        self._outbox.close()
        if self._closing is not None:
            self._closing.cancel()
        self._reader.ended(*self._end)

    def pause_writing(self) -> None:
        """Hold the outbox: the socket takes no more."""
        self._outbox.pause()

    def resume_writing(self) -> None:
        """Go on."""
        self._outbox.resume()

    def close(self, code: int, reason: str) -> None:
        """End the connection: a close frame, the peer's answer, or the deadline for it."""
        if self._transport is None or self._closing is not None:
            return
        self._end = (code, reason)
        told = reason.encode()[:_REASON_BYTES]
        self._transport.send_close(WSCloseCode(code), told.decode(errors="ignore").encode())
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(limits.CLOSE_S, self._transport.disconnect, False)

    def abort(self) -> None:
        """Drop the connection without another word."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
