"""Whole messages from frames. The opcode tells text from audio, never the content."""

import codecs

from picows import WSFrame, WSMsgType

from turngate.gateway import limits

PROTOCOL_ERROR = 1002
NOT_UTF8 = 1007
TOO_BIG = 1009

# Looked up once: in Python 3.11 a member of an enumeration costs more than copying a frame.
_TEXT = WSMsgType.TEXT

_decoder = codecs.getincrementaldecoder("utf-8")


class BadFrame(Exception):
    """A frame breaks a rule or a bound: `code` and `reason` belong into the close frame."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def checked(text: bytes) -> bytes:
    """Return a whole text message. Nearly all are ASCII, which is seen faster than decoded.

    Raises:
        BadFrame: It is not UTF-8 (RFC 6455 section 8.1).

    """
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            raise BadFrame(NOT_UTF8, "text is not UTF-8") from None
    return text


class Assembler:
    """Joins the fragments of one message. A connection has one only while they come."""

    __slots__ = ("_limit_bytes", "_parts", "_size_bytes", "_text", "kind")

    def __init__(self, kind: WSMsgType, limit_bytes: int) -> None:
        self.kind = kind
        self._limit_bytes = limit_bytes
        self._parts: list[bytes] = []
        self._size_bytes = 0
        self._text = _decoder()

    def push(self, frame: WSFrame) -> bytes | None:
        """Return the whole message, text only as UTF-8, or None where its end is still to come.

        Raises:
            BadFrame: The message is beyond its bounds or not UTF-8 (RFC 6455 section 8.1).

        """
        if (
            frame.payload_size > self._limit_bytes - self._size_bytes
            or len(self._parts) == limits.FRAGMENTS
        ):
            raise BadFrame(TOO_BIG, "message too big")
        part = frame.get_payload_as_bytes()
        if self.kind is _TEXT:
            self._read(part, is_last=bool(frame.fin))
        self._parts.append(part)
        self._size_bytes += len(part)
        return b"".join(self._parts) if frame.fin else None

    def _read(self, part: bytes, *, is_last: bool) -> None:
        """Check a piece of text, in which a character may have begun or may be left open."""
        try:
            self._text.decode(part, is_last)
        except UnicodeDecodeError:
            raise BadFrame(NOT_UTF8, "text is not UTF-8") from None
