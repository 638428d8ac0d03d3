"""What goes to one peer, in order, and what waits while the peer does not read."""

from collections import deque

from msgspec import Struct
from picows import WSMsgType, WSTransport

_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY


class Overflow(Exception):
    """More would wait in `outbox` than may, and nothing of it can be dropped."""

    def __init__(self, outbox: "Outbox") -> None:
        super().__init__()
        self.outbox = outbox


class _Waiting(Struct):
    kind: WSMsgType
    message: bytes
    is_audio: bool


class Outbox:
    """One ordered queue before one connection, bounded in bytes.

    `audio_bytes` bounds the audio in it: beyond that the oldest audio is dropped and counted in
    `dropped_bytes`. Without it audio is as precious as everything else. Messages are never dropped.
    """

    __slots__ = (
        "_audio_limit_bytes",
        "_audio_size_bytes",
        "_limit_bytes",
        "_size_bytes",
        "_transport",
        "_waiting",
        "dropped_bytes",
        "free",
    )

    def __init__(self, limit_bytes: int, audio_bytes: int | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._audio_limit_bytes = audio_bytes
        self._transport: WSTransport | None = None
        self.free: WSTransport | None = None
        """The connection while it takes everything at once. What carries audio writes to it itself:
        a call in between costs as much as everything else that is done with a frame."""
        self._waiting: deque[_Waiting] = deque()
        self._size_bytes = self._audio_size_bytes = 0
        self.dropped_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        """How much waits."""
        return self._size_bytes

    def open(self, transport: WSTransport) -> None:
        """Begin to write, what waited first."""
        self._transport = transport
        self.resume()

    def send_text(self, message: bytes) -> None:
        """Send a text message.

        Raises:
            Overflow: The peer does not read.

        """
        if self.free is not None:
            self.free.send(_TEXT, message)
        else:
            self._wait(_Waiting(_TEXT, message, is_audio=False))

    def send_audio(self, message: bytes, kind: WSMsgType = _BINARY) -> None:
        """Send a message that carries audio, as binary or as the text of an event.

        Raises:
            Overflow: The peer does not read, and audio may not be dropped.

        """
        if self.free is not None:
            self.free.send(kind, message)
        else:
            self._wait(_Waiting(kind, message, is_audio=True))

    def send_last(self, message: bytes) -> None:
        """Send a text message that nothing follows; what still waits gives way to it."""
        self._forget()
        if self._transport is not None:
            self._transport.send(_TEXT, message)

    def _wait(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        self._count(waiting, 1)
        if self._audio_limit_bytes is not None:
            self._drop_oldest_audio(self._audio_limit_bytes)
        if self._size_bytes > self._limit_bytes:
            raise Overflow(self)

    def _count(self, waiting: _Waiting, sign: int) -> None:
        self._size_bytes += sign * len(waiting.message)
        if waiting.is_audio:
            self._audio_size_bytes += sign * len(waiting.message)

    def _drop_oldest_audio(self, limit_bytes: int) -> None:
        while self._audio_size_bytes > limit_bytes:
            oldest = next(waiting for waiting in self._waiting if waiting.is_audio)
            self._waiting.remove(oldest)
            self._count(oldest, -1)
            self.dropped_bytes += len(oldest.message)

    def discard_audio(self) -> None:
        """Throw away the audio that has not left; everything else keeps its place."""
        self._waiting = deque(each for each in self._waiting if not each.is_audio)
        self._size_bytes -= self._audio_size_bytes
        self._audio_size_bytes = 0

    def pause(self) -> None:
        """Hold back: the connection's own buffer is full."""
        self.free = None

    def resume(self) -> None:
        """Go on. A send may fill the connection's buffer again, which pauses in the middle."""
        self.free = self._transport
        while self._waiting and self.free is not None:
            waiting = self._waiting.popleft()
            self._count(waiting, -1)
            self.free.send(waiting.kind, waiting.message)

    def flush(self) -> None:
        """Hand over all that waits, for nothing follows; the connection keeps it for its peer."""
        while self._waiting and self._transport is not None:
            waiting = self._waiting.popleft()
            self._count(waiting, -1)
            self._transport.send(waiting.kind, waiting.message)

    def close(self) -> None:
        """Forget everything."""
        self._transport = self.free = None
        self._forget()

    def _forget(self) -> None:
        self._waiting.clear()
        self._size_bytes = self._audio_size_bytes = 0
