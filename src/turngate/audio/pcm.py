"""s16le mono PCM as bytes: whole samples, frames and loudness."""

import sys
from array import array
from operator import mul

from turngate.units import SAMPLE_BYTES


def samples(pcm: bytes) -> "array[int]":
    """Return the samples of s16le `pcm`, whose length must be even."""
    values = array("h", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def from_samples(values: "array[int]") -> bytes:
    """Return `values` as s16le bytes."""
    if sys.byteorder == "big":
        values = array("h", values)
        values.byteswap()
    return values.tobytes()


def loudness(pcm: bytes) -> float:
    """Return the root mean square of s16le `pcm`, 0 to 32768; 0 for no samples."""
    values = samples(pcm)
    if not values:
        return 0.0
    return (sum(map(mul, values, values)) / len(values)) ** 0.5


class Framer:
    """Cuts a stream of bytes into whole frames, whatever the sizes it arrives in.

    A peer may split a sample between two messages: the odd byte waits for its other half.
    """

    def __init__(self, frame_bytes: int = SAMPLE_BYTES) -> None:
        if frame_bytes <= 0 or frame_bytes % SAMPLE_BYTES:
            raise ValueError(f"a frame of {frame_bytes} bytes does not hold whole samples")
        self._frame_bytes = frame_bytes
        self._rest = b""

    @property
    def waiting_bytes(self) -> int:
        """How much waits for the rest of its frame."""
        return len(self._rest)

    def push(self, pcm: bytes) -> bytes:
        """Return as many whole frames as there are now, possibly none."""
        if not self._rest and not len(pcm) % self._frame_bytes:
            return pcm
        joined = self._rest + pcm
        whole = len(joined) - len(joined) % self._frame_bytes
        self._rest = joined[whole:]
        return joined[:whole]

    def flush(self) -> bytes:
        """Return the whole samples that wait and forget the rest."""
        whole = len(self._rest) - len(self._rest) % SAMPLE_BYTES
        tail, self._rest = self._rest[:whole], b""
        return tail
