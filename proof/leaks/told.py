"""What was left of the calls, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried, shown
from tools.reference.markdown import table

FATES = {
    "answer": "were answered, or told that the upstream failed",
    "vanish": "vanished in the middle of the answer",
    "garbage": "sent a message that does not exist",
    "refused": "asked for audio that there is not",
    "early": "left as soon as they were connected",
    "silent": "said nothing, and left",
    "given up": "took too long, and were left",
}
HELD = {
    "resident_mib": "memory, MiB",
    "objects": "Python objects",
    "descriptors": "file descriptors",
    "tasks": "tasks",
}


def tried(figures: Figures) -> Tried:
    """Return how many calls were made; what stays behind of them is one break."""
    return Tried(figures["calls"], "calls on real sockets", int(not figures["ok"]))


def told(figures: Figures) -> Iterator[str]:
    """Yield how the calls ended, and what the process held before, meanwhile and afterwards."""
    ends = (f"{figures['ends'].get(fate, 0):,} {what}" for fate, what in FATES.items())
    yield (
        f"Calls come 40 at a time, and the fate of each is a matter of chance: {', '.join(ends)}. The manners of the "
        "upstream change twenty times a second: in about half of that time it refuses, cuts, fails, repeats itself. "
        f"Measured when nobody calls; memory has grown by {figures['memory_growth']:.1%} and objects by "
        f"{figures['object_growth']:.1%} since the first tenth, and may by 2 %; descriptors and tasks by none."
    )
    yield table(
        ("held when nobody calls", "after 40 calls", "after a tenth", "after all"),
        ((name, *map(shown, figures[key])) for key, name in HELD.items()),
    )
