"""The voices: tones everywhere, espeak-ng where it is installed."""

import asyncio

import pytest

from turngate.audio.pcm import loudness
from turngate.emulator.spoken import Mark, bytes_per_ms, tone_speech
from turngate.emulator.voice import Voice
from turngate.units import pcm_ms


@pytest.mark.parametrize("audio_format", ["audio/pcm", "audio/pcmu", "audio/pcma"])
def test_a_tone_is_as_long_as_the_text(audio_format: str) -> None:
    size = bytes_per_ms(audio_format)
    assert len(tone_speech("", audio_format).audio) == 200 * size
    assert len(tone_speech("x" * 50, audio_format).audio) == 3000 * size


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
    assert 0 < len(short.audio) < len(long.audio)
    assert len(telephone.audio) == pytest.approx(len(short.audio) / 6, rel=0.05)
    assert loudness(long.audio) > 500


async def test_espeak_says_when_each_word_begins() -> None:
    pytest.importorskip("espeakng_loader")
    voice = Voice()
    await voice.start()
    spoken = await voice.speak("Déjà vu: it is 18:03 in London.", "audio/pcm")
    assert [mark.word for mark in spoken.marks] == [
        "Déjà vu:",
        "it",
        "is",
        "18:03",
        "in",
        "London.",
    ]
    times = [mark.at_ms for mark in spoken.marks]
    assert times == sorted(set(times))
    assert times[-1] < pcm_ms(len(spoken.audio))


def test_a_tone_has_its_words_where_they_would_be_said() -> None:
    marks = tone_speech("one three", "audio/pcm").marks
    assert marks == (Mark("one", 0), Mark("three", 240))
