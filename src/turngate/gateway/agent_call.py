"""A call of the agent protocol: what the session decides is translated and performed.

Both legs and the timers feed the same `Session`, one event at a time. Nothing is decided here.
"""

import binascii
from math import inf
from typing import assert_never

from turngate import errors
from turngate.core import effects, events, tools
from turngate.core.session import Policy, Session
from turngate.dialects import agent as front
from turngate.dialects import component
from turngate.dialects import realtime as back
from turngate.dialects.component import Component
from turngate.dialects.formats import Formats, formats
from turngate.dialects.house import House
from turngate.functions.outcome import Failure
from turngate.gateway import edge, limits
from turngate.gateway.allowance import Allowance
from turngate.gateway.call import Call, Owner, contained
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.desk import Desk
from turngate.gateway.pacer import Pacer
from turngate.gateway.target import Target
from turngate.gateway.voice import Microphone, Speaker
from turngate.units import pcm_bytes
from turngate.wire import agent, realtime
from turngate.wire.codec import (
    Unknown,
    decode_client_message,
    decode_server_event,
    encode,
    unknown_fields,
)

_TOLD: dict[type[effects.ToUpstream], str] = {
    effects.SendUpdate: "updates",
    effects.SendItem: "items",
    effects.SendRequest: "requests",
    effects.SendCancel: "cancels",
    effects.SendTruncate: "truncations",
    effects.SendDelete: "deletions",
    effects.SendCommit: "commits",
}
"""What the upstream is told, as it is counted."""

_FORMATS_STAY = "the formats of a session stay as they were agreed; open another session"


