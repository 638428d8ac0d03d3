"""WAV files of s16le PCM, as mono, and the headers of streams that have no end yet."""

import struct
import wave
from pathlib import Path

import numpy as np

from turngate.units import SAMPLE_BYTES

STREAM_BYTES = 0x7FFF_FF00
"""The length that a stream's header names: players read until the bytes end. It is positive for
those that count in 32 bits with a sign.
"""

_TAGS = {"linear16": 1, "alaw": 6, "mulaw": 7}


class WavError(ValueError):
    """A WAV file cannot be used; the text names the file and says why."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


def read_wav(path: str | Path) -> tuple[bytes, int]:
    """Return the s16le mono PCM of a file and its rate in Hz.

    Several channels become one, their mean.

    Raises:
        WavError: The file is not there, no WAV file, or not 16-bit; it is named.

    """
    try:
        with Path(path).open("rb") as raw, wave.open(raw) as file:
            channels, width = file.getnchannels(), file.getsampwidth()
            rate_hz, pcm = file.getframerate(), file.readframes(file.getnframes())
    except OSError as error:
        raise WavError(path, f"cannot be read: {error.strerror}") from None
    except (wave.Error, EOFError) as error:
        raise WavError(path, f"is no PCM WAV file: {error or 'it ends early'}") from None
    if width != SAMPLE_BYTES:
        raise WavError(path, f"has {width * 8}-bit samples; 16-bit is needed")
    return _mono(pcm, channels), rate_hz


def _mono(pcm: bytes, channels: int) -> bytes:
    if channels == 1:
        return pcm
    frames = np.frombuffer(pcm, dtype="<i2").reshape(-1, channels)
    return frames.mean(axis=1).astype("<i2").tobytes()


def write_wav(path: str | Path, pcm: bytes, rate_hz: int) -> None:
    """Write s16le mono `pcm` at `rate_hz`.

    Raises:
        WavError: The file cannot be written; it is named.

    """
    try:
        with Path(path).open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(rate_hz)
            file.writeframes(pcm)
    except OSError as error:
        raise WavError(path, f"cannot be written: {error.strerror}") from None


def stream_header(encoding: str, rate_hz: int) -> bytes:
    """Return what precedes mono audio whose length nobody knows yet.

    `encoding` is linear16, mulaw or alaw.
    """
    size = SAMPLE_BYTES if encoding == "linear16" else 1
    shape = struct.pack("<HHIIHH", _TAGS[encoding], 1, rate_hz, rate_hz * size, size, size * 8)
    format_chunk = b"fmt " + struct.pack("<I", len(shape)) + shape
    whole = 4 + len(format_chunk) + 8 + STREAM_BYTES
    riff = b"RIFF" + struct.pack("<I", whole) + b"WAVE"
    return riff + format_chunk + b"data" + struct.pack("<I", STREAM_BYTES)
