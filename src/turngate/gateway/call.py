"""One call: two connections, one session, and the performing of what the session decides.

Both legs and the timers feed the same `Session`, one event at a time. Nothing is decided here.
Whatever goes wrong ends this call and no other.
"""

import asyncio
import binascii
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import structlog
from msgspec.structs import replace

from turngate import errors
from turngate.core import effects, events
from turngate.core.session import Policy, Session
from turngate.dialects import agent as front
from turngate.dialects import realtime as back
from turngate.gateway import limits, upstream
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.peer import Peer, Reader
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

P = ParamSpec("P")


def now_ms() -> Ms:
    """Return the monotonic clock in whole ms."""
    return Ms(time.monotonic_ns() // 1_000_000)


def contained(
    step: "Callable[Concatenate[Call, P], None]",
) -> "Callable[Concatenate[Call, P], None]":
    """Keep a failure inside its call.

    Whatever the loop calls is wrapped in this, but for the two paths of audio, which do it by hand:
    a wrapper would cost them a tenth.
    """

    @wraps(step)
    def contain(self: "Call", *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            step(self, *args, **kwargs)
        except Exception as fault:  # noqa: BLE001 - the last line of defence: a bug ends this call and no other
            self.fail(fault)

    return contain


class Call:
    """A client's connection, from its first frame to its last.

    `on_start` is told when there is a connection, which a request alone does not make, and `on_end`
    when there is none any more.
    """

    def __init__(
        self,
        call_id: str,
        target: Target,
        policy: Policy,
        base: front.Base,
        *,
        on_start: Callable[["Call"], None],
        on_end: Callable[["Call"], None],
    ) -> None:
        self.call_id = call_id
        self._target, self._policy, self._base = target, policy, base
        self._on_start, self._on_end = on_start, on_end
        self._session = Session(policy)
        self._to_client = Outbox(limits.CLIENT_QUEUE_BYTES)
        self._to_upstream = Outbox(limits.UPSTREAM_QUEUE_BYTES, limits.MICROPHONE_BYTES)
        self._microphone = Microphone(self._to_upstream)
        self._speaker = Speaker(self._to_client)
        self.client = Peer(
            Reader(self._client_opened, self._client_said, self._client_spoke, self._client_ended),
            self._to_client,
            limits.CLIENT_MESSAGE_BYTES,
        )
        self._upstream = Peer(
            Reader(
                self._upstream_opened,
                self._upstream_said,
                self._upstream_sent_binary,
                self._upstream_ended,
            ),
            self._to_upstream,
            limits.UPSTREAM_MESSAGE_BYTES,
        )
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

    @contained
    def _client_opened(self) -> None:
        """Begin: welcome the client at once, and dial the upstream beside it."""
        self._on_start(self)
        self._log.info("call started", upstream=self._target.name)
        self._receive(events.ClientOpened(self.call_id))
        self._dialling = asyncio.create_task(self._dial(), name=f"dial {self.call_id}")

    @contained
    def _client_said(self, text: bytes) -> None:
        try:
            message = decode_client_message(text)
            self._mind_unknown_fields(text, message)
        except errors.ProtocolError as error:
            self._receive(events.ClientFaulted(error))
            return
        if isinstance(message, agent.Settings):
            self._sends_history = front.wants_history(message)
        for event in front.read(message, self._base):
            self._receive(event)

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

    def _client_spoke(self, pcm: bytes) -> None:
        try:
            self._microphone.hear(pcm)
        except Exception as fault:  # noqa: BLE001 - as in `contained`
            self.fail(fault)

    def _client_ended(self, code: int, reason: str) -> None:
        del reason  # the client's own words stay out of our log
        self._count(f"client_closed_{code}")
        self._client_gone()
        self._hang_up()
        self._log.info(
            "call ended", code=code, ms=now_ms() - self._started_ms, counts=dict(self._counts)
        )
        self._on_end(self)

    @contained
    def _client_gone(self) -> None:
        self._receive(events.ClientGone())

    # -- the upstream's leg

    async def _dial(self) -> None:
        try:
            await upstream.connect(self._target, self._upstream)
        except errors.UpstreamUnreachable as error:
            self._upstream_failed(error)
        except Exception as fault:  # noqa: BLE001 - as in `contained`
            self.fail(fault)

    @contained
    def _upstream_opened(self) -> None:
        if self._is_over:
            self._upstream.close(NORMAL, "")
        else:
            self._receive(events.UpstreamOpened())

    def _upstream_said(self, text: bytes) -> None:
        """Take an event: audio on the short path, everything else to the session."""
        self._upstream_spoke_ms = now_ms()
        delta = decode_audio_delta(text)
        if delta is None:
            self._upstream_told(text)
            return
        try:
            self._play(delta)
        except Exception as fault:  # noqa: BLE001 - as in `contained`
            self.fail(fault)

    @contained
    def _upstream_told(self, text: bytes) -> None:
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
            self._receive(self._with_heard(neutral))

    def _upstream_sent_binary(self, message: bytes) -> None:
        """Count what the protocol does not have."""
        del message
        self._count("upstream_unreadable")

    def _upstream_ended(self, code: int, reason: str) -> None:
        told = f"code {code}" + (f", {reason}" if reason else "")
        self._upstream_failed(errors.UpstreamLost(told))

    @contained
    def _upstream_failed(self, error: errors.UpstreamError) -> None:
        self._receive(events.UpstreamFailed(error))

    def _play(self, delta: AudioDelta) -> None:
        """Send audio; what is not at the gate is shown to the session first, which may open it."""
        try:
            if not self._speaker.play(delta, self._upstream_spoke_ms):
                self._receive(events.AudioBegan(delta.response_id, delta.item_id))
                self._speaker.play(delta, self._upstream_spoke_ms)
        except binascii.Error:
            self._count("upstream_unreadable")

    def _with_heard(self, event: events.UpstreamEvent) -> events.UpstreamEvent:
        if not isinstance(event, events.SpeechStarted):
            return event
        unheard = self._speaker.unheard(now_ms())
        return replace(event, unheard=tuple(events.Heard(*heard) for heard in unheard))

    # -- the session

    def _receive(self, event: events.Event) -> None:
        """Let the session decide and perform it, in order."""
        if self._is_over:
            return
        for effect in self._session.receive(event, now_ms()):
            self._perform(effect)

    @contained
    def _timer_fired(self, timer: events.Timer) -> None:
        quiet = Ms(now_ms() - self._upstream_spoke_ms)
        self._receive(events.TimerFired(timer, quiet))

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

    def fail(self, fault: Exception) -> None:
        """End for a reason that nothing else answers: a queue that is full, or a bug."""
        match fault:
            case Overflow(outbox=full) if full is self._to_client:
                self.end(errors.SlowReader(limits.CLIENT_QUEUE_BYTES))
            case Overflow():
                self.end(errors.UpstreamSilent("it does not read"))
            case _:
                self._log.error("bug", exc_info=fault)
                self.end(errors.InternalFault())

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
