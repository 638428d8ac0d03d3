"""What goes to one peer, in order, and what waits while the peer does not read."""

from collections import deque

from msgspec import Struct
from picows import WSMsgType, WSTransport


class Overflow(Exception):
    """More would wait than may, and nothing of it can be dropped."""


class _Waiting(Struct):
    kind: WSMsgType
    message: bytes
    is_audio: bool


class Outbox:
    """One ordered queue before one connection, bounded in bytes.

    `audio_bytes` bounds the audio in it: beyond that the oldest audio is dropped and counted in
    `dropped_bytes`. Without it audio is as precious as everything else. Messages are never dropped.
    """

    def __init__(self, limit_bytes: int, audio_bytes: int | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._audio_limit_bytes = audio_bytes
        self._transport: WSTransport | None = None
        self._is_paused = False
        self._waiting: deque[_Waiting] = deque()
        self._size_bytes = self._audio_size_bytes = 0
        self.dropped_bytes = 0

    def open(self, transport: WSTransport) -> None:
        """Begin to write, what waited first."""
        self._transport = transport
        self.resume()

    def send_text(self, message: bytes) -> None:
        """Send a text message.

        Raises:
            Overflow: The peer does not read.

        """
        self._send(WSMsgType.TEXT, message, is_audio=False)

    def send_audio(self, message: bytes, kind: WSMsgType = WSMsgType.BINARY) -> None:
        """Send a message that carries audio, as binary or as the text of an event.

        Raises:
            Overflow: The peer does not read, and audio may not be dropped.

        """
        self._send(kind, message, is_audio=True)

    def send_last(self, message: bytes) -> None:
        """Send a text message that nothing follows; what still waits gives way to it."""
        self._waiting.clear()
        self._size_bytes = self._audio_size_bytes = 0
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, message)

    def _send(self, kind: WSMsgType, message: bytes, *, is_audio: bool) -> None:
        if self._transport is not None and not self._is_paused:
            self._transport.send(kind, message)
            return
        self._waiting.append(_Waiting(kind, message, is_audio))
        self._count(message, is_audio=is_audio, sign=1)
        if self._audio_limit_bytes is not None:
            self._drop_oldest_audio(self._audio_limit_bytes)
        if self._size_bytes > self._limit_bytes:
            raise Overflow

    def _count(self, message: bytes, *, is_audio: bool, sign: int) -> None:
        self._size_bytes += sign * len(message)
        self._audio_size_bytes += sign * len(message) * is_audio

    def _drop_oldest_audio(self, limit_bytes: int) -> None:
        while self._audio_size_bytes > limit_bytes:
            oldest = next(waiting for waiting in self._waiting if waiting.is_audio)
            self._waiting.remove(oldest)
            self._count(oldest.message, is_audio=True, sign=-1)
            self.dropped_bytes += len(oldest.message)

    def discard_audio(self) -> None:
        """Throw away the audio that has not left; everything else keeps its place."""
        self._waiting = deque(each for each in self._waiting if not each.is_audio)
        self._size_bytes -= self._audio_size_bytes
        self._audio_size_bytes = 0

    def pause(self) -> None:
        """Hold back: the connection's own buffer is full."""
        self._is_paused = True

    def resume(self) -> None:
        """Go on."""
        self._is_paused = False
        while self._waiting and self._transport is not None and not self._is_paused:
            waiting = self._waiting.popleft()
            self._count(waiting.message, is_audio=waiting.is_audio, sign=-1)
            self._transport.send(waiting.kind, waiting.message)

    def close(self) -> None:
        """Forget everything."""
        self._transport = None
        self._waiting.clear()
        self._size_bytes = self._audio_size_bytes = 0
