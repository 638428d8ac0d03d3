"""What was left of the calls, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried, plain


def tried(figures: Figures) -> Tried:
    """Return how many calls were made; what stays behind of them is one break."""
    return Tried(figures["calls"], "calls on real sockets", int(not figures["ok"]))


def told(figures: Figures) -> Iterator[str]:
    """Yield the figures."""
    yield from plain(figures)
