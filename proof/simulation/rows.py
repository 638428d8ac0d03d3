"""Which rows of the golden tables the worlds have been through.

The rows are read from the tables themselves. A letter in a row's phase stands for the id that the
phase knows; the same letter in its event for that id, another letter for an id that it does not know,
`-` for none and `*` for anything.
"""

import re
from collections.abc import Callable, Generator, Iterable, Sized
from contextlib import contextmanager
from itertools import zip_longest
from types import ModuleType
from typing import Any, TypeGuard

from msgspec import Struct
from msgspec.structs import astuple
from proof.simulation import order_rows
from proof.simulation.row import TABLES, Row

from turngate.core import (
    asks,
    commits,
    committing,
    continuity,
    floor,
    playback,
    reservation,
    setup,
    slot,
    tools,
)

MACHINES: dict[str, ModuleType] = {
    "slot": slot,
    "reservation": reservation,
    "floor": floor,
    "commits": commits,
    "committing": committing,
    "asks": asks,
    "tools": tools,
    "playback": playback,
    "setup": setup,
    "continuity": continuity,
}
_SHORT_MS = 100
"""The two lengths in the table of `commits` stand for less than this and for more."""


def read() -> list[Row]:
    """Return every row of every table."""
    steps = (
        Row(name, *re.split(r"\s{2,}", line)[:2])
        for name in MACHINES
        for line in (TABLES / f"{name}.txt").read_text().splitlines()
        if line
    )
    return [*steps, *order_rows.read()]


def _parts(written: str) -> tuple[str, list[str]]:
    name, _, rest = written.partition("(")
    return name, [each for each in rest.rstrip(")").split(", ") if each]


def _is_phase(written: str, phase: Struct, known: dict[str, Any]) -> bool:
    """Tell whether a row's phase is this one, and learn what its letters stand for."""
    name, parts = _parts(written)
    if name != type(phase).__name__:
        return False
    # a phase that knows a set of ids of which there is none is written without it
    for part, value in zip_longest(parts, astuple(phase), fillvalue=""):
        if _are_ids(value):
            if bool(part) + part.count("+") != _some(value):
                return False
            known[part] = list(value)
        elif not _is_like(part, value):
            return False
        elif value is not None:
            known[part] = value
    return True


def _are_ids(value: object) -> TypeGuard[frozenset[str] | tuple[str, ...]]:
    return isinstance(value, frozenset | tuple)


def _some(ids: Sized) -> int:
    """Return how many there are, as far as rows tell: none, one or two for several."""
    return min(len(ids), 2)


def _is_like(part: str, value: object) -> bool:
    if part in ("True", "False"):
        return str(value) == part
    if part.isdigit() and isinstance(value, int):
        return (int(part) < _SHORT_MS) == (value < _SHORT_MS)
    return (part == "-") == (value is None)


def _is_event(written: str, event: Struct, known: dict[str, Any]) -> bool:
    name, parts = _parts(written)
    if name != type(event).__name__:
        return False
    return all(
        _means(part, value, known) for part, value in zip(parts, astuple(event), strict=True)
    )


def _means(part: str, value: object, known: dict[str, Any]) -> bool:
    if part == "*" or part.isdigit():
        return True
    if part == "-" or value is None:
        return part == "-" and value is None
    ids: list[Any] = [
        each
        for kept in known.values()
        for each in (kept if isinstance(kept, list) else [kept])  # pyright: ignore[reportUnknownVariableType] - of ids
    ]
    if part in known and not isinstance(known[part], list):
        return value == known[part]
    is_known = any("+" in each or isinstance(known[each], list) for each in known) and part == "r"
    return value in ids if is_known else value not in ids


class Visits:
    """Counts the rows that were passed, by what matters of phase and event."""

    def __init__(self) -> None:
        self._rows = read()
        self._every = frozenset(self._rows)
        self._known: dict[tuple[object, ...], tuple[Row, ...]] = {}
        self.passed: set[Row] = set()

    @property
    def rows(self) -> list[Row]:
        """Every row there is."""
        return self._rows

    @property
    def missed(self) -> list[Row]:
        """The rows that nothing has passed yet."""
        return [row for row in self._rows if row not in self.passed]

    def note(self, machine: str, phase: Struct, event: Struct) -> None:
        """Take one step of a machine."""
        key = (machine, *_relation(phase, event))
        rows = self._known.get(key)
        if rows is None:
            rows = self._known[key] = tuple(self._matching(machine, phase, event))
            self.passed.update(rows)

    def _pass(self, row: Row) -> None:
        if row in self._every:
            self.passed.add(row)

    def _matching(self, machine: str, phase: Struct, event: Struct) -> Iterable[Row]:
        for row in self._rows:
            known: dict[str, Any] = {}
            is_it = row.machine == machine and _is_phase(row.phase, phase, known)
            if is_it and _is_event(row.event, event, known):
                yield row

    @contextmanager
    def observed(self) -> Generator[None]:
        """Watch every step of every machine, and every event of a Realtime client."""
        before = {name: module.advance for name, module in MACHINES.items()}
        for name, module in MACHINES.items():
            module.__dict__["advance"] = self._noting(name, before[name])
        try:
            with order_rows.observed(self._pass):
                yield
        finally:
            for name, module in MACHINES.items():
                module.__dict__["advance"] = before[name]

    def _noting(self, name: str, advance: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def step(phase: Struct, event: Struct) -> Any:
            self.note(name, phase, event)
            return advance(phase, event)

        return step


def _relation(phase: Struct, event: Struct) -> Iterable[object]:
    """Return what the rows can tell apart: the classes, and which of the ids are the same."""
    yield type(phase)
    yield type(event)
    own = astuple(phase)
    for value in own:
        if _are_ids(value):
            yield _some(value)
        elif isinstance(value, bool) or value is None:
            yield value
        elif isinstance(value, int):
            yield value < _SHORT_MS
        else:
            yield ""
    for value in astuple(event):
        if value is None:
            yield None
        else:
            yield tuple(value in each if _are_ids(each) else value == each for each in own)
