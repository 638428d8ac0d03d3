"""Whole messages from frames. The opcode tells text from audio, never the content."""

from picows import WSFrame, WSMsgType

from turngate.gateway import limits

# Looked up once: in Python 3.11 a member of an enumeration costs more than copying a frame.
_CONTINUATION = WSMsgType.CONTINUATION


class TooLarge(Exception):
    """A message has more bytes or more pieces than it may."""


class OutOfOrder(Exception):
    """A piece of no message, or a message within another (RFC 6455 section 5.4)."""


class Assembler:
    """Joins the fragments of one connection's messages."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kind = WSMsgType.TEXT
        self._parts: list[bytes] = []
        self._size_bytes = 0

    def push(self, kind: WSMsgType, frame: WSFrame) -> tuple[WSMsgType, bytes] | None:
        """Return a whole message, or None where its end is still to come.

        `kind` is the frame's opcode, which is not a control frame's.

        Raises:
            TooLarge: The message is beyond its bounds; nothing of it is kept.
            OutOfOrder: The frame does not follow from those before it.

        """
        if bool(self._parts) is not (kind is _CONTINUATION):
            raise OutOfOrder
        if frame.payload_size > self._limit_bytes - self._size_bytes:
            self._forget()
            raise TooLarge
        if not self._parts:
            if frame.fin:
                return kind, frame.get_payload_as_bytes()
            self._kind = kind
        return self._join(frame)

    def _join(self, frame: WSFrame) -> tuple[WSMsgType, bytes] | None:
        self._parts.append(frame.get_payload_as_bytes())
        self._size_bytes += frame.payload_size
        if len(self._parts) > limits.FRAGMENTS:
            self._forget()
            raise TooLarge
        if not frame.fin:
            return None
        whole = b"".join(self._parts)
        self._forget()
        return self._kind, whole

    def _forget(self) -> None:
        self._parts, self._size_bytes = [], 0
