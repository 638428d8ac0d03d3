"""What the agent says while functions take their time, so that nobody listens to a silence.

One filler serves all the functions that run; whoever wants one soonest decides when.
"""

from msgspec import Struct

from turngate.core.manners import Manners
from turngate.core.tools import Call
from turngate.units import Ms


class Filler(Struct, frozen=True):
    """What to say, of which call, and after what silence; `said` fillers came before."""

    call: Call
    say: str
    after_ms: Ms
    said: int


class Fillers:
    """The calls that run and may be bridged, and how often each has been."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[Call, Manners, int]] = {}

    def begin(self, call: Call, manners: Manners) -> None:
        """Note a call."""
        if manners.filler:
            self._said[call.call_id] = call, manners, 0

    def end(self, call_id: str) -> None:
        """Forget a call whose result is there, or not wanted."""
        self._said.pop(call_id, None)

    def said(self, *call_ids: str) -> None:
        """Note that the user has been told of these calls."""
        for call_id in call_ids:
            if call_id in self._said:
                call, manners, said = self._said[call_id]
                self._said[call_id] = call, manners, said + 1

    def said_of_all(self) -> None:
        """Note that the user has been told to wait."""
        self.said(*self._said)

    def next(self) -> Filler | None:
        """Return the next filler, or None where none is wanted."""
        wanted = [
            Filler(
                call,
                manners.filler,
                manners.filler_interval_ms if said else manners.filler_after_ms,
                said,
            )
            for call, manners, said in self._said.values()
            if said < manners.filler_max_count
        ]
        return min(wanted, key=lambda filler: filler.after_ms, default=None)
