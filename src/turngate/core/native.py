"""A Realtime client's own requests, in its own order, on the one slot.

Couples the sequencer and the floor with what the client has said. Nothing of the client's is
merged, edited or invented: what was sent is what leaves, when it may. The gateway keeps the
messages; here they are tickets.
"""

from typing import TypeAlias, assert_never

from msgspec.structs import replace

from turngate import errors
from turngate.core import effects, events, floor, limits, reservation, slot
from turngate.core.calls import Calls
from turngate.core.early import EarlyCancel, Left, Over
from turngate.core.events import Timer
from turngate.core.line import Line
from turngate.core.names import Names, is_ours
from turngate.core.native_effects import (
    Blame,
    Effect,
    Forward,
    ForwardAs,
    Hold,
    Lapse,
    Lost,
    Offered,
    OwnAnswered,
    OwnRequest,
    Refuse,
    Swallow,
    TurnsKnown,
    Unanswered,
    Withdraw,
)
from turngate.core.order import ClientSent, Kind, Order, Why
from turngate.core.reasons import reason
from turngate.core.sequencer import (
    Confirmed,
    Declined,
    Noted,
    Outcome,
    Sequencer,
    Served,
    Unserved,
)
from turngate.core.waiting import Entry, ticket_of
from turngate.core.watched import Watched
from turngate.units import Ms

Own: TypeAlias = Offered | OwnAnswered | OwnRequest
Refusal: TypeAlias = events.SlotTaken | events.CancelMissed | events.Rejected
Event: TypeAlias = ClientSent | TurnsKnown | Own | events.UpstreamEvent | events.TimerFired


_SLOT, _FLOOR, _OPEN, _PATIENCE = Timer("slot"), Timer("floor"), Timer("open"), Timer("patience")


