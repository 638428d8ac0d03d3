"""Runs every check of the project, part by part, each against its time budget.

`python tools/checks.py [PART ...]`; without a part, all of them. Every part runs, even after one
has failed. The exit code is 1 if any failed, else 0. On a terminal the part at work shows its
progress; elsewhere a line comes at its start, each ten seconds, and at its end.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# A part over its budget is shown; only twice the budget fails the run, because shared machines
# differ that much among themselves, and a gate that fails for its neighbours' work gets ignored.
GRACE = 2.0

# The checks must not reach a paid service by accident, nor pick up somebody's configuration.
PRIVATE = re.compile(r"(OPENAI|AZURE_OPENAI|DEEPGRAM)_API_KEY|TURNGATE_.*")

console = Console(highlight=False)

Command = tuple[str, ...]


def pytest(*arguments: str) -> Command:
    """Return the command that runs pytest with these arguments."""
    return ("python", "-m", "pytest", "-q", *arguments)


def covered(package: str) -> tuple[Command, Command]:
    """Return the commands that hold a package to full branch coverage by its own tests.

    The golden tables are left out: they visit every transition, and would make any test look
    thorough.
    """
    store = f"--data-file=.coverage.{package}"
    source = f"--source=turngate.{package}"
    return (
        ("coverage", "run", store, source, *pytest("-m", "not table", f"tests/{package}")[1:]),
        ("coverage", "report", store, "--fail-under=100"),
    )


@dataclass(frozen=True)
class Part:
    """A named group of commands and the time they may take together."""

    name: str
    budget_s: int
    commands: tuple[Command, ...]
    needs: str = ""
    """An environment variable without which the part does not run; only this part sees it."""


TESTS = ROOT / "tests"
LOOPBACK = ("emulator", "gateway", "client", "cli", "e2e", "examples", "testing")

PARTS = (
    Part("format", 10, (("ruff", "format", "--check", "."),)),
    Part("lint", 10, (("ruff", "check", "."),)),
    Part("types", 60, (("pyright",),)),
    Part("spelling", 10, (("codespell",),)),
    Part(
        "core",
        60,
        (
            *covered("wire"),
            *covered("core"),
            *covered("dialects"),
            pytest("-m", "table", "tests"),
            pytest("tests/audio", "tests/functions", *map(str, sorted(TESTS.glob("test_*.py")))),
        ),
    ),
    Part(
        "loopback",
        120,
        # They wait more than they work, and each has its own ports.
        (pytest("-n", "4", "--dist", "worksteal", *(f"tests/{x}" for x in LOOPBACK)),),
    ),
    Part("browser", 120, (pytest("tests/browser"),)),
    Part("proof", 180, (pytest("tests/proof"), ("python", "-m", "proof.run"))),
    Part("real service", 120, (pytest("tests/real_service"),), needs="OPENAI_API_KEY"),
)


@dataclass
class Outcome:
    """What became of a part."""

    part: Part
    ran: bool = True
    ok: bool = True
    seconds: float = 0.0
    tests: Counter[str] = field(default_factory=Counter[str])

    def count(self, output: str) -> None:
        """Add the figures of pytest's last line: `3 failed, 20 passed in 1.2s`."""
        last = re.findall(r"^=*\s*(\d+ \w+.*) in [\d.]+s", output, re.MULTILINE)
        for number, word in re.findall(r"(\d+) (\w+)", last[-1] if last else ""):
            self.tests["failed" if word in {"error", "errors"} else word] += int(number)

    @property
    def verdict(self) -> str:
        """Say in a few words how it went."""
        if not self.ran:
            return f"not run (no {self.part.needs})"
        if not self.ok:
            return "FAILED"
        if self.seconds > GRACE * self.part.budget_s:
            return "FAILED: more than twice its budget"
        return "ok, over budget" if self.seconds > self.part.budget_s else "ok"

    @property
    def passed(self) -> bool:
        """Whether the run as a whole may still succeed."""
        return not self.verdict.startswith("FAILED")


