"""What a Realtime client's session is told beside the upstream's events, and what it wants done."""

from typing import TypeAlias

from msgspec import Struct

from turngate.core import effects
from turngate.core.order import Why


class TurnsKnown(Struct, frozen=True):
    """By the configuration in force, the server answers speech by itself, or does not.

    Where it does not even listen for it, there is no turn detection.
    """

    server_answers: bool
    listens: bool = True


class Offered(Struct, frozen=True):
    """These functions run here; the client knows nothing of them."""

    names: frozenset[str]


class OwnAnswered(Struct, frozen=True):
    """A call of ours has its output, which was sent upstream."""

    call_id: str


class OwnRequest(Struct, frozen=True):
    """The gateway keeps as `ticket` a request of its own, for the answer to functions that ran here.

    It goes before everything that waits: it belongs to a response that its client has asked for.
    """

    ticket: int


class Forward(Struct, frozen=True):
    """Send the ticket's event upstream as it is."""

    ticket: int


class ForwardAs(Struct, frozen=True):
    """Send the ticket's event upstream under an id of ours, which a request bears as its mark."""

    ticket: int
    event_id: str


class Hold(Struct, frozen=True):
    """Keep the ticket's event for now, because of `why`; nothing is to be done."""

    ticket: int
    why: Why


class Lapse(Struct, frozen=True):
    """Tell the client that its event could not leave in time; `holder` is the response that runs."""

    ticket: int
    why: Why
    holder: str | None = None


class Unanswered(Struct, frozen=True):
    """Tell the client that upstream neither confirmed nor refused its update in time."""

    ticket: int


class Lost(Struct, frozen=True):
    """Tell the client that its event ends with the call: it did not leave, or has no answer."""

    ticket: int


class Withdraw(Struct, frozen=True):
    """Tell the client that its request ended before it began, by its own cancel."""

    ticket: int


class Refuse(Struct, frozen=True):
    """Tell the client that too much waits and this was not taken."""

    ticket: int


class Swallow(Struct, frozen=True):
    """Keep the upstream event at hand from the client: it was ours, and is dealt with."""


class Blame(Struct, frozen=True):
    """Show the client the error at hand as the refusal of the ticket's event."""

    ticket: int


End: TypeAlias = Lapse | Unanswered | Lost | Withdraw | Refuse
"""What an event comes to that upstream will never answer; its client is told."""

ToCaller: TypeAlias = End | Swallow | Blame
Effect: TypeAlias = (
    Forward
    | ForwardAs
    | Hold
    | ToCaller
    | effects.SendCancel
    | effects.SetTimer
    | effects.CancelTimer
    | effects.Count
    | effects.Report
    | effects.Hangup
)
