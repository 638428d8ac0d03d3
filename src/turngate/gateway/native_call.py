"""A call of the Realtime protocol: relayed byte for byte, in the order that keeps the turn.

Audio passes without being parsed, on both legs. Everything else is looked at for its place in the
order; what may not leave yet is kept here, and the session says when it goes.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from picows import WSMsgType

from turngate import errors
from turngate.answers import answer_to
from turngate.core import effects, events, native, native_effects
from turngate.core.order import ClientSent
from turngate.dialects import marks, native_ends
from turngate.dialects import native as front
from turngate.dialects import realtime as back
from turngate.gateway import edge, limits
from turngate.gateway.allowance import Allowance
from turngate.gateway.appends import Appends
from turngate.gateway.call import Call, Owner
from turngate.gateway.held import Held
from turngate.gateway.target import Target
from turngate.gateway.watch import Watch
from turngate.units import pcm_bytes
from turngate.wire import realtime
from turngate.wire.codec import Unknown, decode_server_event, encode, encode_append
from turngate.wire.watch import Moment

_SECOND_BYTES = len(encode_append(bytes(pcm_bytes(20)))) * 50
"""A second of audio as it is usually sent: 24 kHz, 20 ms an event."""

_TEXT = WSMsgType.TEXT
"""Looked up once, as in frames.py."""

_KNOWS_ITS_TURNS = realtime.SessionCreated | realtime.SessionUpdated


_ENDS: dict[type[native_effects.End], str] = {
    native.Lapse: "lapsed",
    native.Unanswered: "unanswered",
    native.Lost: "lost",
    native.Withdraw: "withdrawn",
    native.Refuse: "refused",
}
"""What is counted, logged and shown of an event's end."""


class Relaying(msgspec.Struct, frozen=True):
    """What is the same for all calls of a gateway: the order's one choice, and who looks on."""

    hold_updates: bool = True
    watch: Watch | None = None


