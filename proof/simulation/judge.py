"""What must hold of a call at rest, and of one that has ended."""

# pyright: reportPrivateUsage=false
# how much waits in a call is nobody else's, and is to be bounded all the same

from collections import Counter
from typing import Protocol

from proof.simulation.line import Line

from turngate.gateway import limits

_FAILURES = ("FAILED_TO_THINK", "THINK_REQUEST_FAILED", "QUEUE_FULL", "ASR_FAILED")


class Told(Protocol):
    """What a judge has to know of a caller."""

    errors: Counter[str]
    is_over: bool
    has_left: bool
    close_code: int | None

    def words(self) -> list[str]:
        """Return each line that was typed."""
        ...


class Judge:
    """Judges one call, again and again."""

    def __init__(self, line: Line, caller: Told) -> None:
        self._line, self._caller = line, caller
        self._told = self._excused = 0

    def at_rest(self) -> None:
        """Judge a call in which nothing is under way or due."""
        self.always()
        server = self._line.server
        if server is None or self._line.excuses or self._line.client.near.is_over:
            return
        call = self._line.call
        if call._to_client.waiting_bytes or call._to_upstream.waiting_bytes:
            self._line.complain("I5", "something waits in a call at rest")
        self._judge_turns()
        self._judge_words()
        for item in server.conversation.items:
            if item.wire["type"] == "function_call" and item.wire.get("status") == "completed":
                call_id = item.wire["call_id"]
                if server.conversation.output(call_id) is None:
                    self._line.complain("I2", f"the call {call_id} has no output")

    def _judge_turns(self) -> None:
        server, witness = self._line.server, self._line.witness
        told = sum(self._caller.errors[code] for code in _FAILURES)
        if server is None:
            return
        ledger = server.ledger
        if told == self._told and ledger.unanswered_turns > self._excused:
            self._line.complain("I2", f"{ledger.unanswered_turns} turns have no answer")
        self._told, self._excused = told, ledger.unanswered_turns
        # A result that came late is told in a message, which the audit takes for no turn; and what
        # was cancelled before anybody heard it is rightly asked for again, even if it came to its end.
        # A change keeps its place between two wishes, the second of which has a response of its own.
        late = sum(item.wire.get("role") == "system" for item in server.conversation.items)
        if ledger.answered_twice > told + late + witness.cancels + witness.updates:
            self._line.complain("I2", f"{ledger.answered_twice} turns were answered twice")

    def _judge_words(self) -> None:
        server = self._line.server
        if server is None:
            return
        texts = Counter(
            part.get("text", "")
            for item in server.conversation.items
            if item.wire.get("role") == "user"
            for part in item.wire["content"]
        )
        for text in self._caller.words():
            if texts[text] > 1:
                self._line.complain("I2", f"twice in the conversation: {text}")
            elif not texts[text] and not self._caller.errors:
                self._line.complain("I2", f"never in the conversation: {text}")

    def always(self) -> None:
        """Judge what must hold at any moment."""
        line = self._line
        for what in line.witness.too_early:
            line.complain("I1", what)
        line.witness.too_early.clear()
        call = line.call
        if call._to_client.waiting_bytes > limits.CLIENT_QUEUE_BYTES:
            line.complain("I5", "more waits for the client than may")
        if call._to_upstream.waiting_bytes > limits.UPSTREAM_QUEUE_BYTES:
            line.complain("I5", "more waits for the upstream than may")

    def at_end(self) -> None:
        """Judge a call that is over: whoever did not leave was told why."""
        self.always()
        line, caller = self._line, self._caller
        if len(line.call._timers):
            line.complain("I5", "a call that is over has deadlines")
        if line.upstream is not None and not line.upstream.near.is_disconnected:
            line.complain("I5", "a call that is over has an upstream")
        if caller.has_left or "client" in line.excuses:
            return
        if caller.close_code is None or not caller.errors:
            line.complain("I8", f"ended with {caller.close_code} and {dict(caller.errors)}")
        elif "upstream" not in line.excuses:
            line.complain("I8", f"ended without a reason: {dict(caller.errors)}")
