"""What leaves for the upstream's slot, in which order, and what became of it.

Couples the slot, the server's reservation of it, and the one queue before it. Both fronts stand
on this. Nothing leaves but from an idle slot that is not reserved; nothing that was refused is
lost.
"""

from collections import deque
from collections.abc import Set as AbstractSet
from itertools import takewhile
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from turngate.core import limits, reservation, slot
from turngate.core.names import Names
from turngate.core.patch import Patch
from turngate.core.standing import Kept, by_server, by_slot
from turngate.core.waiting import (
    Aside,
    Entry,
    Gated,
    Request,
    Update,
    Waiting,
    goes_at_once,
    is_bare,
    split,
    take,
)
from turngate.units import Ms

# -- outcomes: what others have to act on


class Leave(Struct, frozen=True):
    """The entry leaves now, as the upstream event `event_id`."""

    event_id: str
    entry: Gated


class Confirmed(Struct, frozen=True):
    """The update is in force."""

    update: Update


class Declined(Struct, frozen=True):
    """The update will not be in force, in no part."""

    update: Update


class Served(Struct, frozen=True):
    """The request became this response."""

    request: Request
    response_id: str


class Unserved(Struct, frozen=True):
    """The request will never be served; `worn_out` where it was refused too often."""

    request: Request
    worn_out: bool = False


class Noted(Struct, frozen=True):
    """Something to be counted."""

    what: str


OfResponses: TypeAlias = Served | Unserved | slot.Ended | slot.SendCancel | reservation.Effect
Outcome: TypeAlias = Confirmed | Declined | OfResponses | slot.Deaf | Noted


