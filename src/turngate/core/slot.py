"""Who owns the upstream's single response.

Two write to the slot: we, and a server that answers speech by itself. A look and a send are two
steps, so a request may meet a taken slot however carefully we look. Three rules together keep
every request: never send while one of ours is unanswered, keep what was refused until the holder
has ended, and match `created` to its author.

This file knows phases, events and effects of the slot; what waits for it is in `waiting`, the
server's right to be next in `reservation`, and `sequencer` couples them. A response ends at `Done`
of its own id and at nothing else.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms

# -- phases


class Idle(Struct, frozen=True):
    """Nothing is active and nothing unanswered. Only here does anything leave."""


class Updating(Struct, frozen=True):
    """Our update `event_id` is unanswered; `running` is a response that the server began since."""

    event_id: str
    running: str | None = None


class Requested(Struct, frozen=True):
    """Our request `event_id` is unanswered."""

    event_id: str


class Withdrawn(Struct, frozen=True):
    """Our request `event_id` is unanswered and not wanted any more."""

    event_id: str


class Crossed(Struct, frozen=True):
    """Another's response is active, and our request is still on its way."""

    response_id: str
    event_id: str


class Occupied(Struct, frozen=True):
    """Our request was refused: somebody holds the slot, by an id that may not be known yet."""

    response_id: str | None


class Active(Struct, frozen=True):
    """The response runs; `event_id` is our request for it, None where another asked."""

    response_id: str
    event_id: str | None


class Cancelling(Struct, frozen=True):
    """We asked upstream to stop it; None is whichever runs."""

    response_id: str | None


class Ending(Struct, frozen=True):
    """Upstream found nothing to cancel, so the response has ended and its end is on the way."""

    response_id: str


Phase: TypeAlias = (
    Idle | Updating | Requested | Withdrawn | Crossed | Occupied | Active | Cancelling | Ending
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
    """Ours was refused because a response is active, `holder` if upstream names it."""

    event_id: str | None
    holder: str | None


class Rejected(Struct, frozen=True):
    """Our update or request was refused for a reason of its own."""

    event_id: str | None


class Cancel(Struct, frozen=True):
    """What is going on is not wanted any more."""


class CancelMissed(Struct, frozen=True):
    """Upstream found nothing to cancel."""


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
    """Our request was not served, or our update not taken; it goes back to the head of the queue."""


class Failed(Struct, frozen=True):
    """Our request will never be served."""


class Foreign(Struct, frozen=True):
    """A response has begun that we did not ask for: it is announced, or named as the holder."""

    response_id: str


class Ended(Struct, frozen=True):
    """The response is over: its end came, or cannot come any more."""

    response_id: str


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
    | Foreign
    | Ended
    | SendCancel
    | Deaf
    | Stray
)
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case _, Overdue():
            return _overdue(phase)

        # -- ours leave, and only from Idle
        case Idle(), UpdateSent(event_id):
            return Updating(event_id), ()
        case Idle(), RequestSent(event_id):
            return Requested(event_id), ()
        case _, UpdateSent() | RequestSent():
            return phase, (Stray(),)

        # -- an update is answered, whatever the server began meanwhile
        case Updating(_, running), Updated():
            return _idle_or(running), (Applied(),)
        case _, Updated():
            return phase, (Stray(),)

        # -- ours are refused
        case Updating(mine, running), Rejected(event_id) if event_id == mine:
            return _idle_or(running), (NotApplied(),)
        case ((Requested(mine) | Withdrawn(mine)), Rejected(event_id)) if event_id == mine:
            return Idle(), (Failed(),)
        case Crossed(other, mine), Rejected(event_id) if event_id == mine:
            return Active(other, None), (Failed(),)
        case _, Rejected():
            return phase, (Stray(),)

        # -- ours met another's response: a request, or an update where the server takes none during
        #    one. That response may have been taken for ours, if the server leaves names out.
        case (
            (Requested(mine) | Withdrawn(mine) | Updating(mine, None)),
            Taken(event_id, holder),
        ) if event_id in (mine, None):
            return Occupied(holder), (Returned(), *_foreign(holder))
        case (
            (Crossed(other, mine) | Active(other, str(mine)) | Updating(mine, str(other))),
            Taken(event_id),
        ) if event_id in (mine, None):
            return Active(other, None), (Returned(),)
        case _, Taken():
            return phase, (Stray(),)

        # -- what goes on is to stop
        case Requested(mine), Cancel():
            return Withdrawn(mine), ()
        case Active(mine), Cancel():
            return Cancelling(mine), (SendCancel(mine),)
        case Cancelling(None), CancelMissed():
            return Idle(), ()
        case Cancelling(str(mine)), CancelMissed():
            return Ending(mine), ()
        case _, Cancel() | CancelMissed():
            return phase, ()

        # -- a response begins: ours
        case Requested(mine), Created(new, event_id) if event_id == mine:
            return Active(new, mine), (Answered(new),)
        case Withdrawn(mine), Created(new, event_id) if event_id == mine:
            return Cancelling(new), (Returned(), SendCancel(new))
        case Crossed(other, mine), Created(new, event_id) if event_id == mine:
            return Active(new, mine), (*_ended(other if other != new else None), Answered(new))

        # -- another's; one that had to end before it has ended
        case ((Requested(mine) | Withdrawn(mine)), Created(new)):
            return Crossed(new, mine), (Foreign(new),)
        case Updating(mine, before), Created(new) if new != before:
            return Updating(mine, new), (*_ended(before), Foreign(new))
        case Idle() | Occupied(None), Created(new):
            return Active(new, None), (Foreign(new),)
        case Occupied(holder), Created(new) if holder == new:
            return Active(new, None), ()
        case (
            (Active(before) | Occupied(before) | Cancelling(before) | Ending(before)),
            Created(new),
        ) if new != before:
            return Active(new, None), (*_ended(before), Foreign(new), Stray())
        case _, Created():
            return phase, (Stray(),)

        # -- a response ends, and nothing else ends it
        case Requested(mine), Done(_, event_id) if event_id == mine:
            return Idle(), (Failed(),)
        case Withdrawn(mine), Done(_, event_id) if event_id == mine:
            return Idle(), (Returned(),)
        case Crossed(other, mine), Done(_, event_id) if event_id == mine:
            return Active(other, None), (Failed(),)
        case Crossed(other, mine), Done(ended) if ended in (other, None):
            return Requested(mine), (Ended(other),)
        case Updating(mine, str(running)), Done(ended) if ended in (running, None):
            return Updating(mine), (Ended(running),)
        case ((Occupied(None) | Cancelling(None)), Done(ended)):
            return Idle(), _ended(ended)
        case (
            (Active(mine) | Occupied(mine) | Cancelling(mine) | Ending(mine)),
            Done(ended),
        ) if ended in (mine, None):
            return Idle(), _ended(mine)
        case _, Done():
            return phase, (Stray(),)
        case _:
            assert_never(event)


