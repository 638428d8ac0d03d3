"""WAV files there and back, and what is said of those that cannot be used."""

import struct
import wave
from pathlib import Path

import pytest

from turngate.audio.tone import tone
from turngate.audio.wav import STREAM_BYTES, WavError, read_wav, stream_header, write_wav


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


def write_raw(path: Path, pcm: bytes, *, channels: int, width: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(24000)
        file.writeframes(pcm)


def test_a_wav_of_another_form(tmp_path: Path) -> None:
    write_raw(tmp_path / "a.wav", bytes(10), channels=1, width=1)
    with pytest.raises(WavError, match="8-bit"):
        read_wav(tmp_path / "a.wav")


def test_two_channels_become_their_mean(tmp_path: Path) -> None:
    write_raw(tmp_path / "a.wav", struct.pack("<4h", 100, 300, -5, -15), channels=2, width=2)
    assert read_wav(tmp_path / "a.wav") == (struct.pack("<2h", 200, -10), 24000)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(WavError, match="cannot be written"):
        write_wav(tmp_path / "nowhere" / "a.wav", b"", 24000)


@pytest.mark.parametrize("rate_hz", [8000, 44_100])
def test_stream_behind_a_header_is_a_file_once_it_ends(tmp_path: Path, rate_hz: int) -> None:
    pcm = tone(100, rate_hz=rate_hz)
    path = tmp_path / "a.wav"
    path.write_bytes(stream_header("linear16", rate_hz) + pcm)
    assert read_wav(path) == (pcm, rate_hz)


@pytest.mark.parametrize(
    "encoding, tag, bits", [("linear16", 1, 16), ("alaw", 6, 8), ("mulaw", 7, 8)]
)
def test_header_names_the_encoding(encoding: str, tag: int, bits: int) -> None:
    header = stream_header(encoding, 8000)
    kind, channels, rate_hz, bytes_a_second, frame, width = struct.unpack_from(
        "<HHIIHH", header, 20
    )
    assert (kind, channels, rate_hz, width) == (tag, 1, 8000, bits)
    assert (bytes_a_second, frame) == (8000 * bits // 8, bits // 8)
    assert header[36:40] == b"data"
    assert header[40:] == struct.pack("<I", STREAM_BYTES)
    assert struct.unpack_from("<I", header, 4)[0] == STREAM_BYTES + 36
