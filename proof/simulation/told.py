"""What came of the worlds, for the page."""

from collections.abc import Iterator
from typing import Any

from proof.telling import Figures, Tried, listed, plain
from tools.reference.markdown import table


def tried(figures: Figures) -> Tried:
    """Return how many turns were taken beside a fault, and how many violations there were."""
    return Tried(figures["turns"], "turns beside a fault", sum(figures["violations"].values()))


def told(figures: Figures) -> Iterator[str]:
    """Yield the figures, and which rows of the golden tables were passed."""
    yield "[What the worlds are, and what is judged](explanation/simulation.md)."
    yield from plain({name: value for name, value in figures.items() if name != "rows"})
    if "rows" in figures:
        yield from _rows(figures["rows"])


def _rows(rows: dict[str, Any]) -> Iterator[str]:
    in_all, passed, never = rows["in_all"], rows["passed"], rows["never_sent"]
    can_be = in_all - sum(never.values())
    yield (
        "### Rows\n\n"
        "A row of the [golden tables](../tests/tables) is what follows where an event meets a phase; on the native front, "
        f"where an event of the client's meets what waits. There are {in_all:,}. **{passed:,}** were passed of the "
        f"{can_be:,} that can be ({_percent(passed, can_be)}): {rows['only_lied_to']:,} only in worlds whose upstream lies, "
        f"and {rows['only_told_anything']:,} only by sessions of the core that are told anything at all in any order. "
        f"{sum(never.values()):,} can be passed by nothing that a peer may say, for the reasons below. "
        "A world or a session that passes one of these fails the run."
    )
    yield table(
        ("nothing passes these, since", "rows"), ([why, str(n)] for why, n in never.items())
    )
    for left, what in (
        ("rare", "Not passed this time, for it takes rare luck"),
        ("unlisted", "**Not passed, and not accounted for**"),
        ("impossible", "**Passed, though nothing was to pass them**"),
    ):
        if rows[left]:
            yield f"{what}: {listed(rows[left])}."


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}".replace("%", " %")