class NativeCall(Call):
    """A client that speaks the OpenAI Realtime protocol."""

    def __init__(
        self,
        call_id: str,
        target: Target,
        owner: Owner,
        relaying: Relaying = Relaying(),  # noqa: B008 - it is frozen
    ) -> None:
        allowed = owner.allowed
        to_upstream = edge.outbox(target.profile, limits.UPSTREAM_QUEUE_BYTES)
        per_s = allowed.audio_speed * _SECOND_BYTES
        burst = allowed.audio_burst_s * _SECOND_BYTES
        audio = Allowance(per_s, burst, owner.outside.now_ms, self._too_much_audio)
        self._appends = Appends(to_upstream, audio, self._line_up, self._client_said)
        # Binary messages are not of the protocol; the upstream says so.
        hear = to_upstream.send_audio
        super().__init__(
            call_id,
            target,
            owner,
            to_upstream,
            hear,
            allowed.native_message_bytes,
            said=self._appends.take,
        )
        self._onlookers = relaying.watch
        self._session = native.NativeSession(
            hold_updates=relaying.hold_updates,
            greets=target.profile.greets,
            echoes=target.profile.echoes,
        )
        self._held = Held(call_id, self._now_ms, self._told_of)
        self._has_spoken = True
        self._silence: asyncio.TimerHandle | None = None
        self._leaving: tuple[int, str] | None = None
        self._errors = 0

    @property
    def waiting(self) -> int:
        """How many of the client's events wait just now."""
        return self._held.waiting

    # -- the client's leg

    def _client_said(self, text: bytes) -> None:
        """Take an event that is no audio, in its place."""
        self._has_spoken = True
        self._count_message()
        self._line_up(text)

    def _line_up(self, text: bytes) -> None:
        sent = front.look_at(text)
        ticket = self._held.keep(text, sent)
        event = ClientSent(
            ticket, sent.kind, len(text), sent.makes, sent.about, unmarked=sent.is_full
        )
        self._perform_all(self._session.receive(event))

    def _mind_silence(self) -> None:
        """End a call whose client says nothing from one look to the next."""
        if not self._has_spoken and not self._appends.have_passed:
            self.end(errors.CallerIdle(self._allowed.native_silent_s))
        elif self._allowed.native_silent_s:
            self._has_spoken = self._appends.have_passed = False
            loop = asyncio.get_running_loop()
            self._silence = loop.call_later(self._allowed.native_silent_s, self._mind_silence)

    # -- the upstream's leg

    def _upstream_said(self, text: bytes) -> None:
        """Take an event: audio on the short path, everything else past the session."""
        self._upstream_spoke_ms = self._now_ms()
        if text.startswith(front.DELTAS) or front.is_delta(text):
            self._response_spoke_ms = self._upstream_spoke_ms
            if self._watch.awaits_audio:
                self._watch.spoke(self._upstream_spoke_ms)
            free = self._to_client.free
            if free is not None:
                free.send(_TEXT, text)
            else:
                self._to_client.send_text(text)
        else:
            self._upstream_told(text)

    def _upstream_told(self, text: bytes) -> None:
        try:
            event = decode_server_event(text)
        except errors.ProtocolError:
            self._count("upstream_unreadable")
            self._to_client.send_text(marks.unmarked(text, self._held.written))
            return
        if back.is_of_a_response(event):
            self._response_spoke_ms = self._upstream_spoke_ms
        meaning = _meaning(event)
        for each in meaning:
            self._watch.saw(each, self._upstream_spoke_ms)
        if isinstance(event, realtime.ResponseDone):
            self._count("turns")
        decided = [effect for each in meaning for effect in self._session.receive(each)]
        shown = self._shown(text, event, decided)
        if shown is not None:
            self._to_client.send_text(shown)
        self._perform_all(decided)

    def _shown(
        self, text: bytes, event: realtime.ServerEvent | Unknown, decided: Sequence[native.Effect]
    ) -> bytes | None:
        """Return what the client sees of an upstream event: its bytes, less what is ours."""
        del event
        return None if native.Swallow() in decided else marks.unmarked(text, self._held.written)

    def _upstream_sent_binary(self, message: bytes) -> None:
        self._count("upstream_unreadable")
        self._to_client.send_audio(message)

    # -- the session

    def _receive(self, event: events.Event) -> None:
        if self._is_over:
            return
        match event:
            case events.ClientOpened():
                self._mind_silence()
            case events.ClientGone():
                self._hang_up()
            case events.TimerFired() | events.UpstreamOpened() | events.UpstreamFailed():
                self._perform_all(self._session.receive(event))
            case _:
                pass  # the Realtime protocol has no such moment

    def _perform_all(self, decided: Sequence[native.Effect]) -> None:
        for effect in decided:
            self._perform(effect)
        self._appends.is_shut = self._session.holds_audio
        if self._is_leaving:
            self._leave_if_done()

    @property
    def is_in_turn(self) -> bool:
        """Whether the user speaks, or a response runs or is wanted."""
        return self._session.is_in_turn

    def _perform(self, effect: native.Effect) -> None:
        match effect:
            case native.Forward(ticket):
                self._to_upstream.send_text(self._held.forward(ticket))
            case native.ForwardAs(ticket, event_id):
                self._leaving = (ticket, event_id)
                if self._held.is_request(ticket):
                    self._count("requests")
                    self._watch.asked(self._now_ms(), self._held.waited_ms(ticket))
                self._to_upstream.send_text(
                    marks.marked(self._held.leave(ticket, event_id), event_id)
                )
            case native.Hold(ticket, why):
                self._held.hold(ticket, why)
            case (
                native.Lapse()
                | native.Unanswered()
                | native.Lost()
                | native.Withdraw()
                | native.Refuse()
            ):
                self._end(effect)
            case native.Swallow() | native.Blame():
                pass  # it concerned the upstream event at hand
            case effects.SendCancel():
                self._to_upstream.send_text(encode(back.write(effect)))
            case effects.SetTimer(timer, after_ms):
                self._timers.set(timer, after_ms)
            case effects.CancelTimer(timer):
                self._timers.cancel(timer)
            case effects.Count(what):
                self._count(what)
            case effects.Report(error):
                self._report(error)
            case effects.Hangup():
                self._hang_up()

    def _end(self, end: native_effects.End) -> None:
        """Let go of an event that upstream will never answer, and tell the client."""
        name = self._held.end(end.ticket, _ENDS[type(end)])
        self._to_client.send_text(encode(native_ends.told(self._next_error(), end, name)))

    def _told_of(self, moment: Moment) -> None:
        """Write down what was held, for how long, and why."""
        self._count(moment.what)
        if moment.what == "held":
            self._count(f"held_{moment.why}")
        elif moment.what == "sent":
            self.totals.holds.note(moment.ms)
        self._log.debug(
            moment.what,
            type=moment.event,
            event_id=moment.event_id,
            number=moment.number,
            why=moment.why,
            ms=moment.ms,
        )
        if self._onlookers is not None:
            self._onlookers.tell(moment)

    def _next_error(self) -> int:
        self._errors += 1
        return self._errors

    def _hang_up(self) -> None:
        self._held.abandon()
        if self._silence is not None:
            self._silence.cancel()
        super()._hang_up()

    def _failure(self, error: errors.TurngateError) -> bytes:
        code = answer_to(error).code.lower()
        body = realtime.ErrorBody(type="server_error", code=code, message=str(error), param=None)
        named = f"event_turngate_{self._next_error()}"
        return encode(realtime.ErrorEvent(event_id=named, error=body))


def _meaning(event: realtime.ServerEvent | Unknown) -> list[native.Event]:
    """Return what an upstream event means to the order of things."""
    meaning: list[native.Event] = [*back.read(event)]
    if isinstance(event, _KNOWS_ITS_TURNS):
        turns = front.turns(event.session)
        if turns is None and isinstance(event, realtime.SessionCreated):
            turns = native.TurnsKnown(server_answers=True)
        if turns is not None:
            meaning.insert(0, turns)
    return meaning
