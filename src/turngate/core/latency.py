"""How long the parts of a turn took, from the times at which its events came.

A turn begins where the user's utterance ends: with the end of speech, or with what was typed. What
is typed while the agent speaks begins the next turn.
"""

from msgspec import Struct

from turngate.units import Ms


class Latency(Struct, frozen=True):
    """Latencies of one turn in ms; None was not measured.

    - stt_ms: from the end of speech to its text.
    - token_ms, text_ms, tool_ms: from the request to the first token of any kind, of text, of a call.
    - tts_ms: from the first text to the first audio.
    - total_ms: from the end of the utterance to the first audio.
    """

    stt_ms: Ms | None = None
    token_ms: Ms | None = None
    text_ms: Ms | None = None
    tool_ms: Ms | None = None
    tts_ms: Ms | None = None
    total_ms: Ms | None = None


class Stopwatch:
    """The turn that is under way, when the next one began, and since when a request is ready."""

    def __init__(self) -> None:
        self.now = Ms(0)
        self._next: Ms | None = None
        self._ready: Ms | None = None
        self._reset()

    def _reset(self) -> None:
        self._began, self._next = self._next, None
        self._asked: Ms | None = None
        self._spoke: Ms | None = None
        self._written: Ms | None = None
        self._token: Ms | None = None
        self._text: Ms | None = None
        self._tool: Ms | None = None
        self._audio: Ms | None = None

    def wished(self) -> None:
        """Note that the user wrote, or that something is to be said in the agent's turn."""
        if self._audio is None:
            self._began = self.now
        else:
            self._next = self.now

    def spoke(self) -> None:
        """Note the end of the user's speech."""
        self._spoke = self.now
        self.wished()

    def transcribed(self) -> None:
        """Note the text of it."""
        self._written = self.now

    def asked(self) -> None:
        """Note that a response was asked for."""
        if self._asked is None:
            self._asked = self.now

    def waits(self, *, is_ready: bool) -> None:
        """Note whether a request is ready that could not go."""
        if not is_ready:
            self._ready = None
        elif self._ready is None:
            self._ready = self.now

    def left(self) -> Ms:
        """Note that a request leaves; return for how long it had been ready."""
        since = self.now if self._ready is None else self._ready
        self._ready = None
        self.asked()
        return Ms(self.now - since)

    def text(self) -> None:
        """Note a piece of the agent's text."""
        self._token = self.now if self._token is None else self._token
        self._text = self.now if self._text is None else self._text

    def called(self) -> None:
        """Note a function call."""
        self._token = self.now if self._token is None else self._token
        self._tool = self.now if self._tool is None else self._tool

    def audio(self) -> None:
        """Note a piece of the agent's audio."""
        self._token = self.now if self._token is None else self._token
        self._audio = self.now if self._audio is None else self._audio

    def latency(self) -> Latency:
        """Return what has been measured."""
        began = self._asked if self._began is None else self._began
        return Latency(
            _between(self._spoke, self._written),
            _between(self._asked, self._token),
            _between(self._asked, self._text),
            _between(self._asked, self._tool),
            _between(self._audio if self._text is None else self._text, self._audio),
            _between(began, self._audio),
        )

    def finish(self) -> Latency:
        """Return the latencies of a turn that is over, and go on to the next."""
        latency = self.latency()
        self._reset()
        return latency


def _between(begin: Ms | None, end: Ms | None) -> Ms | None:
    return None if begin is None or end is None else Ms(max(0, end - begin))
