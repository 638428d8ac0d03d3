"""What those see of a session who only look: how it stands, and whether somebody is in a turn.

Couples whoever can hold something up. It decides nothing, and what it says changes nothing.
"""

from turngate.core import commits, slot
from turngate.core.admission import Admission
from turngate.core.owed import Owed
from turngate.core.sequencer import Sequencer
from turngate.core.standing import Kept, Standing, Why, by_user, queued
from turngate.core.user import User


class Onlooker:
    """A look at one session."""

    def __init__(self, admission: Admission, sequencer: Sequencer, owed: Owed, user: User) -> None:
        self._admission, self._sequencer = admission, sequencer
        self._owed, self._user = owed, user

    def is_in_turn(self) -> bool:
        """Tell whether somebody speaks, or is owed an answer that is not wholly given."""
        gathers = isinstance(self._user.gathered, commits.Gathering)
        is_owed = self._owed.unanswered() > 0 or self._owed.waits_for_calls()
        is_owed = is_owed or self._admission.held_messages() > 0
        return gathers or is_owed or not self._user.is_quiet() or not self._sequencer.is_at_rest()

    def standing(self) -> Standing:
        """Return who has the slot and what waits for what."""
        phase = self._sequencer.phase
        kept = (
            self._sequencer.keeps()
            or by_user(self._user.floor, self._user.committing)
            or self._owed.keeps()
        )
        if not self._admission.may_send():
            kept = Kept(Why.SETTINGS)
        holds = [*self._admission.holds(), *self._owed.holds()]
        holds += queued(self._sequencer.waiting, kept)
        return Standing(type(phase).__name__.lower(), slot.active_id(phase), tuple(holds))