def _idle_or(running: str | None) -> Phase:
    return Idle() if running is None else Active(running, None)


def _foreign(response_id: str | None) -> tuple[Effect, ...]:
    return () if response_id is None else (Foreign(response_id),)


def _ended(response_id: str | None) -> tuple[Effect, ...]:
    return () if response_id is None else (Ended(response_id),)


def _overdue(phase: Phase) -> Step:
    """Ask a question whose both answers tell the truth, or give up. Never send a request."""
    match phase:
        case Idle():
            return phase, ()
        case Updating(_, running):
            return _idle_or(running), (NotApplied(),)
        case Active(response_id) | Occupied(response_id):
            return Cancelling(response_id), (SendCancel(response_id),)
        case Ending(response_id):
            return Idle(), (Ended(response_id),)
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
        case Requested() | Withdrawn():
            return limits.REQUEST_MS
        case Crossed() | Occupied() | Active():
            return limits.SILENCE_MS
        case Cancelling():
            return limits.CANCEL_MS
        case Ending():
            return limits.ENDING_MS
        case _:
            assert_never(phase)


def is_prolonged(phase: Phase) -> bool:
    """Tell whether the deadline counts from the response's last word, not from its beginning."""
    return isinstance(phase, Crossed | Occupied | Active)


def active_id(phase: Phase) -> str | None:
    """Return the response that is known to run."""
    match phase:
        case Active(known) | Crossed(known) | Ending(known):
            return known
        case Cancelling(known) | Occupied(known) | Updating(_, known):
            return known
        case Idle() | Requested() | Withdrawn():
            return None
        case _:
            assert_never(phase)


def may_speak(phase: Phase, response_id: str) -> bool:
    """Tell whether this response may be saying something, for it was announced and runs.

    Words of another would begin a turn of the agent's that nothing ends.
    """
    return active_id(phase) == response_id
