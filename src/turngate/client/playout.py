"""What of the agent's speech the user has heard, for a program that plays what it is given."""

from turngate.audio.playhead import Playhead
from turngate.units import RATE_HZ, Ms, pcm_bytes
from turngate.wire import agent

_ANSWER = "answer"
_BYTES_PER_MS = {"mulaw": 8.0, "alaw": 8.0}


class Playout:
    """A clock over what is played, each piece after the one before it."""

    def __init__(self, settings: agent.Settings) -> None:
        output = settings.audio.output or agent.AudioOutput()
        rate_hz = int(output.sample_rate or RATE_HZ)
        usual = pcm_bytes(1_000, rate_hz) / 1_000
        self._bytes_per_ms = _BYTES_PER_MS.get(output.encoding or "", usual)
        self._playhead = Playhead()

    def play(self, audio: bytes, now_ms: Ms) -> None:
        """Take a piece that is played now, or after what is played now."""
        self._playhead.note(_ANSWER, len(audio) / self._bytes_per_ms, now_ms)

    def remaining_ms(self, now_ms: Ms) -> Ms:
        """Return how long what was taken will still be heard."""
        return Ms(self._playhead.ends_in_ms(now_ms))

    def flush(self) -> None:
        """Forget what has not been heard: the program has thrown it away."""
        self._playhead.clear()
