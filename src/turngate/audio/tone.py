"""Tones and silence: what tests speak with, and the emulator where it has no voice."""

import math
from array import array
from functools import cache

from turngate.audio.pcm import from_samples
from turngate.units import RATE_HZ, pcm_bytes

DEFAULT_HZ = 300
DEFAULT_PEAK = 6000


@cache
def tone(
    length_ms: int, *, hertz: int = DEFAULT_HZ, peak: int = DEFAULT_PEAK, rate_hz: int = RATE_HZ
) -> bytes:
    """Return `length_ms` of a sine as s16le mono PCM with amplitude `peak` of 32767."""
    count = length_ms * rate_hz // 1000
    step = 2 * math.pi * hertz / rate_hz
    return from_samples(array("h", (int(peak * math.sin(step * n)) for n in range(count))))


def silence(length_ms: float, rate_hz: int = RATE_HZ) -> bytes:
    """Return `length_ms` of digital silence as s16le mono PCM."""
    return bytes(pcm_bytes(length_ms, rate_hz))
