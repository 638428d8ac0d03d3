"""Who owns the upstream's single response.

Two write to the slot: we, and a server that answers speech by itself. A look and a send are two
steps, so a request may meet a taken slot however carefully we look. Three rules together keep
every request: never send while one of ours is unanswered, keep what was refused until the holder
has ended, and match `created` to its author.

This file knows phases, events and effects of the slot; what waits for it is in `waiting`, and
`session` lets it go. A response ends at `Done` of its own id and at nothing else.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from turngate.core import limits
from turngate.units import Ms

# -- phases: `committed` is speech whose answer the server will start by itself once it is free


class Idle(Struct, frozen=True):
    """Nothing is active and nothing unanswered. Only here does anything leave."""


class Updating(Struct, frozen=True):
    """Our update `event_id` is unanswered; `running` is a response that the server began since."""

    event_id: str
    committed: str | None = None
    running: str | None = None


class Reserved(Struct, frozen=True):
    """The server owns the next response, for the speech `committed`."""

    committed: str


class Requested(Struct, frozen=True):
    """Our request `event_id` is unanswered."""

    event_id: str
    committed: str | None = None


class Withdrawn(Struct, frozen=True):
    """Our request `event_id` is unanswered and not wanted any more."""

    event_id: str
    committed: str | None = None


class Crossed(Struct, frozen=True):
    """Another's response is active, and our request is still on its way."""

    response_id: str
    event_id: str
    committed: str | None = None


class Occupied(Struct, frozen=True):
    """Our request was refused: somebody holds the slot, by an id that may not be known yet."""

    response_id: str | None
    committed: str | None = None


class Active(Struct, frozen=True):
    """The response runs; `event_id` is our request for it, None where another asked."""

    response_id: str
    event_id: str | None
    committed: str | None = None


class Cancelling(Struct, frozen=True):
    """We asked upstream to stop it; None is whichever runs."""

    response_id: str | None
    committed: str | None = None


class Ending(Struct, frozen=True):
    """Upstream found nothing to cancel, so the response has ended and its end is on the way."""

    response_id: str
    committed: str | None = None


Phase: TypeAlias = (
    Idle
    | Updating
    | Reserved
    | Requested
    | Withdrawn
    | Crossed
    | Occupied
    | Active
    | Cancelling
    | Ending
)

# -- events


class UpdateSent(Struct, frozen=True):
    """An update leaves."""

    event_id: str


class RequestSent(Struct, frozen=True):
    """A request leaves."""

    event_id: str


class Updated(Struct, frozen=True):
    """Upstream confirmed a configuration. It does not say which; there is only one."""


class Created(Struct, frozen=True):
    """A response began in the conversation. `event_id` is the request that it names, if any."""

    response_id: str
    event_id: str | None


class Done(Struct, frozen=True):
    """A response ended, whatever its status. Servers exist that leave the id out."""

    response_id: str | None
    event_id: str | None


class Taken(Struct, frozen=True):
    """Our request was refused because a response is active, `holder` if upstream names it."""

    event_id: str | None
    holder: str | None


class Rejected(Struct, frozen=True):
    """Our update or request was refused for a reason of its own."""

    event_id: str | None


class Cancel(Struct, frozen=True):
    """What is going on is not wanted any more."""


class CancelMissed(Struct, frozen=True):
    """Upstream found nothing to cancel."""


class Committed(Struct, frozen=True):
    """Speech was committed, and the server answers speech by itself."""

    item_id: str


class Overdue(Struct, frozen=True):
    """The phase's deadline passed."""


Event: TypeAlias = (
    UpdateSent
    | RequestSent
    | Updated
    | Created
    | Done
    | Taken
    | Rejected
    | Cancel
    | CancelMissed
    | Committed
    | Overdue
)

# -- effects


class Applied(Struct, frozen=True):
    """The update is in force."""


class NotApplied(Struct, frozen=True):
    """The update is not in force."""


class Answered(Struct, frozen=True):
    """Our request became this response."""

    response_id: str


class Returned(Struct, frozen=True):
    """Our request was not served and goes back to the head of the queue."""


