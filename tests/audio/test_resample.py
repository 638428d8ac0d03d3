"""Streams between rates: nothing lost, frame by frame as at once."""

import pytest

from turngate.audio.pcm import loudness, samples
from turngate.audio.resample import Resampler, resampled
from turngate.audio.tone import tone

RATES = [(22050, 24000), (16000, 24000), (48000, 24000), (24000, 8000), (8000, 24000)]


@pytest.mark.parametrize("from_hz, to_hz", RATES)
def test_length_and_loudness_are_kept(from_hz: int, to_hz: int) -> None:
    returned = resampled(tone(1000, rate_hz=from_hz), from_hz, to_hz)
    assert len(returned) == pytest.approx(to_hz * 2, abs=8)
    assert loudness(returned) == pytest.approx(6000 / 2**0.5, rel=0.02)


@pytest.mark.parametrize("from_hz, to_hz", RATES)
def test_frames_give_the_same_as_the_whole(from_hz: int, to_hz: int) -> None:
    pcm = tone(500, rate_hz=from_hz)
    frame = from_hz // 50 * 2
    stream = Resampler(from_hz, to_hz)
    parts = [stream.push(pcm[start : start + frame]) for start in range(0, len(pcm), frame)]
    streamed, whole = (
        samples(b"".join([*parts, stream.flush()])),
        samples(resampled(pcm, from_hz, to_hz)),
    )
    assert len(streamed) == len(whole)
    # int16 output is dithered, so the last bits differ from run to run of the stream.
    assert max(abs(a - b) for a, b in zip(streamed, whole, strict=True)) <= 4


def test_the_same_rate_passes_through() -> None:
    stream = Resampler(24000, 24000)
    assert stream.push(b"abcd") == b"abcd"
    assert stream.flush() == b""
