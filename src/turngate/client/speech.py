"""Recorded speech in and out: a WAV file as 20 ms frames at the pace of speaking, and back.

It stands in for a microphone and a loudspeaker.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

from turngate.audio.pcm import loudness
from turngate.audio.resample import resampled
from turngate.audio.wav import WavError, read_wav, write_wav
from turngate.errors import ConfigError
from turngate.units import RATE_HZ, pcm_bytes

FRAME_MS = 20
FRAME_BYTES = pcm_bytes(FRAME_MS)

QUIET = 200.0
"""Root mean square below which a frame is taken for the silence around speech: -44 dB."""


def read_speech(path: Path) -> bytes:
    """Return a WAV file as s16le mono PCM at 24 kHz.

    Raises:
        ConfigError: it is not there, cannot be read, or is not 16-bit PCM.

    """
    if not path.exists():
        raise ConfigError("--wav", f"there is no file {path}")
    try:
        pcm, rate_hz = read_wav(path)
    except WavError as error:
        raise ConfigError("--wav", str(error)) from error
    return resampled(pcm, rate_hz, RATE_HZ)


def speech_end_ms(pcm: bytes) -> int:
    """Return where the last sound of a recording ends; latency counts from there, in whole frames."""
    for start in range((len(pcm) - 1) // FRAME_BYTES * FRAME_BYTES, -1, -FRAME_BYTES):
        if loudness(pcm[start : start + FRAME_BYTES]) > QUIET:
            return start // FRAME_BYTES * FRAME_MS + FRAME_MS
    return 0


def check_place(path: Path) -> None:
    """Refuse a place where no file can be written, before there is something to write.

    Raises:
        ConfigError: its folder is not there or not writable, or it is a folder itself.

    """
    if not path.parent.is_dir():
        raise ConfigError("--out", f"there is no folder {path.parent}")
    if path.is_dir():
        raise ConfigError("--out", f"{path} is a folder; name a file in it")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigError("--out", f"{path} cannot be written: permission denied")


def write_speech(path: Path, pcm: bytes) -> None:
    """Write s16le mono PCM at 24 kHz as a WAV file.

    Raises:
        ConfigError: the file cannot be written.

    """
    try:
        write_wav(path, pcm, RATE_HZ)
    except WavError as error:
        raise ConfigError("--out", str(error)) from error


async def spoken(pcm: bytes) -> AsyncGenerator[bytes]:
    """Yield `pcm` as frames of 20 ms, each when a microphone would have it, then silence for ever.

    Silence has to go on: a server hears the end of speech in it, and its clock is the audio.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    frame = 0
    while True:
        piece = pcm[frame * FRAME_BYTES : (frame + 1) * FRAME_BYTES]
        yield piece.ljust(FRAME_BYTES, b"\x00")
        frame += 1
        await asyncio.sleep(max(0.0, started + frame * FRAME_MS / 1000 - loop.time()))
