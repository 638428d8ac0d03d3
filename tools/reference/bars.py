"""The README's table of bars: what was measured and what was proven, from where that is kept."""

import re
from collections.abc import Iterator
from pathlib import Path

from proof.page import ended, load
from proof.pieces import PIECES
from proof.telling import Figures

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
COST = ROOT / "docs" / "performance" / "cost.md"

BEGINS = "<!-- Made by `make reference`, from what `make bench` and `make proof` wrote. -->"
ENDS = "<!-- The end of what is made. -->"
HEAD = "| what | measured | bar | |\n|---|--:|--:|---|"


def renew() -> None:
    """Write the table anew."""
    README.write_text(with_bars(README.read_text()))


def with_bars(readme: str) -> str:
    """Return the README with its table made anew.

    Raises:
        ValueError: It has no place for one.

    """
    before, begins, rest = readme.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError("README.md has no place for the table of bars")
    table = "\n".join((HEAD, *measured(COST.read_text()), *proven(load())))
    return f"{before}{BEGINS}\n{table}\n{ENDS}{after}"


def measured(cost: str) -> Iterator[str]:
    """Yield the rows that `make bench` wrote beside their bars."""
    section = cost.partition("## Against the bars")[2].partition("\n## ")[0]
    yield from re.findall(r"^\| (?!what).+\|$", section, re.MULTILINE)


def proven(found: dict[str, Figures]) -> Iterator[str]:
    """Yield a row for each piece of the proof."""
    for piece in PIECES:
        figures = found.get(piece.name)
        if figures is None or not ended(figures):
            yield f"| [{piece.name}](docs/proof.md): broken promises | not run | 0 | |"
            continue
        tried = piece.tried(figures)
        verdict = "met" if figures["ok"] else "**missed**"
        link = f"[{tried.times:,} {tried.what}](docs/proof.md#{piece.name})"
        if piece.score is None:
            yield f"| broken promises in {link} | {tried.broken:,} | 0 | {verdict} |"
        else:
            score = piece.score(figures)
            yield f"| {link} {score.of} | {score.share:.1%} | >= {score.least:.0%} | {verdict} |"
