"""Who holds the conversation's one response, and how each response runs to its end.

NONE -- create, speech --> ACCEPTED -- response.created --> STREAMING -- end --> OVER
ACCEPTED, STREAMING -- cancel, speech, limit, fault --> CLOSING -- close-out --> OVER

The slot is taken at acceptance and freed in the step that queues response.done.
"""

from typing import TYPE_CHECKING

from turngate.emulator import refusal
from turngate.emulator.audit import RACE_WINDOW_MS
from turngate.emulator.calls import Calls
from turngate.emulator.conversation import Item
from turngate.emulator.mind import Answer, Mind, Ponder, asks_exactly
from turngate.emulator.planner import Planner
from turngate.emulator.refusal import Json
from turngate.emulator.response import (
    Begin,
    End,
    OutputItem,
    OutputPhase,
    Phase,
    Response,
    Sound,
    Step,
    Words,
)
from turngate.emulator.script import FunctionCall, Message
from turngate.emulator.spoken import Spoken

if TYPE_CHECKING:
    from turngate.emulator.connection import Connection

PHANTOM = Answer((Message(text="Mm-hm."),))
"""What the server says on its own when it races a request."""


class Responder:
    """The responses of one connection."""

    def __init__(self, connection: "Connection", mind: Mind) -> None:
        self.active: Response | None = None
        self.has_spoken = False
        self._connection = connection
        self._mind = mind
        self._planner = Planner(connection)
        self._aside: dict[str, Response] = {}
        self._accepted = 0
        self._races = 0
        self._last_done: Json | None = None
        self._calls = Calls(connection.conversation, connection.ledger)

    @property
    def active_id(self) -> str | None:
        """The response that holds the slot."""
        return self.active.id if self.active else None

    def is_unannounced(self) -> bool:
        """Whether a client may not have read yet who holds the slot."""
        active = self.active
        if active is None or not active.by_server:
            return False
        announced_ms = active.announced_ms
        late_ms = self._connection.now_ms - (announced_ms or 0)
        return announced_ms is None or late_ms <= RACE_WINDOW_MS

    # Beginnings

    def create(self, request: Json) -> None:
        """Accept a response.create.

        Raises:
            Refusal: The slot is taken, or calls have no output.

        """
        connection = self._connection
        if request.get("conversation") == "none":
            most = connection.knobs.max_oob
            if most is not None and len(self._aside) >= most:
                raise refusal.active_response(next(iter(self._aside), self.active_id or ""))
            self._accept(request, None)
            return
        self._race()
        if self.active:
            connection.count_active("create_while_active")
            raise refusal.active_response(self.active.id)
        if unanswered := self._calls.unanswered():
            connection.ledger.count("create_with_unanswered_calls")
            if connection.knobs.refuse_unanswered_calls:
                raise refusal.outputs_pending(unanswered)
        response = self._accept(request, connection.conversation_id)
        told: str = request.get("instructions") or ""
        if not asks_exactly(told):
            is_told = bool(told) or request.get("input") is not None
            connection.ledger.asked(response.id, is_told=is_told)

    def begin_for(self, item: Item) -> None:
        """Begin a response for a spoken turn, in the same burst as its commit."""
        response = self._accept({}, self._connection.conversation_id, by_server=True)
        self._connection.ledger.began(response.id, item.id)

    def _race(self) -> None:
        """Begin a response of the server's own just before a client's request, if so wished."""
        knobs = self._connection.knobs
        if knobs.vad_race_ms is None or self.active or self._races >= knobs.vad_race_times:
            return
        self._races += 1
        response = self._accept(
            {}, self._connection.conversation_id, by_server=True, answer=PHANTOM,
            created_ms=knobs.vad_race_ms,
        )  # fmt: skip
        if not knobs.vad_race_ms:
            self._announce(response)

    def _accept(
        self,
        request: Json,
        conversation_id: str | None,
        *,
        by_server: bool = False,
        answer: Answer | None = None,
        created_ms: float | None = None,
    ) -> Response:
        connection = self._connection
        prompt = self._planner.prompt(request)
        self._accepted += 1
        response = Response(
            id=connection.ids.new("resp"),
            nth=self._accepted,
            conversation_id=conversation_id,
            settings=self._planner.settings(request),
            by_server=by_server,
            accepted_ms=connection.now_ms,
        )
        if conversation_id is None:
            self._aside[response.id] = response
        else:
            self.active = response
        response.input_tokens = sum(len(str(item.wire)) // 8 for item in prompt.items) + 10
        wanted = answer or self._mind.answer(prompt, connection.knobs.mind)
        if isinstance(wanted, Ponder):
            self._planner.begin_growing(response, wanted.prompt)
        else:
            self._planner.plan(response, wanted)
        delay_ms = connection.knobs.created_ms if created_ms is None else created_ms
        # The service answers in order: what was asked before is acknowledged before.
        delay_ms = max(delay_ms, connection.answered_ms - connection.now_ms)
        connection.later(delay_ms, lambda: self._announce(response))
        return response

    def spoken(self, response_id: str, audio: list[Spoken]) -> None:
        """Take the sound of a response that waited for it."""
        response = self._find(response_id)
        if response is None:
            return
        self._planner.compose(response, audio)
        if response.is_due:
            self._play(response)

    def wants_thoughts(self, response_id: str) -> bool:
        """Whether the language model is still wanted for a response."""
        response = self._find(response_id)
        return response is not None and response.is_growing

    def thought(self, response_id: str, output: Message | FunctionCall, audio: Spoken) -> None:
        """Take a piece of what the language model says."""
        response = self._find(response_id)
        if response is not None and response.phase is not Phase.CLOSING:
            self._planner.grow(response, output, audio)
            self._feed(response)

    def thought_through(self, response_id: str, failure: str | None) -> None:
        """Take the end of what it says. failure: it never came to its end, and why."""
        response = self._find(response_id)
        if response is None:
            return
        if failure is not None:
            error = {"type": "server_error", "code": "server_error", "message": failure}
            self._announce(response)
            self._close(response, "failed", {"type": "failed", "error": error})
            return
        self._planner.end_growing(response)
        self._feed(response)

    def _feed(self, response: Response) -> None:
        """Play on where nothing was left to play."""
        if response.is_starved:
            response.is_starved = False
            self._play(response)

    # Running

    def _announce(self, response: Response) -> None:
        """Send response.created, once, and let the model think."""
        if response.phase is not Phase.ACCEPTED:
            return
        connection, knobs = self._connection, self._connection.knobs
        is_failing = knobs.fail_response == response.nth
        response.phase = Phase.STREAMING
        if is_failing and knobs.fail_before_created:
            self._fail(response)
            return
        response.announced_ms = connection.now_ms
        created = {"type": "response.created", "response": response.body("in_progress")}
        connection.outbox.send(created)
        if knobs.stale_done and self._last_done:
            connection.outbox.send(self._last_done)
        if is_failing:
            self._fail(response)
        else:
            connection.later(knobs.first_delta_ms, lambda: self._due(response))

    def _due(self, response: Response) -> None:
        response.is_due = True
        if response.is_composed:
            self._play(response)

    def _play(self, response: Response) -> None:
        """Perform steps up to the next pause."""
        connection = self._connection
        while response.score and response.phase in (Phase.STREAMING, Phase.CLOSING):
            step = response.score.popleft()
            self._perform(response, step)
            has_pause = isinstance(step, Sound) or (
                isinstance(step, Words) and step.output.kind != "audio"
            )
            if has_pause:
                connection.later(response.pace_ms, lambda: self._play(response))
                return
        if response.phase is not Phase.STREAMING:
            return
        if response.is_growing:
            response.is_starved = True
            return
        if response.is_cut:
            details = {"type": "incomplete", "reason": "max_output_tokens"}
            self._close(response, "incomplete", details)
        elif connection.knobs.never_done_response != response.nth:
            connection.later(connection.knobs.done_after_last_ms, lambda: self._finish(response))

    def _perform(self, response: Response, step: Step) -> None:
        outbox, ids = self._connection.outbox, self._connection.ids
        match step:
            case Begin(output):
                self._begin_output(response, output)
            case Words(_, text):
                outbox.send(response.words(step, ids.noise(16 - len(text) % 16)))
            case Sound(output, audio):
                outbox.send(response.sound(step))
                if response.is_default:
                    self.has_spoken = True
                item = self._connection.conversation.find(output.wire["id"])
                if item:
                    item.audio_ms += len(audio) / response.settings.bytes_per_ms
            case End(output):
                self._end_output(response, output, "completed")

    def _begin_output(self, response: Response, output: OutputItem) -> None:
        connection = self._connection
        output.phase = OutputPhase.OPEN
        place: Json = {"response_id": response.id, "output_index": output.index}
        connection.outbox.send({"type": "response.output_item.added", **place, "item": output.wire})
        if response.is_default:
            item = Item(wire=output.wire, of_response=True, marks=output.marks)
            connection.conversation.insert(item)
            connection.announce_added(item)
        if output.has_part:
            connection.outbox.send(response.part_event("added", output))

    def _end_output(self, response: Response, output: OutputItem, status: str) -> None:
        connection = self._connection
        if status == "completed" or output.has_part:
            text_first = connection.knobs.text_done_before_audio_done
            for event in response.closing(output, text_first=text_first):
                connection.outbox.send(event)
        output.phase = OutputPhase.DONE
        output.finished(status)
        if response.is_default and output.kind == "call" and status == "completed":
            self._calls.made(response.id, output.wire["call_id"])
            if connection.knobs.user_item_added_after_args_done:
                connection.release_acknowledgements()
        item = connection.conversation.find(output.wire["id"])
        is_last = connection.knobs.item_done_last
        if item and not is_last:
            connection.announce_done(item)
        place: Json = {"response_id": response.id, "output_index": output.index}
        connection.outbox.send({"type": "response.output_item.done", **place, "item": output.wire})
        if item and is_last:
            connection.announce_done(item)

    # Ends

    def cancel(self, response_id: str | None) -> None:
        """Accept a response.cancel.

        Raises:
            Refusal: There is nothing to cancel.

        """
        response = self._find(response_id) if response_id else self.active
        if response is None or response.phase is not Phase.STREAMING:
            if response_id:  # whoever cancels, even too late, need not follow up its calls
                self._calls.broken_off(response_id)
            raise refusal.not_active()
        if self._connection.knobs.deaf_to_cancel:
            return
        response.phase = Phase.CLOSING
        details = {"type": "cancelled", "reason": "client_cancelled"}
        self._connection.later(
            self._connection.knobs.cancel_ack_ms,
            lambda: self._close(response, "cancelled", details),
        )

    def interrupt(self) -> None:
        """End the default conversation's response: the user speaks."""
        if self.active is None or self.active.phase is Phase.CLOSING:
            return
        self._announce(self.active)
        if self.active:
            details = {"type": "cancelled", "reason": "turn_detected"}
            self._close(self.active, "cancelled", details)

    def _fail(self, response: Response) -> None:
        code = self._connection.knobs.fail_code
        error = {"type": "server_error", "code": code, "message": f"The response failed: {code}."}
        self._close(response, "failed", {"type": "failed", "error": error})

    def _finish(self, response: Response) -> None:
        if response.phase is Phase.STREAMING:
            self._over(response, "completed", None)

    def _close(self, response: Response, status: str, details: Json) -> None:
        """End early: close what is open, then the response."""
        if response.phase is Phase.OVER:
            return
        response.phase = Phase.CLOSING
        last = [output for output in response.outputs if output.phase is OutputPhase.OPEN][-1:]
        for output in response.outputs:
            if output.phase is OutputPhase.OPEN:
                self._end_output(response, output, "incomplete")
        self._over(response, status, details)
        for _ in range(self._connection.knobs.stragglers if last else 0):
            straggler = Words(last[0], " late")
            self._connection.outbox.send(response.words(straggler, "late"))

    def _over(self, response: Response, status: str, details: Json | None) -> None:
        connection, knobs = self._connection, self._connection.knobs
        response.phase = Phase.OVER
        if self.active is response:
            self.active = None
            connection.ledger.ended(response.id, is_whole=status == "completed")
            self._calls.ended(response.id, is_whole=status == "completed")
        else:
            self._aside.pop(response.id, None)
        body = response.body(status, details, response.usage())
        done = {"type": "response.done", "response": body}
        for _ in range(2 if knobs.duplicate_done else 1):
            connection.outbox.send(done)
        self._last_done = done
        if not knobs.omit_rate_limits:
            bucket = {"name": "tokens", "limit": 15_000_000, "remaining": 14_999_000}
            limits = [{**bucket, "reset_seconds": 0.004}]
            connection.outbox.send({"type": "rate_limits.updated", "rate_limits": limits})
        if self.active is None:
            connection.release_acknowledgements()
        if response.is_default:
            connection.idle.watch(response)

    def _find(self, response_id: str) -> Response | None:
        if self.active and self.active.id == response_id:
            return self.active
        return self._aside.get(response_id)

    def output_given(self, call_id: str) -> None:
        """Note the output of a call."""
        self._calls.answered(call_id, running_id=self.active_id)
