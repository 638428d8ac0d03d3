"""What is said as sound: a tone as long as the text would take, and where in it each word begins."""

import re
from typing import NamedTuple

from turngate.audio.g711 import encode_alaw, encode_ulaw
from turngate.audio.tone import tone
from turngate.units import RATE_HZ

MS_PER_CHARACTER = 60
"""Speaking pace: 132 characters take about 8 s."""
PERIOD_MS = 100
"""The tone repeats after this long without a seam: 30 waves of 300 Hz."""


class Mark(NamedTuple):
    """A word begins at `at_ms` of the audio."""

    word: str
    at_ms: float


class Spoken(NamedTuple):
    """Encoded audio, and where in it which word begins."""

    audio: bytes
    marks: tuple[Mark, ...] = ()


def bytes_per_ms(audio_format: str) -> int:
    """Return the size of one ms in an audio format of the protocol."""
    return RATE_HZ * 2 // 1000 if audio_format == "audio/pcm" else 8


def tone_speech(text: str, audio_format: str) -> Spoken:
    """Return a tone as long as `text` would take to say, encoded in `audio_format`."""
    match audio_format:
        case "audio/pcmu":
            period = encode_ulaw(tone(PERIOD_MS, rate_hz=8000))
        case "audio/pcma":
            period = encode_alaw(tone(PERIOD_MS, rate_hz=8000))
        case _:
            period = tone(PERIOD_MS)
    length_ms = max(PERIOD_MS * 2, len(text) * MS_PER_CHARACTER // 20 * 20)
    periods = -(-length_ms // PERIOD_MS)
    marks = tuple(
        Mark(word[0], word.start() * MS_PER_CHARACTER) for word in re.finditer(r"\S+", text)
    )
    return Spoken((period * periods)[: length_ms * bytes_per_ms(audio_format)], marks)
