"""The coupling of the parts: one client, one upstream, and the turn between them.

It couples admission and floor with the sequencer (what may leave, and when), with what is owed
(wishes and calls), and with the agent (what the client is told of it).
"""

from collections.abc import Iterable
from typing import assert_never

from turngate import errors
from turngate.core import (
    commits,
    continuity,
    effects,
    events,
    floor,
    limits,
    reservation,
    setup,
    slot,
)
from turngate.core.admission import Admission, Wish
from turngate.core.agent import (
    ENDLESS,
    LOST,
    SILENT,
    Agent,
    failure_of,
    refusal_of,
    trouble,
)
from turngate.core.changes import UNCONFIRMED, Changes
from turngate.core.conversation import Conversation
from turngate.core.deadlines import Deadlines
from turngate.core.events import Timer
from turngate.core.latency import Stopwatch
from turngate.core.lines import Lines
from turngate.core.names import Names, is_ours
from turngate.core.owed import Owed
from turngate.core.patch import Patch
from turngate.core.policy import Policy
from turngate.core.presence import Presence
from turngate.core.sequencer import (
    Confirmed,
    Declined,
    Leave,
    Noted,
    Outcome,
    Sequencer,
    Served,
    Unserved,
)
from turngate.core.standing import Kept, Standing, Why, by_user, queued
from turngate.core.user import User
from turngate.core.waiting import Request, Update
from turngate.units import Ms

EXPIRED = "session_expired"
"""What an upstream says before it ends a session that has lasted for as long as it may."""

UNREACHED = errors.UpstreamLost("no other connection could be made")


