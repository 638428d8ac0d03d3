"""One call: two connections, one session, and the performing of what the session decides.

Each leg has a reader of its own; both feed the same `Session`, one event at a time. Nothing is
decided here. Whatever goes wrong ends this call and no other.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import structlog
from msgspec.structs import replace

from turngate import errors
from turngate.core import effects, events
from turngate.core.session import Policy, Session
from turngate.dialects import agent as front
from turngate.dialects import realtime as back
from turngate.gateway import limits, upstream
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.peer import Peer
from turngate.gateway.target import Target
from turngate.gateway.timers import Timers
from turngate.gateway.voice import Microphone, Speaker
from turngate.units import Ms
from turngate.wire import agent, realtime
from turngate.wire.codec import (
    AudioDelta,
    Unknown,
    decode_audio_delta,
    decode_client_message,
    decode_server_event,
    encode,
    unknown_fields,
)

NORMAL = 1000


def now_ms() -> Ms:
    """Return the monotonic clock in whole ms."""
    return Ms(time.monotonic_ns() // 1_000_000)


class Call:
    """A client's connection, from its first frame to its last."""

    def __init__(
        self,
        call_id: str,
        target: Target,
        policy: Policy,
        base: front.Base,
        on_end: Callable[["Call"], None],
    ) -> None:
        self.call_id = call_id
        self._target, self._policy, self._base, self._on_end = target, policy, base, on_end
        self._session = Session(policy)
        self._to_client = Outbox(limits.CLIENT_QUEUE_BYTES)
        self._to_upstream = Outbox(limits.UPSTREAM_QUEUE_BYTES, limits.MICROPHONE_BYTES)
        self._microphone = Microphone(self._to_upstream)
        self._speaker = Speaker(self._to_client)
        self.client = Peer(_ClientLeg(self), self._to_client, limits.CLIENT_MESSAGE_BYTES)
        self._upstream = Peer(_UpstreamLeg(self), self._to_upstream, limits.UPSTREAM_MESSAGE_BYTES)
        self._timers = Timers(self._timer_fired)
        self._dialling: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("turngate.call").bind(call=call_id)
        self._counts: Counter[str] = Counter()
        self._started_ms = self._upstream_spoke_ms = now_ms()
        self._sends_history = True
        self._has_warned_of_fields = False
        self._close = (NORMAL, "")
        self._is_over = False

    # -- the client's leg

    def client_opened(self) -> None:
        """Begin: welcome the client at once, and dial the upstream beside it."""
        self._log.info("call started", upstream=self._target.name)
        self.receive(events.ClientOpened(self.call_id))
        self._dialling = asyncio.create_task(self._dial(), name=f"dial {self.call_id}")

    def client_said(self, text: bytes) -> None:
        """Take a text message."""
        try:
            message = decode_client_message(text)
            self._mind_unknown_fields(text, message)
        except errors.ProtocolError as error:
            self.receive(events.ClientFaulted(error))
            return
        if isinstance(message, agent.Settings):
            self._sends_history = front.wants_history(message)
        for event in front.read(message, self._base):
            self.receive(event)

    def _mind_unknown_fields(self, text: bytes, message: agent.ClientMessage) -> None:
        """Refuse fields that are not known in strict mode; else mention them once a call."""
        if self._has_warned_of_fields and not self._policy.strict:
            return
        fields = unknown_fields(text, message)
        if fields and self._policy.strict:
            raise errors.BadField(fields[0], "the protocol has no such field")
        if fields:
            self._has_warned_of_fields = True
            self.receive(events.ClientFaulted(errors.FieldsIgnored(fields)))

    def client_spoke(self, pcm: bytes) -> None:
        """Take a frame of the microphone."""
        self._guarded(partial(self._microphone.hear, pcm))

    def client_ended(self, code: int) -> None:
        """Take the end of the client's connection."""
        self._count(f"client_closed_{code}")
        self.receive(events.ClientGone())
        self._hang_up()
        self._log.info(
            "call ended", code=code, ms=now_ms() - self._started_ms, counts=dict(self._counts)
        )
        self._on_end(self)

    # -- the upstream's leg

    async def _dial(self) -> None:
        try:
            await upstream.connect(self._target, self._upstream)
        except errors.UpstreamUnreachable as error:
            self.receive(events.UpstreamFailed(error))

    def upstream_opened(self) -> None:
        """Note that the upstream is there."""
        if self._is_over:
            self._upstream.close(NORMAL, "")
        else:
            self.receive(events.UpstreamOpened())

    def upstream_said(self, text: bytes) -> None:
        """Take an event: audio on the short path, everything else to the session."""
        self._upstream_spoke_ms = now_ms()
        delta = decode_audio_delta(text)
        if delta is not None:
            self._play(delta)
            return
        try:
            event = decode_server_event(text)
        except errors.ProtocolError:
            self._count("upstream_unreadable")
            return
        if isinstance(event, realtime.ResponseOutputAudioDelta):
            ids = event.response_id or "", event.item_id or ""
            self._play(AudioDelta(*ids, event.delta.encode()))
            return
        if isinstance(event, Unknown):
            self._count("upstream_unknown")
        for neutral in back.read(event):
            self.receive(self._with_heard(neutral))

    def upstream_sent_binary(self) -> None:
        """Count what the protocol does not have."""
        self._count("upstream_unreadable")

    def upstream_ended(self, code: int, reason: str) -> None:
        """Take the end of the upstream's connection."""
        told = f"code {code}" + (f", {reason}" if reason else "")
        self.receive(events.UpstreamFailed(errors.UpstreamLost(told)))

    def _play(self, delta: AudioDelta) -> None:
        """Send audio; what is not at the gate is shown to the session first, which may open it."""
        self._guarded(partial(self._try_to_play, delta))

    def _try_to_play(self, delta: AudioDelta) -> None:
        try:
            if not self._speaker.play(delta, self._upstream_spoke_ms):
                self.receive(events.AudioBegan(delta.response_id, delta.item_id))
                self._speaker.play(delta, self._upstream_spoke_ms)
        except ValueError:
            self._count("upstream_unreadable")

    def _with_heard(self, event: events.UpstreamEvent) -> events.UpstreamEvent:
        if not isinstance(event, events.SpeechStarted):
            return event
        unheard = self._speaker.unheard(now_ms())
        return replace(event, unheard=tuple(events.Heard(*heard) for heard in unheard))

    # -- the session

    def receive(self, event: events.Event) -> None:
        """Let the session decide and perform it, in order."""
        if self._is_over:
            return
        self._guarded(partial(self._perform_all, event))

    def _perform_all(self, event: events.Event) -> None:
        for effect in self._session.receive(event, now_ms()):
            self._perform(effect)

    def _guarded(self, step: Callable[[], None]) -> None:
        """Keep a failure inside this call."""
        try:
            step()
        except Overflow:
            self.end(errors.SlowReader(limits.CLIENT_QUEUE_BYTES))
        except Exception:  # noqa: BLE001 - the last line of defence: a bug ends this call and no other
            self._log.exception("bug")
            self.end(errors.InternalFault())

    def _timer_fired(self, timer: events.Timer) -> None:
        quiet = Ms(now_ms() - self._upstream_spoke_ms)
        self.receive(events.TimerFired(timer, quiet))

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.SetTimer(timer, after_ms):
                self._timers.set(timer, after_ms)
            case effects.CancelTimer(timer):
                self._timers.cancel(timer)
            case effects.OpenMicrophone():
                self._microphone.open()
            case effects.OpenGate(response_id, item_id):
                self._speaker.open(response_id, item_id)
            case effects.FlushGate():
                self._speaker.close()
            case effects.DiscardGate():
                self._speaker.discard()
            case effects.Count(what):
                self._count(what)
            case effects.Hangup():
                self._hang_up()
            case (
                effects.SendUpdate()
                | effects.SendItem()
                | effects.SendRequest()
                | effects.SendCancel()
                | effects.SendTruncate()
                | effects.SendDelete()
            ):
                self._count(type(effect).__name__)
                self._to_upstream.send_text(encode(back.write(effect)))
            case _:
                self._tell(effect)

    def _tell(self, effect: effects.ToClient) -> None:
        if isinstance(effect, effects.Report):
            self._note(effect.error)
        for message in front.write(effect, history=self._sends_history):
            self._to_client.send_text(encode(message))

    def _note(self, error: errors.TurngateError) -> None:
        """Log a failure by its class, for its text may quote a peer, and remember its close."""
        answer = errors.answer_to(error)
        kind = type(error).__name__
        self._count(kind)
        getattr(self._log, answer.log)("reported", error=kind, code=answer.code)
        if answer.close is not None:
            self._close = (answer.close, answer.code)

    def _count(self, what: str) -> None:
        self._counts[what] += 1

    # -- the end

    def end(self, error: errors.TurngateError) -> None:
        """Tell the client why, and hang up."""
        if self._is_over:
            return
        self._note(error)
        self._to_client.send_last(encode(front.failure(error)))
        self._hang_up()

    def _hang_up(self) -> None:
        """Close both connections and stop everything that runs for this call."""
        if self._is_over:
            return
        self._is_over = True
        self._timers.clear()
        if self._dialling is not None:
            self._dialling.cancel()
        self._upstream.close(NORMAL, "")
        self.client.close(*self._close)

    def abort(self) -> None:
        """Drop both connections."""
        self._upstream.abort()
        self.client.abort()


class _ClientLeg:
    """What the client says."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def opened(self) -> None:
        self._call.client_opened()

    def received_text(self, message: bytes) -> None:
        self._call.client_said(message)

    def received_binary(self, message: bytes) -> None:
        self._call.client_spoke(message)

    def ended(self, code: int, reason: str) -> None:
        del reason  # the client's own words stay out of our log
        self._call.client_ended(code)


class _UpstreamLeg:
    """What the upstream says."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def opened(self) -> None:
        self._call.upstream_opened()

    def received_text(self, message: bytes) -> None:
        self._call.upstream_said(message)

    def received_binary(self, message: bytes) -> None:
        del message
        self._call.upstream_sent_binary()

    def ended(self, code: int, reason: str) -> None:
        self._call.upstream_ended(code, reason)
