"""Measure the gateway beside other relays, and beside none, in interleaved rounds.

Everything runs on this machine: the relay under measurement on one core, the load (a mock upstream
and its callers) on another where there is one. Prints a table and writes page, plot and JSON into
docs/performance.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import page
import uvloop
from measures import Options, long_talk, measure, talk
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rigs import ROOT, Relays, Rig, everything
from upstream import listening

FOLDER = ROOT / "docs" / "performance"
CALLS = (10, 25, 50, 100, 200, 300, 400, 500)
"""How many calls the curve is drawn over."""
CURVED = (page.DIRECT, page.BARE, "HAProxy", page.AGENT, page.NATIVE)
CURVE_S = 5
AGED = (page.BARE, page.AGENT, page.NATIVE)
STRETCHES = 6
ONCE = {"LiteLLM"}
"""Relays that take minutes to set up as many calls; they are measured in the first round only."""
LITELLM = "BENCH_LITELLM"
"""The environment variable that names a Python with LiteLLM's proxy beside it."""

console = Console()


@asynccontextmanager
async def relays(cores: list[int]) -> AsyncGenerator[list[Rig]]:
    """Run the mock upstream and every relay."""
    core = cores[1] if len(cores) > 1 else None
    if core is not None:
        os.sched_setaffinity(0, {cores[0]})
    litellm = os.environ.get(LITELLM)
    with tempfile.TemporaryDirectory() as folder:
        async with listening() as upstream:
            found = Relays(upstream, Path(folder), core)
            async with everything(found, Path(litellm) if litellm else None) as rigs:
                yield rigs


async def rounds(rigs: list[Rig], options: Options, progress: Progress) -> page.Measured:
    """Measure every relay once a round, so that a noisy minute hits all of them."""
    measured: page.Measured = {rig.name: [] for rig in rigs}
    order = [
        rig for each in range(options.rounds) for rig in rigs if not each or rig.name not in ONCE
    ]
    task = progress.add_task("rounds", total=len(order))
    for rig in order:
        progress.update(task, description=rig.name)
        measured[rig.name].append(await measure(rig, options))
        progress.advance(task)
    return measured


async def curves(rigs: list[Rig], progress: Progress) -> page.Curves:
    """Measure more and more calls; a relay that can carry no more is left there."""
    drawn: page.Curves = {rig.name: {} for rig in rigs if rig.name in CURVED}
    given_up: set[str] = set()
    task = progress.add_task("curves", total=len(CALLS) * len(drawn))
    for calls in CALLS:
        for rig in (each for each in rigs if each.name in drawn):
            progress.update(task, description=f"{rig.name}, {calls} calls")
            if rig.name not in given_up:
                talked = drawn[rig.name][calls] = await talk(rig, calls, CURVE_S)
                if talked.p99_ms > 10 * page.TOLERABLE_MS and rig.name != page.DIRECT:
                    given_up.add(rig.name)
            progress.advance(task)
    return drawn


async def ages(rigs: list[Rig], progress: Progress) -> page.Ages:
    """Measure the same calls again and again while they last."""
    aged: page.Ages = {}
    chosen = [rig for rig in rigs if rig.name in AGED]
    task = progress.add_task("lengths", total=len(chosen))
    for rig in chosen:
        progress.update(task, description=f"{rig.name}, long calls")
        aged[rig.name] = await long_talk(rig, page.AGED_CALLS, page.STRETCH_S, STRETCHES)
        progress.advance(task)
    return aged


async def run(options: Options, cores: list[int], *, with_curves: bool) -> None:
    """Measure, print and write."""
    columns = TextColumn("{task.description:<28}"), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        async with relays(cores) as rigs:
            measured = await rounds(rigs, options, progress)
            drawn = await curves(rigs, progress) if with_curves else {}
            found = page.Found(measured, drawn, await ages(rigs, progress) if with_curves else {})
    console.print(page.table(measured), "", page.bar_table(page.bars(found)), sep="\n")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "cost.md").write_text(page.page(found, options, cores), encoding="utf-8")
    (FOLDER / "cost.json").write_text(page.as_json(found, options), encoding="utf-8")
    page.plot(measured, drawn, FOLDER / "cost.svg")
    console.print(f"written to {FOLDER.relative_to(ROOT)}/cost.md, .json and .svg")


def main() -> None:
    """Read the options and run."""
    if not Path("/proc/self/schedstat").exists():
        sys.exit("the benchmark reads CPU time from /proc/<pid>/schedstat, which only Linux has")
    parser = argparse.ArgumentParser(description=__doc__)
    defaults = Options(rounds=7, calls=50, seconds=6, deltas=10_000, held=100)
    for name, value in defaults._asdict().items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument(
        "--no-curves", action="store_true", help="leave out the numbers and lengths of calls"
    )
    chosen = vars(parser.parse_args())
    with_curves = not chosen.pop("no_curves")
    cores = sorted(os.sched_getaffinity(0))
    uvloop.run(run(Options(**chosen), cores, with_curves=with_curves))


if __name__ == "__main__":
    main()
