"""What calls made of the weather, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried
from tools.reference.markdown import table

SHOWN = ("calls", "went_on", "told", "cut", "answered", "broken_off", "turn_p50_ms", "slowest_s")


def tried(figures: Figures) -> Tried:
    """Return how many calls something befell, and in how many scenarios it went wrong."""
    scenarios = figures["scenarios"].values()
    calls = sum(each["calls"] for each in scenarios)
    return Tried(calls, "calls in bad weather", sum(bool(each["wrong"]) for each in scenarios))


def told(figures: Figures) -> Iterator[str]:
    """Yield what happened in each weather, on either leg."""
    yield (
        "A relay stands on one leg of a real gateway, between it and its callers or its upstream, and does what networks "
        "do; the other leg has fine weather. Each call takes four turns; while the second is taken, at another moment in "
        "each playing, it befalls all calls that are there. *Went on*: answered each turn, once and with its own answer. "
        "*Told*: ended with an `Error` and a close code. *Cut*: the caller's own connection is gone, so nobody can tell "
        "them. *Broken off*: of an answer that was being heard when its connection was lost, the rest; the caller got a `Warning`. *Slowest*: from a question to the end of its answer or of the call, whichever came. Keepalives take up to 20 s to notice "
        "that a peer is gone."
    )
    heads = [key.replace("_", " ") for key in SHOWN]
    yield table(
        ("weather, leg", *heads, ""),
        (
            (
                name,
                *("" if each[key] is None else f"{each[key]:,}" for key in SHOWN),
                f"**{'; '.join(each['wrong'])}**" if each["wrong"] else "",
            )
            for name, each in figures["scenarios"].items()
        ),
    )
