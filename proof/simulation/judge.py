"""What must hold of a call at rest, and of one that has ended."""

# pyright: reportPrivateUsage=false
# how much waits in a call is nobody else's, and is to be bounded all the same

from collections import Counter
from collections.abc import Sequence

from proof.simulation.line import Caller, Line
from proof.simulation.witness import Witness

from turngate.emulator.connection import Connection as Server
from turngate.gateway import limits


def settled_elsewhere(servers: Sequence[Server], witnesses: Sequence[Witness]) -> int:
    """Count the turns that the last connection was told of, and whose answer ended on another.

    Their author had cut it off before a whole word of it, or was told that it failed. Only until
    something is asked for on the last connection: that covers whatever it was told of.
    """
    settled = 0
    for server, witness in zip(servers[:-1], witnesses[:-1], strict=True):
        asked_for = server.ledger.turns_asked_for_last
        if witness.questions or asked_for:
            settled = asked_for if witness.is_settled else 0
    return 0 if witnesses[-1].questions else settled


class Judge:
    """Judges one call, again and again."""

    def __init__(self, line: Line, caller: Caller) -> None:
        self._line, self._caller = line, caller
        self._told = self._excused = 0
        self._upstreams = 0

    def at_rest(self) -> None:
        """Judge a call in which nothing is under way or due."""
        self.always()
        server = self._line.server
        if server is None or self._is_excused() or self._line.client.near.is_over:
            return
        if len(self._line.upstreams) != self._upstreams:
            self._upstreams = len(self._line.upstreams)
            self._excused = settled_elsewhere(self._line.servers, self._line.witnesses)
        call = self._line.call
        if call._to_client.waiting_bytes or call._to_upstream.waiting_bytes:
            self._line.complain("I5", "something waits in a call at rest")
        self._judge_turns(server)
        self._judge_words(server)
        self._caller.judge(server)

    def _is_excused(self) -> bool:
        """Whether what is lost may be lost: an agent call goes on with another connection."""
        is_replaced = self._line.has_upstream and not self._line.is_upstream_gone
        return bool(self._line.excuses - ({"upstream"} if is_replaced else set()))

    def _judge_turns(self, server: Server) -> None:
        told, unanswered = self._caller.failures, server.ledger.unanswered_turns
        if self._caller.lets_server_answer:  # which drops what it does not get to, by its own rule
            unanswered -= server.ledger.counters["vad_create_suppressed"]
        if told == self._told and unanswered > self._excused:
            self._line.complain("I2", f"{unanswered} turns have no answer")
        self._told, self._excused = told, unanswered

    def _judge_words(self, server: Server) -> None:
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
        if call._to_client.waiting_bytes > call._allowed.client_queue_bytes:
            line.complain("I5", "more waits for the client than may")
        if call._to_upstream.waiting_bytes > limits.UPSTREAM_QUEUE_BYTES:
            line.complain("I5", "more waits for the upstream than may")

    def at_end(self) -> None:
        """Judge a call that is over: whoever did not leave was told why."""
        self.always()
        line, caller = self._line, self._caller
        if len(line.call._timers):
            line.complain("I5", "a call that is over has deadlines")
        if any(not each.near.is_disconnected for each in line.upstreams):
            line.complain("I5", "a call that is over has an upstream")
        if caller.has_left or "client" in line.excuses:
            return
        if caller.close_code is None or not caller.errors:
            line.complain("I8", f"ended with {caller.close_code} and {dict(caller.errors)}")
        elif not line.excuses:
            line.complain("I8", f"ended without a reason: {dict(caller.errors)}")
