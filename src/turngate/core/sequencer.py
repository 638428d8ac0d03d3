"""The slot and the one queue before it: what leaves, in which order, and what became of it.

Both fronts stand on this. Nothing leaves but from an idle slot; nothing that was refused is lost.
"""

from collections import deque
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from turngate.core import limits, slot
from turngate.core.waiting import Entry, Request, Update, Waiting, split, take

# -- outcomes: what the session has to act on


class Leave(Struct, frozen=True):
    """The entry leaves now, as the upstream event `event_id`."""

    event_id: str
    entry: Entry


class Confirmed(Struct, frozen=True):
    """The update is in force."""

    update: Update


class Declined(Struct, frozen=True):
    """The update, a single change, will not be in force."""

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


Outcome: TypeAlias = (
    Confirmed
    | Declined
    | Served
    | Unserved
    | Noted
    | slot.SendCancel
    | slot.Adopted
    | slot.Unclaimed
    | slot.Deaf
)


class Sequencer:
    """One slot, one queue, and the entry that is on its way."""

    def __init__(self, *, server_turns: bool = False) -> None:
        self.phase: slot.Phase = slot.Idle()
        self.waiting: Waiting = ()
        self._sent: Entry | None = None
        self._ended: deque[str] = deque(maxlen=limits.REMEMBERED)
        self._server_turns = server_turns
        self._marks_are_echoed = False
        self._sequence = 0

    def add(self, entry: Entry) -> bool:
        """Queue an entry; False if the queue is full and the entry was not taken."""
        if len(self.waiting) >= limits.WAITING:
            return False
        self.waiting = (*self.waiting, entry)
        return True

    def has_updates(self) -> bool:
        """Tell whether a change is queued or unanswered."""
        queued = any(isinstance(entry, Update) for entry in self.waiting)
        return queued or isinstance(self.phase, slot.Updating)

    def wants_to_request(self) -> bool:
        """Tell whether only the caller's leave is missing for a request to go."""
        return (
            isinstance(self.phase, slot.Idle)
            and bool(self.waiting)
            and isinstance(self.waiting[0], Request)
        )

    def next(self, *, may_request: bool) -> Leave | None:
        """Let the next entry leave, if the slot is idle and the entry may go."""
        if not isinstance(self.phase, slot.Idle) or not self.waiting:
            return None
        entry, rest = take(self.waiting)
        if isinstance(entry, Request) and not may_request:
            return None
        self._sequence += 1
        if isinstance(entry, Update):
            event_id = f"tg_update_{self._sequence}"
            self.phase, _ = slot.advance(self.phase, slot.UpdateSent(event_id))
        else:
            event_id = f"tg_request_{self._sequence}"
            self.phase, _ = slot.advance(self.phase, slot.RequestSent(event_id))
        self.waiting, self._sent = rest, entry
        return Leave(event_id, entry)

    def created(self, response_id: str, event_id: str | None) -> list[Outcome]:
        """Take a response's beginning, which names our request or nothing."""
        self._marks_are_echoed |= event_id is not None
        return self.receive(slot.Created(response_id, event_id or self._unnamed()))

    def done(self, response_id: str | None, event_id: str | None) -> list[Outcome]:
        """Take a response's end. One that is known to have ended before changes nothing."""
        if response_id is not None:
            if self.is_over(response_id):
                return [Noted("stray")]
            self._ended.append(response_id)
        if response_id is None or response_id != slot.active_id(self.phase):
            event_id = event_id or self._unnamed()
        return self.receive(slot.Done(response_id, event_id))

    def is_over(self, response_id: str) -> bool:
        """Tell whether the response is known to have ended."""
        return response_id in self._ended

    def _unnamed(self) -> str | None:
        """Say whose an unnamed response is: ours, if nobody else asks and names do not come back.

        Without this a server that does not echo metadata could not be spoken to at all.
        """
        if self._server_turns or self._marks_are_echoed:
            return None
        match self.phase:
            case slot.Requested(event_id) | slot.Withdrawn(event_id):
                return event_id
            case _:
                return None

    def receive(self, event: slot.Event) -> list[Outcome]:
        """Advance the slot and say what became of what was on its way."""
        self.phase, effects = slot.advance(self.phase, event)
        outcomes: list[Outcome] = []
        for effect in effects:
            outcomes += self._outcome(event, effect)
        return outcomes

    def _outcome(self, event: slot.Event, effect: slot.Effect) -> list[Outcome]:
        match effect, self._sent:
            case slot.Applied(), Update() as update:
                return [Confirmed(update)]
            case slot.NotApplied(), Update() as update:
                return self._declined(update)
            case slot.Answered(response_id), Request() as request:
                return [Served(request, response_id)]
            case slot.Returned(), Request() as request:
                return self._returned(request, refused=isinstance(event, slot.Taken))
            case slot.Failed(), Request() as request:
                return [Unserved(request)]
            case slot.SendCancel() | slot.Adopted() | slot.Unclaimed() | slot.Deaf(), _:
                return [effect]
            case _:
                return [Noted("stray")]

    def _declined(self, update: Update) -> list[Outcome]:
        if len(update.changes) == 1:
            return [Declined(update)]
        self.waiting = split(update) + self.waiting
        return []

    def _returned(self, request: Request, *, refused: bool) -> list[Outcome]:
        if not refused:
            self.waiting = (request, *self.waiting)
            return []
        again = replace(request, tries=request.tries + 1)
        if again.tries >= limits.TRIES:
            return [Noted("race"), Unserved(again, worn_out=True)]
        self.waiting = (again, *self.waiting)
        return [Noted("race"), Noted("resent")]
