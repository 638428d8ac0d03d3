"""One search by Spin: the model made into a checker, compiled, run to its end, and its verdict."""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from proof.model.source import SOURCE, Scenario, lay_out, replay

MEGABYTES = 12_000
"""What one search may take; one that wants more has proven nothing."""

DEPTH = 100_000
"""Steps of the longest path; a search that meets this bound has proven nothing."""


class Question(StrEnum):
    """What a search asks; each has its own way through the states."""

    PROMISES = "promises"
    """Does every assertion hold in every state, and is nobody left waiting at an end?"""

    SHORTEST = "shortest"
    """The same, breadth first: of all ways to a violation, the shortest."""

    ENDS = "ends"
    """Does every assertion hold, and does every run come to an end?"""

    SERVED = "served"
    """Is it true of every run that from some moment on every wish is served?"""


_PACKED = ["-DCOLLAPSE", "-DSEPQS"]

# Compiled with, run with. Without -DNOCLAIM the claim of the source is checked.
_WAYS: dict[Question, tuple[list[str], list[str]]] = {
    Question.PROMISES: ([*_PACKED, "-DSAFETY", "-DNOCLAIM"], []),
    Question.SHORTEST: (["-DSAFETY", "-DNOCLAIM", "-DBFS"], []),
    Question.ENDS: ([*_PACKED, "-DNP", "-DNOCLAIM"], ["-l"]),
    Question.SERVED: (_PACKED, ["-a", "-A", "-N", "served"]),
}


class Found(NamedTuple):
    """What came of a search: `verdict` is holds, violated, or why it proved nothing."""

    verdict: str
    states: int
    seconds: float
    megabytes: int
    broken: str = ""
    """The promise that was broken, in the model's words."""
    way: tuple[str, ...] = ()
    """The way there: events, what the gateway said, how it stood."""


def search(scenario: Scenario, question: Question, *, limit_s: float = 1_800) -> Found:
    """Search every state that the scenario allows."""
    with tempfile.TemporaryDirectory(prefix="turngate-model-") as name:
        folder = Path(name)
        lay_out(folder)
        start = time.monotonic()
        compiled_with, run_with = _WAYS[question]
        if question is Question.SHORTEST:
            scenario = scenario._replace(without=(*scenario.without, "BREADTH_FIRST"))
        checker(folder, scenario, compiled_with)
        try:
            log = _run(["./pan", f"-m{DEPTH}", *run_with], folder, limit_s)
        except subprocess.TimeoutExpired:
            return Found(f"not finished in {limit_s:.0f} s", 0, limit_s, 0)
        seconds = time.monotonic() - start
        verdict = _verdict(log)
        found = Found(verdict, _states(log), seconds, _megabytes(log))
        if verdict != "violated":
            return found
        return found._replace(
            broken=_broken(log, folder, scenario), way=tuple(replay(folder, scenario))
        )


def checker(folder: Path, scenario: Scenario, options: list[str]) -> None:
    """Make and compile the checker `pan` in a folder that has the model.

    Raises:
        CalledProcessError: Spin or the compiler refuses it.

    """
    _run(["spin", *scenario.defines(), "-a", SOURCE], folder, 60, check=True)
    optimise = "-O0" if scenario.is_small() else "-O2"
    compiler = ["gcc", optimise, "-w", f"-DMEMLIM={MEGABYTES}"]
    _run([*compiler, *options, "-o", "pan", "pan.c"], folder, 120, check=True)


def follow(scenario: Scenario, folder: Path) -> Iterator[str]:
    """Search a whole scenario in this folder, and yield what is said at every step of the search.

    Raises:
        ValueError: The scenario does not hold, so the search was not whole.

    """
    lay_out(folder)
    checker(folder, scenario._replace(without=("FOLLOWED",)), ["-DSAFETY", "-DNOCLAIM", "-DPRINTF"])
    log: list[str] = []
    with subprocess.Popen(
        ["./pan", f"-m{DEPTH}"], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            if line[:2] in ("@ ", "> ", "< ", "= "):
                yield line
            else:
                log.append(line)
    verdict = _verdict("".join(log))
    if verdict != "holds":
        raise ValueError(f"{scenario}: {verdict}")


def _run(command: list[str], folder: Path, limit_s: float, *, check: bool = False) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=check
    )
    return done.stdout + done.stderr


def _verdict(log: str) -> str:
    errors = re.search(r"errors: (\d+)", log)
    if errors is None:
        return "broken off: " + (log.strip().splitlines() or ["no output"])[-1][:80]
    if int(errors[1]):
        return "violated"
    for sign in ("max search depth too small", "out of memory", "truncated", "interrupted"):
        if sign in log:
            return f"incomplete: {sign}"
    return "holds"


def _states(log: str) -> int:
    found = re.search(r"(\d+) states, stored", log)
    return int(found[1]) if found else 0


def _megabytes(log: str) -> int:
    found = re.search(r"([\d.]+)\s+total actual memory usage", log)
    return round(float(found[1])) if found else 0


def _broken(log: str, folder: Path, scenario: Scenario) -> str:
    """Return the comment on the assertion that failed; where it was none, what Spin says."""
    told = _run(["spin", "-t", "-T", *scenario.defines(), SOURCE], folder, 60)
    place = re.search(r"spin: (\w+\.pml):(\d+), Error: assertion violated", told)
    if place is None:
        said = re.search(r"pan:1: (.*) \(at depth", log)
        return said[1] if said else "a run that never ends"
    line = (folder / place[1]).read_text().splitlines()[int(place[2]) - 1]
    comment = re.search(r"/\* (.*) \*/", line)
    return comment[1] if comment else line.strip()