class NativeSession:
    """One call of a Realtime client. Feed it every event in order; perform its effects in order.

    With `hold_updates` a change of the configuration waits for the slot; without, it leaves at once.
    A server that `greets` is spoken to when it has begun the session; `echoes` is the sequencer's.
    """

    def __init__(
        self, *, hold_updates: bool = True, greets: bool = True, echoes: bool = False
    ) -> None:
        self._names = Names()
        self._sequencer = Sequencer(self._names, echoes=echoes)
        self._floor: floor.Phase = floor.Quiet()
        self._hold_updates, self._greets = hold_updates, greets
        self._order = Order(hold_updates=hold_updates)
        self._calls = Calls()
        self._offered: frozenset[str] = frozenset()
        self._first: int | None = None
        self._left: Left | None = None
        self._early = EarlyCancel()
        self._server_answers = False
        self._is_open = self._is_over = self._has_begun = False
        self._out: list[Effect] = []
        self._line = Line(self._sequencer, self._order, self._out)
        self._watched = Watched(self._out)

    @property
    def holds_audio(self) -> bool:
        """Whether audio has to take its place in the line just now, instead of passing."""
        return self._order.holds_audio

    @property
    def is_in_turn(self) -> bool:
        """Whether the user speaks, a response runs or is wanted, or a call waits for its output."""
        is_quiet = self._floor == floor.Quiet()
        return not is_quiet or self._calls.owed or not self._sequencer.is_at_rest()

    @property
    def _is_configuring(self) -> bool:
        """Whether the update that the client began with is unanswered; everything waits for it."""
        return self._first is not None and self._order.has(self._first)

    def receive(self, event: Event) -> list[Effect]:
        """Take one event and return what is to be done, in order."""
        self._out.clear()
        if not self._is_over:
            self._dispatch(event)
        if not self._is_over:
            self._release_cancel()
            self._drain()
            self._explain(event)
            self._follow_deadlines()
        return list(self._out)

    def _dispatch(self, event: Event) -> None:
        match event:
            case ClientSent():
                self._client_sent(event)
            case TurnsKnown(server_answers, listens):
                self._server_answers = server_answers
                self._is_open = True
                if not listens:
                    self._advance_floor(floor.Cleared())
            case Offered() | OwnAnswered() | OwnRequest():
                self._of_our_own(event)
            case events.TimerFired(timer, quiet_ms):
                self._fired(timer, quiet_ms)
            case _:
                self._upstream(event)

    # -- the client

    def _client_sent(self, sent: ClientSent) -> None:
        sent = self._as_beginning(sent)
        is_line = bool(self._sequencer.waiting) or self._is_configuring
        if sent.kind is Kind.CANCEL:
            self._cancelled(sent.ticket)
        elif self._order.passes(sent, is_line=is_line):
            self._calls.answered(sent.about)
            self._out.append(Forward(sent.ticket))
        elif self._order.has_room(sent):
            self._line.join(sent)
        else:
            self._out.append(Refuse(sent.ticket))

    def _as_beginning(self, sent: ClientSent) -> ClientSent:
        """Let all that follows wait for the update that a session begins with, audio too."""
        if self._has_begun:
            return sent
        self._has_begun = True
        if not self._order.needs_slot(sent.kind) or sent.kind is Kind.REQUEST:
            return sent
        self._first = sent.ticket
        return replace(sent, kind=Kind.UPDATE_INPUT)

    def _explain(self, event: Event) -> None:
        """Say of an event that came just now and stays what it waits for."""
        if (
            isinstance(event, ClientSent)
            and (entry := self._line.find(str(event.ticket))) is not None
        ):
            self._out.append(Hold(event.ticket, self._why(entry)))

    def _why(self, entry: Entry) -> Why:
        if not self._is_open:
            return Why.SESSION
        if self._sequencer.waiting[0] is not entry:
            return Why.ORDER
        return reason(self._sequencer, self._floor)

    def _cancelled(self, ticket: int) -> None:
        """Stop what runs and what waits, as the server would have refused the one for the other."""
        requests = self._line.requests()
        self._out += [Withdraw(self._line.take_back(each)) for each in requests]
        if isinstance(self._sequencer.phase, slot.Requested) and self._left is not None:
            self._early.begin(ticket, self._left)
            self._act(self._sequencer.receive(slot.Cancel()))
        elif not requests or slot.active_id(self._sequencer.phase) is not None:
            self._out.append(Forward(ticket))

    def _release_cancel(self) -> None:
        """Let a cancel go whose request has its answer, and keep that from being asked again."""
        over = self._early.answered(self._sequencer.phase)
        if over is not None:
            self._end_of_request(over)

    def _end_of_request(self, over: Over) -> None:
        self._line.take_back(over.request)
        if over.cancel is not None:
            self._out.append(Forward(over.cancel))

    def _of_our_own(self, event: Own) -> None:
        match event:
            case Offered(names):
                self._offered = names
            case OwnAnswered(call_id):
                self._calls.answered((call_id,))
            case OwnRequest(ticket):
                self._line.go_before(ticket)
            case _:
                assert_never(event)

    # -- the upstream

    def _upstream(self, event: events.UpstreamEvent) -> None:
        match event:
            case events.Updated() if self._hold_updates:
                self._act(self._sequencer.receive(slot.Updated()))
            case events.ResponseCreated(response_id, event_id):
                self._act(self._sequencer.created(response_id, event_id))
            case events.CallAsked(response_id, call_id, name):
                if response_id == slot.active_id(self._sequencer.phase):
                    self._calls.asked(call_id, is_own=name in self._offered)
            case events.ResponseDone(response_id, event_id):
                self._act(self._sequencer.done(response_id, event_id))
            case events.SlotTaken() | events.CancelMissed() | events.Rejected():
                self._refused(event)
            case events.UpstreamOpened() if not self._greets:
                self._is_open = True
            case events.UpstreamOpened():
                self._out.append(effects.SetTimer(_OPEN, limits.GREETING_MS))
            case events.SpeechStarted(item_id):
                self._advance_floor(floor.Started(item_id))
            case events.SpeechStopped(item_id):
                self._advance_floor(floor.Stopped(item_id))
            case events.SpeechCommitted(item_id):
                self._advance_floor(floor.Committed(item_id))
            case events.SpeechCleared():
                self._advance_floor(floor.Cleared())
            case events.UpstreamFailed(error):
                self._end(error)
            case _:
                pass  # it concerns the client alone

    def _refused(self, event: Refusal) -> None:
        """Take an upstream error. What names ours its client sees as its own, or not at all."""
        match event:
            case events.SlotTaken(event_id, holder):
                self._taken(slot.Taken(event_id, holder))
            case events.CancelMissed():
                self._act(self._sequencer.receive(slot.CancelMissed()))
            case events.Rejected():
                self._rejected(event)
            case _:
                assert_never(event)
        is_dealt_with = any(isinstance(each, Blame | Swallow) for each in self._out)
        if is_ours(event.event_id) and not is_dealt_with:
            self._out.append(Swallow())

    def _rejected(self, event: events.Rejected) -> None:
        """Take a refusal if it is of what is on its way; one without a name tells by its field."""
        sent, is_update = self._sequencer.unanswered()
        subject = "session" if is_update else "response"
        is_unnamed = event.event_id is None and event.field.partition(".")[0] == subject
        if sent is not None and (event.event_id == sent or is_unnamed):
            self._act(self._sequencer.receive(slot.Rejected(sent)))

    def _taken(self, event: slot.Taken) -> None:
        outcomes = self._sequencer.receive(event)
        over = self._early.refused(event.event_id, self._sequencer.phase)
        if over is None:
            self._act(outcomes)
            return
        self._out += [effects.Count("race"), Swallow(), Withdraw(int(over.request))]
        self._end_of_request(over)

    def _advance_floor(self, event: floor.Event) -> None:
        self._floor, produced = floor.advance(self._floor, event)
        for effect in produced:
            if isinstance(effect, floor.Spoken) and self._server_answers:
                self._sequencer.committed(effect.item_id)

    # -- what leaves, and what became of it

    def _drain(self) -> None:
        while self._is_open and not self._is_over:
            aside = None if self._is_configuring else self._sequencer.next_aside()
            if aside is not None:
                self._out.append(Forward(self._line.settle(ticket_of(aside))))
                continue
            if self._calls.owed_by_us:
                return
            leave = self._sequencer.next(may_request=self._may_request())
            if leave is None:
                return
            ticket = ticket_of(leave.entry)
            self._line.leave(ticket)
            self._out.append(ForwardAs(int(ticket), leave.event_id))
            self._left = Left(ticket, leave.event_id)
            self._early.forget()

    def _may_request(self) -> bool:
        """Tell whether a request may go; audio behind it may be what the end of speech waits for."""
        may_speak = self._floor == floor.Quiet() or self._order.holds_audio
        return may_speak and not self._calls.owed

    def _act(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self._act_on(outcome)

    def _act_on(self, outcome: Outcome) -> None:
        match outcome:
            case Confirmed(update):
                self._line.settle(update.changes[0].change_id)
            case Declined(update):
                self._out.append(Blame(self._line.settle(update.changes[0].change_id)))
            case Served(request):
                self._line.settle(request.asks[0])
            case Unserved(request):
                self._out.append(Blame(self._line.settle(request.asks[0])))
            case Noted("resent"):
                self._out += [effects.Count("resent"), Swallow()]
                self._out.append(Hold(int(ticket_of(self._sequencer.waiting[0])), Why.RACE))
            case Noted(what):
                self._out.append(effects.Count(what))
            case slot.SendCancel() if self._early.waits:
                pass  # the client's own cancel goes, now that there is something to cancel
            case slot.SendCancel(response_id):
                self._out.append(effects.SendCancel(self._names.new("cancel"), response_id))
            case slot.Deaf():
                self._end(errors.UpstreamSilent(type(self._sequencer.phase).__name__.lower()))
            case slot.Ended() | reservation.Adopted() | reservation.Unclaimed():
                pass
            case _:
                assert_never(outcome)

    # -- time

    def _fired(self, timer: Timer, quiet_ms: Ms) -> None:
        self._watched.fired(timer)
        match timer.name:
            case "hold":
                self._lapsed(timer.of)
            case "floor":
                self._advance_floor(floor.Overdue())
            case "open":
                self._is_open = True
            case "patience":
                self._calls.forgive()
            case _ if slot.is_prolonged(self._sequencer.phase) and quiet_ms < limits.SILENCE_MS:
                rest = Ms(limits.SILENCE_MS - quiet_ms)
                self._watched.run(_SLOT, self._sequencer.phase, rest)  # it talks
            case _:
                self._overdue()

    def _overdue(self) -> None:
        for outcome in self._sequencer.overdue():
            match outcome:
                case Declined(update):
                    ticket = self._line.settle(update.changes[0].change_id)
                    self._out.append(Unanswered(ticket))
                case _:
                    self._act_on(outcome)

    def _lapsed(self, ticket: str) -> None:
        """Give up on an event that waited too long; it is never sent later."""
        entry = self._line.find(ticket)
        if entry is not None:
            why, holder = self._why(entry), slot.active_id(self._sequencer.phase)
            self._out.append(Lapse(self._line.take_back(ticket), why, holder))

    def _follow_deadlines(self) -> None:
        phase, slot_ms = self._sequencer.standing()
        self._watched.follow(_SLOT, phase, slot_ms)
        self._watched.follow(_FLOOR, self._floor, floor.deadline_ms(self._floor))
        waits = self._calls.is_clients_turn and self._sequencer.wants_to_request()
        self._watched.follow(_PATIENCE, waits, limits.PATIENCE_MS if waits else None)

    def _end(self, error: errors.TurngateError) -> None:
        self._is_over = True
        self._out += [Lost(ticket) for ticket in self._order.awaited()]
        self._out.append(effects.Report(error))
        self._out.append(effects.Hangup())
