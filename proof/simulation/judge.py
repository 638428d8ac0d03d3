"""What must hold of a call at rest, and of one that has ended."""

# pyright: reportPrivateUsage=false
# how much waits in a call is nobody else's, and is to be bounded all the same

from collections import Counter
from collections.abc import Iterable, Sequence

from proof.simulation.line import Caller, Line
from proof.simulation.witness import Witness

from turngate.emulator.connection import Connection as Server
from turngate.gateway import limits


def said(server: Server, turns: Iterable[str]) -> Counter[str]:
    """Return what was said in these turns of a server's ledger, where a user took them."""
    items = (server.conversation.find(key) for key in turns)
    return Counter(item.said or item.measured for item in items if item is not None)


def settled_elsewhere(servers: Sequence[Server], witnesses: Sequence[Witness]) -> Counter[str]:
    """Return what was answered on a connection before the last one, and may stand alone on that.

    Its author cut the answer off before a whole word of it, or was told that it failed.
    """
    answered, is_settled = Counter[str](), False
    for server, witness in zip(servers[:-1], witnesses[:-1], strict=True):
        answered += said(server, server.ledger.answered)
        if witness.questions or server.ledger.answered:
            is_settled = witness.is_settled
    return answered if is_settled else Counter()


class Turns:
    """Judges whether each turn of one call is answered, over all of its connections."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._told = self._excused = self._connections = 0
        self._let_go: Counter[str] = Counter()

    def judge(self, server: Server, caller: Caller) -> None:
        """Complain of turns without an answer, unless the caller has been told of another failure."""
        if len(self._line.servers) != self._connections:
            self._connections = len(self._line.servers)
            self._excused = self._settled_before(server)
        told, unanswered = caller.failures, server.ledger.unanswered_turns
        if caller.lets_server_answer:  # which drops what it does not get to, by its own rule
            unanswered -= server.ledger.counters["vad_create_suppressed"]
        if told == self._told and unanswered > self._excused:
            self._line.complain("I2", f"{unanswered} turns have no answer")
        self._told, self._excused = told, unanswered
        self._let_go = said(server, server.ledger.unanswered)

    def _settled_before(self, server: Server) -> int:
        """Count the turns that stand alone here and were settled on connections before this one.

        Only until something is asked for: that covers whatever was told.
        """
        if self._line.witness.questions:
            return 0
        settled = settled_elsewhere(self._line.servers, self._line.witnesses) | self._let_go
        return (said(server, server.ledger.unanswered) & settled).total()


class Judge:
    """Judges one call, again and again."""

    def __init__(self, line: Line, caller: Caller) -> None:
        self._line, self._caller = line, caller
        self._turns = Turns(line)

    def at_rest(self) -> None:
        """Judge a call in which nothing is under way or due."""
        self.always()
        server = self._line.server
        if server is None or self._is_excused() or self._line.client.near.is_over:
            return
        call = self._line.call
        if call._to_client.waiting_bytes or call._to_upstream.waiting_bytes:
            self._line.complain("I5", "something waits in a call at rest")
        self._turns.judge(server, self._caller)
        self._judge_words(server)
        self._caller.judge(server)

    def _is_excused(self) -> bool:
        """Whether what is lost may be lost: an agent call goes on with another connection."""
        is_replaced = self._line.has_upstream and not self._line.is_upstream_gone
        return bool(self._line.excuses - ({"upstream"} if is_replaced else set()))

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
