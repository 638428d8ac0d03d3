"""Resampling of s16le mono PCM as a stream: state is kept from frame to frame.

One object for each direction of each call: the state of one stream never serves another.
"""

from typing import Protocol, cast

import numpy as np
import soxr


class _Samples(Protocol):
    """What is used of the numpy array that comes back."""

    def tobytes(self) -> bytes: ...


class _Stream(Protocol):
    """What is used of soxr.ResampleStream, whose own types are partly unknown."""

    def resample_chunk(self, x: object, last: bool = ...) -> _Samples: ...  # noqa: FBT001 - soxr's signature


class Resampler:
    """A stream from `from_hz` to `to_hz`, at soxr's LQ: 86 dB of signal to noise."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream: _Stream | None = None
        if from_hz != to_hz:
            stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="LQ")
            self._stream = cast("_Stream", stream)

    def push(self, pcm: bytes) -> bytes:
        """Return what is ready after `pcm`, whole samples; possibly nothing yet."""
        return self._resample(pcm, is_last=False)

    def flush(self) -> bytes:
        """Return what was held back. The stream is over."""
        return self._resample(b"", is_last=True)

    def _resample(self, pcm: bytes, *, is_last: bool) -> bytes:
        if self._stream is None:
            return pcm
        samples = np.frombuffer(pcm, dtype="<i2")
        return self._stream.resample_chunk(samples, last=is_last).tobytes()


def resampled(pcm: bytes, from_hz: int, to_hz: int) -> bytes:
    """Return the whole of `pcm` at another rate."""
    stream = Resampler(from_hz, to_hz)
    return stream.push(pcm) + stream.flush() if from_hz != to_hz else pcm
