"""Which deadlines run: one for each thing that is waited for, set anew when that changes.

Couples the deadlines that follow a phase: of the sequencer, of the floor, of the user's patience
with running functions, and of the silence beside them.
"""

from turngate.core import commits, committing, effects, floor, limits, slot
from turngate.core.events import Timer
from turngate.core.owed import Owed
from turngate.core.sequencer import Sequencer
from turngate.core.user import User
from turngate.units import Ms

SLOT, FLOOR, PATIENCE = Timer("slot"), Timer("floor"), Timer("patience")
PAUSE, BREATH, COMMIT = Timer("pause"), Timer("breath"), Timer("commit")
FILLER = Timer("filler")


class Deadlines:
    """The timers that follow a phase, and since when each phase has lasted."""

    def __init__(self, sequencer: Sequencer, owed: Owed, out: list[effects.Effect]) -> None:
        self._sequencer, self._owed, self._out = sequencer, owed, out
        self._running: set[Timer] = set()
        self._watched: dict[Timer, object] = {}
        self._slot_since = Ms(0)

    def follow(self, user: User, now: Ms, still_in_ms: Ms | None) -> None:
        """Set and cancel what the phases ask for; `still_in_ms`, see `Session`."""
        self._watch(PAUSE, user.gathered, commits.pause_ms(user.gathered))
        self._watch(BREATH, None, commits.longest_ms(user.gathered))
        self._watch(COMMIT, None, committing.deadline_ms(user.committing))
        if self._watch(SLOT, *self._sequencer.standing()):
            self._slot_since = now
        self._watch(FLOOR, user.floor, floor.deadline_ms(user.floor))
        waits = (
            user.is_quiet() and self._sequencer.wants_to_request() and self._owed.waits_for_calls()
        )
        self._watch(PATIENCE, None, limits.PATIENCE_MS if waits else None)
        filler = self._owed.filler()
        after_ms = None
        if filler is not None and still_in_ms is not None:
            after_ms = Ms(still_in_ms + filler.after_ms)
        self._watch(FILLER, filler, after_ms)

    def fired(self, timer: Timer) -> None:
        """Note that a timer does not run any more."""
        self._running.discard(timer)

    def prolong(self, quiet_ms: Ms, now: Ms) -> bool:
        """Leave a response alone that talks and is not endless; False if there is none such."""
        lasted = now - self._slot_since
        talks = quiet_ms < limits.SILENCE_MS and lasted < limits.RESPONSE_MS
        if not slot.is_prolonged(self._sequencer.phase) or not talks:
            return False
        rest = min(limits.SILENCE_MS - quiet_ms, limits.RESPONSE_MS - lasted)
        self._set(SLOT, Ms(rest))
        return True

    def _watch(self, timer: Timer, what: object, after_ms: Ms | None) -> bool:
        """Run a timer for as long as `what` stays what it is, None is no timer; True if it is new."""
        is_new = self._watched.get(timer) != what
        self._watched[timer] = what
        if after_ms is None:
            if timer in self._running:
                self._running.discard(timer)
                self._out.append(effects.CancelTimer(timer))
        elif is_new or timer not in self._running:
            self._set(timer, after_ms)
        return is_new

    def _set(self, timer: Timer, after_ms: Ms) -> None:
        self._running.add(timer)
        self._out.append(effects.SetTimer(timer, after_ms))