def environment(part: Part) -> dict[str, str]:
    """Return the environment of a part's commands: no keys but the one it needs."""
    kept = {k: v for k, v in os.environ.items() if k == part.needs or not PRIVATE.fullmatch(k)}
    return kept | {"PYTHONUNBUFFERED": "1", "COLUMNS": "100"}


@contextmanager
def progress(part: Part) -> Generator[Callable[[str], None]]:
    """Show that the part is at work; yields the function that tells how far it is."""
    start = time.monotonic()

    def line(step: str) -> str:
        used = f"{time.monotonic() - start:.0f} s of {part.budget_s} s"
        return f"[bold]{part.name:<13}[/] {used:<15} {step}"

    if console.is_terminal:
        with console.status(line("")) as status:
            yield lambda step: status.update(line(step))
        return
    console.print(line("started"))
    told = start

    def tell(step: str) -> None:
        nonlocal told
        if time.monotonic() - told >= 10:  # noqa: PLR2004 - ten seconds, as the module says
            told = time.monotonic()
            console.print(line(step))

    yield tell


def perform(command: Command, env: dict[str, str], tell: Callable[[str], None]) -> tuple[int, str]:
    """Run one command to its end; returns its exit code and everything it printed."""
    pieces: list[str] = []
    with subprocess.Popen(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
        errors="replace",
    ) as process:
        output = process.stdout
        if output is None:
            raise AssertionError("stdout was asked for")

        # pytest ends a line of dots with a percentage, so whole lines are fine enough to follow.
        def read() -> None:
            for piece in output:
                pieces.append(piece)  # noqa: PERF402 - each line must be seen at once

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while process.poll() is None:
            percent = re.findall(r"\[ *(\d+%)\]", "".join(pieces[-20:]))
            tell(f"{' '.join(command)[:60]} {percent[-1] if percent else ''}")
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.2)
        reader.join()
    return process.returncode, "".join(pieces)


def run(part: Part) -> Outcome:
    """Run a part to its end, and show the output of each command that failed."""
    if part.needs and not os.environ.get(part.needs):
        return Outcome(part, ran=False)
    outcome = Outcome(part)
    start = time.monotonic()
    failures: list[tuple[Command, str]] = []
    with progress(part) as tell:
        for command in part.commands:
            code, output = perform(command, environment(part), tell)
            outcome.count(output)
            if code:
                failures.append((command, output))
    outcome.seconds = time.monotonic() - start
    outcome.ok = not failures
    console.print(f"[bold]{part.name:<13}[/] {outcome.seconds:5.1f} s         {outcome.verdict}")
    for command, output in failures:
        console.rule(" ".join(command))
        console.out(output, highlight=False)
    return outcome


def counted(tests: Counter[str]) -> str:
    """Write the figures of tests as one line; empty where there were none."""
    kinds = ("passed", "failed", "skipped")
    return ", ".join(f"{tests[kind]} {kind}" for kind in kinds) if tests else ""


def summarise(outcomes: list[Outcome]) -> None:
    """Print what became of each part, and of all the tests together."""
    table = Table("part", "result", "time", "budget", "tests", box=None, pad_edge=False)
    total: Counter[str] = Counter()
    for outcome in (x for x in outcomes if x.ran):
        total += outcome.tests
        style = "green" if outcome.passed else "bold red"
        table.add_row(
            outcome.part.name,
            f"[{style}]{outcome.verdict}[/]",
            f"{outcome.seconds:.1f} s",
            f"{outcome.part.budget_s} s",
            counted(outcome.tests),
        )
    console.print()
    console.print(table)
    console.print(counted(total))
    for outcome in outcomes:
        if outcome.part.needs:
            console.print(f"{outcome.part.name}: {outcome.verdict}")


def perform_all(parts: list[Part]) -> int:
    """Run these parts, all of them whatever happens; returns the exit code."""
    outcomes = [run(part) for part in parts]
    summarise(outcomes)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def main(names: list[str]) -> int:
    """Run the parts of these names, or all; returns the exit code."""
    if unknown := set(names) - {part.name for part in PARTS}:
        known = ", ".join(part.name for part in PARTS)
        console.print(f"No such part: {', '.join(sorted(unknown))}. There are: {known}.")
        return 2
    return perform_all([part for part in PARTS if not names or part.name in names])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
