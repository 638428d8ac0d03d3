"""One conversation over its upstream connections: when another is made, and what the old one owed.

Couples continuity with everything that has to forget a connection. It knows neither what was said
on one nor what is wanted of the next.
"""

from typing import assert_never

from turngate import errors
from turngate.core import continuity, effects, setup
from turngate.core.admission import Admission
from turngate.core.changes import Changes
from turngate.core.ending import Ending
from turngate.core.responses import Responses
from turngate.core.user import User

UNREACHED = errors.UpstreamLost("no other connection could be made")


class Connections:
    """The upstream connections of one session, of which there is one at a time."""

    def __init__(
        self,
        admission: Admission,
        responses: Responses,
        user: User,
        changes: Changes,
        ending: Ending,
        out: list[effects.Effect],
        *,
        redials: bool,
    ) -> None:
        self._admission, self._responses = admission, responses
        self._user, self._changes = user, changes
        self._ending, self._out = ending, out
        self._redials = redials
        self._phase: continuity.Phase = continuity.Linked()

    def lost(self, error: errors.TurngateError) -> None:
        """Make the connection anew, if it was one on which the conversation had begun."""
        is_under_way = self._admission.is_ready() or self._phase != continuity.Linked()
        if self._redials and is_under_way:
            self.advance(continuity.Lost(), error)
        else:
            self._ending.tell(error)

    def may_replace(self) -> bool:
        """Tell whether another connection would cost nobody a word."""
        return self._redials and self._user.is_quiet() and self._admission.is_ready()

    def advance(self, event: continuity.Event, why: errors.TurngateError | None = None) -> None:
        """Take what happened to the connection; `why` is told if there will be no other."""
        self._phase, produced = continuity.advance(self._phase, event)
        for effect in produced:
            match effect:
                case continuity.Suspend():
                    self._suspend()
                case continuity.Redial(after_ms):
                    self._out.append(effects.Redial(after_ms))
                case continuity.GiveUp():
                    self._ending.tell(why or UNREACHED)
                case _:
                    assert_never(effect)

    def _suspend(self) -> None:
        """Take back what the connection owes, and hold what comes until there is another."""
        self._admission.advance(setup.Lost())
        self._responses.suspend()
        for _ in self._user.suspend():
            self._out.append(effects.Count("speech_without_words"))
        self._changes.tell_again()
