"""How the pieces tell what they found."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tools.reference.markdown import table

Figures = Mapping[str, Any]
"""What a piece printed, and what its run adds: see `proof.run`."""


class Tried(NamedTuple):
    """How often a piece tried to break something, and how often it did."""

    times: int
    what: str
    broken: int


class Score(NamedTuple):
    """A share that has to reach a bar."""

    of: str
    share: float
    least: float


def plain(figures: Figures) -> Iterator[str]:
    """Yield a table of all figures that are not told otherwise."""
    known = {"piece", "form", "ok", "seconds", "commit", "took_s", "day", "machine", "last_words"}
    rows = (
        [key.replace("_", " "), shown(value)] for key, value in figures.items() if key not in known
    )
    yield table(["figure", "value"], rows)


def shown(value: object) -> str:
    """Return a figure as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) if isinstance(value, str | float) else f"`{json.dumps(value)}`"


def listed(words: Iterable[str]) -> str:
    """Return words as a list in code."""
    return ", ".join(f"`{word}`" for word in words)
