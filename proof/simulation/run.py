"""Many worlds on every core, and one line of figures.

python -m proof.simulation                the short form, about 40 s
python -m proof.simulation --long         a million turns
python -m proof.simulation --seed 17      one world: its figures, and what went wrong in it
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from typing import Any, Literal

import msgspec
from msgspec import Struct, field
from proof.simulation.anything import pass_rows
from proof.simulation.faults import FAULTS
from proof.simulation.row import Row
from proof.simulation.rows import Visits, read
from proof.simulation.trace import Digest, Trace
from proof.simulation.unreached import counted, impossible, rare, unlisted
from proof.simulation.world import LYING, Report, World

from turngate.gateway import log

Form = Literal["short", "long"]

TURNS_A_WORLD = 30
ENDED_BEFORE = 0.005
"""A call may end before its turns: so much is played in addition."""
TURNS: dict[Form, int] = {"short": 12_000, "long": 1_000_000}
SESSIONS: dict[Form, int] = {"short": 0, "long": 10_000}
"""So many sessions of the core are told anything at all; the tests have a short form of that."""
OBSERVED = 10
"""Of so many worlds the steps of one are looked at."""
BATCH = 100
"""Worlds that one process takes at once."""
SHOWN = 3
"""So many worlds that went wrong are shown; the others are counted."""
TWICE = 50
"""So many worlds are played twice and compared."""


class Tally(Struct):
    """What came of many worlds."""

    worlds: int = 0
    turns: int = 0
    lied: int = 0
    """Worlds whose upstream lied; their turns are not among the others."""
    calls: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    violations: Counter[str] = field(default_factory=Counter[str])
    failed: list[int] = field(default_factory=list[int])
    rows: set[Row] = field(default_factory=set[Row])
    """Those that were passed beside an honest upstream."""
    rows_lied_to: set[Row] = field(default_factory=set[Row])
    rows_told_anything: set[Row] = field(default_factory=set[Row])
    """Those that sessions of the core have passed, without a gateway around them."""
    virtual_s: float = 0.0
    slowest_s: float = 0.0

    def add(self, report: Report) -> None:
        """Take in one world."""
        self.worlds += 1
        if report.is_lied_to:
            self.lied += 1
        else:
            self.turns += report.turns
        self.calls += report.calls
        self.faults += report.faults
        self.virtual_s += report.virtual_s
        self.slowest_s = max(self.slowest_s, report.slowest_s)
        if report.violations:
            self.failed.append(report.seed)
            self.violations.update(name for name, _ in report.violations)

    def join(self, other: "Tally") -> None:
        """Take in what another process came to."""
        self.worlds += other.worlds
        self.turns += other.turns
        self.lied += other.lied
        self.calls += other.calls
        self.faults += other.faults
        self.violations += other.violations
        self.failed += other.failed
        self.rows |= other.rows
        self.rows_lied_to |= other.rows_lied_to
        self.virtual_s += other.virtual_s
        self.slowest_s = max(self.slowest_s, other.slowest_s)


def played(seeds: Iterable[int]) -> Tally:
    """Play these worlds in this process."""
    log.configure("critical", "json")
    tally, visits, lied_to = Tally(), Visits(), Visits()
    for seed in seeds:
        # To look at each step costs a third; one honest world in ten shows the same rows.
        is_honest = seed % LYING != LYING - 1
        is_observed = not is_honest or seed % OBSERVED == 0
        seen = visits if is_honest else lied_to
        with seen.observed() if is_observed else nullcontext():
            tally.add(World(seed, TURNS_A_WORLD).run())
    tally.rows, tally.rows_lied_to = visits.passed, lied_to.passed
    return tally


def passed_by_sessions(seeds: Iterable[int]) -> set[Row]:
    """Return the rows that sessions pass which are told anything at all."""
    return pass_rows(seeds).passed


def digest(seed: int) -> str:
    """Return the hash over everything that is said in a world."""
    log.configure("critical", "json")
    taken = Digest()
    World(seed, TURNS_A_WORLD, taken).run()
    return str(taken)


def shown(seed: int) -> str:
    """Return what went wrong in a world, and the scripts of the calls in which it did."""
    log.configure("critical", "json")
    trace = Trace()
    report = World(seed, TURNS_A_WORLD, trace).run()
    told = [f"seed {seed}"]
    told += [f"{invariant}: {what}" for invariant, what in report.violations]
    broken = (
        name
        for name in trace.scripts
        for _, what in report.violations
        if what.startswith(f"{name} ")
    )
    name = next(broken, None)
    if name is not None:
        told.append(f"# the session of {name}, as a test of the core\n{trace.scripts[name]}")
    return "\n".join(told)


def _batches(seeds: range) -> list[range]:
    return [seeds[at : at + BATCH] for at in range(0, len(seeds), BATCH)]


def _rows_of(tally: Tally) -> dict[str, Any]:
    """Return which rows of the golden tables were passed, and why others were not."""
    rows, in_worlds = read(), tally.rows | tally.rows_lied_to
    passed = in_worlds | tally.rows_told_anything
    missed = [row for row in rows if row not in passed]
    return {
        "in_all": len(rows),
        "passed": len(passed),
        "only_lied_to": len(tally.rows_lied_to - tally.rows),
        "only_told_anything": len(passed - in_worlds),
        "never_sent": counted(missed),
        "rare": [row for row in map(str, missed) if row in rare()],
        "unlisted": unlisted(missed),
        "impossible": impossible(passed),
    }


def run(form: Form) -> dict[str, object]:
    """Play the worlds of a form on every core; return the figures, `ok` among them."""
    began_s = time.monotonic()
    honest = int(TURNS[form] / TURNS_A_WORLD * (1 + ENDED_BEFORE)) + 1
    seeds = range(honest + honest // (LYING - 1) + 1)
    tally = Tally()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        twice = list(pool.map(digest, [*seeds[:TWICE]] * 2))
        for part in pool.map(played, _batches(seeds)):
            tally.join(part)
            if form == "long":
                bad = sum(tally.violations.values())
                sys.stderr.write(f"\r{tally.turns:,} turns, {bad} violations")
                sys.stderr.flush()
        told = range(SESSIONS[form])
        for rows in pool.map(passed_by_sessions, _batches(told)):
            tally.rows_told_anything |= rows
    for seed in tally.failed[:SHOWN]:
        sys.stderr.write(f"{shown(seed)}\n")
    is_same = twice[:TWICE] == twice[TWICE:]
    found = _rows_of(tally)
    is_accounted_for = not found["impossible"] and not (form == "long" and found["unlisted"])
    is_whole = is_accounted_for and tally.turns >= TURNS[form]
    idle = sorted(name for name in FAULTS if not tally.faults[name])
    return {
        "piece": "simulation",
        "form": form,
        "ok": is_same and is_whole and not (tally.violations or idle),
        "turns": tally.turns,
        "worlds": tally.worlds,
        "worlds_lied_to": tally.lied,
        "calls": tally.calls,
        "faults": sum(tally.faults.values()),
        "fault_kinds": len(FAULTS) - len(idle),
        "violations": dict(tally.violations),
        "failed_seeds": tally.failed[:20],
        "rows": found,
        "slowest_recovery_s": round(tally.slowest_s, 1),
        "virtual_hours": round(tally.virtual_s / 3600, 1),
        "same_hash_twice": is_same,
        "seconds": round(time.monotonic() - began_s, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where everything held."""
    parser = argparse.ArgumentParser(prog="python -m proof.simulation", description=__doc__)
    parser.add_argument("--long", action="store_true", help="a million turns")
    parser.add_argument("--seed", type=int, help="one world, with what went wrong in it")
    asked = parser.parse_args()
    if asked.seed is not None:
        sys.stdout.write(f"{shown(asked.seed)}\n")
        return 0
    figures = run("long" if asked.long else "short")
    sys.stdout.write(f"{msgspec.json.encode(figures).decode()}\n")
    return 0 if figures["ok"] else 1