class AgentCall(Call):
    """A client that speaks the Deepgram Voice Agent protocol; `catalogue` is what runs here."""

    def __init__(
        self,
        call_id: str,
        target: Target,
        owner: Owner,
        policy: Policy,
        house: House,
        catalogue: Catalogue | None = None,
    ) -> None:
        allowed = owner.allowed
        to_upstream = edge.outbox(
            target.profile, limits.UPSTREAM_QUEUE_BYTES, limits.MICROPHONE_BYTES
        )
        per_s = allowed.audio_speed * pcm_bytes(1_000)
        burst = allowed.audio_burst_s * pcm_bytes(1_000)
        audio = Allowance(per_s, burst, owner.outside.now_ms, self._too_much_audio)
        self._microphone = Microphone(to_upstream, audio)
        hear = self._microphone.hear
        super().__init__(
            call_id,
            target,
            owner,
            to_upstream,
            hear,
            allowed.settings_bytes,
        )
        self.client.largest_bytes = max(allowed.settings_bytes, allowed.message_bytes)
        self._policy, self._house = policy, house
        self._session = Session(policy)
        pacer = Pacer(
            self._to_client, self._tell_client, self._now_ms, self.fail, limits.AHEAD_BYTES
        )
        self._speaker = Speaker(self._to_client, pacer)
        self._desk = Desk(catalogue or Catalogue(), self._function_ended)
        self._sends_history = True
        self._has_warned_of_fields = False
        self._formats: Formats | None = None
        self._component: Component | None = None

    # -- the client's leg

    def _client_said(self, text: bytes) -> None:
        self._is_heard = True
        self._count_message()
        try:
            message = decode_client_message(text)
            self._mind_unknown_fields(text, message)
            message, remarks = self._house.settle(message)
        except errors.ProtocolError as error:
            self._receive(events.ClientFaulted(error))
            return
        if isinstance(message, agent.Settings):
            self._sends_history = front.wants_history(message)
            if self._component is None and component.is_there(message):
                self._component = Component()
        for remark in remarks:
            self._receive(events.ClientFaulted(remark))
        self._mind_functions(message)
        for event in front.read(message, self._house.session):
            agreed = self._with_formats(message, event)
            self._receive(self._desk.screened(agreed))

    def _with_formats(
        self, message: agent.ClientMessage, event: events.ClientEvent
    ) -> events.ClientEvent:
        """Agree on the formats of the first Settings that are taken; others come too late."""
        if not isinstance(message, agent.Settings) or not isinstance(event, events.Configure):
            return event
        wanted = formats(message.audio)
        if self._formats is None:
            self._formats = wanted
            self._microphone.agree(wanted.input)
            self._speaker.agree(wanted.output)
        elif wanted != self._formats:
            return events.ClientFaulted(errors.SettingsRefused("audio", _FORMATS_STAY))
        return event

    def _mind_unknown_fields(self, text: bytes, message: agent.ClientMessage) -> None:
        """Refuse fields that are not known in strict mode; else mention them once a call."""
        if self._has_warned_of_fields and not self._policy.strict:
            return
        fields = unknown_fields(text, message)
        if fields and self._policy.strict:
            raise errors.BadField(fields[0], "the protocol has no such field")
        if fields:
            self._has_warned_of_fields = True
            self._receive(events.ClientFaulted(errors.FieldsIgnored(fields)))

    def _mind_functions(self, message: agent.ClientMessage) -> None:
        declared = front.functions(message)
        for wrong in () if declared is None else self._desk.declare(declared):
            self._receive(events.ClientFaulted(wrong))

    def _heard_user(self, length_ms: int) -> None:
        self._receive(events.UserAudio(length_ms))

    # -- the upstream's leg

    def _upstream_said(self, text: bytes) -> None:
        """Take an event: audio on the short path, everything else to the session."""
        self._upstream_spoke_ms = self._now_ms()
        if self._speaker.relay(text, self._upstream_spoke_ms):
            self._response_spoke_ms = self._upstream_spoke_ms
        else:
            self._upstream_told(text)

    def _upstream_told(self, text: bytes) -> None:
        try:
            event = decode_server_event(text)
        except errors.ProtocolError:
            self._count("upstream_unreadable")
            return
        if back.is_of_a_response(event):
            self._response_spoke_ms = self._upstream_spoke_ms
        if isinstance(event, realtime.ResponseOutputAudioDelta):
            self._play(text, event)
            return
        if isinstance(event, Unknown):
            self._count("upstream_unknown")
        if self._component is not None:
            self._say(*self._component.told_of(event))
        for neutral in back.read(event):
            self._receive(neutral)

    def _upstream_sent_binary(self, message: bytes) -> None:
        """Count what the protocol does not have."""
        del message
        self._count("upstream_unreadable")

    def _play(self, text: bytes, event: realtime.ResponseOutputAudioDelta) -> None:
        """Send audio; what is not at the gate is shown to the session first, which may open it."""
        try:
            if not self._speaker.play(text, event, self._upstream_spoke_ms):
                self._receive(events.AudioBegan(event.response_id or "", event.item_id or ""))
                self._speaker.play(text, event, self._upstream_spoke_ms)
        except binascii.Error:
            self._count("upstream_unreadable")

    # -- the session

    def _receive(self, event: events.Event) -> None:
        """Let the session decide and perform it, in order."""
        if self._is_over:
            return
        now_ms = self._now_ms()
        self._watch.saw(event, now_ms)
        playout = [events.Heard(*heard) for heard in self._speaker.played(now_ms)]
        for effect in self._session.receive(event, now_ms, playout):
            self._perform(effect)
        if self._is_leaving:
            self._leave_if_done()

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.SetTimer(timer, after_ms):
                self._timers.set(timer, after_ms)
            case effects.CancelTimer(timer):
                self._timers.cancel(timer)
            case effects.OpenMicrophone() | effects.MeasureAudio() | effects.PadAudio():
                self._listen(effect)
            case effects.Redial(after_ms):
                self._microphone.hold()
                self._count("redialled")
                self._redial(after_ms)
            case effects.OpenGate() | effects.FlushGate() | effects.DiscardGate():
                self._speak(effect)
            case effects.Remember() | effects.RememberCall() | effects.TurnTimed():
                self._note_down(effect)
            case effects.Count(what):
                self._count(what)
            case effects.Waited(waited_ms, wishes):
                self._watch.asked(self._now_ms(), waited_ms)
                self._count("merged", wishes - 1)
            case effects.Hangup():
                self._hang_up()
            case (
                effects.SendUpdate()
                | effects.SendItem()
                | effects.SendRequest()
                | effects.SendCancel()
                | effects.SendTruncate()
                | effects.SendDelete()
                | effects.SendCommit()
            ):
                self._count(_TOLD[type(effect)])
                self._tell_upstream(encode(back.write(effect)))
            case _:
                self._tell(effect)

    def _note_down(
        self, effect: effects.Remember | effects.RememberCall | effects.TurnTimed
    ) -> None:
        match effect:
            case effects.TurnTimed(latency):
                self._follow(front.timed(latency))
            case effects.Remember(entry) if self._sends_history:
                self._say(front.remembered(entry))
            case effects.RememberCall(call, output) if self._sends_history:
                is_theirs = not self._desk.runs(call.name)
                self._say(front.remembered_call(call, output, client_side=is_theirs))
            case effects.Remember() | effects.RememberCall():
                pass
            case _:
                assert_never(effect)

    def _speak(self, effect: effects.OpenGate | effects.FlushGate | effects.DiscardGate) -> None:
        match effect:
            case effects.OpenGate(response_id, item_id):
                lead_ms = self._allowed.audio_lead_ms if self._microphone.is_used else inf
                self._speaker.open(response_id, item_id, lead_ms)
            case effects.FlushGate():
                self._speaker.close()
            case effects.DiscardGate():
                self._speaker.discard()
            case _:
                assert_never(effect)

    def _listen(
        self, effect: effects.OpenMicrophone | effects.MeasureAudio | effects.PadAudio
    ) -> None:
        match effect:
            case effects.OpenMicrophone():
                self.client.bound(self._allowed.message_bytes)
                self._microphone.open()
            case effects.MeasureAudio(is_on):
                self._microphone.measure(self._heard_user if is_on else None)
            case effects.PadAudio(silence_ms):
                self._microphone.pad(silence_ms)
            case _:
                assert_never(effect)

    def _tell(self, effect: effects.ToClient) -> None:
        match effect:
            case effects.Report((errors.ResponseFailed() | errors.ResponseIncomplete()) as error):
                self._note(error)
                self._speaker.tell(self._failure(error))
            case effects.Report(error):
                self._report(error)
                if isinstance(error, errors.SettingsRefused) and not self._microphone.is_open:
                    self._formats = None
                if isinstance(error, errors.CallOverdue):
                    self._withdraw(error.call_id, tools.NO_RESULT)
            case effects.AskFunctions(calls):
                self._ask(calls)
            case effects.CancelFunctions(calls):
                self._cancel(calls)
            case effects.AgentStarted():
                self._watch.spoke(self._now_ms())
                self._follow(*front.write(effect))
            case effects.AgentFinished():
                self._count("turns")
                self._speaker.end_turn()
                self._follow(*front.write(effect))
                if self._component is not None:
                    self._follow(self._component.turn_ended())
            case _:
                self._say(*front.write(effect))

    def _say(self, *messages: agent.ServerMessage) -> None:
        for message in messages:
            self._tell_client(encode(message))

    def _follow(self, *messages: agent.ServerMessage) -> None:
        """Say something that must not overtake the audio before it."""
        for message in messages:
            self._speaker.tell(encode(message))

    # -- functions

    def _ask(self, calls: tuple[tools.Call, ...]) -> None:
        """Have the client run what it runs, and run the others."""
        theirs = tuple(call for call in calls if not self._desk.runs(call.name))
        ours = tuple(call for call in calls if self._desk.runs(call.name))
        if theirs:
            self._say(*front.write(effects.AskFunctions(theirs)))
        if ours:
            self._say(front.running(ours))
        for call in ours:
            self._desk.begin(call)

    def _cancel(self, calls: tuple[tools.Call, ...]) -> None:
        theirs = tuple(call for call in calls if not self._withdraw(call.call_id, tools.CANCELLED))
        if theirs:
            self._say(*front.write(effects.CancelFunctions(theirs)))

    def _withdraw(self, call_id: str, output: str) -> bool:
        """Stop a call that runs here, and tell the client what it came to."""
        call = self._desk.withdraw(call_id)
        if call is not None:
            self._say(front.ran(call, output))
            self._note_down(effects.RememberCall(call, output))
        return call is not None

    @contained
    def _function_ended(self, call: tools.Call, output: str, failure: Failure | None) -> None:
        self._say(front.ran(call, output))
        if failure is not None:
            failed = errors.FunctionFailed(call.call_id, call.name, failure)
            self._receive(events.ClientFaulted(failed))
        self._receive(events.CallResult(call.call_id, call.name, output))

    # -- the end

    def _hang_up(self) -> None:
        self._desk.clear()
        self._speaker.stop()
        super()._hang_up()

    @property
    def waiting(self) -> int:
        """How many requests and changes wait for the slot."""
        return self._session.waiting

    def dropped_bytes(self) -> int:
        """Return how much of the client's audio came to nothing since it could not leave."""
        return super().dropped_bytes() + self._microphone.dropped_bytes

    @property
    def is_in_turn(self) -> bool:
        """Whether somebody speaks, or is owed an answer."""
        return self._session.is_in_turn

    @property
    def _has_sent_all(self) -> bool:
        return super()._has_sent_all and self._speaker.is_done

    def _failure(self, error: errors.TurngateError) -> bytes:
        told = self._component.failure(error) if self._component else None
        return encode(told or front.failure(error))
