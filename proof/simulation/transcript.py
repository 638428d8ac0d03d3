"""A call of the agent front as a script: what its session was told, and what it made of that.

The form is that of the tests of the core, so a call that went wrong becomes a test by pasting it.
Deadlines are left out: they follow from the time that passes.
"""

# pyright: reportPrivateUsage=false
# a call's session is nobody else's, and here its every step is wanted

from typing import Any

from turngate.core import effects, events
from turngate.gateway.agent_call import AgentCall
from turngate.units import Ms


class Transcript:
    """Stands before a session and writes down what passes."""

    def __init__(self, call: AgentCall) -> None:
        self._session = call._session
        self._lines: list[str] = []
        self._last_ms: Ms | None = None
        self.policy = call._policy
        call._session = self  # pyright: ignore[reportAttributeAccessIssue] - it is asked for nothing but this

    def __getattr__(self, name: str) -> Any:
        """Pass on everything else."""
        return getattr(self._session, name)

    def receive(self, event: events.Event, at_ms: Ms, *more: Any) -> list[effects.Effect]:
        """Take one event, as `Session.receive` does."""
        if self._last_ms is not None and at_ms > self._last_ms:
            self._lines.append(f"after(ms={at_ms - self._last_ms})")
        self._last_ms = at_ms
        produced = self._session.receive(event, at_ms, *more)
        if not isinstance(event, events.TimerFired):
            is_theirs = isinstance(event, events.UpstreamEvent)
            self._lines.append(f"{'openai' if is_theirs else 'client'} >> {event!r}")
        for effect in produced:
            if isinstance(effect, effects.ToClient):
                self._lines.append(f"client << {effect!r}")
            elif isinstance(effect, effects.ToUpstream):
                self._lines.append(f"openai << {effect!r}")
        return produced

    def __str__(self) -> str:
        lines = "".join(f"    {line},\n" for line in self._lines)
        return f"play(\n{lines}    policy={self.policy!r},\n)"
