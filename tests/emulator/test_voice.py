"""The voices: tones everywhere, espeak-ng where it is installed."""

import asyncio

import pytest

from turngate.audio.pcm import loudness
from turngate.emulator.voice import Voice, bytes_per_ms, tone_speech


@pytest.mark.parametrize("audio_format", ["audio/pcm", "audio/pcmu", "audio/pcma"])
def test_a_tone_is_as_long_as_the_text(audio_format: str) -> None:
    size = bytes_per_ms(audio_format)
    assert len(tone_speech("", audio_format)) == 200 * size
    assert len(tone_speech("x" * 50, audio_format)) == 3000 * size


async def test_espeak_speaks_several_texts_at_once() -> None:
    pytest.importorskip("espeakng_loader")
    pytest.importorskip("soxr")
    voice = Voice()
    await voice.start()
    assert voice.description == "answers are spoken by espeak-ng"
    short, long, telephone = await asyncio.gather(
        voice.speak("Hello.", "audio/pcm"),
        voice.speak("It is foggy and twelve degrees in London.", "audio/pcm"),
        voice.speak("Hello.", "audio/pcmu"),
    )
    assert 0 < len(short) < len(long)
    assert len(telephone) == pytest.approx(len(short) / 6, rel=0.05)
    assert loudness(long) > 500
