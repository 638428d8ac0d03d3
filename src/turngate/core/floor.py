"""Is the user speaking? While they do, nothing is asked of the upstream.

Speech counts from its onset until it is committed as an item. Noise may end without a commit, so
a deadline frees the floor.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms


class Quiet(Struct, frozen=True):
    """Nobody speaks."""


class Speaking(Struct, frozen=True):
    """The user speaks; the utterance will be the item `item_id`."""

    item_id: str


class Ended(Struct, frozen=True):
    """The utterance `item_id` is over and not committed yet."""

    item_id: str


Phase: TypeAlias = Quiet | Speaking | Ended


class Started(Struct, frozen=True):
    """Speech began."""

    item_id: str


class Stopped(Struct, frozen=True):
    """Speech ended."""

    item_id: str


class Committed(Struct, frozen=True):
    """An utterance became an item of the conversation."""

    item_id: str


class Cleared(Struct, frozen=True):
    """What was heard was thrown away, or nobody listens any more."""


class Overdue(Struct, frozen=True):
    """The phase's deadline passed."""


Event: TypeAlias = Started | Stopped | Committed | Cleared | Overdue


class Taken(Struct, frozen=True):
    """The user takes the floor."""


class Spoken(Struct, frozen=True):
    """The user has said `item_id` and waits for an answer."""

    item_id: str


class Freed(Struct, frozen=True):
    """The floor is free although nothing was said."""


Effect: TypeAlias = Taken | Spoken | Freed
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case Quiet(), Started(item_id):
            return Speaking(item_id), (Taken(),)
        case Speaking() | Ended(), Started(item_id):
            return Speaking(item_id), ()
        case Speaking(mine), Stopped(item_id) if item_id == mine:
            return Ended(item_id), ()
        case ((Speaking(mine) | Ended(mine)), Committed(item_id)) if item_id == mine:
            return Quiet(), (Spoken(item_id),)
        case _, Committed(item_id):
            return phase, (Spoken(item_id),)
        case ((Speaking() | Ended()), Cleared() | Overdue()):
            return Quiet(), (Freed(),)
        case Quiet(), Cleared() | Overdue():
            return phase, ()
        case _, Stopped():
            return phase, ()
        case _:
            assert_never(event)


def deadline_ms(phase: Phase) -> Ms | None:
    """Return how long the phase may last, or None where waiting for ever is right."""
    match phase:
        case Quiet():
            return None
        case Speaking():
            return limits.SPEAKING_MS
        case Ended():
            return limits.COMMIT_MS
        case _:
            assert_never(phase)
