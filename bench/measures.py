"""The measurements: what a relay costs, and by how much it delays."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from callers import Caller, dial
from meter import cpu_s, memory_kib, quantile
from rigs import Rig
from upstream import DELTA_S

FRAME_S = 0.02
SLICES = 4
"""Callers are spread over a frame's 20 ms in so many bursts."""
REST_S = 0.2


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


class Talk(NamedTuple):
    """What a while of talking cost, and how long its deltas took."""

    cpu_ms: float
    p50_ms: float
    p99_ms: float


def spent(rig: Rig) -> float:
    """Return the CPU seconds of the relay so far."""
    return cpu_s(rig.pid) if rig.pid is not None else 0.0


def occupied(rig: Rig) -> int:
    """Return the KiB that the relay holds."""
    return memory_kib(rig.pid) if rig.pid is not None else 0


async def measure(rig: Rig, options: Options) -> Figures:
    """Run one round."""
    setup_ms, held_kib = await hold(rig, options.held)
    talked = await talk(rig, options.calls, options.seconds)
    blast_us = await blast(rig, options.deltas)
    if rig.pid is None:
        return Figures(None, talked.p50_ms, talked.p99_ms, None, None, None)
    return Figures(talked.cpu_ms, talked.p50_ms, talked.p99_ms, blast_us, setup_ms, held_kib)


async def hold(rig: Rig, calls: int) -> tuple[float, float]:
    """Set calls up one after the other and hold them; return CPU ms and KiB of each."""
    kib, began_s = occupied(rig), spent(rig)
    callers = [await dial(rig.caller, rig.url) for _ in range(calls)]
    cost_s = spent(rig) - began_s
    kib = occupied(rig) - kib
    await leave(callers)
    return cost_s * 1000 / calls, kib / calls


async def talk(rig: Rig, calls: int, seconds: int) -> Talk:
    """Let calls speak and be spoken to in real time."""
    async with talking(rig, calls, seconds) as callers:
        return await while_talking(rig, callers, seconds)


async def long_talk(rig: Rig, calls: int, seconds: int, stretches: int) -> list[Talk]:
    """Let the same calls talk for so many stretches; return what each of these cost."""
    async with talking(rig, calls, seconds * stretches) as callers:
        return [await while_talking(rig, callers, seconds) for _ in range(stretches)]


@asynccontextmanager
async def talking(rig: Rig, calls: int, seconds: int) -> AsyncGenerator[list[Caller]]:
    """Yield calls that are spoken to, for at least so long."""
    callers = [await dial(rig.caller, rig.url) for _ in range(calls)]
    for caller in callers:  # spread over a delta's length, as calls are
        caller.ask(f"talk {int(seconds / DELTA_S) + 20}")
        await asyncio.sleep(DELTA_S / calls)
    for caller in callers:
        await caller.hears(2)
    yield callers
    await leave(callers)


async def while_talking(rig: Rig, callers: list[Caller], seconds: int) -> Talk:
    """Speak for so long, and measure what this costs and how soon the deltas come."""
    for caller in callers:
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
    added_ms = [ns / 1e6 for caller in callers for ns in caller.added_ns]
    return Talk(
        cost_s * 1000 / took_s / len(callers), quantile(added_ms, 0.5), quantile(added_ms, 0.99)
    )


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
