"""Resampling of s16le mono PCM for people who are talking: almost nothing is held back.

A windowed sinc, its phases side by side in one matrix: a block of input times the matrix is a block
of output. A filter of 16 samples on each side waits for 0.7 to 3.4 ms of audio, while soxr's blocks
wait for up to 40, which is heard as hesitation on a call.
"""

from functools import cache
from math import ceil, gcd
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from turngate.audio.pcm import Framer

Floats: TypeAlias = npt.NDArray[np.float32]

_HALF = 16
"""Samples of the slower rate on each side of the filter's middle."""
_PASSED = 0.92
"""The part of the slower rate's band that passes: what lies above would fold back into it."""
_BETA = 8.0
"""Of the Kaiser window: 80 dB in the stop band."""
_BLOCK = 24
"""Samples of the faster rate in a block, where a period of both is shorter: few large products are
quicker than many small ones, and at 24 a block is no longer than 1 ms and fits the usual frames.
"""


class _Kernel(NamedTuple):
    """`matrix` turns `len(matrix)` input samples into `produced` output samples.

    The next block begins `consumed` samples further on; `half` of them lie before their middle.
    """

    matrix: Floats
    consumed: int
    produced: int
    half: int


@cache
def _kernel(from_hz: int, to_hz: int) -> _Kernel:
    common = gcd(from_hz, to_hz)
    periods = max(1, _BLOCK * common // max(from_hz, to_hz))
    produced, consumed = periods * to_hz // common, periods * from_hz // common
    cut = _PASSED * min(1.0, to_hz / from_hz)
    half = ceil(_HALF * max(1.0, from_hz / to_hz))
    matrix = np.zeros((consumed + 2 * half - 1, produced), np.float32)
    for place in range(produced):
        first, phase = divmod(place * consumed, produced)
        distance = np.arange(1 - half, half + 1) - phase / produced
        window = np.i0(_BETA * np.sqrt(np.maximum(0.0, 1 - (distance / half) ** 2)))
        taps = np.sinc(distance * cut) * window
        matrix[first : first + 2 * half, place] = taps / taps.sum()
    return _Kernel(matrix, consumed, produced, half)


class Polyphase:
    """A stream from `from_hz` to `to_hz`, state kept from frame to frame; 80 dB and better.

    One object for each direction of each call: the state of one stream never serves another.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._kernel = _kernel(from_hz, to_hz)
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next frame is the first."""
        self._waiting: Floats = np.zeros(self._kernel.half - 1, np.float32)
        self._whole_samples = Framer()
        self._taken = self._given = 0

    def push(self, pcm: bytes) -> bytes:
        """Return what is ready after `pcm`, possibly nothing yet. A split sample is put together."""
        samples = np.frombuffer(self._whole_samples.push(pcm), "<i2")
        self._taken += len(samples)
        resampled = self._resample(samples.astype(np.float32))
        self._given += len(resampled)
        return resampled.tobytes()

    def flush(self) -> bytes:
        """Return what was held back, to the length of what came in, and begin anew."""
        matrix, consumed, produced, half = self._kernel
        missing = round(self._taken * produced / consumed) - self._given
        tail = self._resample(np.zeros(half + len(matrix), np.float32))[: max(missing, 0)]
        self.reset()
        return tail.tobytes()

    def _resample(self, samples: Floats) -> npt.NDArray[np.int16]:
        matrix, consumed, _, _ = self._kernel
        waiting = np.concatenate((self._waiting, samples))
        blocks = max(0, (len(waiting) - len(matrix)) // consumed + 1)
        self._waiting = waiting[blocks * consumed :]
        if not blocks:
            return np.zeros(0, "<i2")
        step = waiting.itemsize
        shape, strides = (blocks, len(matrix)), (consumed * step, step)
        windows: Floats = np.ndarray(shape, np.float32, waiting, strides=strides)
        # Rows that overlap in memory are multiplied slowly; a copy of them is not.
        produced: Floats = np.ascontiguousarray(windows) @ matrix
        np.rint(produced, out=produced)
        np.minimum(produced, 32767, out=produced)
        np.maximum(produced, -32768, out=produced)
        return produced.ravel().astype("<i2")
