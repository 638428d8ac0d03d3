"""G.711 against its standard's fixed points and against itself."""

import pytest

from turngate.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from turngate.audio.pcm import samples
from turngate.audio.tone import tone

CODES = bytes(range(256))


@pytest.mark.parametrize(
    "code, sample", [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xF0, 120)]
)
def test_mu_law_fixed_points(code: int, sample: int) -> None:
    assert list(samples(decode_ulaw(bytes([code])))) == [sample]


@pytest.mark.parametrize(
    "code, sample", [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256), (0xD4, 24)]
)
def test_a_law_fixed_points(code: int, sample: int) -> None:
    assert list(samples(decode_alaw(bytes([code])))) == [sample]


def test_every_code_survives_the_way_there_and_back() -> None:
    assert encode_alaw(decode_alaw(CODES)) == CODES
    # Mu-law has two zeros; both become the positive one.
    assert encode_ulaw(decode_ulaw(CODES)) == CODES.replace(b"\x7f", b"\xff")


@pytest.mark.parametrize("there, back", [(encode_ulaw, decode_ulaw), (encode_alaw, decode_alaw)])
def test_a_tone_keeps_its_form(there: object, back: object) -> None:
    assert callable(there)
    assert callable(back)
    pcm = tone(100, rate_hz=8000)
    returned = back(there(pcm))
    assert isinstance(returned, bytes)
    error = [abs(a - b) for a, b in zip(samples(pcm), samples(returned), strict=True)]
    assert max(error) < 6000 / 16
