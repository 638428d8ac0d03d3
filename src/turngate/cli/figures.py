"""How a conversation stands, for whoever shows it: whose turn it is, how long things took."""

import time
from typing import Literal

from msgspec import Struct

from turngate.client import Audio, Event, FunctionAnswered, agent

State = Literal["your turn", "listening", "thinking", "speaking"]


class Call(Struct):
    """A function that the agent called; `took_ms` once it has answered."""

    name: str
    took_ms: float | None = None
    failed: bool = False


class Figures:
    """Counts and times of the turn at hand; times in ms since the user finished asking."""

    def __init__(self) -> None:
        self.state: State = "your turn"
        self.text_ms: float | None = None
        self.sound_ms: float | None = None
        self.turn_bytes = 0
        self.turns = 0
        self.calls: dict[str, Call] = {}
        self._asked_at: float | None = None

    def asked(self) -> None:
        """Start the clock: the user has finished asking."""
        self._asked_at = time.perf_counter()
        self.text_ms = self.sound_ms = None
        self.turn_bytes = 0
        self.state = "thinking"

    def take(self, event: Event) -> None:
        """Take what happened."""
        match event:
            case agent.UserStartedSpeaking():
                self.state = "listening"
            case agent.ConversationText(role="user") if self.state == "listening":
                self.asked()
            case agent.ConversationText(role="assistant"):
                self.text_ms = self.text_ms or self._elapsed_ms()
            case Audio(pcm):
                self.state = "speaking"
                self.sound_ms = self.sound_ms or self._elapsed_ms()
                self.turn_bytes += len(pcm)
            case agent.AgentAudioDone():
                self.state = "your turn"
                self.turns += 1
            case agent.FunctionCallRequest(functions=calls):
                self.calls |= {call.id: Call(call.name) for call in calls}
            case FunctionAnswered(call_id=call_id, took_ms=took_ms, failed=failed):
                call = self.calls.setdefault(call_id, Call(event.name))
                call.took_ms, call.failed = took_ms, failed
            case _:
                pass

    def _elapsed_ms(self) -> float | None:
        return None if self._asked_at is None else (time.perf_counter() - self._asked_at) * 1000
