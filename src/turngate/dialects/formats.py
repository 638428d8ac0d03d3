"""The audio formats of a call of the agent protocol, and the upstream's that they become.

G.711 is spoken upstream as well and passes as it is; linear PCM has one rate there.

Sources: Deepgram Voice Agent API, Settings; OpenAI Realtime API reference, session.
"""

from typing import Any

from msgspec import Struct

from turngate.errors import SettingsRefused
from turngate.units import RATE_HZ
from turngate.wire import agent

LINEAR = "linear16"

RATES: dict[str, tuple[int, ...]] = {
    LINEAR: (8000, 16_000, 24_000, 44_100, 48_000),
    "mulaw": (8000,),
    "alaw": (8000,),
}
"""What can be had, both ways, in Hz."""

CONTAINERS = ("none", "wav")

_UPSTREAM = {"mulaw": "audio/pcmu", "alaw": "audio/pcma"}
_ENCODINGS = {"audio/pcm": LINEAR} | {kind: encoding for encoding, kind in _UPSTREAM.items()}


class Format(Struct, frozen=True):
    """One direction of a client's audio: s16le PCM or G.711, mono."""

    encoding: str = LINEAR
    rate_hz: int = RATE_HZ
    container: str = "none"

    @property
    def session_format(self) -> dict[str, Any]:
        """What is agreed with the upstream for it."""
        if self.encoding == LINEAR:
            return {"type": "audio/pcm", "rate": RATE_HZ}
        return {"type": _UPSTREAM[self.encoding]}


class Formats(Struct, frozen=True):
    """Both directions."""

    input: Format = Format()
    output: Format = Format()


def formats(audio: agent.AudioSettings) -> Formats:
    """Return what a client wants; what it leaves out is linear16, or the encoding's usual rate.

    Raises:
        SettingsRefused: An encoding, a rate or a container cannot be had; the field is named.

    """
    return Formats(input_format(audio), output_format(audio))


def input_format(audio: agent.AudioSettings) -> Format:
    """Return what the client sends.

    Raises:
        SettingsRefused: See `formats`.

    """
    wanted = audio.input or agent.AudioInput()
    return _format("audio.input", wanted.encoding, wanted.sample_rate)


def output_format(audio: agent.AudioSettings) -> Format:
    """Return what the client is sent.

    Raises:
        SettingsRefused: See `formats`.

    """
    wanted = audio.output or agent.AudioOutput()
    return _format("audio.output", wanted.encoding, wanted.sample_rate, wanted.container)


def of_session(wanted: agent.SessionAudioOutput | None) -> agent.AudioOutput | None:
    """Return the client's words for an `audio.output` of the upstream's, if it names a format.

    Raises:
        SettingsRefused: The format cannot be had.

    """
    if wanted is None or wanted.format is None:
        return None
    encoding = _ENCODINGS.get(wanted.format.type)
    if encoding is None:
        reason = f"it can be {_listed(tuple(_ENCODINGS))}"
        raise SettingsRefused("agent.sessionAudioOutput.format.type", reason)
    return agent.AudioOutput(encoding=encoding)


def available() -> str:
    """Return a sentence's part that lists what can be had."""
    return "; ".join(f"{name} at {_listed(rates)} Hz" for name, rates in RATES.items())


def _format(
    source: str, encoding: str | None, rate_hz: float | None, container: str | None = None
) -> Format:
    encoding = LINEAR if encoding is None else encoding
    rates = RATES.get(encoding)
    if rates is None:
        raise SettingsRefused(f"{source}.encoding", f"it can be {available()}")
    if rate_hz is None:
        rate_hz = RATE_HZ if encoding == LINEAR else rates[0]
    if rate_hz not in rates:
        reason = f"{encoding} can be had at {_listed(rates)} Hz"
        raise SettingsRefused(f"{source}.sample_rate", reason)
    container = CONTAINERS[0] if container is None else container
    if container not in CONTAINERS:
        raise SettingsRefused(f"{source}.container", f"it can be {_listed(CONTAINERS)}")
    return Format(encoding, int(rate_hz), container)


def _listed(choices: tuple[object, ...]) -> str:
    *most, last = map(str, choices)
    return f"{', '.join(most)} or {last}" if most else last