class Failed(Struct, frozen=True):
    """Our request will never be served."""


class Adopted(Struct, frozen=True):
    """The server answers the speech `item_id` with this response."""

    item_id: str
    response_id: str


class Unclaimed(Struct, frozen=True):
    """The server does not answer the speech `item_id`; somebody has to ask."""

    item_id: str


class SendCancel(Struct, frozen=True):
    """Ask upstream to stop the response; None is whichever runs."""

    response_id: str | None


class Deaf(Struct, frozen=True):
    """Upstream owes an answer and there is no question left to ask."""


class Stray(Struct, frozen=True):
    """The event does not fit the phase; it is counted and survived."""


Effect: TypeAlias = (
    Applied
    | NotApplied
    | Answered
    | Returned
    | Failed
    | Adopted
    | Unclaimed
    | SendCancel
    | Deaf
    | Stray
)
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        # -- the same question in every phase
        case _, Overdue():
            return _overdue(phase)
        case _, Committed(item_id):
            return _owing(phase, item_id), ()

        # -- ours leave, and only from Idle
        case Idle(), UpdateSent(event_id):
            return Updating(event_id), ()
        case Idle(), RequestSent(event_id):
            return Requested(event_id), ()

        # -- an update is answered, whatever the server began meanwhile
        case Updating(), Updated():
            return _after(phase), (Applied(),)
        case Updating(mine), Rejected(event_id) if event_id == mine:
            return _after(phase), (NotApplied(),)
        case Updating(mine), Created(response_id, _):
            return Updating(mine, running=response_id), _adopted(phase, response_id)
        case Updating(mine, committed, str(running)), Done(ended, _) if ended in (running, None):
            return Updating(mine, committed), ()

        # -- our request is answered
        case Requested(mine, committed), Created(response_id, event_id) if event_id == mine:
            return Active(response_id, mine, committed), (Answered(response_id),)
        case Requested(mine), Created(response_id, _):
            return Crossed(response_id, mine), _adopted(phase, response_id)
        case Requested(mine, committed), Taken(event_id, holder) if event_id in (mine, None):
            return Occupied(holder, committed), (Returned(),)
        case Requested(mine, committed), Rejected(event_id) if event_id == mine:
            return _free(committed), (Failed(),)
        case Requested(mine, committed), Done(_, event_id) if event_id == mine:
            return _free(committed), (Failed(),)
        case Requested(mine, committed), Cancel():
            return Withdrawn(mine, committed), ()

        # -- our request is answered, and not wanted any more
        case Withdrawn(mine, committed), Created(response_id, event_id) if event_id == mine:
            return Cancelling(response_id, committed), (Returned(), SendCancel(response_id))
        case Withdrawn(mine), Created(response_id, _):
            return Crossed(response_id, mine), _adopted(phase, response_id)
        case Withdrawn(mine, committed), Taken(event_id, holder) if event_id in (mine, None):
            return Occupied(holder, committed), (Returned(),)
        case Withdrawn(mine, committed), Rejected(event_id) if event_id == mine:
            return _free(committed), (Failed(),)
        case Withdrawn(mine, committed), Done(_, event_id) if event_id == mine:
            return _free(committed), (Returned(),)

        # -- our request met another's response
        case Crossed(_, mine, committed), Created(response_id, event_id) if event_id == mine:
            return Active(response_id, mine, committed), (Answered(response_id),)
        case Crossed(other, mine, committed), Taken(event_id, _) if event_id in (mine, None):
            return Active(other, None, committed), (Returned(),)
        case Crossed(other, mine, committed), Rejected(event_id) if event_id == mine:
            return Active(other, None, committed), (Failed(),)
        case Crossed(other, mine, committed), Done(_, event_id) if event_id == mine:
            return Active(other, None, committed), (Failed(),)
        case Crossed(other, mine, committed), Done(ended, _) if ended in (other, None):
            return Requested(mine, committed), ()

        # -- what was taken for ours was another's: the server left the request's name out
        case Active(response_id, str(mine), committed), Taken(event_id) if event_id == mine:
            return Active(response_id, None, committed), (Returned(),)

        # -- a response that is not ours
        case Idle() | Reserved() | Occupied() | Ending() | Cancelling(None), Created(response_id):
            return Active(response_id, None), _adopted(phase, response_id)
        case Active(before) | Cancelling(before), Created(response_id) if response_id != before:
            return Active(response_id, None), (*_adopted(phase, response_id), Stray())

        # -- the end of a response
        case Active(mine, _, committed), Done(ended, _) if ended in (mine, None):
            return _free(committed), ()
        case Cancelling(mine, committed), Done(ended, _) if mine is None or ended in (mine, None):
            return _free(committed), ()
        case Ending(mine, committed), Done(ended, _) if ended in (mine, None):
            return _free(committed), ()
        case Occupied(holder, committed), Done(ended, _) if holder is None or (
            ended in (holder, None)
        ):
            return _free(committed), ()

        # -- stopping one
        case Active(response_id, _, committed), Cancel():
            return Cancelling(response_id, committed), (SendCancel(response_id),)
        case Cancelling(None, committed), CancelMissed():
            return _free(committed), ()
        case Cancelling(str(response_id), committed), CancelMissed():
            return Ending(response_id, committed), ()

        # -- nothing to do
        case _, Cancel() | CancelMissed():
            return phase, ()
        case _, UpdateSent() | RequestSent() | Updated() | Created() | Done():
            return phase, (Stray(),)
        case _, Taken() | Rejected():
            return phase, (Stray(),)
        case _:
            assert_never(event)


