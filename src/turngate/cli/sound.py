"""The computer's microphone and loudspeaker, where it has them: s16le mono at 24 kHz, 20 ms frames.

PortAudio calls from a thread of its own, so nothing here may wait for anything.
"""

import asyncio
from collections.abc import AsyncGenerator
from threading import Lock
from types import ModuleType, TracebackType
from typing import Any, Self

from turngate.cli.plain import Failed
from turngate.units import RATE_HZ, pcm_bytes

FRAME_MS = 20
FRAMES_KEPT = 50
"""A second of microphone that may wait for us; older sound goes first."""


class Loudspeaker:
    """What is to be played, from which the sound card takes what it needs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pcm = bytearray()

    def play(self, pcm: bytes) -> None:
        """Play this after what waits."""
        with self._lock:
            self._pcm += pcm

    def clear(self) -> None:
        """Fall silent."""
        with self._lock:
            self._pcm.clear()

    def take(self, size_bytes: int) -> bytes:
        """Return the next piece, with silence where there is nothing."""
        with self._lock:
            piece = bytes(self._pcm[:size_bytes])
            del self._pcm[:size_bytes]
        return piece.ljust(size_bytes, b"\0")


class Sound:
    """Microphone and loudspeaker, open between `async with` and its end."""

    def __init__(self) -> None:
        self.loudspeaker = Loudspeaker()
        self._streams: list[Any] = []
        self._heard: asyncio.Queue[bytes] = asyncio.Queue(maxsize=FRAMES_KEPT)
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        """Open both.

        Raises:
            Failed: This computer has none, or the extra is not installed.

        """
        devices = _devices()
        shape: dict[str, Any] = {
            "samplerate": RATE_HZ,
            "channels": 1,
            "dtype": "int16",
            "blocksize": RATE_HZ * FRAME_MS // 1000,
        }
        try:
            self._streams = [
                devices.RawInputStream(callback=self._hear, **shape),
                devices.RawOutputStream(callback=self._play, **shape),
            ]
            for stream in self._streams:
                stream.start()
        except devices.PortAudioError as error:
            raise Failed(
                f"no microphone or loudspeaker can be opened ({error}); speak a recording with --wav"
            ) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close both."""
        for stream in self._streams:
            stream.close()

    async def frames(self) -> AsyncGenerator[bytes]:
        """Yield what the microphone hears, 20 ms each, for ever."""
        while True:
            yield await self._heard.get()

    def _hear(self, pcm: Any, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._keep, bytes(pcm))

    def _keep(self, pcm: bytes) -> None:
        if self._heard.full():
            self._heard.get_nowait()
        self._heard.put_nowait(pcm)

    def _play(self, pcm: Any, *_: object) -> None:
        pcm[:] = self.loudspeaker.take(pcm_bytes(FRAME_MS))


def _devices() -> ModuleType:
    try:
        import sounddevice  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - an extra, loaded by who speaks
    except ImportError as error:
        raise Failed(
            "the microphone needs the extra: pip install 'turngate[mic]'; or speak a recording with"
            " --wav"
        ) from error
    except OSError as error:
        raise Failed(
            "the microphone needs PortAudio: apt-get install libportaudio2, or its like; or speak a"
            " recording with --wav"
        ) from error
    return sounddevice
