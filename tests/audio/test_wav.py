"""WAV files there and back, and what is said of those that cannot be used."""

import wave
from pathlib import Path

import pytest

from turngate.audio.tone import tone
from turngate.audio.wav import WavError, read_wav, write_wav


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000, 48000])
def test_there_and_back(tmp_path: Path, rate_hz: int) -> None:
    pcm = tone(100, rate_hz=rate_hz)
    write_wav(tmp_path / "a.wav", pcm, rate_hz)
    assert read_wav(str(tmp_path / "a.wav")) == (pcm, rate_hz)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WavError, match="cannot be read"):
        read_wav(tmp_path / "none.wav")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a wave file at all, but long enough"])
def test_a_file_that_is_no_wav(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(WavError, match="is no PCM WAV file"):
        read_wav(path)


@pytest.mark.parametrize("channels, width, said", [(2, 2, "2 channels"), (1, 1, "8-bit")])
def test_a_wav_of_another_form(tmp_path: Path, channels: int, width: int, said: str) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(24000)
        file.writeframes(bytes(channels * width * 10))
    with pytest.raises(WavError, match=said):
        read_wav(path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(WavError, match="cannot be written"):
        write_wav(tmp_path / "nowhere" / "a.wav", b"", 24000)
