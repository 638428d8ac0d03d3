"""One WebSocket connection as a call sees it: messages in, an outbox, and one end.

Both legs are peers; what they say is not known here.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from turngate.gateway import limits
from turngate.gateway.frames import Assembler, OutOfOrder, TooLarge
from turngate.gateway.outbox import Outbox

PROTOCOL_ERROR = 1002
NO_STATUS = 1005
"""What the protocol calls a close frame without a code."""

ABNORMAL = 1006
"""What the protocol calls an end without a close frame."""

TOO_BIG = 1009

_REASON_BYTES = 123  # of a close frame's 125, its code takes two

# Looked up once, as in frames.py.
_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_CONTINUATION, _CLOSE = WSMsgType.CONTINUATION, WSMsgType.CLOSE


class Reader(NamedTuple):
    """Who gets what a peer says. None of these may raise."""

    opened: Callable[[], None]
    text: Callable[[bytes], None]
    """Takes a whole text message, not yet known to be UTF-8."""
    binary: Callable[[bytes], None]
    ended: Callable[[int, str], None]
    """Takes the close code and reason, once; nothing follows."""


class Peer(WSListener):
    """A picows listener that hands whole messages to a reader."""

    def __init__(self, reader: Reader, outbox: Outbox, message_bytes: int) -> None:
        self._reader = reader
        self._text, self._binary = reader.text, reader.binary
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
        if kind is _BINARY or kind is _TEXT or kind is _CONTINUATION:
            if self._closing is not None:
                return
            try:
                message = self._assembler.push(kind, frame)
            except TooLarge:
                self.close(TOO_BIG, "message too big")
            except OutOfOrder:
                self.close(PROTOCOL_ERROR, "fragments out of order")
            else:
                if message is None:
                    return
                (self._binary if message[0] is _BINARY else self._text)(message[1])
        elif kind is _CLOSE:
            self._closed_by_peer(transport, frame)

    def _closed_by_peer(self, transport: WSTransport, frame: WSFrame) -> None:
        if self._closing is None:
            code = frame.get_close_code()
            reason = frame.get_close_message() or b""
            self._end = (int(code.value) or NO_STATUS, reason.decode(errors="replace"))
            transport.send_close(code or WSCloseCode.OK)
            self._drop_after_deadline(transport)
        transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell the reader once."""
        del transport
        self._transport = None
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
        self._drop_after_deadline(self._transport)

    def _drop_after_deadline(self, transport: WSTransport) -> None:
        """Do not let a peer that reads nothing keep the socket."""
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(limits.CLOSE_S, transport.disconnect, False)

    def abort(self) -> None:
        """Drop the connection without another word."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
