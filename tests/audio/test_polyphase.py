"""Streams between rates for live audio: length, purity, delay, and frames of any size."""

import math
from itertools import pairwise

import numpy as np
import pytest

from turngate.audio.pcm import samples
from turngate.audio.polyphase import Polyphase
from turngate.audio.tone import tone
from turngate.units import pcm_ms

RATES = [
    (8000, 24_000), (16_000, 24_000), (44_100, 24_000), (48_000, 24_000),
    (24_000, 8000), (24_000, 16_000), (24_000, 44_100), (24_000, 48_000),
]  # fmt: skip

every_rate = pytest.mark.parametrize("from_hz, to_hz", RATES)


def streamed(pcm: bytes, from_hz: int, to_hz: int, frame_bytes: int) -> bytes:
    stream = Polyphase(from_hz, to_hz)
    parts = [
        stream.push(pcm[start : start + frame_bytes]) for start in range(0, len(pcm), frame_bytes)
    ]
    return b"".join([*parts, stream.flush()])


def frame(rate_hz: int) -> int:
    """Return the bytes of 20 ms."""
    return rate_hz // 50 * 2


def purity_db(pcm: bytes, hertz: int, rate_hz: int) -> float:
    """Return the power of the best sine of this frequency over that of all the rest, in dB."""
    heard = np.array(samples(pcm), float)[rate_hz // 10 : -rate_hz // 10]
    angle = 2 * math.pi * hertz / rate_hz * np.arange(len(heard))
    waves = np.stack([np.sin(angle), np.cos(angle)], 1)
    sine = waves @ (waves.T @ heard * 2 / len(heard))
    return 10 * math.log10(float(np.mean(sine**2) / np.mean((heard - sine) ** 2)))


@every_rate
def test_length_is_kept_to_the_sample(from_hz: int, to_hz: int) -> None:
    pcm = tone(300, rate_hz=from_hz)
    assert len(streamed(pcm, from_hz, to_hz, frame(from_hz))) == 2 * round(0.3 * to_hz)


@every_rate
def test_tone_stays_a_tone(from_hz: int, to_hz: int) -> None:
    pcm = tone(1000, hertz=1000, peak=16_000, rate_hz=from_hz)
    assert purity_db(streamed(pcm, from_hz, to_hz, frame(from_hz)), 1000, to_hz) >= 80


def test_straight_lines_between_samples_would_not_do() -> None:
    coarse = samples(tone(1000, hertz=1000, peak=16_000, rate_hz=8000))
    lines = np.interp(np.arange(24_000) / 3, np.arange(8000), coarse).astype("<i2")
    assert purity_db(lines.tobytes(), 1000, 24_000) < 40


def test_what_the_new_rate_cannot_hold_is_taken_out() -> None:
    too_high = tone(500, hertz=6000, peak=16_000)
    heard = samples(streamed(too_high, 24_000, 8000, 960))
    assert max(map(abs, heard[200:-200])) <= 16


def test_loud_extremes_are_clipped_and_not_turned_over() -> None:
    square = (b"\xff\x7f" * 40 + b"\x00\x80" * 40) * 50
    heard = samples(streamed(square, 8000, 24_000, 320))
    assert max(heard) == 32_767
    assert min(heard) == -32_768
    assert max(abs(a - b) for a, b in pairwise(heard)) < 50_000


@every_rate
def test_frames_give_the_same_as_the_whole(from_hz: int, to_hz: int) -> None:
    pcm = tone(200, rate_hz=from_hz)
    whole = samples(streamed(pcm, from_hz, to_hz, len(pcm)))
    for frame_bytes in (7, 321, frame(from_hz)):
        parts = samples(streamed(pcm, from_hz, to_hz, frame_bytes))
        assert len(parts) == len(whole)
        # A sum of floats depends on its order.
        assert max(abs(a - b) for a, b in zip(parts, whole, strict=True)) <= 1


@every_rate
def test_at_most_four_ms_are_held_back(from_hz: int, to_hz: int) -> None:
    stream, taken, given = Polyphase(from_hz, to_hz), 0, 0
    for _ in range(20):
        taken += frame(from_hz)
        given += len(stream.push(bytes(frame(from_hz))))
        held_ms = pcm_ms(taken, from_hz) - pcm_ms(given, to_hz)
        assert 0 <= held_ms <= 4


def test_flush_begins_anew() -> None:
    stream = Polyphase(24_000, 8000)
    first = stream.push(tone(100)) + stream.flush()
    assert stream.push(tone(100)) + stream.flush() == first
    assert stream.flush() == b""


def test_reset_forgets_what_was_held_back() -> None:
    stream = Polyphase(8000, 24_000)
    stream.push(tone(100, rate_hz=8000) + b"\x7f")
    stream.reset()
    assert set(stream.push(bytes(320)) + stream.flush()) == {0}


def test_streams_do_not_share_their_state() -> None:
    loud, quiet = Polyphase(16_000, 24_000), Polyphase(16_000, 24_000)
    loud.push(tone(100, rate_hz=16_000))
    assert set(quiet.push(bytes(640))) == {0}
