"""Whole messages from frames. The opcode tells text from audio, never the content."""

from picows import WSFrame, WSMsgType

from turngate.gateway import limits


class TooLarge(Exception):
    """A message has more bytes or more pieces than it may."""


class Assembler:
    """Joins the fragments of one connection's messages."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kind = WSMsgType.TEXT
        self._parts: list[bytes] = []
        self._size_bytes = 0

    def push(self, frame: WSFrame) -> tuple[WSMsgType, bytes] | None:
        """Return a whole message, or None where its end is still to come.

        Raises:
            TooLarge: The message is beyond its bounds; nothing of it is kept.

        """
        if frame.fin and not self._parts:
            if frame.payload_size > self._limit_bytes:
                raise TooLarge
            return frame.msg_type, frame.get_payload_as_bytes()
        if frame.msg_type is not WSMsgType.CONTINUATION:
            self._kind = frame.msg_type
        self._parts.append(frame.get_payload_as_bytes())
        self._size_bytes += frame.payload_size
        if self._size_bytes > self._limit_bytes or len(self._parts) > limits.FRAGMENTS:
            self._parts, self._size_bytes = [], 0
            raise TooLarge
        if not frame.fin:
            return None
        whole = b"".join(self._parts)
        self._parts, self._size_bytes = [], 0
        return self._kind, whole
