"""What the client's wishes come to, once they may flow: whether there is room, and who takes them.

Couples the changes with what is owed, which share one bound, and with those who make way for a
wish. It knows neither why a wish was held before nor when what it asks for leaves.
"""

from typing import assert_never

from turngate import errors
from turngate.core import effects, events, limits
from turngate.core.admission import Wish
from turngate.core.agent import Agent, refusal_of
from turngate.core.changes import Changes
from turngate.core.latency import Stopwatch
from turngate.core.owed import Owed
from turngate.core.patch import Patch
from turngate.core.responses import Responses
from turngate.core.user import User


class Wishes:
    """The client's messages, changes, results and lines."""

    def __init__(
        self,
        changes: Changes,
        owed: Owed,
        user: User,
        agent: Agent,
        responses: Responses,
        stopwatch: Stopwatch,
        out: list[effects.Effect],
    ) -> None:
        self._changes, self._owed, self._user, self._agent = changes, owed, user, agent
        self._responses, self._stopwatch, self._out = responses, stopwatch, out

    def flow(self, wish: Wish) -> None:
        """Take a wish that may flow."""
        match wish:
            case events.Reconfigure(change_id, patch, manners):
                if manners is not None:
                    self._owed.declare(manners)
                self.change(change_id, patch, may_be_in_force=True)
            case events.UserTyped(text):
                if self._has_room():
                    self._agent.catch_up()
                    self._owed.tell_late()
                    self._user.typed(text)
                    self._owed.typed(text)
            case events.CallResult(call_id, name, output):
                self._owed.result(call_id, name, output)
            case events.AgentLine():
                if self._has_room():
                    self._line(wish)
            case events.TimerFired(timer):
                self._owed.call_overdue(timer.of)
            case _:
                assert_never(wish)

    def change(self, change_id: str, patch: Patch, *, may_be_in_force: bool) -> None:
        """Queue a change, or acknowledge it where it changes nothing of what is in force.

        `may_be_in_force` once anything is.
        """
        overgrown = self._changes.overgrown(patch)
        if overgrown is not None:
            self._report(overgrown)
        elif may_be_in_force and self._changes.is_in_force(patch):
            self._changes.acknowledge(change_id)
        elif self._has_room():
            self._changes.add(change_id, patch)

    def _line(self, line: events.AgentLine) -> None:
        """Have the agent say a line, unless somebody has the floor and the line is polite."""
        refusal = refusal_of(
            line,
            user_speaks=self._user.speaks(),
            agent_is_busy=self._responses.is_busy(),
        )
        if refusal is not None:
            self._report(refusal)
            return
        cuts_in = line.manner is events.Manner.INTERRUPT
        if cuts_in:
            self._responses.cut_in()
        self._stopwatch.wished()
        self._owed.line(line.text, at_once=cuts_in)

    def _has_room(self) -> bool:
        """Tell whether one more wish of the client's may wait; report it if not."""
        has_room = self._owed.unanswered() + self._changes.waiting() < limits.WAITING
        if not has_room:
            self._report(errors.QueueFull("changes and requests", limits.WAITING))
        return has_room

    def _report(self, error: errors.TurngateError) -> None:
        self._out.append(effects.Report(error))
