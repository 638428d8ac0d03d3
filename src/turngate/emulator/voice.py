"""The emulated voice: a tone as long as the text would take, or espeak-ng."""

import asyncio
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from turngate.audio.g711 import encode_alaw, encode_ulaw
from turngate.audio.resample import resampled
from turngate.audio.tone import tone
from turngate.units import RATE_HZ

if TYPE_CHECKING:
    from turngate.emulator.espeak import Espeak

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


class Voice:
    """Speaks texts with espeak-ng off the event loop, or with tones where it is not installed."""

    def __init__(self) -> None:
        self._engine: Espeak | None = None
        self.description = "answers are tones"

    async def start(self) -> None:
        """Load espeak-ng; `description` says what came of it."""
        try:
            self._engine = await asyncio.to_thread(_engine)
            self.description = "answers are spoken by espeak-ng"
        except (ImportError, OSError) as error:
            self.description = f"answers are tones, not speech: {error}; install turngate[local]"

    async def speak(self, text: str, audio_format: str) -> Spoken:
        """Return `text` as sound, encoded in `audio_format`."""
        if self._engine is None:
            return tone_speech(text, audio_format)
        return await asyncio.to_thread(_encoded, self._engine, text, audio_format)


@cache
def _engine() -> "Espeak":
    """Return the one engine of the process."""
    from turngate.emulator.espeak import Espeak  # noqa: PLC0415  only the extra `local` brings it

    return Espeak()


def _encoded(engine: "Espeak", text: str, audio_format: str) -> Spoken:
    spoken = engine.speak(text)
    match audio_format:
        case "audio/pcmu":
            return Spoken(encode_ulaw(resampled(spoken.audio, RATE_HZ, 8000)), spoken.marks)
        case "audio/pcma":
            return Spoken(encode_alaw(resampled(spoken.audio, RATE_HZ, 8000)), spoken.marks)
        case _:
            return spoken
