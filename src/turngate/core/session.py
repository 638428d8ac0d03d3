"""The coupling of the machines: one client, one upstream, and everything owed between them.

`Session.receive` takes one event and returns the effects to perform, in order. The rules that
stand here are those that need two machines; everything else is in the machine's own file.
"""

from typing import assert_never

from msgspec import Struct

from turngate import errors
from turngate.core import asks, effects, events, floor, limits, playback, setup, slot, tools
from turngate.core import items as entries
from turngate.core.events import Timer
from turngate.core.lines import Lines
from turngate.core.patch import Patch, Path, merge, resolved, value_at, without
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
from turngate.core.waiting import Change, Request, Update
from turngate.units import Ms

SLOT, FLOOR, PATIENCE = Timer("slot"), Timer("floor"), Timer("patience")
INTERRUPT, GRACE = Timer("interrupt"), Timer("grace")


class Policy(Struct, frozen=True):
    """What differs between sessions. `locked` are settings that the agent's first audio fixes."""

    server_turns: bool = False
    strict: bool = False
    locked: tuple[Path, ...] = ()


class Session:
    """One call. Feed it every event in order; perform what it returns in order."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy or Policy()
        self._setup: setup.Phase = setup.Unconfigured()
        self._sequencer = Sequencer(server_turns=self._policy.server_turns)
        self._floor: floor.Phase = floor.Quiet()
        self._playback: playback.Phase = playback.Silent()
        self._asks: dict[str, asks.Phase] = {}
        self._rounds = tools.Rounds()
        self._lines = Lines()
        self._confirmed: Patch = {}
        self._sending: Patch = {}
        self._first: events.Configure | None = None
        self._held: list[events.ClientEvent] = []
        self._unacknowledged: set[str] = set()
        self._outputs: dict[str, str] = {}
        self._complaints: list[errors.TurngateError] = []
        self._watched: dict[Timer, object] = {}
        self._sequence = 0
        self._now = self._slot_since = self._requested_at = Ms(0)
        self._upstream_is_open = self._agent_has_spoken = self._is_over = False
        self._out: list[effects.Effect] = []

    def receive(self, event: events.Event, at_ms: Ms) -> list[effects.Effect]:
        """Take one event and return what is to be done, in order.

        `at_ms` is the caller's monotonic clock. After a `Hangup` nothing follows any more.
        """
        if self._is_over:
            return []
        self._now, self._out = at_ms, []
        self._dispatch(event)
        self._drain()
        self._watch_deadlines()
        return self._out

    def _dispatch(self, event: events.Event) -> None:
        match event:
            case events.TimerFired():
                self._fired(event)
            case (
                events.ClientOpened()
                | events.Configure()
                | events.Reconfigure()
                | events.UserTyped()
                | events.CallResult()
                | events.ClientFaulted()
                | events.ClientGone()
            ):
                self._client(event)
            case _:
                self._upstream(event)

    # -- the client

    def _client(self, event: events.ClientEvent) -> None:
        match event:
            case events.ClientOpened(request_id):
                self._out.append(effects.Welcome(request_id))
            case events.Configure():
                self._configure(event)
            case events.Reconfigure() | events.UserTyped() | events.CallResult():
                self._flow_or_hold(event)
            case events.ClientFaulted(error):
                self._report(error)
            case events.ClientGone():
                self._hang_up()
            case _:
                assert_never(event)

    def _configure(self, event: events.Configure) -> None:
        match self._setup:
            case setup.Unconfigured() | setup.Refused():
                self._first = event
                self._advance_setup(setup.Configured(self._upstream_is_open))
                self._change(event.change_id, event.patch)
            case setup.Dialling() | setup.Configuring() | setup.Ready():
                if self._policy.strict:
                    self._report(errors.AlreadyApplied())
                else:
                    self._change(event.change_id, event.patch)
            case _:
                assert_never(self._setup)

    def _flow_or_hold(
        self, event: events.Reconfigure | events.UserTyped | events.CallResult
    ) -> None:
        match self._setup:
            case setup.Ready():
                self._flow(event)
            case setup.Unconfigured():
                self._report(errors.TooEarly())
            case setup.Dialling() | setup.Configuring() | setup.Refused():
                if len(self._held) < limits.HELD:
                    self._held.append(event)
                else:
                    self._report(errors.QueueFull("messages before Settings", limits.HELD))
            case _:
                assert_never(self._setup)

    def _flow(self, event: events.ClientEvent) -> None:
        match event:
            case events.Reconfigure(change_id, patch):
                self._change(change_id, patch)
            case events.UserTyped(text):
                self._out.append(effects.ShowUserText(text))
                item_id = self._send_item(entries.UserText(text))
                self._ask(item_id, frozenset((item_id,)), limits.ITEM_MS)
            case events.CallResult(call_id, name, output):
                call = self._rounds.find(call_id, name)
                if call is None:
                    self._report(errors.UnknownCall(call_id))
                else:
                    self._advance_call(call, tools.Result(output))
                    self._follow_up()
            case _:
                self._client(event)

    def _change(self, change_id: str, patch: Patch) -> None:
        change = resolved(self._confirmed, patch)
        settled = isinstance(self._setup, setup.Ready) and not self._sequencer.has_updates()
        if settled and merge(self._confirmed, change) == self._confirmed:
            self._out.append(effects.Acknowledge(change_id))
        elif not self._sequencer.add(Update((Change(change_id, patch),))):
            self._report(errors.QueueFull("changes and requests", limits.WAITING))

    # -- the upstream

    def _upstream(self, event: events.UpstreamEvent) -> None:
        match event:
            case events.UpstreamOpened():
                self._upstream_is_open = True
                self._advance_setup(setup.Opened())
            case events.UpstreamFailed(error):
                self._end(error)
            case events.Updated():
                self._act(self._sequencer.receive(slot.Updated()))
            case events.ResponseCreated(response_id, event_id):
                self._act(self._sequencer.created(response_id, event_id))
            case events.ResponseDone():
                self._response_done(event)
            case events.ItemAcknowledged(item_id):
                self._unacknowledged.discard(item_id)
                self._advance_asks(asks.Acknowledged(item_id))
            case events.CallAsked() | events.AudioBegan():
                self._produced(event)
            case events.AgentText() | events.AgentTextDone():
                self._text(event)
            case events.SpeechStarted(item_id, unheard):
                self._advance_floor(floor.Started(item_id), unheard)
            case events.SpeechStopped(item_id):
                self._advance_floor(floor.Stopped(item_id))
            case events.SpeechCommitted(item_id):
                self._advance_floor(floor.Committed(item_id))
            case events.UserTranscribed(_, text):
                self._out.append(effects.ShowUserText(text))
            case events.TranscriptionFailed(_, code):
                self._report(errors.TranscriptionFailed(code))
            case events.SlotTaken(event_id, holder):
                self._act(self._sequencer.receive(slot.Taken(event_id, holder)))
            case events.CancelMissed():
                self._act(self._sequencer.receive(slot.CancelMissed()))
            case events.Rejected():
                self._rejected(event)
            case _:
                assert_never(event)

    def _is_unwanted(self, response_id: str) -> bool:
        """Tell whether a response's events come too late: it is over, or the user cut it off."""
        return self._sequencer.is_over(response_id) or self._playback == playback.Cut(response_id)

    def _produced(self, event: events.CallAsked | events.AudioBegan) -> None:
        if self._is_unwanted(event.response_id):
            return
        match event:
            case events.AudioBegan(response_id, item_id):
                self._agent_has_spoken = True
                self._advance_playback(playback.AudioBegan(response_id, item_id))
            case events.CallAsked(response_id, call_id, name, arguments):
                call = tools.Call(call_id, name, arguments)
                if self._rounds.ask(response_id, call):
                    self._out.append(effects.AskFunctions((call,)))
                    self._out.append(effects.SetTimer(Timer("call", call_id), limits.CALL_MS))
            case _:
                assert_never(event)

    def _text(self, event: events.AgentText | events.AgentTextDone) -> None:
        if self._is_unwanted(event.response_id):
            return
        if isinstance(event, events.AgentText):
            self._lines.add(event.response_id, event.item_id, event.delta)
        else:
            self._show(self._lines.close(event.response_id, event.item_id, event.text))

    def _show(self, text: str | None) -> None:
        if text is not None:
            self._out.append(effects.ShowAgentText(text))
            self._advance_playback(playback.TextShown())

    def _show_unfinished(self, response_id: str) -> None:
        for _, text in self._lines.close_all(response_id):
            self._show(text)

    def _response_done(self, event: events.ResponseDone) -> None:
        response_id = event.response_id or slot.active_id(self._sequencer.phase) or ""
        if self._sequencer.is_over(response_id):
            self._act(self._sequencer.done(response_id, event.event_id))
            return
        was_cut = self._playback == playback.Cut(response_id)
        if not was_cut:
            self._show_unfinished(response_id)
        self._lines.forget(response_id)
        if was_cut or event.reason == "turn_detected":
            self._cancel_calls(response_id)
        if self._rounds.calls_of(response_id):
            self._advance_playback(playback.Continued(response_id))
        else:
            self._advance_playback(playback.Over(response_id))
        self._report_end(event)
        self._act(self._sequencer.done(event.response_id, event.event_id))
        self._rounds.close(response_id)
        self._follow_up()

    def _report_end(self, event: events.ResponseDone) -> None:
        match event.status:
            case "failed" if event.reason in errors.EXHAUSTED_CODES:
                self._report(errors.UpstreamExhausted(event.reason, event.message))
            case "failed":
                self._report(errors.ResponseFailed(event.reason, event.message))
            case "incomplete":
                self._report(errors.ResponseIncomplete(event.reason))
            case _:
                pass
        self._air_complaints()

    def _rejected(self, event: events.Rejected) -> None:
        phase = self._sequencer.phase
        event_id = event.event_id
        if event_id is None and isinstance(phase, slot.Updating) and not self._unacknowledged:
            event_id = phase.event_id  # nothing else is unanswered that could have been refused
        match phase:
            case slot.Updating(mine) if mine == event_id:
                refused = errors.SettingsRefused(event.field, event.message or event.code)
                self._act(self._sequencer.receive(slot.Rejected(event_id)), refused)
            case slot.Requested(mine) | slot.Withdrawn(mine) | slot.Crossed(_, mine) if (
                mine == event_id
            ):
                failed = errors.RequestRefused(event.code, event.message, event.field)
                self._act(self._sequencer.receive(slot.Rejected(event_id)), failed)
            case _:
                self._rejected_otherwise(event)

    def _rejected_otherwise(self, event: events.Rejected) -> None:
        if event.event_id in self._unacknowledged:
            self._unacknowledged.discard(event.event_id)
            self._advance_asks(asks.Refused(event.event_id))
            self._report(errors.RequestRefused(event.code, event.message, event.field))
        elif event.event_id is not None and event.event_id.startswith("tg_"):
            self._count("refused_aside")  # a cut or a cancel that came too late harms nobody
        else:
            fatal = event.code in errors.EXHAUSTED_CODES
            kind = errors.UpstreamExhausted if fatal else errors.UpstreamTrouble
            self._complaints.append(kind(event.code, event.message))
            if slot.active_id(self._sequencer.phase) is None:
                self._air_complaints()
            else:
                self._out.append(effects.SetTimer(GRACE, limits.GRACE_MS))

    def _air_complaints(self) -> None:
        for complaint in self._complaints:
            self._report(complaint)
        self._complaints = []

    # -- time

    def _fired(self, event: events.TimerFired) -> None:
        timer = event.timer
        self._watched.pop(timer, None)
        match timer.name:
            case "slot":
                self._slot_fired(event.quiet_ms)
            case "floor":
                self._advance_floor(floor.Overdue())
            case "ask":
                self._advance_ask(timer.of, asks.Overdue())
            case "call":
                call = self._rounds.find(timer.of, "")
                if call is not None:
                    self._advance_call(call, tools.Overdue())
                    self._follow_up()
            case "patience":
                self._park_calls()
            case "interrupt":
                if slot.active_id(self._sequencer.phase) == timer.of:
                    self._act(self._sequencer.receive(slot.Cancel()))
            case _:
                self._show_unfinished(slot.active_id(self._sequencer.phase) or "")
                self._air_complaints()

    def _slot_fired(self, quiet_ms: Ms) -> None:
        """Ask after a response that is silent or endless; one that talks is left alone."""
        lasted = self._now - self._slot_since
        talks = isinstance(self._sequencer.phase, slot.Active) and quiet_ms < limits.SILENCE_MS
        if talks and lasted < limits.RESPONSE_MS:
            rest = min(limits.SILENCE_MS - quiet_ms, limits.RESPONSE_MS - lasted)
            self._watched[SLOT] = self._sequencer.phase
            self._out.append(effects.SetTimer(SLOT, Ms(rest)))
        else:
            late = errors.SettingsRefused("", "the upstream did not confirm them in time")
            self._act(self._sequencer.receive(slot.Overdue()), late)

    def _watch_deadlines(self) -> None:
        if self._is_over:
            return
        phase = self._sequencer.phase
        if phase != self._watched.get(SLOT):
            self._slot_since = self._now
        self._watch(SLOT, phase, slot.deadline_ms(phase))
        self._watch(FLOOR, self._floor, floor.deadline_ms(self._floor))
        waits = self._sequencer.wants_to_request() and bool(self._rounds.running())
        self._watch(PATIENCE, waits, limits.PATIENCE_MS if waits else None)

    def _watch(self, timer: Timer, key: object, after_ms: Ms | None) -> None:
        """Keep one timer for as long as `key` stays what it is."""
        if after_ms is None:
            if self._watched.pop(timer, None) is not None:
                self._out.append(effects.CancelTimer(timer))
        elif self._watched.get(timer) != key:
            self._watched[timer] = key
            self._out.append(effects.SetTimer(timer, after_ms))

    # -- between the machines

    def _drain(self) -> None:
        """Let go what may go. Nobody is asked while the user speaks or a function runs."""
        begun = not isinstance(self._setup, setup.Unconfigured | setup.Dialling)
        while self._upstream_is_open and begun and not self._is_over:
            may_request = self._floor == floor.Quiet() and not self._rounds.running()
            leave = self._sequencer.next(may_request=may_request)
            if leave is None:
                return
            self._leave(leave)

    def _leave(self, leave: Leave) -> None:
        match leave.entry:
            case Request(say=say):
                self._requested_at = self._now
                self._out.append(effects.SendRequest(leave.event_id, say))
            case Update() as update:
                self._sending = self._unlocked(resolved(self._confirmed, update.patch))
                if self._sending:
                    self._out.append(effects.SendUpdate(leave.event_id, self._sending))
                else:
                    self._act(self._sequencer.receive(slot.Updated()))
            case _:
                assert_never(leave.entry)

    def _unlocked(self, patch: Patch) -> Patch:
        """Leave out what the upstream fixed: one such value would refuse the whole update."""
        for path in self._policy.locked if self._agent_has_spoken else ():
            wanted = value_at(patch, path)
            if wanted is not None:
                patch = without(patch, path)
                if wanted != value_at(self._confirmed, path):
                    self._report(errors.VoiceKept(".".join(path)))
        return patch

    def _act(self, outcomes: list[Outcome], why: errors.TurngateError | None = None) -> None:
        for outcome in outcomes:
            self._act_on(outcome, why)

    def _act_on(self, outcome: Outcome, why: errors.TurngateError | None) -> None:
        match outcome:
            case Confirmed(update):
                self._confirmed = merge(self._confirmed, self._sending)
                for change in update.changes:
                    self._out.append(effects.Acknowledge(change.change_id))
                self._advance_setup(setup.Confirmed())
            case Declined():
                self._advance_setup(setup.Declined())
                if why is not None:
                    self._report(why)
            case Served(request):
                self._settle(request)
            case Unserved(request, worn_out):
                self._settle(request)
                self._advance_playback(playback.Abandoned())
                if worn_out:
                    why = errors.RequestRefused("", f"the slot was taken {limits.TRIES} times")
                if why is not None:
                    self._report(why)
            case Noted(what):
                self._count(what)
            case slot.SendCancel(response_id):
                self._out.append(effects.SendCancel(self._new_id("cancel"), response_id))
            case slot.Adopted(item_id):
                self._adopt(item_id)
            case slot.Unclaimed(item_id):
                self._advance_asks(asks.Unclaimed(item_id))
            case slot.Deaf():
                self._end(errors.UpstreamSilent(type(self._sequencer.phase).__name__.lower()))
            case _:
                assert_never(outcome)

    def _advance_setup(self, event: setup.Event) -> None:
        self._setup, produced = setup.advance(self._setup, event)
        if setup.Release() in produced:
            self._release()

    def _release(self) -> None:
        first = self._first
        if first is not None:
            for item in first.context:
                self._send_item(item)
            if first.greeting and not first.context:
                self._place(self._new_id("greeting"), say=first.greeting)
        held, self._held = self._held, []
        for event in held:
            self._flow(event)
        self._out.append(effects.OpenMicrophone())

    def _advance_floor(self, event: floor.Event, unheard: tuple[events.Heard, ...] = ()) -> None:
        self._floor, produced = floor.advance(self._floor, event)
        for effect in produced:
            match effect:
                case floor.Taken():
                    self._barge_in(unheard)
                case floor.Spoken(item_id):
                    self._spoken(item_id)
                case floor.Freed():
                    self._count("speech_without_words")
                case _:
                    assert_never(effect)

    def _barge_in(self, unheard: tuple[events.Heard, ...]) -> None:
        """Give the floor to the user, and cut the agent at what the user has heard."""
        running = slot.active_id(self._sequencer.phase)
        self._out.append(effects.UserStarted())
        if running is not None:
            self._show_unfinished(running)
            timer = Timer(INTERRUPT.name, running)
            self._out.append(effects.SetTimer(timer, limits.INTERRUPT_MS))
        self._advance_playback(playback.Interrupted(running))
        for item_id, heard_ms, sent_ms in ((h.item_id, h.heard_ms, h.sent_ms) for h in unheard):
            if heard_ms > 0:
                cut = effects.SendTruncate(self._new_id("cut"), item_id, min(heard_ms, sent_ms))
                self._out.append(cut)
            else:
                self._out.append(effects.SendDelete(self._new_id("cut"), item_id))
        if isinstance(self._sequencer.phase, slot.Requested):
            self._act(self._sequencer.receive(slot.Cancel()))

    def _spoken(self, item_id: str) -> None:
        if self._policy.server_turns:
            self._asks[item_id] = asks.Promised(item_id)
            self._act(self._sequencer.receive(slot.Committed(item_id)))
        else:
            self._ask(item_id, frozenset((item_id,)), limits.ITEM_MS)

    def _adopt(self, item_id: str) -> None:
        """One response of the server's answers all the speech before it."""
        for ask_id, phase in list(self._asks.items()):
            if isinstance(phase, asks.Promised):
                del self._asks[ask_id]
            if ask_id == item_id:
                return

    def _ask(self, ask_id: str, items: frozenset[str], patience_ms: Ms) -> None:
        if items:
            self._asks[ask_id] = asks.Awaiting(items)
            self._out.append(effects.SetTimer(Timer("ask", ask_id), patience_ms))
        else:
            self._place(ask_id)

    def _place(self, ask_id: str, say: str | None = None) -> None:
        self._asks[ask_id] = asks.Placed()
        if not self._sequencer.add(Request((ask_id,), say)):
            del self._asks[ask_id]
            self._report(errors.QueueFull("changes and requests", limits.WAITING))

    def _settle(self, request: Request) -> None:
        for ask_id in request.asks:
            self._asks.pop(ask_id, None)

    def _advance_asks(self, event: asks.Event) -> None:
        for ask_id in list(self._asks):
            self._advance_ask(ask_id, event)

    def _advance_ask(self, ask_id: str, event: asks.Event) -> None:
        if ask_id not in self._asks:
            return
        self._asks[ask_id], produced = asks.advance(self._asks[ask_id], event)
        for effect in produced:
            self._out.append(effects.CancelTimer(Timer("ask", ask_id)))
            match effect:
                case asks.Place():
                    self._place(ask_id)
                case asks.Drop():
                    del self._asks[ask_id]
                case _:
                    assert_never(effect)

    def _follow_up(self) -> None:
        for round_ in self._rounds.complete():
            outputs = {self._outputs[call_id] for call_id in round_.calls}
            missing = frozenset(outputs & self._unacknowledged)
            self._ask(self._new_id("results"), missing, limits.OUTPUT_MS)

    def _park_calls(self) -> None:
        for call_id in self._rounds.running():
            call = self._rounds.find(call_id, "")
            if call is not None:
                self._advance_call(call, tools.Park())
        for response_id in self._rounds.open_rounds():
            self._rounds.forget(response_id)

    def _cancel_calls(self, response_id: str) -> None:
        for call_id in self._rounds.calls_of(response_id):
            call = self._rounds.find(call_id, "")
            if call is not None:
                self._advance_call(call, tools.Cancel())
        self._rounds.forget(response_id)

    def _advance_call(self, call: tools.Call, event: tools.Event) -> None:
        for effect in self._rounds.receive(call.call_id, event):
            match effect:
                case tools.Output(output):
                    output_id = self._send_item(entries.CallOutput(call.call_id, output))
                    self._outputs[call.call_id] = output_id
                    if not isinstance(event, tools.Park):
                        self._out.append(effects.CancelTimer(Timer("call", call.call_id)))
                case tools.Late(output):
                    item = entries.LateResult(call.call_id, call.name, output)
                    item_id = self._send_item(item)
                    self._ask(item_id, frozenset((item_id,)), limits.ITEM_MS)
                    self._out.append(effects.CancelTimer(Timer("call", call.call_id)))
                case tools.Withdraw():
                    self._out.append(effects.CancelFunctions((call,)))
                case tools.Expired():
                    self._report(errors.CallOverdue(call.call_id, call.name))
                case tools.Repeated():
                    self._report(errors.RepeatedResult(call.call_id))
                case tools.Unwanted():
                    self._report(errors.UnknownCall(call.call_id))
                case _:
                    assert_never(effect)

    def _advance_playback(self, event: playback.Event) -> None:
        self._playback, produced = playback.advance(self._playback, event)
        for effect in produced:
            match effect:
                case playback.Start():
                    waited = Ms(self._now - self._requested_at)
                    self._out.append(effects.AgentStarted(waited))
                case playback.Open(response_id, item_id):
                    self._out.append(effects.OpenGate(response_id, item_id))
                case playback.Flush():
                    self._out.append(effects.FlushGate())
                case playback.Discard():
                    self._out.append(effects.DiscardGate())
                case playback.Finish():
                    self._out.append(effects.AgentFinished())
                case _:
                    assert_never(effect)

    # -- small things

    def _send_item(self, item: entries.Item) -> str:
        item_id = self._new_id("item")
        self._unacknowledged.add(item_id)
        self._out.append(effects.SendItem(item_id, item))
        return item_id

    def _new_id(self, kind: str) -> str:
        self._sequence += 1
        return f"tg_{kind}_{self._sequence}"

    def _count(self, what: str) -> None:
        self._out.append(effects.Count(what))

    def _report(self, error: errors.TurngateError) -> None:
        self._out.append(effects.Report(error))

    def _end(self, error: errors.TurngateError) -> None:
        if isinstance(error, errors.UpstreamLost):
            wishes = sum(isinstance(event, events.UserTyped) for event in self._held)
            error = errors.UpstreamLost(error.reason, len(self._asks) + wishes)
        self._report(error)
        self._hang_up()

    def _hang_up(self) -> None:
        self._is_over = True
        self._out.append(effects.Hangup())
