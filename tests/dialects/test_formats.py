"""What audio a client may ask for, and what the upstream is asked for then."""

import json

import pytest

from turngate.dialects.formats import Format, Formats, formats
from turngate.errors import SettingsRefused
from turngate.wire import agent
from turngate.wire.codec import decode_client_message


def wanted(**audio: object) -> Formats:
    settings = {"type": "Settings", "audio": audio, "agent": {}}
    message = decode_client_message(json.dumps(settings))
    assert isinstance(message, agent.Settings)
    return formats(message.audio)


AVAILABLE = [
    *(("linear16", rate) for rate in (8000, 16_000, 24_000, 44_100, 48_000)),
    ("mulaw", 8000),
    ("alaw", 8000),
]


@pytest.mark.parametrize("encoding, rate", AVAILABLE)
def test_what_is_named_is_agreed_in_each_direction(encoding: str, rate: int) -> None:
    named = {"encoding": encoding, "sample_rate": rate}
    assert wanted(input=named) == Formats(Format(encoding, rate), Format())
    assert wanted(output=named) == Formats(Format(), Format(encoding, rate))


def test_what_is_left_out_is_usual() -> None:
    assert wanted() == Formats(Format("linear16", 24_000), Format("linear16", 24_000))
    assert wanted(input={"encoding": "alaw"}).input == Format("alaw", 8000)
    assert wanted(output={"sample_rate": 16_000}).output == Format("linear16", 16_000)


def test_rate_may_be_written_with_a_point() -> None:
    rate_hz = wanted(input={"sample_rate": 16_000.0}).input.rate_hz
    assert (rate_hz, type(rate_hz)) == (16_000, int)


def test_container_is_of_the_output() -> None:
    assert wanted(output={"container": "wav"}).output.container == "wav"
    assert wanted(output={"container": "none"}).output == Format()


@pytest.mark.parametrize(
    "spoken, agreed",
    [
        (Format("linear16", 8000), {"type": "audio/pcm", "rate": 24_000}),
        (Format("linear16", 24_000), {"type": "audio/pcm", "rate": 24_000}),
        (Format("mulaw", 8000), {"type": "audio/pcmu"}),
        (Format("alaw", 8000), {"type": "audio/pcma"}),
    ],
)
def test_upstream_speaks_g711_and_pcm_at_one_rate(
    spoken: Format, agreed: dict[str, object]
) -> None:
    assert spoken.session_format == agreed


EVERYTHING = (
    "it can be linear16 at 8000, 16000, 24000, 44100 or 48000 Hz; mulaw at 8000 Hz; alaw at 8000 Hz"
)


@pytest.mark.parametrize("way", ["input", "output"])
@pytest.mark.parametrize(
    "named, field, reason",
    [
        ({"encoding": "opus"}, "encoding", EVERYTHING),
        ({"encoding": ""}, "encoding", EVERYTHING),
        (
            {"sample_rate": 22_050},
            "sample_rate",
            "linear16 can be had at 8000, 16000, 24000, 44100 or 48000 Hz",
        ),
        (
            {"encoding": "mulaw", "sample_rate": 16_000},
            "sample_rate",
            "mulaw can be had at 8000 Hz",
        ),
        ({"encoding": "linear16", "sample_rate": 0}, "sample_rate", "linear16 can be had at"),
    ],
)
def test_refusal_names_the_field_and_what_can_be_had(
    way: str, named: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        wanted(**{way: named})
    assert refused.value.field == f"audio.{way}.{field}"
    assert refused.value.reason.startswith(reason)


def test_container_that_cannot_be_had_is_refused() -> None:
    with pytest.raises(SettingsRefused) as refused:
        wanted(output={"container": "ogg"})
    assert (refused.value.field, refused.value.reason) == (
        "audio.output.container",
        "it can be none or wav",
    )
