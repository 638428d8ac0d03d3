"""How a session ends: the reason is told, with what is lost by it, and nothing follows.

Couples nothing but what counts the unanswered. Whether the session has to end is for others.
"""

from turngate import errors
from turngate.core import effects
from turngate.core.admission import Admission
from turngate.core.owed import Owed


class Ending:
    """The end of one session, which has come or has not."""

    def __init__(self, admission: Admission, owed: Owed, out: list[effects.Effect]) -> None:
        self._admission, self._owed, self._out = admission, owed, out
        self.has_come = False

    def tell(self, error: errors.TurngateError) -> None:
        """Say why, and how many wishes an upstream takes with it, and hang up."""
        if isinstance(error, errors.UpstreamLost):
            unanswered = self._owed.unanswered() + self._admission.held_messages()
            error = errors.UpstreamLost(error.reason, unanswered)
        self._out.append(effects.Report(error))
        self.hang_up()

    def hang_up(self) -> None:
        """End without a word."""
        self.has_come = True
        self._out.append(effects.Hangup())
