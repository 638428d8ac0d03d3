"""Has the server the right to the next response? It has where it answers speech by itself.

Between the commit of speech and the server's `created` the slot is taken and nobody has said so.
Whatever waits stays, also when the response that runs meanwhile ends first.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms


class Free(Struct, frozen=True):
    """The next response is ours to ask for."""


class Reserved(Struct, frozen=True):
    """The server will answer the speech `item_id`, and with it all speech before."""

    item_id: str


Phase: TypeAlias = Free | Reserved


class Committed(Struct, frozen=True):
    """Speech was committed."""

    item_id: str


class Claimed(Struct, frozen=True):
    """A response began that we did not ask for."""

    response_id: str


class Overdue(Struct, frozen=True):
    """The slot was idle for the length of the deadline, and the server did not use it."""


Event: TypeAlias = Committed | Claimed | Overdue


class Adopted(Struct, frozen=True):
    """The server answers the speech `item_id`, and what was said before it, by this response."""

    item_id: str
    response_id: str


class Unclaimed(Struct, frozen=True):
    """The server does not answer the speech `item_id`; somebody has to ask."""

    item_id: str


Effect: TypeAlias = Adopted | Unclaimed
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case _, Committed(item_id):
            return Reserved(item_id), ()
        case Reserved(item_id), Claimed(response_id):
            return Free(), (Adopted(item_id, response_id),)
        case Reserved(item_id), Overdue():
            return Free(), (Unclaimed(item_id),)
        case Free(), Claimed() | Overdue():
            return phase, ()
        case _:
            assert_never(event)


def deadline_ms(phase: Phase) -> Ms | None:
    """Return how long an idle slot may be kept for the server."""
    match phase:
        case Free():
            return None
        case Reserved():
            return limits.RESERVED_MS
        case _:
            assert_never(phase)
