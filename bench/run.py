"""Measure the gateway beside no relay at all and beside the barest relay, in interleaved rounds.

Everything runs on this machine: the relay under measurement on one core, the load (a mock upstream
and its callers) on another where there is one. Prints a table and writes it into docs/performance.
"""

import argparse
import asyncio
import os
import platform
import socket
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import uvloop
from callers import AgentCaller, Caller, RealtimeCaller, dial
from meter import cpu_s, memory_kib, quantile
from picows import (
    WSUpgradeRequest,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from upstream import DELTA_S, Upstream

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance" / "first-call.md"
FRAME_S = 0.02
SLICES = 4
"""Callers are spread over a frame's 20 ms in so many bursts."""
READY_S = 20.0
REST_S = 0.2

# The bars: what a caller of the agent front may cost.
CPU_RATIO = 1.25
ADDED_MS = 0.3
SETUP_MS = 2.0
HELD_KIB = 96.0


class Options(NamedTuple):
    """How much is measured."""

    rounds: int
    calls: int
    seconds: int
    deltas: int
    held: int


class Figures(NamedTuple):
    """One round of one relay; None is what no relay has none of."""

    cpu_ms: float | None
    """CPU of the relay for a second of a call."""
    p50_ms: float
    p99_ms: float
    blast_us: float | None
    """CPU of the relay for one delta, as fast as they go."""
    setup_ms: float | None
    """CPU of the relay from a connection to confirmed settings."""
    held_kib: float | None
    """Memory of the relay for one call that is held and quiet. Only the first round's counts: later
    calls lie where earlier ones lay."""


class Rig(NamedTuple):
    """What is measured: a process and where it listens, or no process at all."""

    name: str
    url: str
    caller: type[Caller]
    pid: int | None


def spent(rig: Rig) -> float:
    """Return the CPU seconds of the relay so far."""
    return cpu_s(rig.pid) if rig.pid is not None else 0.0


async def measure(rig: Rig, options: Options) -> Figures:
    """Run one round."""
    setup_ms, held_kib = await hold(rig, options.held)
    cpu_ms, added_ms = await talk(rig, options.calls, options.seconds)
    blast_us = await blast(rig, options.deltas)
    p50_ms, p99_ms = quantile(added_ms, 0.5), quantile(added_ms, 0.99)
    if rig.pid is None:
        return Figures(None, p50_ms, p99_ms, None, None, None)
    return Figures(cpu_ms, p50_ms, p99_ms, blast_us, setup_ms, held_kib)


async def hold(rig: Rig, calls: int) -> tuple[float, float]:
    """Set calls up one after the other and hold them; return CPU ms and KiB of each."""
    kib = memory_kib(rig.pid) if rig.pid is not None else 0
    began_s = spent(rig)
    callers = [await dial(rig.caller, rig.url) for _ in range(calls)]
    cost_s = spent(rig) - began_s
    kib = (memory_kib(rig.pid) if rig.pid is not None else 0) - kib
    await leave(callers)
    return cost_s * 1000 / calls, kib / calls


async def talk(rig: Rig, calls: int, seconds: int) -> tuple[float, list[float]]:
    """Let calls speak and be spoken to in real time; return CPU ms of a call's second, and delays."""
    callers = [await dial(rig.caller, rig.url) for _ in range(calls)]
    for caller in callers:  # spread over a delta's length, as calls are
        caller.ask(f"talk {int(seconds / DELTA_S) + 20}")
        await asyncio.sleep(DELTA_S / calls)
    for caller in callers:
        await caller.hears(2)
        caller.added_ns.clear()
    began_s, spent_s, steps = time.monotonic(), spent(rig), 0
    while (now_s := time.monotonic()) < began_s + seconds:
        for caller in callers[steps % SLICES :: SLICES]:
            caller.speak()
        steps += 1
        await asyncio.sleep(began_s + steps * FRAME_S / SLICES - now_s)
    cost_s = spent(rig) - spent_s
    took_s = time.monotonic() - began_s
    if any(caller.ended.is_set() for caller in callers):
        raise RuntimeError(f"{rig.name} lost a call")
    await leave(callers)
    added_ms = [ns / 1e6 for caller in callers for ns in caller.added_ns]
    return cost_s * 1000 / took_s / calls, added_ms


async def blast(rig: Rig, deltas: int) -> float:
    """Send deltas as fast as they go; return CPU µs of each."""
    caller = await dial(rig.caller, rig.url)
    spent_s = spent(rig)
    caller.ask(f"blast {deltas}")
    await caller.hears(deltas)
    cost_s = spent(rig) - spent_s
    await leave([caller])
    return cost_s * 1e6 / deltas


async def leave(callers: list[Caller]) -> None:
    """Hang up, and let the ends pass before the next measurement."""
    for caller in callers:
        caller.hang_up()
    for caller in callers:
        await caller.ended.wait()
    await asyncio.sleep(REST_S)  # the relay's own ends follow, and belong to nobody's figures


@asynccontextmanager
async def started(port: int, *command: str, core: int | None) -> AsyncGenerator[int]:
    """Run a relay until the block ends, once it listens; yield its pid."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        deadline_s = time.monotonic() + READY_S
        while not listens(port):
            if process.returncode is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"{' '.join(command)} does not listen")
            await asyncio.sleep(0.05)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def listens(port: int) -> bool:
    """Tell whether somebody listens on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def rounds(options: Options, cores: list[int]) -> dict[str, list[Figures]]:
    """Measure every relay once a round, so that a noisy minute hits all of them."""

    def door(request: WSUpgradeRequest) -> Upstream:
        del request
        return Upstream()

    server = await ws_create_server(door, "127.0.0.1", 0)
    upstream = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
    core = cores[1] if len(cores) > 1 else None
    if core is not None:
        os.sched_setaffinity(0, {cores[0]})
    bare, ours = free_port(), free_port()
    serve = ("-m", "turngate", "serve", "--port", str(ours), "--upstream", upstream)
    async with (
        started(bare, str(ROOT / "bench" / "relay.py"), str(bare), upstream, core=core) as bare_pid,
        started(ours, *serve, "--log-level", "warning", core=core) as our_pid,
    ):
        rigs = (
            Rig("direct", upstream, RealtimeCaller, None),
            Rig("bare relay", f"ws://127.0.0.1:{bare}/", RealtimeCaller, bare_pid),
            Rig("turngate", f"ws://127.0.0.1:{ours}/v1/agent/converse", AgentCaller, our_pid),
        )
        measured: dict[str, list[Figures]] = {rig.name: [] for rig in rigs}
        for number in range(options.rounds):
            for rig in rigs:
                print(f"round {number + 1} of {options.rounds}: {rig.name}", flush=True)
                measured[rig.name].append(await measure(rig, options))
    server.close()
    return measured


COLUMNS = (
    ("CPU ms a call-second", "cpu_ms", 2),
    ("p50 ms", "p50_ms", 2),
    ("p99 ms", "p99_ms", 2),
    ("CPU µs a delta", "blast_us", 1),
    ("set-up CPU ms", "setup_ms", 2),
    ("KiB a held call", "held_kib", 0),
)


def middle(measured: list[Figures], field: str) -> float | None:
    """Return the median of the rounds; of memory, the first."""
    looked_at = measured[:1] if field == "held_kib" else measured
    values = [value for each in looked_at if (value := getattr(each, field)) is not None]
    return median(values) if values else None


def table(measured: dict[str, list[Figures]]) -> str:
    """Return the medians as a Markdown table."""
    lines = ["| | " + " | ".join(name for name, _, _ in COLUMNS) + " |", "|---|" + "--:|" * 6]
    for name, figures in measured.items():
        cells = [
            "" if (value := middle(figures, field)) is None else f"{value:.{digits}f}"
            for _, field, digits in COLUMNS
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdicts(measured: dict[str, list[Figures]]) -> list[str]:
    """Return what the figures say about the bars; what is compared is compared round by round."""
    ours, bare, direct = (measured[name] for name in ("turngate", "bare relay", "direct"))
    pairs = zip(ours, bare, strict=True)
    ratio = median((o.cpu_ms or 0.0) / b.cpu_ms for o, b in pairs if b.cpu_ms)
    added = median(o.p50_ms - d.p50_ms for o, d in zip(ours, direct, strict=True))
    setup, held = middle(ours, "setup_ms") or 0.0, middle(ours, "held_kib") or 0.0
    rows = (
        ("CPU a call-second, against the bare relay", ratio, CPU_RATIO, "x", 2),
        ("a delta's way, longer than without a relay (p50)", added, ADDED_MS, "ms", 2),
        ("CPU of setting a call up", setup, SETUP_MS, "ms", 2),
        ("memory of a held call", held, HELD_KIB, "KiB", 0),
    )
    return [
        f"- {what}: {value:.{digits}f} {unit}; the bar is {bar:g} {unit}: "
        + ("met." if value <= bar else "**missed**.")
        for what, value, bar, unit, digits in rows
    ]


def page(measured: dict[str, list[Figures]], options: Options, cores: list[int]) -> str:
    """Return the page with the figures and where they come from."""
    pinned = "one for the relay, one for the load" if len(cores) > 1 else "shared by all"
    return f"""# First call: what the gateway costs

Written by `make bench`; run it again rather than edit this page.

{options.calls} calls, each with 50 microphone frames a second up and ten deltas of 100 ms a second down, \
for {options.seconds} s; a blast of {options.deltas} deltas on one call; {options.held} calls set up and held. \
The median of {options.rounds} rounds, in which the rows take turns; the memory is the first round's.

{table(measured)}

CPU is the relay's own process. p50 and p99 are the time from the upstream's writing of a delta to the \
caller's reading of it; in the row *direct* no relay is between them. The bare relay is \
[relay.py](../../bench/relay.py): two picows connections, frames passed on untouched.

{chr(10).join(verdicts(measured))}

These figures are from a small shared machine with {os.cpu_count()} cores ({pinned}), \
Python {platform.python_version()}, {platform.system()} on {platform.machine()}: others worked on it at \
the same time. They compare the rows; they are no capacity plan.

```sh
.venv/bin/python bench/run.py --rounds {options.rounds} --calls {options.calls} \
--seconds {options.seconds} --deltas {options.deltas} --held {options.held}
```
"""


def main() -> None:
    """Measure, print and write."""
    if not Path("/proc/self/schedstat").exists():
        sys.exit("the benchmark reads CPU time from /proc/<pid>/schedstat, which only Linux has")
    parser = argparse.ArgumentParser(description=__doc__)
    defaults = Options(rounds=5, calls=50, seconds=6, deltas=10_000, held=100)
    for name, value in defaults._asdict().items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--no-page", action="store_true", help="print only")
    chosen = vars(parser.parse_args())
    writes = not chosen.pop("no_page")
    options, cores = Options(**chosen), sorted(os.sched_getaffinity(0))
    measured = uvloop.run(rounds(options, cores))
    print("\n" + table(measured) + "\n\n" + "\n".join(verdicts(measured)))
    if writes:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(measured, options, cores), encoding="utf-8")
        print(f"\nwritten to {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
