"""What came of the worlds, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried, plain


def tried(figures: Figures) -> Tried:
    """Return how many turns were taken beside a fault, and how many violations there were."""
    return Tried(figures["turns"], "turns beside a fault", sum(figures["violations"].values()))


def told(figures: Figures) -> Iterator[str]:
    """Yield the figures."""
    yield "[What the worlds are, and what is judged](explanation/simulation.md)."
    yield from plain(figures)