def _free(committed: str | None) -> Phase:
    return Idle() if committed is None else Reserved(committed)


def _adopted(phase: Phase, response_id: str) -> tuple[Effect, ...]:
    """Say which speech a response that nobody asked for answers."""
    owed = None if isinstance(phase, Idle) else phase.committed
    return () if owed is None else (Adopted(owed, response_id),)


def _owing(phase: Phase, item_id: str) -> Phase:
    """Remember the speech that the server will answer once the slot is free."""
    if isinstance(phase, Idle | Reserved):
        return Reserved(item_id)
    return replace(phase, committed=item_id)


def _after(phase: Updating) -> Phase:
    if phase.running is not None:
        return Active(phase.running, None, phase.committed)
    return _free(phase.committed)


def _overdue(phase: Phase) -> Step:
    """Ask a question whose both answers tell the truth, or give up. Never send a request."""
    match phase:
        case Idle():
            return phase, ()
        case Updating():
            return _after(phase), (NotApplied(),)
        case Reserved(item_id):
            return Idle(), (Unclaimed(item_id),)
        case Active(response_id, _, committed):
            return Cancelling(response_id, committed), (SendCancel(response_id),)
        case Occupied(holder, committed):
            return Cancelling(holder, committed), (SendCancel(holder),)
        case Ending(_, committed):
            return _free(committed), ()
        case Requested() | Withdrawn() | Crossed() | Cancelling():
            return phase, (Deaf(),)
        case _:
            assert_never(phase)


def deadline_ms(phase: Phase) -> Ms | None:
    """Return how long the phase may last, or None where waiting for ever is right."""
    match phase:
        case Idle():
            return None
        case Updating():
            return limits.UPDATE_MS
        case Reserved():
            return limits.RESERVED_MS
        case Requested() | Withdrawn():
            return limits.REQUEST_MS
        case Crossed():
            return limits.RESPONSE_MS
        case Occupied() | Active():
            return limits.SILENCE_MS
        case Cancelling():
            return limits.CANCEL_MS
        case Ending():
            return limits.ENDING_MS
        case _:
            assert_never(phase)


def active_id(phase: Phase) -> str | None:
    """Return the response that is known to run."""
    match phase:
        case Active(response_id) | Crossed(response_id):
            return response_id
        case Cancelling(response_id) | Occupied(response_id):
            return response_id
        case Ending(response_id):
            return response_id
        case Updating(running=running):
            return running
        case Idle() | Reserved() | Requested() | Withdrawn():
            return None
        case _:
            assert_never(phase)
