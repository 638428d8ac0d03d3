"""What was survived, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried, plain


def tried(figures: Figures) -> Tried:
    """Return how many inputs were tried, and how many targets crashed."""
    return Tried(figures["executions"], "hostile inputs", figures["crashes"])


def told(figures: Figures) -> Iterator[str]:
    """Yield the figures."""
    yield from plain(figures)
