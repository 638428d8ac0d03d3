"""The user's side: who has the floor, and when what was said becomes an item.

Couples the floor with the commits, where these are ours.
"""

from typing import assert_never

from turngate.core import commits, effects, floor
from turngate.core.names import Names


class User:
    """What the user says, utterance by utterance."""

    def __init__(self, names: Names, out: list[effects.Effect]) -> None:
        self._names, self._out = names, out
        self.floor: floor.Phase = floor.Quiet()
        self.gathered: commits.Phase = commits.Detected()

    def is_quiet(self) -> bool:
        """Tell whether the floor is free."""
        return self.floor == floor.Quiet()

    def advance(self, event: floor.Event) -> tuple[floor.Effect, ...]:
        """Take what the upstream says of the user's speech; return what follows."""
        self.floor, produced = floor.advance(self.floor, event)
        return produced

    def turn_ended(self) -> None:
        """Take the client's word that the turn is over, as far as there is one."""
        if isinstance(self.floor, floor.Speaking):
            self._commit()
        elif isinstance(self.gathered, commits.Gathering):
            self.gather(commits.Forced())
        else:
            self._out.append(effects.Count("end_of_no_turn"))

    def gather(self, event: commits.Event) -> None:
        """Take audio that is committed by us, and what decides when."""
        self.gathered, produced = commits.advance(self.gathered, event)
        for effect in produced:
            match effect:
                case commits.Measure(is_on):
                    self._out.append(effects.MeasureAudio(is_on))
                case commits.Pad(silence_ms):
                    self._out.append(effects.PadAudio(silence_ms))
                case commits.Commit():
                    self._commit()
                case _:
                    assert_never(effect)

    def _commit(self) -> None:
        self._out.append(effects.SendCommit(self._names.new("commit")))
