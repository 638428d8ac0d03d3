"""Whole samples, whatever the sizes they arrive in; loudness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turngate.audio.pcm import Framer, from_samples, loudness, samples
from turngate.audio.tone import silence, tone


@given(st.lists(st.binary(max_size=50), max_size=20), st.sampled_from([2, 4, 960]))
def test_a_framer_loses_nothing_and_gives_whole_frames(parts: list[bytes], size: int) -> None:
    framer = Framer(size)
    given_back = [framer.push(part) for part in parts]
    assert all(len(part) % size == 0 for part in given_back)
    whole = b"".join(parts)
    kept = b"".join(given_back)
    assert whole.startswith(kept)
    assert framer.waiting_bytes == len(whole) - len(kept) < size
    tail = framer.flush()
    assert whole.startswith(kept + tail)
    assert len(whole) - len(kept + tail) in (0, 1)
    assert framer.waiting_bytes == 0


def test_an_odd_byte_waits_for_its_other_half() -> None:
    framer = Framer()
    assert framer.push(b"abc") == b"ab"
    assert framer.push(b"d") == b"cd"


@pytest.mark.parametrize("size", [0, 3, -2])
def test_a_frame_holds_whole_samples(size: int) -> None:
    with pytest.raises(ValueError, match="whole samples"):
        Framer(size)


def test_loudness() -> None:
    assert loudness(b"") == 0
    assert loudness(silence(20)) == 0
    assert loudness(tone(100, peak=1000)) == pytest.approx(1000 / 2**0.5, rel=0.01)


@given(st.binary(max_size=100).filter(lambda pcm: len(pcm) % 2 == 0))
def test_samples_and_back(pcm: bytes) -> None:
    assert from_samples(samples(pcm)) == pcm


def test_samples_are_little_endian() -> None:
    assert list(samples(b"\x01\x00\xff\xff")) == [1, -1]


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000])
def test_lengths_follow_the_rate(rate_hz: int) -> None:
    assert len(tone(500, rate_hz=rate_hz)) == len(silence(500, rate_hz)) == rate_hz
