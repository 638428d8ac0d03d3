"""One WebSocket connection as a call sees it: messages in, an outbox, and one end.

Both legs are peers; what they say is not known here.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from turngate.gateway import limits
from turngate.gateway.frames import PROTOCOL_ERROR, TOO_BIG, Assembler, BadFrame, checked
from turngate.gateway.linger import linger
from turngate.gateway.outbox import Outbox
from turngate.gateway.wire_bytes import Crossed, crossed

NO_STATUS = 1005
"""What the protocol calls a close frame without a code."""

ABNORMAL = 1006
"""What the protocol calls an end without a close frame."""

_REASON_BYTES = 123  # of a close frame's 125, its code takes two

_NEVER_SENT = frozenset({0, 1004, NO_STATUS, ABNORMAL, 1015})
_LAST_CODE = 4999  # RFC 6455 section 7.4.2

# Looked up once, as in frames.py.
_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_CONTINUATION = WSMsgType.CONTINUATION
_PING, _CLOSE = WSMsgType.PING, WSMsgType.CLOSE


class Reader(NamedTuple):
    """Who gets what a peer says. `opened` and `ended` may not raise."""

    opened: Callable[[], None]
    text: Callable[[bytes], None]
    """Takes a whole text message, which is UTF-8."""
    binary: Callable[[bytes], None]
    failed: Callable[[Exception], None]
    """Takes what one of the two above raised; may not raise itself."""
    ended: Callable[[int, str], None]
    """Takes the close code and reason, once; nothing follows."""
    too_big: Callable[[], None] | None = None
    """Is told before the close for a message that is too big; may say a last word."""
    stalled: Callable[[], None] | None = None
    """Is told that the peer has taken nothing for as long as it may."""


class Peer(WSListener):
    """A picows listener that hands whole messages to a reader.

    picows itself refuses opcodes, lengths, masks and control frames that the protocol does not
    have, and says so to `refused` (see `picows_log`); everything else of the protocol is kept here. Its own answers to pings must be switched
    off (`enable_auto_pong=False`): it gives them before anything here can look at the frame.

    `message_bytes` is what a message may have now, `largest_bytes` what it may ever have here.
    """

    # The path of audio: what lies apart in memory costs more here than what is computed.
    __slots__ = (
        "_binary",
        "_closing",
        "_crossed",
        "_end",
        "_is_full",
        "_joining",
        "_outbox",
        "_owed",
        "_reader",
        "_stalling",
        "_text",
        "_transport",
        "largest_bytes",
        "message_bytes",
        "stalled_s",
    )

    def __init__(self, reader: Reader, outbox: Outbox, message_bytes: int) -> None:
        self._reader = reader
        self._text, self._binary = reader.text, reader.binary
        self._outbox = outbox
        self.message_bytes = self.largest_bytes = message_bytes
        self.stalled_s = limits.STALLED_S
        self._stalling: asyncio.TimerHandle | None = None
        self._crossed = Crossed()
        self._joining: Assembler | None = None
        self._transport: WSTransport | None = None
        self._end = (ABNORMAL, "")
        self._closing: asyncio.TimerHandle | None = None
        self._is_full = False
        self._owed: bytes | None = None  # the content of the pong that waits

    def hand_over(self, binary: Callable[[bytes], None]) -> None:
        """Give binary messages to somebody else from now on."""
        self._binary = binary

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Open the outbox, then the reader: what waited leaves before anything new."""
        self._transport = transport
        self._outbox.open(transport)
        self._reader.opened()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Hand over what a frame completes: nearly always a whole message.

        What is rare lies elsewhere: between two frames the kernel has emptied the cache, and each
        line of code that is only stepped over has to be fetched again.
        """
        kind = frame.msg_type
        try:
            if (
                (kind is not _TEXT and kind is not _BINARY)
                or self._joining is not None
                or not frame.fin
                or frame.rsv1
                or frame.rsv2
                or frame.rsv3
            ):
                self._take_apart(kind, transport, frame)
                return
            message = frame.get_payload_as_bytes()
            if len(message) > self.message_bytes:
                self._break(TOO_BIG, "message too big")
            elif kind is _BINARY:
                self._binary(message)
            else:  # nearly all text is ASCII, which is seen faster than decoded
                self._text(message if message.isascii() else checked(message))
        except Exception as fault:  # noqa: BLE001 - a bug ends this connection's call and no other
            self._failed(fault)

    def _take_apart(self, kind: WSMsgType, transport: WSTransport, frame: WSFrame) -> None:
        """Take what is not simply a message."""
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._break(PROTOCOL_ERROR, "reserved bits are set")
        elif kind is _TEXT or kind is _BINARY or kind is _CONTINUATION:
            self._join(kind, frame)
        else:
            self._control(kind, transport, frame)

    def _failed(self, fault: Exception) -> None:
        if isinstance(fault, BadFrame):
            self._break(fault.code, fault.reason)
        else:
            self._reader.failed(fault)

    def bound(self, message_bytes: int) -> None:
        """Take messages of this size from now on."""
        self.message_bytes = message_bytes

    def refused(self, code: int, reason: str) -> None:
        """Close for a frame that picows does not take: it is about to, and would say less."""
        if self._transport is None:
            return
        told = self._transport.close_handshake  # none before the first close frame
        closed = told and told.recv
        if closed:  # nothing behind a close frame counts
            is_empty = closed.code is WSCloseCode.NO_INFO
            self._closed_by_peer(self._transport, None if is_empty else closed.code, closed.reason)
        else:
            self._break(code, "message too big" if code == TOO_BIG else reason)
            if code == TOO_BIG:
                linger(self._transport.underlying_transport)  # picows closes it in 10 ms

    def _break(self, code: int, reason: str) -> None:
        self._joining = None
        if code == TOO_BIG and self._reader.too_big is not None:
            self._reader.too_big()
        self.close(code, reason)

    def _join(self, kind: WSMsgType, frame: WSFrame) -> None:
        """Take a fragment, which follows from those before it (RFC 6455 section 5.4)."""
        if (kind is _CONTINUATION) != (self._joining is not None):
            raise BadFrame(PROTOCOL_ERROR, "fragments out of order")
        if self._joining is None:
            self._joining = Assembler(kind, self.message_bytes)
        whole = self._joining.push(frame)
        if whole is not None:
            kind, self._joining = self._joining.kind, None
            (self._binary if kind is _BINARY else self._text)(whole)

    def _control(self, kind: WSMsgType, transport: WSTransport, frame: WSFrame) -> None:
        if kind is _PING:
            self._owed = frame.get_payload_as_bytes()
            self._pay(transport)
        elif kind is _CLOSE:
            code = frame.get_close_code() if frame.payload_size else None
            self._closed_by_peer(transport, code, frame.get_close_reason())

    def _pay(self, transport: WSTransport) -> None:
        """Answer the last ping, once the peer reads (RFC 6455 section 5.5.3)."""
        if self._owed is not None and not self._is_full:
            transport.send_pong(self._owed)
            self._owed = None

    def _closed_by_peer(
        self, transport: WSTransport, code: WSCloseCode | None, reason: str | None
    ) -> None:
        """Answer a close frame, `code` being None where it has none, and hang up."""
        if not transport.is_close_frame_sent:
            number = NO_STATUS if code is None else int(code.value)
            if code is not None and (number in _NEVER_SENT or number > _LAST_CODE):
                self.close(PROTOCOL_ERROR, "close code is not allowed")
            else:
                self._end = (number, reason or "")
                self._text = self._binary = _nothing
                transport.send_close(code or WSCloseCode.OK)
                self._drop_after_deadline(transport)
        transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell the reader once."""
        self._crossed = crossed(transport)
        self._transport = None
        self._outbox.close()
        if self._closing is not None:
            self._closing.cancel()
        self._stop_stalling()
        self._reader.ended(*self._end)

    def pause_writing(self) -> None:
        """Hold the outbox: the socket takes no more."""
        self._is_full = True
        self._outbox.pause()
        if self._reader.stalled is not None:
            loop = asyncio.get_running_loop()
            self._stalling = loop.call_later(self.stalled_s, self._reader.stalled)

    def resume_writing(self) -> None:
        """Go on."""
        self._is_full = False
        self._stop_stalling()
        if self._transport is not None:
            self._pay(self._transport)
        self._outbox.resume()

    def _stop_stalling(self) -> None:
        if self._stalling is not None:
            self._stalling.cancel()
            self._stalling = None

    def close(self, code: int, reason: str) -> None:
        """End the connection: a close frame, the peer's answer, or the deadline for it."""
        if self._transport is None or self._closing is not None:
            return
        self._end = (code, reason)
        self._text = self._binary = _nothing
        told = reason.encode()[:_REASON_BYTES]
        self._transport.send_close(WSCloseCode(code), told.decode(errors="ignore").encode())
        self._drop_after_deadline(self._transport)

    def forget(self, code: int, reason: str) -> None:
        """End the connection and tell the reader nothing more, not even that; the outbox is free."""
        self._reader = _NOBODY
        self._text = self._binary = _nothing
        self._outbox.close()
        self._outbox = Outbox(0)
        self.close(code, reason)

    def _drop_after_deadline(self, transport: WSTransport) -> None:
        """Do not let a peer that reads nothing keep the socket; one that stalls keeps its time."""
        loop = asyncio.get_running_loop()
        from_s = max(loop.time(), self._stalling.when() if self._stalling is not None else 0.0)
        self._closing = loop.call_at(from_s + limits.CLOSE_S, transport.disconnect, False)

    def crossed(self) -> Crossed:
        """Return how many bytes came and went, until now or until the end."""
        return self._crossed if self._transport is None else crossed(self._transport)

    def abort(self) -> None:
        """Drop the connection without another word."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)


def _nothing(*_: object) -> None:
    """Do as a reader does that is not interested any more."""


_NOBODY = Reader(_nothing, _nothing, _nothing, _nothing, _nothing)
"""Who reads when nobody does any more."""
