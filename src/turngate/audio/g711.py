"""G.711: mu-law and A-law to s16le mono PCM at 8 kHz and back, by table.

Source: ITU-T G.711.
"""

from array import array
from functools import cache

from turngate.audio.pcm import from_samples, samples

BYTES_PER_MS = 8
"""A code is a byte, and a second has 8000."""

SILENCE = {"mulaw": b"\xff", "alaw": b"\xd5"}
"""The code of silence, by encoding."""

_BIAS = 0x84
_CLIP = 32635


def _ulaw_sample(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)
    return _BIAS - magnitude if code & 0x80 else magnitude - _BIAS


def _alaw_sample(code: int) -> int:
    code ^= 0x55
    segment, value = (code & 0x70) >> 4, (code & 0x0F) << 4
    magnitude = value + 8 if segment == 0 else (value + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


def _ulaw_code(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(-sample if sample < 0 else sample, _CLIP) + _BIAS
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | (magnitude >> (segment + 3) & 0x0F)) & 0xFF


def _alaw_code(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(sample if sample >= 0 else -sample - 1, 32767) >> 4
    segment = max(magnitude.bit_length() - 4, 0)
    mantissa = magnitude >> max(segment - 1, 0) & 0x0F
    return (sign | segment << 4 | mantissa) ^ 0x55


@cache
def _tables() -> tuple["array[int]", "array[int]", bytes, bytes]:
    """Return decoders by code, and encoders by the upper 14 (mu) or 13 (A) bits of the sample."""
    return (
        array("h", map(_ulaw_sample, range(256))),
        array("h", map(_alaw_sample, range(256))),
        bytes(_ulaw_code((index << 2) - 32768) for index in range(1 << 14)),
        bytes(_alaw_code((index << 3) - 32768) for index in range(1 << 13)),
    )


def decode_ulaw(codes: bytes) -> bytes:
    """Return mu-law `codes` as s16le PCM."""
    return from_samples(array("h", map(_tables()[0].__getitem__, codes)))


def decode_alaw(codes: bytes) -> bytes:
    """Return A-law `codes` as s16le PCM."""
    return from_samples(array("h", map(_tables()[1].__getitem__, codes)))


def encode_ulaw(pcm: bytes) -> bytes:
    """Return s16le `pcm` as mu-law codes."""
    table = _tables()[2]
    return bytes(table[(sample + 32768) >> 2] for sample in samples(pcm))


def encode_alaw(pcm: bytes) -> bytes:
    """Return s16le `pcm` as A-law codes."""
    table = _tables()[3]
    return bytes(table[(sample + 32768) >> 3] for sample in samples(pcm))
