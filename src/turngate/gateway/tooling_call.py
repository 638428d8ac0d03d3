"""A call of the Realtime protocol in which functions of turngate's own run, unseen by its client.

What the client sees and says passes through `dialects.inside`; audio only where that has changed
something. A gateway that offers nothing to Realtime clients makes none of these calls.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from turngate import errors
from turngate.core import events, native
from turngate.core.tools import CANCELLED, NO_RESULT, Call
from turngate.dialects import inside
from turngate.dialects import native as front
from turngate.dialects import realtime as back
from turngate.functions.outcome import Failure
from turngate.gateway import limits
from turngate.gateway.call import contained
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.desk import Desk
from turngate.gateway.native_call import NativeCall
from turngate.wire import realtime
from turngate.wire.codec import Unknown


class ToolingCall(NativeCall):
    """A `NativeCall` whose client does not know all the functions that the model may call."""

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._catalogue = catalogue
        self._inside = inside.Inside(catalogue.tools())
        self._desk = Desk(catalogue, self._function_ended)
        self._running: dict[str, asyncio.TimerHandle] = {}
        self._deferred: list[Call] = []
        self._own: set[int] = set()
        self._request: inside.Json = {}
        self._marks_are_echoed = self._target.profile.echoes
        self._owes_request = self._is_calling = False
        self._answered: list[str] = []

    # -- the client's leg

    def _line_up(self, text: bytes) -> None:
        sent = front.look_at(text)
        if sent.type == "session.update":
            text = self._inside.offer(text)
            self._perform_all(self._session.receive(native.Offered(self._inside.offered)))
        elif sent.type == "response.cancel":
            if self._inside.pending is not None and sent.response_id in (
                None,
                self._inside.pending.id,
            ):
                self._owes_request = False
                self._finish("cancelled", "client_cancelled")
                return
            text = self._inside.address(text)
        super()._line_up(text)

    # -- the upstream's leg

    def _upstream_said(self, text: bytes) -> None:
        if front.is_delta(text) and not self._inside.is_quiet:
            text = self._inside.show(text, {}, follows=False) or text
        super()._upstream_said(text)

    def _upstream_told(self, text: bytes) -> None:
        super()._upstream_told(text)
        for call in self._inside.asked():
            self._begin(call)
        if not self._is_calling:
            self._begin_deferred()
        self._settle()

    def _shown(
        self, text: bytes, event: realtime.ServerEvent | Unknown, decided: Sequence[native.Effect]
    ) -> bytes | None:
        shown = super()._shown(text, event, decided)
        if shown is None:
            return None
        match event:
            case realtime.ErrorEvent() if self._is_own_refusal(decided):
                return self._end_of_pending("failed", event.error.code or "server_error")
            case realtime.InputAudioBufferSpeechStarted():
                self._drop_deferred()
                if self._inside.pending is not None:
                    self._finish("cancelled", "turn_detected")
            case realtime.ResponseDone() if event.response.conversation_id is not None:
                self._is_calling = False
                if event.response.status != "completed":
                    self._withdraw_all()
            case realtime.ResponseCreated() if event.response.conversation_id is not None:
                self._is_calling = True
            case _:
                pass
        follows = isinstance(event, realtime.ResponseCreated) and self._follows(event.response)
        seen = self._inside.show(shown, self._request, follows=follows)
        if isinstance(event, realtime.ResponseDone) and self._inside.pending is not None:
            self._owes_request = True
        return seen

    def _follows(self, response: realtime.Response) -> bool:
        """Tell whether a response is the answer to a request of ours."""
        mark = back.mark(response)
        self._marks_are_echoed |= mark is not None
        if self._leaving is None or self._leaving[0] not in self._own:
            return False
        return mark == self._leaving[1] if self._marks_are_echoed else True

    def _is_own_refusal(self, decided: Sequence[native.Effect]) -> bool:
        """Tell whether an error is about a request that the client knows nothing of."""
        return any(isinstance(each, native.Blame) and each.ticket in self._own for each in decided)

    # -- the functions

    def _begin(self, call: Call) -> None:
        runnable = self._catalogue.find(call.name)
        deadline_ms = runnable.function.manners.deadline_ms if runnable else 0
        loop = asyncio.get_running_loop()
        overdue = loop.call_later(deadline_ms / 1000, self._overdue, call.call_id)
        self._running[call.call_id] = overdue
        self._count("functions")
        if runnable and runnable.function.manners.defer_until_eot:
            self._deferred.append(call)
        else:
            self._desk.begin(call)

    def _begin_deferred(self) -> None:
        """Run what was to wait until the response that calls it is over."""
        deferred, self._deferred = self._deferred, []
        for call in deferred:
            self._desk.begin(call)

    def _drop_deferred(self) -> None:
        """Leave undone what was to wait: the user goes on."""
        deferred, self._deferred = self._deferred, []
        for call in deferred:
            self._answer(call.call_id, CANCELLED)

    @contained
    def _function_ended(self, call: Call, output: str, failure: Failure | None) -> None:
        self._log.debug("function ended", function=call.name, failure=failure and failure.value)
        self._answer(call.call_id, output)
        self._settle()

    @contained
    def _overdue(self, call_id: str) -> None:
        self._deferred = [call for call in self._deferred if call.call_id != call_id]
        self._desk.withdraw(call_id)
        self._answer(call_id, NO_RESULT)
        self._settle()

    def _withdraw_all(self) -> None:
        """Give every call of a response that did not complete an output, and stop its function."""
        self._drop_deferred()
        for call_id in tuple(self._running):
            self._desk.withdraw(call_id)
            self._answer(call_id, CANCELLED)

    def _answer(self, call_id: str, output: str) -> None:
        """Send a call's output."""
        self._running.pop(call_id).cancel()
        self._to_upstream.send_text(self._inside.output(call_id, output))
        self._answered.append(call_id)

    def _settle(self) -> None:
        """Let others go, once a request of ours that is to go before them has its place."""
        if self._is_calling:
            return
        self._follow_up()
        answered, self._answered = self._answered, []
        for call_id in answered:
            self._perform_all(self._session.receive(native.OwnAnswered(call_id)))

    def _follow_up(self) -> None:
        """Ask for the answer to our functions, once all have their output."""
        if not self._owes_request or self._running:
            return
        self._owes_request = False
        pending = self._inside.pending
        rounds = 0 if pending is None else pending.rounds
        request = {} if pending is None else pending.request
        text = inside.request_like(request, is_last=rounds >= limits.FUNCTION_ROUNDS)
        ticket = self._held.keep(text, front.look_at(text))
        self._own.add(ticket)
        self._perform_all(self._session.receive(native.OwnRequest(ticket)))

    # -- what the client sees of the end

    def _end_of_pending(self, status: str, reason: str) -> bytes | None:
        return None if self._inside.pending is None else self._inside.finish(status, reason)

    def _finish(self, status: str, reason: str) -> None:
        """End the response that is pending, for its client."""
        end = self._end_of_pending(status, reason)
        if end is not None:
            self._to_client.send_text(end)

    def _perform(self, effect: native.Effect) -> None:
        match effect:
            case native.ForwardAs(ticket):
                self._request = self._asked_with(ticket)
            case native.Withdraw(ticket) | native.Lost(ticket) if ticket in self._own:
                self._held.end(ticket, "withdrawn")
                self._finish("cancelled", "client_cancelled")
                return
            case _:
                pass
        super()._perform(effect)

    def _asked_with(self, ticket: int) -> inside.Json:
        request = msgspec.json.decode(self._held.text_of(ticket), type=dict[str, Any])
        response = request.get("response")
        return response if inside.is_object(response) else {}

    # -- the end

    def _receive(self, event: events.Event) -> None:
        if isinstance(event, events.UpstreamFailed):
            self._stop()
        super()._receive(event)

    def _stop(self) -> None:
        self._desk.clear()
        for overdue in self._running.values():
            overdue.cancel()
        self._running.clear()

    def _hang_up(self) -> None:
        self._stop()
        super()._hang_up()

    def end(self, error: errors.TurngateError) -> None:
        """Tell the client why, and hang up."""
        self._stop()
        super().end(error)
