"""What 20 calls notice while one client does harm: `python bench/flood.py [--rounds N] [--json]`.

A gateway, a mock upstream, the client that does harm, and 20 callers who get ten audio deltas a second
and speak: four processes. For each way of doing harm a quiet stretch and one with harm take turns; what
counts is how much longer a delta takes, what of the answers is lost, and what memory the gateway takes.

Where other work cannot be stopped meanwhile, `chrt -r 5 python bench/flood.py` goes before it.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import programs
import uvloop
from callers import AgentCaller, speak
from flooder import KEY, WAYS
from meter import memory_kib, quantile
from picows import (
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "performance" / "flood.md"
CALLS = 20
TALK = 1_100
MEMORY_MIB = 96
"""What the gateway may grow by: its queues for 5 deaf clients at 8 MiB, and as much again."""

PRIORITY = """ All but the client that does harm had
real-time priority over that. From such a process that uses a whole core, as the gateway does under a flood of small messages,
Linux withholds 50 ms of each second: of that row's p99 this is nearly all."""

console = Console(highlight=False)


class Stretch(NamedTuple):
    """A stretch of time: how late deltas were, how many came, and how many should have."""

    p50_ms: float
    p99_ms: float
    came: int
    due: int


class Harm(NamedTuple):
    """One way of doing harm, beside quiet stretches of the same minutes."""

    quiet: list[Stretch]
    harmed: list[Stretch]
    grown_mib: float

    @property
    def rise_ms(self) -> float:
        """How much the p99 rises, as the median of the rounds."""
        pairs = zip(self.quiet, self.harmed, strict=True)
        return median(harmed.p99_ms - quiet.p99_ms for quiet, harmed in pairs)

    @property
    def lost(self) -> int:
        """How many deltas did not come, beyond one a call that is on its way."""
        return sum(max(0, each.due - each.came - CALLS) for each in (*self.quiet, *self.harmed))


@asynccontextmanager
async def gateway() -> AsyncGenerator[tuple[int, str]]:
    """Run a mock upstream and a gateway before it; yield the gateway's pid and address."""
    async with (
        programs.running("upstream.py") as (_, (upstream,)),
        programs.gateway(upstream, TURNGATE_CLIENT_KEYS=f"caller,{KEY}") as (pid, url),
    ):
        yield pid, url


async def _connected(caller: AgentCaller, url: str) -> None:
    await ws_connect(lambda: caller, url, extra_headers={"Authorization": "Token caller"})


async def stretch(callers: list[AgentCaller], seconds: float) -> Stretch:
    """Listen for so long."""
    loop = asyncio.get_running_loop()
    before = [len(caller.added_ns) for caller in callers]
    began = loop.time()
    await asyncio.sleep(seconds)
    late = [
        ns / 1e6
        for caller, start in zip(callers, before, strict=True)
        for ns in caller.added_ns[start:]
    ]
    due = int((loop.time() - began) * 10) * len(callers)
    return Stretch(quantile(late, 0.5), quantile(late, 0.99), len(late), due)


async def harmed(way: str, url: str, callers: list[AgentCaller], seconds: float) -> Stretch:
    """Listen while a client does harm."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "flooder.py"), way, url
    )
    await asyncio.sleep(0.5)
    try:
        return await stretch(callers, seconds)
    finally:
        process.kill()
        await process.wait()


async def measured(ways: list[str], rounds: int, seconds: float) -> dict[str, Harm]:
    """Measure each way, with calls of its own: an answer may last for two minutes."""
    found: dict[str, Harm] = {}
    async with gateway() as (pid, url):
        for way in ways:
            async with talking(url) as callers:
                calm_kib, grown = memory_kib(pid), 0
                harm = Harm([], [], 0.0)
                for _ in range(rounds):
                    harm.quiet.append(await stretch(callers, seconds))
                    harm.harmed.append(await harmed(way, url, callers, seconds))
                    grown = max(grown, memory_kib(pid) - calm_kib)
                found[way] = harm._replace(grown_mib=grown / 1024)
    return found


@asynccontextmanager
async def talking(url: str) -> AsyncGenerator[list[AgentCaller]]:
    """Have calls in which both sides talk; none of them may end meanwhile."""
    callers = [AgentCaller() for _ in range(CALLS)]
    for caller in callers:
        await _connected(caller, f"{url}/v1/agent/converse")
        await caller.start()
        caller.ask(f"talk {TALK}")
    speaking = asyncio.create_task(speak(callers))
    await asyncio.sleep(1)
    yield callers
    speaking.cancel()
    if any(caller.ended.is_set() for caller in callers):
        raise RuntimeError("a call that did no harm was ended")
    for caller in callers:
        caller.hang_up()


def table(found: dict[str, Harm]) -> Table:
    """Show what was found."""
    shown = Table("one client", "p99 quiet", "p99 harmed", "rises by", "lost", "memory", box=None)
    for way, harm in found.items():
        quiet, ill = (median(x.p99_ms for x in each) for each in (harm.quiet, harm.harmed))
        rise = f"{harm.rise_ms:+.1f} ms"
        grown = f"{harm.grown_mib:+.1f} MiB"
        shown.add_row(way, f"{quiet:.1f} ms", f"{ill:.1f} ms", rise, str(harm.lost), grown)
    return shown


def page(found: dict[str, Harm], rounds: int, seconds: float) -> str:
    """Write what was found."""
    rows = "\n".join(
        f"| {(WAYS[way].__doc__ or way).rstrip('.').lower()} "
        f"| {median(x.p50_ms for x in harm.harmed):.1f} ms "
        f"| {median(x.p99_ms for x in harm.quiet):.1f} ms "
        f"| {median(x.p99_ms for x in harm.harmed):.1f} ms | {harm.rise_ms:+.1f} ms "
        f"| {harm.lost} | {harm.grown_mib:+.1f} MiB |"
        for way, harm in found.items()
    )
    is_first = os.sched_getscheduler(0) != os.SCHED_OTHER
    return f"""# While one client does harm

Made by `python bench/flood.py`; changes here are overwritten.

{CALLS} calls speak and are spoken to, ten audio deltas of 100 ms a second each, while one client does harm, as fast as it
can and again whenever it is thrown out. Times are from the upstream's writing of a delta to the caller's reading it.
Each row: {rounds} rounds of {seconds:g} s quiet and {seconds:g} s harm in turns, medians of the rounds; "lost" are deltas that
did not come. Usual [limits](../reference/limits.md); {os.cpu_count()} cores, shared by the gateway, the mock upstream, the
callers, the client that does harm, and whatever else ran there.{PRIORITY if is_first else ""}

| what it does | p50 | p99 quiet | p99 harmed | p99 rises by | lost | memory |
|---|---|---|---|---|---|---|
{rows}

The bars: nothing lost, the p99 rises by less than 10 ms, the memory by less than {MEMORY_MIB} MiB.
"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", action="store_true", help="print JSON and write no page")
    parser.add_argument("ways", nargs="*", help=f"of {', '.join(WAYS)}; all by default")
    chosen = parser.parse_args()
    found = uvloop.run(measured(chosen.ways or [*WAYS], chosen.rounds, chosen.seconds))
    if chosen.json:
        figures = {
            way: {"rise_ms": harm.rise_ms, "lost": harm.lost, "grown_mib": harm.grown_mib}
            for way, harm in found.items()
        }
        print(json.dumps({"bound_mib": MEMORY_MIB, "ways": figures}))
        return
    console.print(table(found))
    PAGE.write_text(page(found, chosen.rounds, chosen.seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
