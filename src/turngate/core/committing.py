"""Whether what was said is on its way into the conversation, by a commit of ours.

A request that left beside it could take it in already, and its own would be the second answer. The
upstream takes commits in order and does not say which it has taken, so the oldest is meant.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms


class Settled(Struct, frozen=True):
    """No commit of ours is on its way."""


class Committing(Struct, frozen=True):
    """These commits are on their way, oldest first."""

    event_ids: tuple[str, ...]


Phase: TypeAlias = Settled | Committing


class Sent(Struct, frozen=True):
    """A commit leaves."""

    event_id: str


class Committed(Struct, frozen=True):
    """Audio became an item of the conversation."""


class Refused(Struct, frozen=True):
    """The upstream refuses an event of ours."""

    event_id: str


class Lost(Struct, frozen=True):
    """The connection is given up, and what was on its way with it."""


class Overdue(Struct, frozen=True):
    """The deadline passed: nobody waits any longer for what is on its way."""


Event: TypeAlias = Sent | Committed | Refused | Lost | Overdue


class GivenUp(Struct, frozen=True):
    """Nothing was heard of what is on its way."""


Effect: TypeAlias = GivenUp
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case Settled(), Sent(event_id):
            return Committing((event_id,)), ()
        case Committing(before), Sent(event_id):
            return Committing((*before, event_id)), ()
        case Committing(before), Committed():
            return _of(before[1:]), ()
        case Committing(before), Refused(event_id):
            return _of(tuple(each for each in before if each != event_id)), ()
        case Committing(), Lost():
            return Settled(), ()
        case Committing(), Overdue():
            return Settled(), (GivenUp(),)
        case Settled(), Committed() | Refused() | Lost() | Overdue():
            return phase, ()
        case _:
            assert_never(event)


def _of(event_ids: tuple[str, ...]) -> Phase:
    return Committing(event_ids) if event_ids else Settled()


def deadline_ms(phase: Phase) -> Ms | None:
    """Return how long nothing is asked for beside commits, from the first of them on.

    Later ones do not prolong it: a steady microphone would keep every answer from its user where
    the way is longer than the pause between commits.
    """
    return limits.COMMIT_MS if isinstance(phase, Committing) else None
