"""Units of time and audio, and every conversion between them.

Audio is s16le mono PCM unless a name says otherwise. Nothing else in the package multiplies or
divides by a sample rate.
"""

from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    Ms = NewType("Ms", int)
else:
    # A NewType is a call in Python each time; the clock is read for each frame of audio.
    Ms = int
"""Whole milliseconds, on a monotonic clock or as a length."""

RATE_HZ = 24_000
"""The rate of linear PCM on the OpenAI Realtime protocol."""

SAMPLE_BYTES = 2
"""Bytes of one s16le sample."""


def pcm_ms(size_bytes: int, rate_hz: int = RATE_HZ) -> float:
    """Return the length in ms of `size_bytes` of s16le mono PCM."""
    return size_bytes * 1000 / (rate_hz * SAMPLE_BYTES)


def pcm_bytes(length_ms: float, rate_hz: int = RATE_HZ) -> int:
    """Return how many bytes of s16le mono PCM last `length_ms`, as whole samples."""
    return int(length_ms * rate_hz / 1000) * SAMPLE_BYTES