class Session:
    """One call. Feed it every event in order; perform what it returns in order."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy or Policy()
        self._out: list[effects.Effect] = []
        self._names = Names()
        self._admission = Admission(self._out, strict=self._policy.strict)
        self._sequencer = Sequencer(self._names)
        self._changes = Changes(self._sequencer, self._policy, self._out)
        self._stopwatch, lines, self._conversation = Stopwatch(), Lines(), Conversation()
        told = self._stopwatch, lines, self._conversation, self._out
        self._user = User(self._names, *told)
        self._owed = Owed(
            self._sequencer, self._names, self._conversation, self._out, self._policy.manners
        )
        self._agent = Agent(self._names, *told)
        self._continuity: continuity.Phase = continuity.Linked()
        self._presence = Presence(self._policy.stay, self._out)
        self._deadlines = Deadlines(self._sequencer, self._owed, self._out)
        self._now = Ms(0)
        self._ready_at: Ms | None = None
        self._is_over = False

    def receive(
        self, event: events.Event, at_ms: Ms, playout: Iterable[events.Heard] = ()
    ) -> list[effects.Effect]:
        """Take one event and return what is to be done, in order.

        `at_ms` is the caller's monotonic clock; `playout` how far the agent's audio has been played
        by then, item by item. After a `Hangup` nothing follows any more.
        """
        if self._is_over:
            return []
        self._now = self._stopwatch.now = at_ms
        self._out.clear()
        self._agent.played(playout)
        if isinstance(event, events.TimerFired):
            self._fired(event)
        elif isinstance(event, events.ClientEvent):
            self._client(event)
        else:
            self._upstream(event)
        if not self._is_over:
            self._agent.settle()
            self._tell_late()
            self._drain()
            self._note_wait()
            self._deadlines.follow(self._user, self._now)
        return list(self._out)

    @property
    def waiting(self) -> int:
        """How many requests and changes wait for the slot."""
        return len(self._sequencer.waiting)

    @property
    def is_in_turn(self) -> bool:
        """Whether somebody speaks, or is owed an answer that is not wholly given.

        What was given may still be on its way to the client.
        """
        gathers = isinstance(self._user.gathered, commits.Gathering)
        is_owed = self._owed.unanswered() > 0 or self._owed.waits_for_calls()
        is_owed = is_owed or self._admission.held_messages() > 0
        return gathers or is_owed or not self._user.is_quiet() or not self._sequencer.is_at_rest()

    def standing(self) -> Standing:
        """Return who has the slot and what waits for what; it changes nothing."""
        phase = self._sequencer.phase
        kept = self._sequencer.keeps() or by_user(self._user.floor) or self._owed.keeps()
        if not self._admission.may_send():
            kept = Kept(Why.SETTINGS)
        holds = [*self._admission.holds(), *self._owed.holds()]
        holds += queued(self._sequencer.waiting, kept)
        return Standing(type(phase).__name__.lower(), slot.active_id(phase), tuple(holds))

    # -- the client

    def _client(self, event: events.ClientEvent) -> None:
        match event:
            case events.ClientOpened(request_id):
                self._out.append(effects.Welcome(request_id))
                self._presence.began()
            case events.Configure():
                if self._admission.configure(event):
                    self._presence.configured()
                    manual = event.manual_turns
                    self._user.gather(commits.TakenOver() if manual else commits.HandedBack())
                    self._change(event.change_id, event.patch)
            case (
                events.Reconfigure() | events.UserTyped() | events.CallResult() | events.AgentLine()
            ):
                if self._admission.admit(event):
                    self._flow(event)
            case events.UserAudio(audio_ms):
                self._user.gather(commits.Spoke(audio_ms))
            case events.TurnEnded():
                self._user.turn_ended()
            case events.ClientFaulted(error):
                self._report(error)
            case events.ClientGone():
                self._hang_up()
            case _:
                assert_never(event)

    def _flow(self, wish: Wish) -> None:
        match wish:
            case events.Reconfigure(change_id, patch):
                self._change(change_id, patch)
            case events.UserTyped(text):
                if self._has_room():
                    self._agent.catch_up()
                    self._tell_late()
                    self._user.typed(text)
                    self._owed.typed(text)
            case events.CallResult(call_id, name, output):
                self._owed.result(call_id, name, output)
            case events.AgentLine():
                if self._has_room():
                    self._line(wish)
            case _:
                assert_never(wish)

    def _line(self, line: events.AgentLine) -> None:
        """Have the agent say a line, unless somebody has the floor and the line is polite."""
        agent_is_busy = self._sequencer.phase != slot.Idle() or self._owed.unanswered() > 0
        refusal = refusal_of(
            line, user_speaks=not self._user.is_quiet(), agent_is_busy=agent_is_busy
        )
        if refusal is not None:
            self._report(refusal)
            return
        cuts_in = line.manner is events.Manner.INTERRUPT
        if cuts_in:
            self._agent.interrupted(slot.active_id(self._sequencer.phase))
            self._act(self._sequencer.receive(slot.Cancel()))
        self._stopwatch.wished()
        self._owed.line(line.text, at_once=cuts_in)

    def _change(self, change_id: str, patch: Patch) -> None:
        overgrown = self._changes.overgrown(patch)
        if overgrown is not None:
            self._report(overgrown)
        elif self._admission.is_ready() and self._changes.is_in_force(patch):
            self._changes.acknowledge(change_id)
        elif self._has_room():
            self._changes.add(change_id, patch)

    def _has_room(self) -> bool:
        """Tell whether one more wish of the client's may wait; report it if not."""
        has_room = self._owed.unanswered() + self._changes.waiting() < limits.WAITING
        if not has_room:
            self._report(errors.QueueFull("changes and requests", limits.WAITING))
        return has_room

    def _advance_setup(self, event: setup.Event) -> None:
        held = self._admission.advance(event)
        if held is None:
            return
        first = self._admission.begin()
        for item in (*first.context, *self._conversation.take()):
            self._owed.send(item)
        if first.greeting and not first.context:
            self._owed.line(first.greeting)
        for wish in held:
            self._flow(wish)
        self._out.append(effects.OpenMicrophone())
        self._continue(continuity.Restored())

    # -- one conversation over several connections

    def _lost(self, error: errors.TurngateError) -> None:
        """Make the connection anew, if it was one on which the conversation had begun."""
        is_under_way = self._admission.is_ready() or self._continuity != continuity.Linked()
        if self._policy.redials and is_under_way:
            self._continue(continuity.Lost(), error)
        else:
            self._end(error)

    def _continue(self, event: continuity.Event, why: errors.TurngateError | None = None) -> None:
        self._continuity, produced = continuity.advance(self._continuity, event)
        for effect in produced:
            match effect:
                case continuity.Suspend():
                    self._suspend()
                case continuity.Redial(after_ms):
                    self._out.append(effects.Redial(after_ms))
                case continuity.GiveUp():
                    self._end(why or UNREACHED)
                case _:
                    assert_never(effect)

    def _suspend(self) -> None:
        """Take back what the connection owes, and hold what comes until there is another."""
        self._advance_setup(setup.Lost())
        for outcome in self._sequencer.suspend():
            match outcome:
                case slot.Ended(response_id):
                    self._response_lost(response_id)
                case _:
                    self._act_on(outcome, None)
        self._owed.suspend()
        for effect in self._user.suspend():
            self._out.append(effects.Count(type(effect).__name__.lower()))
        self._agent.suspend()
        self._changes.tell_again()

    def _response_lost(self, response_id: str) -> None:
        """Have a response asked for again of which nothing was heard; what was heard stays."""
        if self._owed.has_calls(response_id) or self._agent.has_said_all(response_id):
            self._response_ended(response_id, None, was_cancelled=False)
        elif self._agent.has_said(response_id):
            self._response_ended(response_id, LOST, was_cancelled=False)
        else:
            self._agent.lost(response_id)
            self._owed.unheard(response_id)

    def _tell_late(self) -> None:
        """Tell a new connection what was heard since of what an old one had said."""
        if self._admission.is_ready():
            for item in self._conversation.late():
                self._owed.send(item)

    # -- the upstream

    def _upstream(self, event: events.UpstreamEvent) -> None:
        match event:
            case events.UpstreamOpened():
                self._advance_setup(setup.Opened())
            case events.UpstreamFailed(error):
                self._lost(error)
            case events.Updated():
                self._act(self._sequencer.receive(slot.Updated()))
            case events.ResponseCreated(response_id, event_id):
                self._act(self._sequencer.created(response_id, event_id))
                if not self._user.is_quiet():
                    self._silence(response_id)
            case events.ResponseDone():
                self._response_done(event)
            case events.ItemAcknowledged(item_id):
                self._owed.acknowledged(item_id)
            case events.CallAsked():
                self._called(event)
            case (
                events.AudioBegan()
                | events.AgentText()
                | events.AgentTextDone()
                | events.AudioEnded()
            ):
                self._said(event)
            case events.SpeechStarted(item_id):
                self._advance_floor(floor.Started(item_id))
            case events.SpeechStopped(item_id):
                self._advance_floor(floor.Stopped(item_id))
            case events.SilenceTold(item_id):
                self._user.silence = item_id
            case events.SpeechCommitted(item_id):
                self._advance_floor(floor.Committed(item_id))
            case events.SpeechCleared():
                self._advance_floor(floor.Cleared())
            case events.UserTranscribed(item_id, text):
                self._user.written(item_id, text)
            case events.TranscriptionFailed(item_id, code):
                self._user.written(item_id, "")
                self._report(errors.TranscriptionFailed(code))
            case events.SlotTaken(event_id, holder):
                self._act(self._sequencer.receive(slot.Taken(event_id, holder)))
            case events.CancelMissed():
                self._act(self._sequencer.receive(slot.CancelMissed()))
            case events.Rejected():
                self._rejected(event)
            case _:
                assert_never(event)

    def _is_void(self, response_id: str) -> bool:
        """Tell whether what the response still says comes too late: it was cut off or stopped."""
        return self._agent.is_cut(response_id) or self._sequencer.is_stopping(response_id)

    def _called(self, event: events.CallAsked) -> None:
        if self._sequencer.is_over(event.response_id):
            return
        self._stopwatch.called()
        self._owed.called(event, is_wanted=not self._is_void(event.response_id))

    def _said(
        self,
        event: events.AudioBegan | events.AgentText | events.AgentTextDone | events.AudioEnded,
    ) -> None:
        response_id = event.response_id
        if self._sequencer.is_over(response_id) or self._is_void(response_id):
            return
        if not slot.may_speak(self._sequencer.phase, response_id):
            self._out.append(effects.Count("stray"))
            return
        match event:
            case events.AudioBegan(_, item_id):
                self._agent.audio_began(response_id, item_id)
            case events.AgentText():
                self._agent.said(event)
            case events.AgentTextDone():
                self._agent.said_all(event)
            case events.AudioEnded():
                self._agent.audio_ended(event)
            case _:
                assert_never(event)

    def _response_done(self, event: events.ResponseDone) -> None:
        failure = failure_of(event)
        if failure is None:
            self._continue(continuity.Proved())
        for outcome in self._sequencer.done(event.response_id, event.event_id):
            match outcome:
                case slot.Ended(response_id):
                    self._response_ended(
                        response_id, failure, was_cancelled=event.status == "cancelled"
                    )
                case Unserved() if failure is None and event.status != "completed":
                    self._act_on(outcome, errors.ResponseFailed(event.status, event.message))
                case _:
                    self._act_on(outcome, failure)

    def _response_ended(
        self, response_id: str, failure: errors.TurngateError | None, *, was_cancelled: bool
    ) -> None:
        goes_on = self._owed.response_ended(response_id, was_cancelled=was_cancelled)
        if self._agent.is_unheard(response_id) and failure is None and not goes_on:
            self._owed.unheard(response_id)
        self._agent.response_ended(response_id, failure, goes_on=goes_on)

    def _rejected(self, event: events.Rejected) -> None:
        request = errors.RequestRefused(event.code, event.message, event.field)
        settings = errors.SettingsRefused(event.field, event.message or event.code)
        sent, is_update = self._sequencer.unanswered()
        # Where nothing else is unanswered that could have been refused, it needs no name.
        unnamed = event.event_id is None and is_update and not self._owed.has_unacknowledged()
        if sent is not None and (event.event_id == sent or unnamed):
            refusal = slot.Rejected(sent)
            self._act(self._sequencer.receive(refusal), settings if is_update else request)
        elif self._owed.refused(event.event_id):
            self._report(request)
        elif is_ours(event.event_id):
            self._out.append(
                effects.Count("refused_aside")
            )  # too late a cut or cancel harms nobody
        elif self._policy.redials and event.code == EXPIRED:
            self._out.append(effects.Count("expired"))  # its close follows, and another connection
        else:
            runs = slot.active_id(self._sequencer.phase) is not None
            self._agent.complain(trouble(event), after_words=runs)

    # -- the floor

    def _advance_floor(self, event: floor.Event) -> None:
        for effect in self._user.advance(event):
            match effect:
                case floor.Taken():
                    self._barge_in()
                case floor.Spoken(item_id):
                    self._spoken(item_id)
                case floor.Freed():
                    self._out.append(effects.Count("speech_without_words"))
                case _:
                    assert_never(effect)

    def _barge_in(self) -> None:
        """Give the floor to the user, and cut the agent at what the user has heard."""
        self._out.append(effects.UserStarted())
        self._silence(slot.active_id(self._sequencer.phase))
        if isinstance(self._sequencer.phase, slot.Requested):
            self._act(self._sequencer.receive(slot.Cancel()))

    def _silence(self, response_id: str | None) -> None:
        """Keep a response from the user. The server stops it by itself, or has to be told."""
        if response_id is not None:
            timer = Timer("interrupt", response_id)
            self._out.append(effects.SetTimer(timer, limits.INTERRUPT_MS))
        self._agent.interrupted(response_id)

    def _spoken(self, item_id: str) -> None:
        if self._policy.server_turns or item_id == self._user.silence:
            self._stopwatch.asked()
            self._owed.promised(item_id)
            self._sequencer.committed(item_id)
        else:
            self._owed.spoken(item_id)

    # -- what leaves, and what became of it

    def _drain(self) -> None:
        """Let go what may go. Nobody is asked while the user speaks or a function runs."""
        while self._admission.may_send():
            is_quiet = self._user.is_quiet()
            if is_quiet and self._sequencer.wants_to_request():
                self._owed.make_way()
            may_request = is_quiet and self._owed.may_request()
            leave = self._sequencer.next(may_request=may_request)
            if leave is None:
                return
            self._leave(leave)

    def _may_relink(self) -> bool:
        """Tell whether another connection would cost nobody a word."""
        return self._policy.redials and self._user.is_quiet() and self._admission.is_ready()

    def _note_wait(self) -> None:
        """Note since when a request has been ready without being able to go."""
        if not self._sequencer.has_requests():
            self._ready_at = None
        elif self._ready_at is None:
            self._ready_at = self._now

    def _leave(self, leave: Leave) -> None:
        match leave.entry:
            case Request(asks, say):
                since = self._now if self._ready_at is None else self._ready_at
                self._ready_at = None
                self._stopwatch.asked()
                self._out.append(effects.SendRequest(leave.event_id, say))
                self._out.append(effects.Waited(Ms(self._now - since), len(asks)))
            case Update() as update:
                spoken = self._agent.has_spoken
                if spoken and self._may_relink() and self._changes.wants_another(update):
                    self._continue(continuity.Unfit())
                elif not self._changes.leaves(leave.event_id, update, agent_has_spoken=spoken):
                    self._act(self._sequencer.receive(slot.Updated()))
            case _:
                assert_never(leave.entry)

    def _act(self, outcomes: list[Outcome], why: errors.TurngateError | None = None) -> None:
        for outcome in outcomes:
            self._act_on(outcome, why)

    def _act_on(self, outcome: Outcome, why: errors.TurngateError | None) -> None:
        match outcome:
            case Confirmed(update):
                self._changes.confirmed(update)
                self._advance_setup(setup.Confirmed())
            case Declined(update) if self._changes.cannot_be_told(update):
                self._end(why or UNCONFIRMED)
            case Declined(update):
                self._advance_setup(setup.Declined())
                self._changes.declined(update, why)
            case Served(request):
                self._owed.settle(request)
            case Unserved(request, worn_out):
                self._owed.settle(request)
                self._agent.abandoned()
                if worn_out:
                    why = errors.RequestRefused("", f"the slot was taken {limits.TRIES} times")
                if why is not None:
                    self._report(why)
            case Noted(what):
                self._out.append(effects.Count(what))
            case slot.Ended(response_id):
                self._response_ended(response_id, why or ENDLESS, was_cancelled=False)
            case slot.SendCancel(response_id):
                self._out.append(effects.SendCancel(self._names.new("cancel"), response_id))
            case slot.Deaf():
                self._lost(errors.UpstreamSilent(type(self._sequencer.phase).__name__.lower()))
            case reservation.Adopted(_, response_id):
                self._owed.adopted(response_id)
            case reservation.Unclaimed():
                self._owed.unclaimed()
            case _:
                assert_never(outcome)

    # -- time

    def _fired(self, event: events.TimerFired) -> None:
        timer = event.timer
        self._deadlines.fired(timer)
        match timer.name:
            case "slot":
                self._slot_fired(event.quiet_ms)
            case "settings" | "silence" | "length" | "end":
                self._stayed(timer, is_heard=event.is_heard)
            case "floor":
                self._advance_floor(floor.Overdue())
            case "pause" | "breath":
                self._user.gather(commits.Overdue())
            case "transcript":
                self._user.unwritten(timer.of)
            case "caption":
                self._agent.caption_due()
            case "ask":
                self._owed.overdue(timer.of)
            case "call":
                self._owed.call_overdue(timer.of)
            case "filler":
                self._owed.bridge(timer.of)
            case "patience":
                self._owed.park()
            case "interrupt":
                if slot.active_id(self._sequencer.phase) == timer.of:
                    self._act(self._sequencer.receive(slot.Cancel()))
            case _:
                self._agent.air()

    def _stayed(self, timer: Timer, *, is_heard: bool) -> None:
        """Mind a client that is silent while nobody owes it anything, or that stays too long."""
        is_busy = self._sequencer.phase != slot.Idle() or self._owed.unanswered() > 0
        error = self._presence.fired(timer, is_heard=is_heard or is_busy)
        if isinstance(error, errors.CallEnding):
            self._report(error)
        elif error is not None:
            self._end(error)

    def _slot_fired(self, quiet_ms: Ms) -> None:
        if self._deadlines.prolong(quiet_ms, self._now):
            return
        if isinstance(self._sequencer.phase, slot.Active):
            self._agent.complain(SILENT, after_words=True)
        self._act(self._sequencer.overdue())

    # -- small things

    def _report(self, error: errors.TurngateError) -> None:
        self._out.append(effects.Report(error))

    def _end(self, error: errors.TurngateError) -> None:
        if isinstance(error, errors.UpstreamLost):
            unanswered = self._owed.unanswered() + self._admission.held_messages()
            error = errors.UpstreamLost(error.reason, unanswered)
        self._report(error)
        self._hang_up()

    def _hang_up(self) -> None:
        self._is_over = True
        self._out.append(effects.Hangup())
