"""Each wish for a response, from the moment it is known until a response has taken it in.

An ask waits for the items that it is about; then it goes to the slot's queue. It never leaves
without an outcome: answered by exactly one response, or failed visibly.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct


class Awaiting(Struct, frozen=True):
    """The upstream has not acknowledged these items of it."""

    items: frozenset[str]


class Placed(Struct, frozen=True):
    """It stands in the slot's queue, or its request is on the way.

    Of these items it could not await the acknowledgement: a response may begin without them.
    """

    missing: frozenset[str] = frozenset()


class Promised(Struct, frozen=True):
    """The server is expected to answer it by itself, as it does with speech in server turns."""


Phase: TypeAlias = Awaiting | Placed | Promised


class Acknowledged(Struct, frozen=True):
    """The upstream has the item."""

    item_id: str


class Refused(Struct, frozen=True):
    """The upstream will never have the item."""

    item_id: str


class Unclaimed(Struct, frozen=True):
    """The server does not answer the speech so far."""


class Overdue(Struct, frozen=True):
    """The acknowledgement did not come in time."""


class Lost(Struct, frozen=True):
    """The connection is given up; another is told of the items before anything else."""


Event: TypeAlias = Acknowledged | Refused | Unclaimed | Overdue | Lost


class Place(Struct, frozen=True):
    """Put it into the slot's queue."""


class Drop(Struct, frozen=True):
    """It is void: what it was about does not exist."""


Effect: TypeAlias = Place | Drop
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case Awaiting(items), Acknowledged(item_id) if items == frozenset((item_id,)):
            return Placed(), (Place(),)
        case Awaiting(items), Acknowledged(item_id):
            return Awaiting(items - {item_id}), ()
        case Awaiting(items), Refused(item_id) if item_id in items:
            return phase, (Drop(),)
        case Awaiting(items), Overdue():
            return Placed(items), (Place(),)
        case Awaiting(), Lost():
            return Placed(), (Place(),)
        case Placed(missing), Acknowledged(item_id) | Refused(item_id):
            return Placed(missing - {item_id}), ()
        case Placed(), Lost():
            return Placed(), ()
        case Promised(), Unclaimed():
            return Placed(), (Place(),)
        case Awaiting() | Placed() | Promised(), _:
            return phase, ()
        case _:
            assert_never(event)
