"""A Realtime client's own requests, in its own order, on the one slot.

Couples the sequencer and the floor with what the client has said. Nothing of the client's is
merged, edited or invented: what was sent is what leaves, when it may. The gateway keeps the
messages; here they are tickets.
"""

from enum import Enum
from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate import errors
from turngate.core import effects, events, floor, limits, reservation, slot
from turngate.core.events import Timer
from turngate.core.names import Names, is_ours
from turngate.core.sequencer import (
    Confirmed,
    Declined,
    Noted,
    Outcome,
    Sequencer,
    Served,
    Unserved,
)
from turngate.core.waiting import Aside, Change, Entry, Request, Update
from turngate.units import Ms


class Kind(Enum):
    """What a client's event is to the order of things."""

    PASS = "passes: it concerns what is there already"  # noqa: S105 - no password
    FOLLOW = "keeps its place behind what waits; the slot does not matter to it"
    COMMIT = "keeps its place, and audio that comes after it does"
    UPDATE = "waits for the slot"
    UPDATE_INPUT = "waits for the slot, and audio that comes after it does"
    REQUEST = "waits for the slot, and gets its own response"
    CANCEL = "passes, and ends the requests that wait"
    AUDIO = "passes, unless what waits would change its meaning"


class ClientSent(Struct, frozen=True):
    """The client sent the event that the gateway keeps as `ticket`."""

    ticket: int
    kind: Kind


class TurnsKnown(Struct, frozen=True):
    """By the configuration in force, the server answers speech by itself, or does not."""

    server_answers: bool


Event: TypeAlias = ClientSent | TurnsKnown | events.UpstreamEvent | events.TimerFired


class Forward(Struct, frozen=True):
    """Send the ticket's event upstream as it is."""

    ticket: int


class ForwardAs(Struct, frozen=True):
    """Send the ticket's event upstream under an id of ours, which a request bears as its mark."""

    ticket: int
    event_id: str


class Lapse(Struct, frozen=True):
    """Tell the client that its event could not leave in time; `holder` is the response that runs."""

    ticket: int
    holder: str | None


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


ToCaller: TypeAlias = Lapse | Withdraw | Refuse | Swallow | Blame
Effect: TypeAlias = (
    Forward
    | ForwardAs
    | ToCaller
    | effects.SendCancel
    | effects.SetTimer
    | effects.CancelTimer
    | effects.Count
    | effects.Report
    | effects.Hangup
)


class EarlyCancel(Struct, frozen=True):
    """A cancel that came before its request was answered; the server would find nothing yet."""

    ticket: int
    request: str


_HOLDS_AUDIO = frozenset({Kind.COMMIT, Kind.UPDATE_INPUT})
_SLOT, _FLOOR, _OPEN = Timer("slot"), Timer("floor"), Timer("open")


