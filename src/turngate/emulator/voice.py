"""The emulated voice: espeak-ng, or tones where that is not installed."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from turngate.audio.g711 import encode_alaw, encode_ulaw
from turngate.audio.resample import resampled
from turngate.emulator.spoken import Spoken, tone_speech
from turngate.units import RATE_HZ

if TYPE_CHECKING:
    from turngate.emulator.espeak import Espeak


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
