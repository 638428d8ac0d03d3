"""The coupling of the parts: one client, one upstream, and the turn between them.

It decides who has to hear of an event, and lets leave what may. What each part makes of it is not
known here: wishes (what the client asks for), responses (what is said, and how it ends), refusals
(whose they are), connections (what survives them) and the end have owners of their own.
"""

from collections.abc import Iterable
from typing import assert_never

from turngate import errors
from turngate.core import commits, committing, continuity, effects, events, floor, setup, slot
from turngate.core.admission import Admission
from turngate.core.agent import SILENT, Agent, failure_of
from turngate.core.changes import UNCONFIRMED, Changes
from turngate.core.connections import Connections
from turngate.core.conversation import Conversation
from turngate.core.deadlines import Deadlines
from turngate.core.ending import Ending
from turngate.core.events import Timer
from turngate.core.latency import Stopwatch
from turngate.core.lines import Lines
from turngate.core.names import Names
from turngate.core.onlooker import Onlooker
from turngate.core.owed import Owed
from turngate.core.policy import Policy
from turngate.core.presence import Presence
from turngate.core.refusals import Refusals
from turngate.core.responses import Responses
from turngate.core.sequencer import (
    Confirmed,
    Declined,
    Leave,
    Noted,
    Outcome,
    Sequencer,
    Unserved,
)
from turngate.core.standing import Standing
from turngate.core.user import User
from turngate.core.waiting import Request, Update
from turngate.core.wishes import Wishes
from turngate.units import Ms


