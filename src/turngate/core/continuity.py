"""One conversation over several upstream connections, one after the other.

A connection that is lost, or that cannot do what is wanted any more, is replaced by a new one, on
which the configuration and the conversation are told again. The client notices a pause at most.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms


class Linked(Struct, frozen=True):
    """There is a connection, or the first one is being made."""


class Relinking(Struct, frozen=True):
    """Another one is being made, for the `tries`th time."""

    tries: int


class Proving(Struct, frozen=True):
    """The new one stands, after so many tries, and has not given an answer yet.

    A server that ends each connection as soon as it is spoken to must not be dialled for ever.
    """

    tries: int


Phase: TypeAlias = Linked | Relinking | Proving


class Lost(Struct, frozen=True):
    """The connection ended, or could not be made."""


class Unfit(Struct, frozen=True):
    """The connection is to be replaced although it stands."""


class Restored(Struct, frozen=True):
    """The conversation has been told on the new connection."""


class Proved(Struct, frozen=True):
    """The connection has given an answer."""


Event: TypeAlias = Lost | Unfit | Restored | Proved


class Suspend(Struct, frozen=True):
    """Take back what is unanswered, and hold what comes."""


class Redial(Struct, frozen=True):
    """Make a connection in place of what is left of the one before."""

    after_ms: Ms


class GiveUp(Struct, frozen=True):
    """There will be no connection."""


Effect: TypeAlias = Suspend | Redial | GiveUp
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case Linked(), Lost() | Unfit():
            return Relinking(1), (Suspend(), Redial(Ms(0)))
        case Proving(tries), Unfit():
            return Relinking(tries), (Suspend(), Redial(Ms(0)))
        case ((Relinking(tries) | Proving(tries)), Lost()) if tries < limits.REDIALS:
            return Relinking(tries + 1), (Suspend(), Redial(Ms(limits.REDIAL_MS * tries)))
        case Relinking() | Proving(), Lost():
            return Linked(), (GiveUp(),)
        case Relinking(tries), Restored():
            return Proving(tries), ()
        case Proving(), Proved():
            return Linked(), ()
        case _, Unfit() | Restored() | Proved():
            return phase, ()
        case _:
            assert_never(event)
