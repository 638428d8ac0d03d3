"""The waits of one call's turns, each from what begins it to what ends it."""

from turngate.core import events
from turngate.gateway.totals import Totals
from turngate.units import Ms


class Stopwatch:
    """Notes into totals how long a call's requests and answers take.

    `awaits_audio` is the only thing that a frame of audio has to look at.
    """

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._asked_ms: Ms | None = None
        self._user_ended_ms: Ms | None = None
        self.awaits_audio = False

    def asked(self, now_ms: Ms, waited_ms: int) -> None:
        """Note a request that leaves, and how long it waited for the slot."""
        self._totals.waits.note(waited_ms)
        self._asked_ms = now_ms
        self.awaits_audio = True

    def saw(self, event: object, now_ms: Ms) -> None:
        """Note what an event begins or ends."""
        match event:
            case events.ResponseCreated(event_id=str()) if self._asked_ms is not None:
                self._totals.acceptances.note(now_ms - self._asked_ms)
            case events.SpeechStarted() | events.UserTyped() | events.AgentLine():
                self._user_ended_ms = None  # what comes next does not answer that speech alone
            case events.SpeechStopped():
                self._user_ended_ms = now_ms
                self.awaits_audio = True
            case _:
                pass

    def spoke(self, now_ms: Ms) -> None:
        """Note the first audio of an answer."""
        if self._asked_ms is not None:
            self._totals.first_audio.note(now_ms - self._asked_ms)
        if self._user_ended_ms is not None:
            self._totals.answers_to_speech.note(now_ms - self._user_ended_ms)
        self._asked_ms = self._user_ended_ms = None
        self.awaits_audio = False
