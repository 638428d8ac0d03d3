"""What calls made of the weather, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried
from tools.reference.markdown import table


def tried(figures: Figures) -> Tried:
    """Return how many turns were asked on real sockets, and in how many scenarios it went wrong."""
    scenarios = figures["scenarios"].values()
    answered = sum(each["answered"] for each in scenarios)
    return Tried(answered, "turns on real sockets", sum(bool(each["wrong"]) for each in scenarios))


def told(figures: Figures) -> Iterator[str]:
    """Yield what happened in each weather, on either leg."""
    keys = ("answered", "turn_p50_ms", "turn_max_ms", "ended_after_max_s", "codes", "wrong")
    yield table(
        ("weather, leg", *(key.replace("_", " ") for key in keys)),
        (
            (name, *(str(each.get(key) or "") for key in keys))
            for name, each in figures["scenarios"].items()
        ),
    )
