"""One call: two connections that live and end together, and what every kind of call shares.

What the client speaks is the subclass's: `agent_call` and `native_call`. Whatever goes wrong ends
this call and no other.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

import structlog

from turngate import errors
from turngate.answers import answer_to
from turngate.core import events, presence
from turngate.gateway import edge, limits
from turngate.gateway.allowance import Allowance
from turngate.gateway.allowed import USUAL, Allowed
from turngate.gateway.metrics import by_name
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.outside import REAL, Outside
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.stopwatch import Stopwatch
from turngate.gateway.target import Target
from turngate.gateway.timers import Timers
from turngate.gateway.totals import CLOSES, OTHER_CLOSE, Depths, Moved, Totals
from turngate.units import Ms

NORMAL = 1000

P = ParamSpec("P")
C = TypeVar("C", bound="Call")


def contained(step: Callable[Concatenate[C, P], None]) -> Callable[Concatenate[C, P], None]:
    """Keep a failure inside its call.

    Whatever the loop calls is wrapped in this, but for what the peers hand over: they contain it
    themselves.
    """

    @wraps(step)
    def contain(self: C, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            step(self, *args, **kwargs)
        except Exception as fault:  # noqa: BLE001 - the last line of defence: a bug ends this call and no other
            self.fail(fault)

    return contain


def _unheard(call: "Call") -> None:
    del call


class Owner(NamedTuple):
    """Who keeps a call, as the call sees it.

    - on_start: is told when there is a connection, which a request alone does not make.
    - on_end: is told when there is none any more.
    - outside: the world that the call is in.
    - totals: count over calls; without them a call counts for itself.
    - allowed: how much of anything a client may do and have.
    """

    on_start: Callable[["Call"], None] = _unheard
    on_end: Callable[["Call"], None] = _unheard
    outside: Outside = REAL
    totals: Totals | None = None
    allowed: Allowed = USUAL


class Call(ABC):
    """A client's connection, from its first frame to its last.

    `hear` takes the client's binary messages, and `said` its text where that carries audio: of them
    there are most, and so nothing lies between.
    """

    def __init__(
        self,
        call_id: str,
        target: Target,
        owner: Owner,
        to_upstream: Outbox,
        hear: Callable[[bytes], None],
        message_bytes: int,
        *,
        said: Callable[[bytes], None] | None = None,
    ) -> None:
        self.call_id = call_id
        self.has_flooded = False
        self.caller = ""
        """Whose call it is: a name to count under, never one to show."""
        self._target = target
        self._owner, self._allowed = owner, owner.allowed
        self._now_ms, self._reach, client = owner.outside
        self._to_client = Outbox(self._allowed.client_queue_bytes)
        self._to_upstream = to_upstream
        self.client = client(
            Reader(
                self._client_opened,
                said or self._client_said,
                hear,
                self.fail,
                self._client_ended,
                self._client_too_big,
                self._client_stalled,
            ),
            self._to_client,
            message_bytes,
        )
        self.client.stalled_s = self._allowed.stalled_s
        self._upstream = self._new_upstream()
        self._upstreams_before: list[Peer] = []
        self._messages = Allowance(
            self._allowed.messages_per_s,
            self._allowed.messages_burst,
            self._now_ms,
            self._too_many_messages,
        )
        self._warned: set[str] = set()
        self._timers = Timers(self._timer_fired)
        self._dialling: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("turngate.call").bind(call=call_id)
        self._counts: Counter[str] = Counter()
        self.totals = owner.totals or Totals()
        self._watch = Stopwatch(self.totals)
        self._started_ms = self._dialled_ms = self._upstream_spoke_ms = self._now_ms()
        self._response_spoke_ms = self._started_ms
        self._close = (NORMAL, "")
        self._is_over = self._is_leaving = False
        self._is_heard = True
        self._hear = hear

    # -- what the subclass knows

    @abstractmethod
    def _receive(self, event: events.Event) -> None:
        """Let the session decide and perform it, in order."""

    @abstractmethod
    def _client_said(self, text: bytes) -> None:
        """Take a text message."""

    @abstractmethod
    def _upstream_said(self, text: bytes) -> None:
        """Take an event."""

    @abstractmethod
    def _upstream_sent_binary(self, message: bytes) -> None:
        """Take what the Realtime protocol does not have."""

    @property
    @abstractmethod
    def waiting(self) -> int:
        """How many requests, changes and other events wait for the slot."""

    @property
    @abstractmethod
    def is_in_turn(self) -> bool:
        """Whether ending now would cut somebody short."""

    @abstractmethod
    def _failure(self, error: errors.TurngateError) -> bytes:
        """Return a failure as the client's protocol tells it."""

    # -- the client's leg

    @contained
    def _client_opened(self) -> None:
        """Begin: welcome the client at once, and dial the upstream beside it."""
        self._owner.on_start(self)
        self._log.info("call started", upstream=self._target.name)
        self._receive(events.ClientOpened(self.call_id))
        self._dialling = asyncio.create_task(self._dial(), name=f"dial {self.call_id}")

    def _client_ended(self, code: int, reason: str) -> None:
        del reason  # the client's own words stay out of our log
        self.totals.counts[f"client_closed_{code if code in CLOSES else OTHER_CLOSE}"] += 1
        self._client_gone()
        self._hang_up()
        self.totals.calls.note(self._now_ms() - self._started_ms)
        self.totals.moved = self.totals.moved.plus(self.moved())
        self.totals.dropped_bytes += self.dropped_bytes()
        ms = self._now_ms() - self._started_ms
        self._log.info("call ended", code=code, ms=ms, counts=by_name(self._counts))
        self._owner.on_end(self)

    @contained
    def _client_gone(self) -> None:
        self._receive(events.ClientGone())

    # -- the upstream's leg

    def _new_upstream(self) -> Peer:
        return Peer(
            Reader(
                self._upstream_opened,
                edge.reader(self._target.profile, self._upstream_said),
                self._upstream_sent_binary,
                self.fail,
                self._upstream_ended,
                stalled=self._upstream_stalled,
            ),
            self._to_upstream,
            limits.UPSTREAM_MESSAGE_BYTES,
        )

    def _redial(self, after_ms: Ms) -> None:
        """Drop the upstream connection, and make another after so long."""
        if self._dialling is not None:
            self._dialling.cancel()
        self._upstream.forget(NORMAL, "")
        self._upstreams_before.append(self._upstream)
        self._upstream = self._new_upstream()
        again = self._dial(after_ms, limits.REDIAL_CONNECT_S)
        self._dialling = asyncio.create_task(again, name=f"redial {self.call_id}")

    async def _dial(self, after_ms: int = 0, within_s: float | None = None) -> None:
        await asyncio.sleep(after_ms / 1000)
        self._dialled_ms = self._now_ms()
        try:
            async with asyncio.timeout(within_s):
                await self._reach(self._target, self._upstream)
        except TimeoutError:
            told = f"{self._target.place}: no answer within {within_s:g} s"
            self._upstream_failed(errors.UpstreamUnreachable(told))
        except errors.UpstreamUnreachable as error:
            self._upstream_failed(error)
        except Exception as fault:  # noqa: BLE001 - as in `contained`
            self.fail(fault)

    @contained
    def _upstream_opened(self) -> None:
        if self._is_over:
            self._upstream.close(NORMAL, "")
        else:
            self.totals.dials.note(self._now_ms() - self._dialled_ms)
            self._receive(events.UpstreamOpened())

    def _upstream_ended(self, code: int, reason: str) -> None:
        told = f"code {code}" + (f", {reason}" if reason else "")
        self._upstream_failed(errors.UpstreamLost(told))

    @contained
    def _upstream_failed(self, error: errors.UpstreamError) -> None:
        self._receive(events.UpstreamFailed(error))

    # -- time

    @contained
    def _timer_fired(self, timer: events.Timer) -> None:
        quiet = Ms(self._now_ms() - self._response_spoke_ms)
        self._receive(events.TimerFired(timer, quiet, self._is_heard))
        if timer == presence.SILENCE:
            self._is_heard = False
            self.client.hand_over(self._hear_first)

    def _hear_first(self, message: bytes) -> None:
        """Note that there is audio, and get out of its way again: it is not looked at frame by frame."""
        self._is_heard = True
        self.client.hand_over(self._hear)
        self._hear(message)

    # -- what is more than allowed

    def _client_too_big(self) -> None:
        self.end(errors.MessageTooBig(self.client.message_bytes))

    def _client_stalled(self) -> None:
        self.end(errors.ReaderStalled(self._allowed.stalled_s))

    def _upstream_stalled(self) -> None:
        self.end(errors.UpstreamSilent("it does not read"))

    def _count_message(self) -> None:
        """Count a text message of the client's."""
        self._messages.left -= 1
        if self._messages.left < 0:
            self._messages.refill()

    def _too_many_messages(self) -> None:
        self._too_fast("text", f"{self._allowed.messages_per_s:g} messages a second are taken")

    def _too_much_audio(self) -> None:
        self._too_fast("audio", f"{self._allowed.audio_speed:g} times real time is taken")

    def _too_fast(self, what: str, allowed: str) -> None:
        """Warn once, and end the call the next time."""
        if what in self._warned:
            self.has_flooded = True
            self.end(errors.Flooding(what, allowed))
        else:
            self._warned.add(what)
            self._report(errors.TooFast(what, allowed))

    # -- what is told and counted

    def _tell_client(self, text: bytes) -> None:
        self._to_client.send_text(text)

    def _tell_upstream(self, text: bytes) -> None:
        self._to_upstream.send_text(text)

    def _report(self, error: errors.TurngateError) -> None:
        self._note(error)
        self._tell_client(self._failure(error))

    def _note(self, error: errors.TurngateError) -> None:
        """Log a failure by its class, for its text may quote a peer, and remember its close."""
        answer = answer_to(error)
        kind = type(error).__name__
        self._count(kind)
        getattr(self._log, answer.log)("reported", error=kind, code=answer.code)
        if answer.close is not None:
            self._close = (answer.close, answer.code)

    def _count(self, what: str, times: int = 1) -> None:
        self._counts[what] += times
        self.totals.counts[what] += times

    def moved(self) -> Moved:
        """Return how many bytes have crossed this call's legs."""
        from_client, to_client = self.client.crossed()
        legs = [each.crossed() for each in (*self._upstreams_before, self._upstream)]
        from_upstream, to_upstream = (sum(crossed) for crossed in zip(*legs, strict=True))
        return Moved(from_client, to_client, from_upstream, to_upstream)

    def depths(self) -> Depths:
        """Return what waits in this call."""
        to_client, to_upstream = self._to_client.waiting_bytes, self._to_upstream.waiting_bytes
        return Depths(to_client, to_upstream, self.waiting)

    def dropped_bytes(self) -> int:
        """Return how much of the client's audio came to nothing since it could not leave."""
        return self._to_upstream.dropped_bytes

    # -- the end

    def fail(self, fault: Exception) -> None:
        """End for a reason that nothing else answers: a queue that is full, or a bug."""
        match fault:
            case Overflow(outbox=full) if full is self._to_client:
                self.end(errors.SlowReader(self._allowed.client_queue_bytes))
            case Overflow():
                self.end(errors.UpstreamSilent("it does not read"))
            case _:
                self._log.error("bug", exc_info=fault)
                self.end(errors.InternalFault())

    def leave(self) -> None:
        """End for the gateway's sake, but not before the turn is over and the client has it all."""
        self._is_leaving = True
        self._leave_if_done()

    @contained
    def _leave_if_done(self) -> None:
        """Look again after whatever may have ended the turn, and while something waits."""
        if self._is_over or not self._is_leaving or self.is_in_turn:
            return
        if not self._has_sent_all:
            loop = asyncio.get_running_loop()
            loop.call_later(limits.LEAVE_S, self._leave_if_done)
        else:
            self.end(errors.GoingAway())

    @property
    def _has_sent_all(self) -> bool:
        """Whether nothing waits for the client."""
        return not self._to_client.waiting_bytes

    def end(self, error: errors.TurngateError) -> None:
        """Tell the client why, and hang up."""
        if self._is_over:
            return
        self._note(error)
        self._to_client.send_last(self._failure(error))
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
        self._to_client.flush()
        self.client.close(*self._close)

    def abort(self) -> None:
        """Drop both connections."""
        self._upstream.abort()
        self.client.abort()