class Session:
    """One call. Feed it every event in order; perform what it returns in order."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy or Policy()
        self._out: list[effects.Effect] = []
        self._stopwatch, self._conversation = Stopwatch(), Conversation()
        self._admission = Admission(self._out, strict=self._policy.strict)
        out, redials, names = self._out, self._policy.redials, Names()
        told = names, self._stopwatch, Lines(), self._conversation, out
        self._user, self._agent = User(*told), Agent(*told)
        admission, user, agent = self._admission, self._user, self._agent
        self._sequencer = sequencer = Sequencer(names, echoes=self._policy.echoes)
        self._changes = changes = Changes(sequencer, self._policy, out)
        self._owed = owed = Owed(sequencer, names, self._conversation, out, self._policy.manners)
        self._responses = Responses(sequencer, owed, agent, names, self._stopwatch, out)
        self._refusals = Refusals(sequencer, owed, agent, out, redials=redials)
        self._wishes = Wishes(changes, owed, user, agent, self._responses, self._stopwatch, out)
        self._ending = Ending(admission, owed, out)
        self._connections = Connections(
            admission, self._responses, user, changes, self._ending, out, redials=redials
        )
        self._onlooker = Onlooker(admission, sequencer, owed, user)
        self._presence = Presence(self._policy.stay, out)
        self._deadlines = Deadlines(sequencer, owed, out)

    def receive(
        self, event: events.Event, at_ms: Ms, playout: Iterable[events.Heard] = ()
    ) -> list[effects.Effect]:
        """Take one event and return what is to be done, in order.

        `at_ms` is the caller's monotonic clock; `playout` how far the agent's audio has been played
        by then, item by item. After a `Hangup` nothing follows any more.
        """
        if self._ending.has_come:
            return []
        self._stopwatch.now = at_ms
        self._out.clear()
        self._agent.played(playout)
        if isinstance(event, events.TimerFired):
            self._fired(event)
        elif isinstance(event, events.ClientEvent):
            self._client(event)
        else:
            self._upstream(event)
        if not self._ending.has_come:
            self._agent.settle()
            if self._admission.is_ready():
                self._owed.tell_late()
            if self._user.has_ended():
                self._owed.dispatch()
            self._drain()
            self._stopwatch.waits(is_ready=self._sequencer.has_requests())
            self._deadlines.follow(self._user, self._stopwatch.now, self._still_in_ms())
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
        return self._onlooker.is_in_turn()

    def standing(self) -> Standing:
        """Return who has the slot and what waits for what; it changes nothing."""
        return self._onlooker.standing()

    # -- the client

    def _client(self, event: events.ClientEvent) -> None:
        match event:
            case events.ClientOpened(request_id):
                self._out.append(effects.Welcome(request_id))
                self._presence.began()
            case events.Configure():
                if self._admission.configure(event):
                    self._configured(event)
            case (
                events.Reconfigure() | events.UserTyped() | events.CallResult() | events.AgentLine()
            ):
                if self._admission.admit(event):
                    self._wishes.flow(event)
            case events.UserAudio(audio_ms):
                self._user.gather(commits.Spoke(audio_ms))
            case events.TurnEnded():
                self._user.turn_ended()
            case events.ClientFaulted(error):
                self._report(error)
            case events.ClientGone():
                self._ending.hang_up()
            case _:
                assert_never(event)

    def _configured(self, event: events.Configure) -> None:
        self._presence.configured()
        self._owed.declare(event.manners)
        self._user.gather(commits.TakenOver() if event.manual_turns else commits.HandedBack())
        self._wishes.change(
            event.change_id, event.patch, may_be_in_force=self._admission.is_ready()
        )

    def _advance_setup(self, event: setup.Event) -> None:
        held = self._admission.advance(event)
        if held is None:
            return
        first = self._admission.begin()
        for item in (*first.context, *self._conversation.take()):
            self._owed.tell(item)
        if first.greeting and not first.context:
            self._owed.line(first.greeting)
        for wish in held:
            self._wishes.flow(wish)
        self._out.append(effects.OpenMicrophone())
        self._connections.advance(continuity.Restored())

    # -- the upstream

    def _upstream(self, event: events.UpstreamEvent) -> None:
        match event:
            case events.UpstreamOpened():
                self._advance_setup(setup.Opened())
            case events.UpstreamFailed(error):
                self._connections.lost(error)
            case events.Updated():
                self._act(self._sequencer.receive(slot.Updated()))
            case events.ResponseCreated(response_id, event_id):
                self._act(self._sequencer.created(response_id, event_id))
                if self._user.speaks():
                    self._responses.silence(response_id)
            case events.ResponseDone():
                self._response_done(event)
            case events.ItemAcknowledged(item_id):
                self._owed.acknowledged(item_id)
            case events.CallAsked():
                self._responses.called(event)
            case (
                events.AudioBegan()
                | events.AgentText()
                | events.AgentTextDone()
                | events.AudioEnded()
            ):
                self._responses.said(event)
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

    def _response_done(self, event: events.ResponseDone) -> None:
        failure = failure_of(event)
        if failure is None:
            self._connections.advance(continuity.Proved())
        for outcome in self._sequencer.done(event.response_id, event.event_id):
            match outcome:
                case slot.Ended(response_id):
                    was_cancelled = event.status == "cancelled"
                    self._responses.ended(response_id, failure, was_cancelled=was_cancelled)
                case Unserved() if failure is None and event.status != "completed":
                    self._act_on(outcome, errors.ResponseFailed(event.status, event.message))
                case _:
                    self._act_on(outcome, failure)

    def _rejected(self, event: events.Rejected) -> None:
        if event.event_id is not None:
            self._user.settle(committing.Refused(event.event_id))
        refused = self._refusals.take(event)
        if refused is not None:
            self._act(self._sequencer.receive(slot.Rejected(refused.event_id)), refused.why)

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
        self._owed.resumed()
        self._responses.silence(slot.active_id(self._sequencer.phase))
        if isinstance(self._sequencer.phase, slot.Requested):
            self._responses.stop()

    def _spoken(self, item_id: str) -> None:
        if self._policy.server_turns or item_id == self._user.silence:
            self._stopwatch.asked()
            self._owed.promised(item_id)
            self._sequencer.committed(item_id)
        else:
            self._owed.spoken(item_id)

    def _still_in_ms(self) -> Ms | None:
        """Return when nobody will be heard any more; None where somebody speaks or is about to."""
        is_owed = self._owed.unanswered() > 0 or not self._sequencer.is_at_rest()
        if is_owed or not self._user.has_ended() or not self._admission.is_ready():
            return None
        return self._agent.left_ms()

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

    def _leave(self, leave: Leave) -> None:
        match leave.entry:
            case Request(asks, say):
                waited_ms = self._stopwatch.left()
                self._out.append(effects.SendRequest(leave.event_id, say))
                self._out.append(effects.Waited(waited_ms, len(asks)))
            case Update() as update:
                spoken = self._agent.has_spoken
                may_replace = spoken and self._connections.may_replace()
                if may_replace and self._changes.wants_another(update):
                    self._connections.advance(continuity.Unfit())
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
                self._ending.tell(why or UNCONFIRMED)
            case Declined(update):
                self._advance_setup(setup.Declined())
                self._changes.declined(update, why)
            case Noted(what):
                self._out.append(effects.Count(what))
            case slot.Deaf():
                phase = type(self._sequencer.phase).__name__.lower()
                self._connections.lost(errors.UpstreamSilent(phase))
            case _:
                self._responses.act(outcome, why)

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
            case "commit":
                self._user.settle(committing.Overdue())
            case "pause" | "breath":
                self._user.gather(commits.Overdue())
            case "transcript":
                self._user.unwritten(timer.of)
            case "caption":
                self._agent.caption_due()
            case "ask":
                self._owed.overdue(timer.of)
            case "call":
                if self._admission.admit(event):
                    self._wishes.flow(event)
            case "filler":
                self._owed.bridge()
            case "patience":
                self._owed.park()
            case "interrupt":
                if slot.active_id(self._sequencer.phase) == timer.of:
                    self._responses.stop()
            case _:
                self._agent.air()

    def _stayed(self, timer: Timer, *, is_heard: bool) -> None:
        """Mind a client that is silent while nobody owes it anything, or that stays too long."""
        is_heard = is_heard or self._responses.is_busy()
        error = self._presence.fired(timer, is_heard=is_heard)
        if isinstance(error, errors.CallEnding):
            self._report(error)
        elif error is not None:
            self._ending.tell(error)

    def _slot_fired(self, quiet_ms: Ms) -> None:
        if self._deadlines.prolong(quiet_ms, self._stopwatch.now):
            return
        if isinstance(self._sequencer.phase, slot.Active):
            self._agent.complain(SILENT, after_words=True)
        self._act(self._sequencer.overdue())

    def _report(self, error: errors.TurngateError) -> None:
        self._out.append(effects.Report(error))
