"""One call of a world: who calls, the gateway's call, the upstream's side, and what broke on the way."""

# pyright: reportPrivateUsage=false
# whether a call still waits for something stands in its timers, which are nobody else's

from collections import Counter, deque
from collections.abc import Callable
from random import Random
from typing import Protocol

from picows import WSMsgType
from proof.simulation.clock import VirtualLoop
from proof.simulation.network import Connection, End
from proof.simulation.trace import Watcher
from proof.simulation.witness import Known, Witness

from turngate.emulator.connection import Connection as Server
from turngate.gateway.call import Call

Complain = Callable[[str, str], None]
"""Takes an invariant's name and what broke it."""


class Caller(Protocol):
    """Who is at the other end of a call."""

    garbage: tuple[bytes, ...]
    """What its protocol does not have."""
    harmless: bytes
    """A message that changes nothing."""
    errors: Counter[str]
    is_connected: bool
    is_over: bool
    has_left: bool
    lets_server_answer: bool
    """Whether it is the server's to answer speech, and not the gateway's."""
    close_code: int | None

    @property
    def failures(self) -> int:
        """How many failures of an answer it was told of."""
        ...

    def take_a_turn(self, chance: Random) -> None:
        """Do one of the things that want an answer."""
        ...

    def barge_in(self) -> None:
        """Ask for something long, and speak into it."""
        ...

    def hang_up(self) -> None:
        """Leave in order."""
        ...

    def words(self) -> list[str]:
        """Return each line that was typed."""
        ...

    def judge(self, server: Server) -> None:
        """Judge a call at rest by what its protocol promises."""
        ...


class Line:
    """What belongs to one call. `excuses` are the faults after which its end needs no reason."""

    def __init__(
        self,
        loop: VirtualLoop,
        chance: Random,
        name: str,
        complain: Complain,
        watch: Watcher | None = None,
    ) -> None:
        self.loop, self.chance, self.name = loop, chance, name
        self._complain, self.watch = complain, watch
        self.call: Call
        self.caller: Caller
        self.client: Connection
        self.upstream: Connection | None = None
        self.upstreams: list[Connection] = []
        self.server: Server | None = None
        self.servers: list[Server] = []
        self.refusals: deque[str] = deque()
        """What the next dials come to, as long as there are any."""
        self.witness = Witness(loop.time)
        self.witnesses: list[Witness] = []
        self.excuses: set[str] = set()
        self.until_s = 0.0

    def complain(self, invariant: str, what: str) -> None:
        """Note that an invariant does not hold."""
        self._complain(invariant, f"{self.name} at {self.loop.time():.3f} s: {what}")

    def lasts(self, seconds: float) -> None:
        """Note that what was done wrong has effects for so long, beside what lasts already."""
        self.until_s = max(self.until_s, self.loop.time()) + seconds

    def dialled(self, connection: Connection, server: Server, witness: Witness) -> None:
        """Take the upstream's side."""
        self.upstream, self.server, self.witness = connection, server, witness
        self.upstreams.append(connection)
        self.servers.append(server)
        self.witnesses.append(witness)
        if self.watch is not None:
            self.watch.watch(self.name, "U", connection.near)

    def failed(self) -> None:
        """Note that the caller was told that an answer failed."""
        self.asked.failed()

    def cut(self, *, is_under_way: bool) -> None:
        """Note that the caller cut in, on what is still `is_under_way` or had come before.

        What was lost with a connection before it was heard is to be asked for on the next all the same.
        """
        is_linked = self.upstream is not None and not self.upstream.near.is_over
        had_come = self.asked is not self.witness and self.asked.is_whole
        if (is_under_way and is_linked) or had_come:
            self.asked.cut()

    @property
    def asked(self) -> Witness:
        """The witness of the last connection that was asked for anything, or else of the last one."""
        with_answers = (each for each in reversed(self.witnesses) if each.has_answers)
        return next(with_answers, self.witness)

    def is_over(self) -> bool:
        """Whether caller and gateway know that it has ended, and the gateway has let go of it."""
        return self.client.is_over and all(each.near.is_over for each in self.upstreams)

    def is_quiet(self) -> bool:
        """Whether nothing is under way and nobody has anything due."""
        if not self.client.is_quiet or len(self.call._timers) or self.is_dialling:
            return False
        if self.upstream is None or self.server is None:
            return False
        return self.upstream.is_quiet and self.server.next_ms is None

    @property
    def is_dialling(self) -> bool:
        """Whether an upstream connection is being made."""
        dialling = self.call._dialling
        return dialling is not None and not dialling.done()

    @property
    def has_upstream(self) -> bool:
        """Whether there is an upstream connection to which something can be done."""
        return self.upstream is not None and not self.upstream.near.is_disconnected

    @property
    def is_upstream_gone(self) -> bool:
        """Whether the upstream is gone or frozen, though nobody was told."""
        is_frozen = self.server is not None and self.server.outbox.is_over
        return is_frozen or (self.upstream is not None and self.upstream.is_half_open)

    @property
    def progress(self) -> int:
        """Count what has come of the call: the responses that ended, and what its caller was told."""
        return len(self.witness.ended) + self.caller.errors.total()

    def inserted(self, payload: bytes, kind: WSMsgType = WSMsgType.TEXT) -> None:
        """Have the upstream say something that its session did not."""
        if self.upstream is not None:
            self.upstream.far.send(kind, payload)


def connect(line: Line, caller: Caller, latency_s: float) -> None:
    """Connect the caller to the gateway's call."""
    line.caller = caller
    near = End("gateway", line.call.client, line.loop)
    far = End("caller", caller, line.loop)
    known = Known(line)
    near.on_sent, near.on_taken = known.sent, known.taken
    line.client = Connection(line.loop, near, far, latency_s)
    if line.watch is not None:
        line.watch.watch(line.name, "C", near)
    line.client.open()
