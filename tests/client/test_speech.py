from pathlib import Path

import pytest

from turngate.audio.wav import write_wav
from turngate.client.speech import (
    FRAME_BYTES,
    check_place,
    read_speech,
    speech_end_ms,
    spoken,
    write_speech,
)
from turngate.errors import ConfigError
from turngate.units import RATE_HZ, pcm_bytes

LOUD = b"\x10\x20" * (FRAME_BYTES // 2)
STILL = bytes(FRAME_BYTES)


@pytest.mark.parametrize(
    "pcm, ends_ms",
    [(LOUD + LOUD + STILL, 40), (STILL + LOUD[:100], 40), (STILL, 0), (b"", 0)],
    ids=["then silence", "half a frame", "silence", "nothing"],
)
def test_speech_ends_with_its_last_sound(pcm: bytes, ends_ms: int) -> None:
    assert speech_end_ms(pcm) == ends_ms


async def test_speech_comes_in_whole_frames_and_silence_follows() -> None:
    frames: list[bytes] = []
    async for frame in spoken(LOUD + LOUD[:10]):
        frames.append(frame)
        if len(frames) == 3:
            break
    assert frames == [LOUD, LOUD[:10].ljust(FRAME_BYTES, b"\x00"), STILL]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_speech(tmp_path / "a.wav", LOUD)
    assert read_speech(tmp_path / "a.wav") == LOUD


def test_other_rates_become_ours(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", bytes(pcm_bytes(500, 16_000)), 16_000)
    assert len(read_speech(tmp_path / "a.wav")) == pytest.approx(pcm_bytes(500, RATE_HZ), abs=100)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.wav"):
        read_speech(tmp_path / "nothing.wav")


@pytest.mark.parametrize("place, says", [("no/a.wav", "no folder"), ("", "is a folder")])
def test_a_place_for_no_file_is_refused(tmp_path: Path, place: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        check_place(tmp_path / place)


def test_a_place_for_a_file_is_left_as_it_is(tmp_path: Path) -> None:
    check_place(tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []
