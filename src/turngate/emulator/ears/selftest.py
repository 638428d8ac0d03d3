"""Whether the engine hears its own voice: espeak-ng says a sentence, and the ears must get it.

A sentence on which both are known to agree, whatever the rule about doubtful speech says. It shows
that everything is installed and works together, and nothing about other voices.
"""

import time
from dataclasses import dataclass

import numpy as np

from turngate.audio.pcm import samples
from turngate.audio.tone import silence
from turngate.units import RATE_HZ, pcm_bytes

SENTENCE = "what is the weather in London"
VOICE = "en-gb-x-rp"
BEFORE_MS, AFTER_MS = 300, 400
HISS_RMS = 6.5
"""-74 dBFS: no microphone gives digital zeros."""
THRESHOLD = 0.5
FRAME_MS = 20


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What came of it. heard: the words, or None. voice_ms: for how long a voice was noticed."""

    heard: str | None
    voice_ms: int
    took_ms: float

    @property
    def is_passed(self) -> bool:
        """Whether the sentence was heard word for word."""
        return self.heard == SENTENCE.lower()


def recorded(pcm: bytes) -> bytes:
    """Return s16le mono `pcm` at 24 kHz as a quiet room gives it: half scale, with hiss and pauses."""
    padded = silence(BEFORE_MS) + pcm + silence(AFTER_MS)
    values = np.frombuffer(padded, dtype="<i2").astype(np.float64)
    peak = max(map(abs, samples(pcm)), default=0) or 1
    hiss = np.random.default_rng(0).normal(0, HISS_RMS, len(values))
    return (values * 16384 / peak + hiss).astype("<i2").tobytes()


def self_test() -> SelfTest:
    """Run it; well under a second.

    Raises:
        ImportError: The extra `local` is not installed.

    """
    from turngate.emulator.ears.ear import Ear  # noqa: PLC0415  only the extra brings it
    from turngate.emulator.espeak import Espeak  # noqa: PLC0415  the same

    began = time.perf_counter()
    ear = Ear()
    ear.attend()
    pcm = recorded(Espeak().speak(SENTENCE, VOICE).audio)
    size = pcm_bytes(FRAME_MS)
    voice_ms = sum(
        FRAME_MS
        for start in range(0, len(pcm) - size + 1, size)
        if ear.is_speech(pcm[start : start + size], RATE_HZ, THRESHOLD)
    )
    ear.finish()
    heard = ear.guess.words if ear.guess else None
    return SelfTest(heard, voice_ms, (time.perf_counter() - began) * 1000)
