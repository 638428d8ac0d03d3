"""The model as Spin reads it: the written files, the tables made from the code, and the bounds."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from proof.model.tables import MACHINES, bounds, promela

FOLDER = Path(__file__).parent
WRITTEN = (
    "call.pml",
    "connections.pml",
    "forget.pml",
    "gateway.pml",
    "promises.pml",
    "upstream.pml",
)
SOURCE = "call.pml"

PLAIN: Mapping[str, int] = {
    "WISHES": 0,
    "SPEECHES": 0,
    "CALLS": 0,
    "CHANGES": 0,
    "BAD_CHANGES": 0,
    "WHIMS": 0,
    "FAULTS": 0,
    "LOSSES": 0,
    "DRAINS": 0,
    "RECONNECTS": 0,
    "LAG": 5,
    "SERVER_TURNS": 0,
    "ECHO": 1,
    "ECHOED": 1,
    "NAMES_ERRORS": 1,
    "STRICT_UPDATES": 0,
    "NOISE": 1,
    "SLOW_INTERRUPTS": 1,
}
"""Every bound and choice of a model, with its value where a scenario does not name it."""


class Scenario(NamedTuple):
    """What a model is run with: bounds and choices by name, and the rules taken away."""

    bounds: Mapping[str, int]
    without: tuple[str, ...] = ()

    def defines(self) -> list[str]:
        """Return this for the preprocessor.

        Raises:
            KeyError: There is no such bound.

        """
        if unknown := self.bounds.keys() - PLAIN.keys():
            raise KeyError(*unknown)
        values = {**PLAIN, **self.bounds}
        return [f"-D{key}={value}" for key, value in values.items()] + [
            f"-D{rule}" for rule in self.without
        ]

    def bound(self, name: str) -> int:
        """Return a bound or choice by its name."""
        return self.bounds.get(name, PLAIN[name])

    def is_small(self) -> bool:
        """Tell whether compiling takes longer than searching, so that it had better be quick."""
        counted = ("WISHES", "SPEECHES", "CALLS", "CHANGES", "WHIMS", "FAULTS", "LOSSES")
        return sum(map(self.bound, counted)) <= 4  # noqa: PLR2004 - measured

    def __str__(self) -> str:
        """Name what differs from a plain model."""
        shown = [
            key.lower() if value == 1 else f"{value} {key.lower()}"
            for key, value in self.bounds.items()
        ]
        return ", ".join(shown).replace("_", " ")


def read(bounds: str) -> Scenario:
    """Return the scenario that a text names, as `str` writes it; without a number it is one of each.

    Raises:
        KeyError: There is no such bound.

    """
    found: dict[str, int] = {}
    for each in bounds.upper().split(", "):
        number, name = each.split(" ", 1) if each[0].isdigit() else ("1", each)
        found[name.replace(" ", "_")] = int(number)
    scenario = Scenario(found)
    scenario.defines()
    return scenario


def tables(hit: str = "skip") -> str:
    """Return the machines' tables; `hit` is the Promela done where a row is taken."""
    made = "\n".join((bounds(), *map(promela, MACHINES)))
    return re.sub(r"hit\((\w+), (\d+)\)", hit, made)


def lay_out(folder: Path, hit: str = "skip") -> None:
    """Write the model into a folder."""
    for name in WRITTEN:
        shutil.copy(FOLDER / name, folder / name)
    (folder / "tables.pml").write_text(tables(hit))


def walk(folder: Path, scenario: Scenario, seed: int, depth: int) -> list[str]:
    """Let Spin walk at random through a model, call after call; return what is said, line by line.

    `depth` is in statements of Promela, of which an event takes about 40.

    Raises:
        CalledProcessError: An assertion failed on the way, or the model is not one.

    """
    options = [f"-n{seed}", f"-u{depth}", "-T", "-DWALKS", *scenario.defines()]
    return _said(["spin", *options, SOURCE], folder)[:-1]  # it may end in the middle of a line


def replay(folder: Path, scenario: Scenario) -> list[str]:
    """Return what is said on the way to the error that a search in this folder found."""
    command = ["spin", "-t", "-T", *scenario.defines(), SOURCE]
    return _said(command, folder, may_fail=True)


def _said(command: Iterable[str], folder: Path, *, may_fail: bool = False) -> list[str]:
    done = subprocess.run(
        [*command], cwd=folder, capture_output=True, text=True, check=not may_fail, timeout=60
    )
    return [line for line in done.stdout.splitlines() if line[:2] in ("> ", "< ", "= ")]
