"""Whole messages from frames. The opcode tells text from audio, never the content."""

import codecs

from picows import WSFrame, WSMsgType

from turngate.gateway import limits

PROTOCOL_ERROR = 1002
NOT_UTF8 = 1007
TOO_BIG = 1009

# Looked up once: in Python 3.11 a member of an enumeration costs more than copying a frame.
_TEXT, _CONTINUATION = WSMsgType.TEXT, WSMsgType.CONTINUATION

_decoder = codecs.getincrementaldecoder("utf-8")


class BadFrame(Exception):
    """A frame breaks a rule or a bound: `code` and `reason` belong into the close frame."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Assembler:
    """Joins the fragments of one connection's messages."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kind = WSMsgType.TEXT
        self._parts: list[bytes] = []
        self._size_bytes = 0
        self._text = _decoder()

    def push(self, kind: WSMsgType, frame: WSFrame) -> tuple[WSMsgType, bytes] | None:
        """Return a whole message, text only as UTF-8, or None where its end is still to come.

        `kind` is the frame's opcode, which is not a control frame's.

        Raises:
            BadFrame: The message is beyond its bounds or not UTF-8 (RFC 6455 section 8.1), or the
                frame does not follow from those before it (section 5.4). Nothing of it is kept.

        """
        if frame.payload_size > self._limit_bytes - self._size_bytes:
            self._forget()
            raise BadFrame(TOO_BIG, "message too big")
        if kind is _CONTINUATION or self._parts:
            self._continue(kind)
        elif frame.fin:
            message = frame.get_payload_as_bytes()
            # nearly all text is ASCII, which is seen several times faster than it is decoded
            if kind is _TEXT and not message.isascii():
                self._read(message, is_last=True)
            return kind, message
        else:
            self._kind = kind
        return self._join(frame)

    def _continue(self, kind: WSMsgType) -> None:
        if kind is not _CONTINUATION or not self._parts:
            self._forget()
            raise BadFrame(PROTOCOL_ERROR, "fragments out of order")

    def _join(self, frame: WSFrame) -> tuple[WSMsgType, bytes] | None:
        if len(self._parts) == limits.FRAGMENTS:
            self._forget()
            raise BadFrame(TOO_BIG, "message too big")
        part = frame.get_payload_as_bytes()
        if self._kind is _TEXT:
            self._read(part, is_last=bool(frame.fin))
        self._parts.append(part)
        self._size_bytes += len(part)
        if not frame.fin:
            return None
        whole = b"".join(self._parts)
        self._forget()
        return self._kind, whole

    def _read(self, part: bytes, *, is_last: bool) -> None:
        """Check a piece of text, in which a character may have begun or may be left open."""
        try:
            self._text.decode(part, is_last)
        except UnicodeDecodeError:
            self._forget()
            raise BadFrame(NOT_UTF8, "text is not UTF-8") from None

    def _forget(self) -> None:
        self._parts, self._size_bytes = [], 0