class Sequencer:
    """One slot, one queue, and the entry that is on its way.

    A server that `echoes` names our request in the response to it, from the first one on.
    """

    def __init__(self, names: Names, *, echoes: bool = False) -> None:
        self.phase: slot.Phase = slot.Idle()
        self.waiting: Waiting = ()
        self._reservation: reservation.Phase = reservation.Free()
        self._names = names
        self._sent: Gated | None = None
        self._serving: Served | None = None
        self._ended: deque[str] = deque(maxlen=limits.REMEMBERED)
        self._echoes = self._marks_are_echoed = echoes

    # -- the queue

    def add(self, entry: Entry, *, first: bool = False) -> None:
        """Queue an entry, behind the others or before them."""
        self.waiting = (entry, *self.waiting) if first else (*self.waiting, entry)

    def remove(self, entry: Entry) -> None:
        """Take back an entry that has not left."""
        self.waiting = tuple(each for each in self.waiting if each is not entry)

    def served(self, request: Request, response_id: str) -> None:
        """Note that a response serves a request that did not have to leave."""
        self._serving = Served(request, response_id)

    def ask_again(self, response_id: str) -> Request | None:
        """Return the request that became this response, and put it back behind what goes at once.

        None if the response was not ours. This is for one that came to nothing.
        """
        if self._serving is None or self._serving.response_id != response_id:
            return None
        request, self._serving = self._serving.request, None
        urgent = tuple(takewhile(goes_at_once, self.waiting))
        self.waiting = (*urgent, request, *self.waiting[len(urgent) :])
        return request

    def recall(self, *, but: AbstractSet[str]) -> list[str]:
        """Take back the wishes that may be answered along with others, `but` for these."""
        recalled: list[str] = []
        kept: list[Entry] = []
        for entry in self.waiting:
            if not is_bare(entry):
                kept.append(entry)
                continue
            recalled += [ask for ask in entry.asks if ask not in but]
            asks = tuple(ask for ask in entry.asks if ask in but)
            if asks:
                kept.append(replace(entry, asks=asks))
        self.waiting = tuple(kept)
        return recalled

    def suspend(self) -> list[slot.Ended | reservation.Effect]:
        """Give up the connection: what is unanswered returns to the head, what runs has ended."""
        running = slot.active_id(self.phase)
        is_unanswered = isinstance(
            self.phase, slot.Updating | slot.Requested | slot.Withdrawn | slot.Crossed
        )
        if is_unanswered and self._sent is not None:
            self.waiting = (self._sent, *self.waiting)
        self.phase, self._marks_are_echoed = slot.Idle(), self._echoes
        ended = [] if running is None else [slot.Ended(running)]
        return [*self._reserve(reservation.Overdue()), *ended]

    def has_updates(self) -> bool:
        """Tell whether a change is queued or unanswered."""
        queued = any(isinstance(entry, Update) for entry in self.waiting)
        return queued or isinstance(self.phase, slot.Updating)

    @property
    def is_reserved(self) -> bool:
        """Whether the server is about to answer speech by itself."""
        return self._reservation != reservation.Free()

    def coming(self) -> tuple[Patch, ...]:
        """Return the changes that are unanswered or queued, in order."""
        sent = (self._sent,) if isinstance(self.phase, slot.Updating) else ()
        return tuple(each.patch for each in (*sent, *self.waiting) if isinstance(each, Update))

    def has_requests(self) -> bool:
        """Tell whether a request is queued."""
        return any(isinstance(entry, Request) for entry in self.waiting)

    def is_at_rest(self) -> bool:
        """Tell whether no response runs, is asked for, or is about to come."""
        runs = self.phase != slot.Idle() and not (
            isinstance(self.phase, slot.Updating) and self.phase.running is None
        )
        return not runs and not self.is_reserved and not self.has_requests()

    def wants_to_request(self) -> bool:
        """Tell whether only the caller's leave is missing for a request to go."""
        return self._is_free() and bool(self.waiting) and isinstance(self.waiting[0], Request)

    def next_aside(self) -> Aside | None:
        """Let the head of the queue leave if it does not need the slot."""
        match self.waiting:
            case (Aside() as aside, *rest):
                self.waiting = tuple(rest)
                return aside
            case _:
                return None

    def next(self, *, may_request: bool) -> Leave | None:
        """Let the next entry leave, if the slot is free and the entry may go."""
        if not self._is_free() or not self.waiting:
            return None
        entry, rest = take(self.waiting)
        if isinstance(entry, Update):
            event_id = self._names.new("update")
            self.phase, _ = slot.advance(self.phase, slot.UpdateSent(event_id))
        elif isinstance(entry, Request) and may_request:
            event_id = self._names.new("request")
            self.phase, _ = slot.advance(self.phase, slot.RequestSent(event_id))
        else:
            return None
        self.waiting, self._sent = rest, entry
        return Leave(event_id, entry)

    def _is_free(self) -> bool:
        return self.phase == slot.Idle() and self._reservation == reservation.Free()

    # -- what the upstream says

    def created(self, response_id: str, event_id: str | None) -> list[Outcome]:
        """Take a response's beginning, which names our request or nothing."""
        self._marks_are_echoed |= event_id is not None
        if self.is_over(response_id):
            return [Noted("stray")]
        return self.receive(slot.Created(response_id, event_id or self._unnamed()))

    def done(self, response_id: str | None, event_id: str | None) -> list[Outcome]:
        """Take a response's end. One that is known to have ended before changes nothing."""
        if response_id is not None and self.is_over(response_id):
            return [Noted("stray")]
        if response_id is None or response_id != slot.active_id(self.phase):
            event_id = event_id or self._unnamed()
        outcomes = self.receive(slot.Done(response_id, event_id))
        self._remember(response_id)
        return outcomes

    def committed(self, item_id: str) -> None:
        """Take speech that the server answers by itself."""
        self._reserve(reservation.Committed(item_id))

    def unanswered(self) -> tuple[str | None, bool]:
        """Return the id of what is on its way, if anything is, and whether it is an update."""
        match self.phase:
            case slot.Updating(event_id):
                return event_id, True
            case slot.Requested(event_id) | slot.Withdrawn(event_id) | slot.Crossed(_, event_id):
                return event_id, False
            case _:
                return None, False

    def keeps(self) -> Kept | None:
        """Return what the head of the queue waits for, if it is the slot."""
        return by_slot(self.phase) or by_server(self._reservation)

    def is_over(self, response_id: str) -> bool:
        """Tell whether the response is known to have ended."""
        return response_id in self._ended

    def is_stopping(self, response_id: str) -> bool:
        """Tell whether the response was asked to stop, so that what it still says is void."""
        match self.phase:
            case slot.Cancelling(stopping) | slot.Ending(stopping):
                return stopping == response_id
            case _:
                return False

    def _remember(self, response_id: str | None) -> None:
        if response_id is not None and not self.is_over(response_id):
            self._ended.append(response_id)

    def _unnamed(self) -> str | None:
        """Say whose an unnamed response is: ours, if nobody else asks and names do not come back.

        Without this a server that does not echo metadata could not be spoken to at all. Where the
        server asks too, a refusal of ours that follows puts it right.
        """
        bears_none = isinstance(self._sent, Request) and self._sent.unmarked
        if self._reservation != reservation.Free() or (self._marks_are_echoed and not bears_none):
            return None
        match self.phase:
            case slot.Requested(event_id) | slot.Withdrawn(event_id):
                return event_id
            case _:
                return None

    def cancel(self) -> list[slot.SendCancel]:
        """Stop what runs, or what was asked for; return what the server has to be told of it."""
        self.phase, effects = slot.advance(self.phase, slot.Cancel())
        return [effect for effect in effects if isinstance(effect, slot.SendCancel)]

    def receive(self, event: slot.Event) -> list[Outcome]:
        """Advance the slot and say what became of what was on its way."""
        self.phase, effects = slot.advance(self.phase, event)
        outcomes: list[Outcome] = []
        for effect in effects:
            outcomes += self._outcomes(event, effect)
        return outcomes

    def _outcomes(self, event: slot.Event, effect: slot.Effect) -> list[Outcome]:
        match effect, self._sent:
            case slot.Applied(), Update() as update:
                return [Confirmed(update)]
            case slot.NotApplied(), Update() as update:
                return self._not_applied(update, was_refused=isinstance(event, slot.Rejected))
            case slot.Answered(response_id), Request() as request:
                self._serving = Served(request, response_id)
                return [self._serving]
            case slot.Returned(), Request() | Update() as entry:
                return self._returned(entry, was_refused=isinstance(event, slot.Taken))
            case slot.Failed(), Request() as request:
                return [Unserved(request)]
            case slot.Foreign(response_id), _:
                return [*self._reserve(reservation.Claimed(response_id))]
            case slot.Ended(response_id), _:
                self._remember(response_id)
                return [effect]
            case slot.SendCancel() | slot.Deaf(), _:
                return [effect]
            case _:
                return [Noted("stray")]

    def _not_applied(self, update: Update, *, was_refused: bool) -> list[Outcome]:
        """Find the guilty one of several; where nobody answered, there is none to be found."""
        if len(update.changes) == 1 or not was_refused:
            return [Declined(update)]
        self.waiting = split(update) + self.waiting
        return []

    def _returned(self, entry: Gated, *, was_refused: bool) -> list[Outcome]:
        if self._serving is not None and self._serving.request is entry:
            self._serving = None  # a response had been taken for its own
        if not was_refused:
            self.waiting = (entry, *self.waiting)
            return []
        again = replace(entry, tries=entry.tries + 1)
        if again.tries < limits.TRIES:
            self.waiting = (again, *self.waiting)
            return [Noted("race"), Noted("resent")]
        if isinstance(again, Update):
            return [Noted("race"), Declined(again)]
        return [Noted("race"), Unserved(again, worn_out=True)]

    def _reserve(self, event: reservation.Event) -> list[reservation.Effect]:
        self._reservation, effects = reservation.advance(self._reservation, event)
        return [*effects]

    # -- time

    def standing(self) -> tuple[object, Ms | None]:
        """Return what is waited for, and how long it may last."""
        if self.phase == slot.Idle():
            return self._reservation, reservation.deadline_ms(self._reservation)
        return self.phase, slot.deadline_ms(self.phase)

    def overdue(self) -> list[Outcome]:
        """Take the passing of that deadline."""
        if self.phase == slot.Idle():
            return [*self._reserve(reservation.Overdue())]
        return self.receive(slot.Overdue())