class NativeSession:
    """One call of a Realtime client. Feed it every event in order; perform its effects in order."""

    def __init__(self) -> None:
        self._names = Names()
        self._sequencer = Sequencer(self._names)
        self._floor: floor.Phase = floor.Quiet()
        self._kinds: dict[int, Kind] = {}
        self._leaving: str | None = None
        self._early: EarlyCancel | None = None
        self._server_answers = False
        self._is_open = self._is_over = False
        self._watched: dict[Timer, object] = {}
        self._out: list[Effect] = []

    @property
    def holds_audio(self) -> bool:
        """Whether audio has to take its place in the line just now, instead of passing."""
        return any(kind in _HOLDS_AUDIO for kind in self._kinds.values())

    def receive(self, event: Event) -> list[Effect]:
        """Take one event and return what is to be done, in order."""
        self._out.clear()
        if not self._is_over:
            self._dispatch(event)
            self._drain()
            self._follow_deadlines()
        return list(self._out)

    def _dispatch(self, event: Event) -> None:
        match event:
            case ClientSent(ticket, kind):
                self._client_sent(ticket, kind)
            case TurnsKnown(server_answers):
                self._server_answers = server_answers
                self._is_open = True
            case events.TimerFired(timer, quiet_ms):
                self._fired(timer, quiet_ms)
            case _:
                self._upstream(event)

    # -- the client

    def _client_sent(self, ticket: int, kind: Kind) -> None:
        match kind:
            case Kind.PASS:
                self._out.append(Forward(ticket))
            case Kind.CANCEL:
                self._cancelled(ticket)
            case Kind.AUDIO if not self.holds_audio:
                self._out.append(Forward(ticket))
            case Kind.FOLLOW | Kind.COMMIT if not self._sequencer.waiting:
                self._out.append(Forward(ticket))
            case _:
                self._hold(ticket, kind)

    def _hold(self, ticket: int, kind: Kind) -> None:
        is_audio = kind is Kind.AUDIO
        kinds = (self._kinds[int(_ticket_of(each))] for each in self._sequencer.waiting)
        alike = sum((each is Kind.AUDIO) is is_audio for each in kinds)
        if alike >= (limits.AUDIO_WAITING if is_audio else limits.WAITING):
            self._out.append(Refuse(ticket))
            return
        self._kinds[ticket] = kind
        match kind:
            case Kind.REQUEST:
                self._sequencer.add(Request((str(ticket),), alone=True))
            case Kind.UPDATE | Kind.UPDATE_INPUT:
                self._sequencer.add(Update((Change(str(ticket), {}),), alone=True))
            case _:
                self._sequencer.add(Aside(ticket))
        self._out.append(effects.SetTimer(Timer("hold", str(ticket)), limits.HOLD_MS))

    def _cancelled(self, ticket: int) -> None:
        """Stop what runs and what waits, as the server would have refused the one for the other."""
        waiting = [each for each in self._sequencer.waiting if isinstance(each, Request)]
        for request in waiting:
            self._sequencer.remove(request)
            self._out.append(Withdraw(self._settle(request.asks[0])))
        if isinstance(self._sequencer.phase, slot.Requested) and self._leaving is not None:
            self._early = EarlyCancel(ticket, self._leaving)
            self._act(self._sequencer.receive(slot.Cancel()))
        elif not waiting or slot.active_id(self._sequencer.phase) is not None:
            self._out.append(Forward(ticket))

    # -- the upstream

    def _upstream(self, event: events.UpstreamEvent) -> None:
        match event:
            case events.Updated():
                self._act(self._sequencer.receive(slot.Updated()))
            case events.ResponseCreated(response_id, event_id):
                self._act(self._sequencer.created(response_id, event_id))
            case events.ResponseDone(response_id, event_id):
                self._act(self._sequencer.done(response_id, event_id))
                self._end_early()
            case events.SlotTaken(event_id, holder):
                self._taken(slot.Taken(event_id, holder))
            case events.UpstreamOpened():
                self._out.append(effects.SetTimer(_OPEN, limits.GREETING_MS))
            case events.CancelMissed(event_id):
                self._act(self._sequencer.receive(slot.CancelMissed()))
                if is_ours(event_id):
                    self._out.append(Swallow())
            case events.Rejected(event_id):
                sent, _ = self._sequencer.unanswered()
                if event_id is not None and event_id == sent:
                    self._act(self._sequencer.receive(slot.Rejected(event_id)))
                    self._end_early()
                elif is_ours(event_id):
                    self._out.append(Swallow())
            case events.SpeechStarted(item_id):
                self._advance_floor(floor.Started(item_id))
            case events.SpeechStopped(item_id):
                self._advance_floor(floor.Stopped(item_id))
            case events.SpeechCommitted(item_id):
                self._advance_floor(floor.Committed(item_id))
            case events.UpstreamFailed(error):
                self._end(error)
            case _:
                pass  # it concerns the client alone

    def _taken(self, event: slot.Taken) -> None:
        outcomes = self._sequencer.receive(event)
        if self._early is None or self._is_unanswered():
            self._act(outcomes)
            return
        self._out += [effects.Count("race"), Swallow(), Withdraw(int(self._early.request))]
        self._end_early()

    def _is_unanswered(self) -> bool:
        return isinstance(self._sequencer.phase, slot.Withdrawn | slot.Crossed)

    def _end_early(self) -> None:
        """Let a cancel go whose request has its answer, and keep that from being asked again."""
        if self._early is not None and not self._is_unanswered():
            early, self._early = self._early, None
            self._take_back(early.request)
            self._out.append(Forward(early.ticket))

    def _take_back(self, request: str) -> None:
        """Keep a request that its client cancelled from being asked again."""
        entry = self._find(request)
        if entry is not None:
            self._sequencer.remove(entry)
        self._settle(request)

    def _find(self, ticket: str) -> Entry | None:
        return next((each for each in self._sequencer.waiting if _ticket_of(each) == ticket), None)

    def _advance_floor(self, event: floor.Event) -> None:
        self._floor, produced = floor.advance(self._floor, event)
        for effect in produced:
            if isinstance(effect, floor.Spoken) and self._server_answers:
                self._sequencer.committed(effect.item_id)

    # -- what leaves, and what became of it

    def _drain(self) -> None:
        while self._is_open and not self._is_over:
            aside = self._sequencer.next_aside()
            if aside is not None:
                self._out.append(Forward(self._settle(_ticket_of(aside))))
                continue
            leave = self._sequencer.next(may_request=self._floor == floor.Quiet())
            if leave is None:
                return
            ticket = _ticket_of(leave.entry)
            self._out.append(effects.CancelTimer(Timer("hold", ticket)))
            self._out.append(ForwardAs(int(ticket), leave.event_id))
            self._leaving = ticket

    def _act(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self._act_on(outcome)

    def _act_on(self, outcome: Outcome) -> None:
        match outcome:
            case Confirmed(update):
                self._settle(update.changes[0].change_id)
            case Declined(update):
                self._out.append(Blame(self._settle(update.changes[0].change_id)))
            case Served(request):
                self._settle(request.asks[0])
            case Unserved(request):
                self._out.append(Blame(self._settle(request.asks[0])))
            case Noted("resent"):
                self._out.append(effects.Count("resent"))
                self._out.append(Swallow())
            case Noted(what):
                self._out.append(effects.Count(what))
            case slot.SendCancel(response_id):
                self._stop(response_id)
            case slot.Deaf():
                self._end(errors.UpstreamSilent(type(self._sequencer.phase).__name__.lower()))
            case slot.Ended() | reservation.Adopted() | reservation.Unclaimed():
                pass
            case _:
                assert_never(outcome)

    def _stop(self, response_id: str | None) -> None:
        """Send the client's own cancel, which was held until there is something to cancel."""
        if self._early is not None:
            self._end_early()
        else:
            self._out.append(effects.SendCancel(self._names.new("cancel"), response_id))

    def _settle(self, ticket: str) -> int:
        self._kinds.pop(int(ticket), None)
        self._out.append(effects.CancelTimer(Timer("hold", ticket)))
        return int(ticket)

    # -- time

    def _fired(self, timer: Timer, quiet_ms: Ms) -> None:
        self._watched.pop(timer, None)
        match timer.name:
            case "hold":
                self._lapsed(timer.of)
            case "floor":
                self._advance_floor(floor.Overdue())
            case "open":
                self._is_open = True
            case _ if isinstance(self._sequencer.phase, slot.Active) and (
                quiet_ms < limits.SILENCE_MS
            ):
                pass  # it talks; the deadline is set again
            case _:
                self._act(self._sequencer.overdue())

    def _lapsed(self, ticket: str) -> None:
        """Give up on an event that waited too long; it is never sent later."""
        entry = self._find(ticket)
        if entry is not None:
            self._sequencer.remove(entry)
            self._out.append(Lapse(self._settle(ticket), slot.active_id(self._sequencer.phase)))

    def _follow_deadlines(self) -> None:
        phase, slot_ms = self._sequencer.standing()
        self._watch(_SLOT, phase, slot_ms)
        self._watch(_FLOOR, self._floor, floor.deadline_ms(self._floor))

    def _watch(self, timer: Timer, key: object, after_ms: Ms | None) -> None:
        if after_ms is None:
            if self._watched.pop(timer, None) is not None:
                self._out.append(effects.CancelTimer(timer))
        elif self._watched.get(timer) != key:
            self._watched[timer] = key
            self._out.append(effects.SetTimer(timer, after_ms))

    def _end(self, error: errors.TurngateError) -> None:
        self._is_over = True
        self._out.append(effects.Report(error))
        self._out.append(effects.Hangup())


def _ticket_of(entry: Entry) -> str:
    match entry:
        case Aside(ticket):
            return str(ticket)
        case Request(asks):
            return asks[0]
        case Update(changes):
            return changes[0].change_id
        case _:
            assert_never(entry)
