"""A world from its seed: calls that go wrong in every way, and what must hold all the same.

I1  nothing leaves too early      I5  what waits is bounded
I2  nothing lost, nothing twice   I7  no word of one call in another
I4  no audio after a barge-in     I8  once faults stop, each call speaks again or has been ended
truth: nothing is acknowledged before it is so. bug: nothing breaks inside.

I3 and I6 of the same list speak of several nodes and of quotas, which do not exist.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

from msgspec import Struct, field
from proof.simulation.agent_caller import AgentCaller
from proof.simulation.clock import VirtualLoop
from proof.simulation.faults import FAULTS, of_now, refuse
from proof.simulation.judge import Judge
from proof.simulation.lies import Liar
from proof.simulation.line import Caller, Line, connect
from proof.simulation.native_caller import NativeCaller
from proof.simulation.trace import Trace, Watcher
from proof.simulation.transcript import Transcript
from proof.simulation.upstream import Upstream

from turngate.core.manners import Manners
from turngate.core.session import Policy
from turngate.dialects import settings, settings_rows
from turngate.dialects.house import House
from turngate.emulator import Knobs
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.call import Owner
from turngate.gateway.native_call import NativeCall, Relaying
from turngate.gateway.outside import Outside
from turngate.gateway.target import Target

PATIENCE_S = 10.0
"""I8: so long after the last fault a call must have come to rest, or to its end."""

ENDLESS_S = 300.0
"""What goes on for so long goes in circles, whatever faults it has an excuse for."""

_TARGET = Target(url="ws://upstream", name="upstream")


LYING = 25
"""Of so many worlds the upstream of one lies; its turns do not count."""
_ALWAYS = frozenset({"bug", "I7"})

WHIMSICAL, WHIMSICAL_IF_LIED_TO = 0.05, 0.8
"""The share of agent calls whose caller has whims, and whose functions have manners."""
OWN_MANNERS = {"get_time": Manners(on_turn="keep"), "get_weather": Manners(on_turn="cancel")}


class Report(Struct):
    """What came of one world."""

    seed: int
    is_lied_to: bool = False
    turns: int = 0
    calls: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    violations: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    virtual_s: float = 0.0
    slowest_s: float = 0.0


class World:
    """One world. `turns` is how many its callers take between them."""

    def __init__(
        self,
        seed: int,
        turns: int = 30,
        watch: Watcher | None = None,
        agent_call: type[AgentCall] = AgentCall,
        native_call: type[NativeCall] = NativeCall,
    ) -> None:
        # a loop of its own, so that its times do not depend on what was played before
        self.loop, self.chance = VirtualLoop(), Random(seed)
        self.report = Report(seed, is_lied_to=seed % LYING == LYING - 1)
        self._turns, self._watch = turns, watch
        self._agent_call, self._native_call = agent_call, native_call
        self._server_turns = self.chance.random() < 0.25
        self._redials = self.chance.random() < 0.7
        self._upstream = Upstream(self.loop, self.chance, Knobs(seed=seed, per_delta_ms=5))
        self._lines = 0
        self._liars: set[asyncio.Task[None]] = set()

    def run(self) -> Report:
        """Let it happen."""
        if self._watch is not None:
            self._watch.begin(self.loop.time)
        self.loop.play(self._happen())
        self.loop.close()
        self.report.virtual_s = self.loop.time()
        for crash in self.loop.crashes:
            self._complain("bug", repr(crash))
        return self.report

    def _complain(self, invariant: str, what: str) -> None:
        if self.report.is_lied_to and invariant not in _ALWAYS:
            return
        if self._watch is not None:
            self._watch.note("!!", f"{invariant}: {what}")
        self.report.violations.append((invariant, what))

    async def _happen(self) -> None:
        beside = self.chance.choice((1, 1, 2, 3))
        async with asyncio.TaskGroup() as group:
            for _ in range(beside):
                group.create_task(self._somebody(self._turns // beside))
        for liar in tuple(self._liars):
            liar.cancel()

    async def _somebody(self, turns: int) -> None:
        """Call, and call again when the call has ended, until so many turns are taken."""
        goal = turns
        while goal > 0:
            goal -= await self._call(goal)

    # -- one call

    def _line(self) -> tuple[Line, Caller]:
        self._lines += 1
        self.report.calls += 1
        name = f"{self.report.seed}x{self._lines}"
        line = Line(self.loop, self.chance, name, self._complain, self._watch)
        latency_s = self.chance.choice((0.0, 0.002, 0.03, 0.2))
        way = self._upstream.way(latency_s, line.dialled, line.refusals)
        outside = Outside(self.loop.now_ms, way)
        is_native = self.chance.random() < 0.35
        caller = self._native(line, outside) if is_native else self._agent(line, outside)
        if self.report.is_lied_to:
            liar = self.loop.create_task(Liar(line).lie())
            self._liars.add(liar)
            liar.add_done_callback(self._liars.discard)
        connect(line, caller, self.chance.choice((0.0, 0.002, 0.03, 0.2)))
        return line, caller

    def _agent(self, line: Line, outside: Outside) -> Caller:
        whims = self._whims(line, WHIMSICAL)
        line.call = call = self._agent_call(
            line.name,
            _TARGET,
            Owner(outside=outside),
            Policy(
                server_turns=self._server_turns,
                redials=self._redials,
                locked=(settings_rows.VOICE_PATH,),
                manners={} if whims is None else OWN_MANNERS,
            ),
            House(session=settings.own(server_turns=self._server_turns, voice=None)),
        )
        if isinstance(self._watch, Trace):
            self._watch.scripts[line.name] = Transcript(call)
        return AgentCaller(line, may_be_manual=not self._server_turns, whims=whims)

    def _native(self, line: Line, outside: Outside) -> Caller:
        whims = self._whims(line, 0.0)
        holds_updates = whims is None or whims.random() < 0.7
        line.call = self._native_call(
            line.name,
            _TARGET,
            Owner(outside=outside),
            Relaying(hold_updates=holds_updates),
        )
        return NativeCaller(line, whims)

    def _whims(self, line: Line, share: float) -> Random | None:
        """Return what a caller's whims come from, if it has any.

        It is a stream of its own, so that a call without whims is what it was before there were any.
        """
        whims = Random(f"the whims of {line.name}")
        has_whims = whims.random() < (WHIMSICAL_IF_LIED_TO if self.report.is_lied_to else share)
        return whims if has_whims else None

    async def _call(self, most: int) -> int:
        """Make one call of at most so many turns; return how many there were."""
        line, caller = self._line()
        judge = Judge(line, caller)
        taken = 0
        if self.chance.random() < 0.03:
            self.report.faults["refused connect"] += 1
            line.excuses.add("upstream")
            refuse(line)
        await self._until(line, lambda: caller.is_connected, "connection")
        while not caller.is_over and taken < most:
            taken += await self._round(line, caller, min(most - taken, self.chance.randint(1, 3)))
            await self._until(line, line.is_quiet, "an answer or an end")
            judge.at_rest()
            if self.chance.random() < 0.1:
                break
            if line.server is not None:
                line.server.knobs = self._upstream.knobs
        if not caller.is_over:
            caller.hang_up()
        await self._until(line, line.is_over, "the end of the call")
        judge.at_end()
        return max(1, taken)

    async def _round(self, line: Line, caller: Caller, turns: int) -> int:
        """Take some turns, each beside a fault; return how many there were before the call ended."""
        for taken in range(turns):
            is_first = self.chance.random() < 0.5
            if caller.is_over:
                return taken
            if is_first:
                self._befall(line)
            caller.take_a_turn(self.chance)
            await asyncio.sleep(self.chance.choice((0.0, 0.0, 0.01, 0.1, 0.6)))
            if caller.is_over and not is_first:
                return taken
            if not is_first:
                self._befall(line)
            self.report.turns += 1
        return turns

    def _befall(self, line: Line) -> None:
        """Let one of the faults happen that can happen to this line now."""
        name = of_now(line)
        if self._watch is not None:
            self._watch.note(line.name, f"** {name}")
        FAULTS[name].befall(line)
        self.report.faults[name] += 1

    async def _until(self, line: Line, is_so: Callable[[], bool], what: str) -> None:
        """Let time pass until it is so, or the call is over; no longer than is promised."""
        began_s = moved_s = self.loop.time()
        come_of_it, step_s = line.progress, 0.05
        while not is_so() and not line.is_over():
            if line.progress != come_of_it:
                come_of_it, moved_s = line.progress, self.loop.time()
            late_s = self.loop.time() - max(moved_s, line.until_s)
            self.report.slowest_s = max(self.report.slowest_s, late_s)
            if late_s > PATIENCE_S or self.loop.time() - began_s > ENDLESS_S:
                line.complain("I8", f"no {what} {late_s:.1f} s after the last fault")
                line.client.reset()
                line.excuses.add("client")
                return
            await asyncio.sleep(step_s)
            step_s = min(2.0, step_s * 1.5)
