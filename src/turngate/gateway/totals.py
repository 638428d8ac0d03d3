"""What calls count and time as they go: plain numbers, read when somebody asks for the metrics.

Nothing here knows how it is shown; `metrics` does. A call's numbers go to the totals of its front.
"""

from bisect import bisect_left
from collections import Counter
from typing import NamedTuple

WAITS_MS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
"""Bounds of what a caller notices: from one network hop to a caller who has given up."""

CALLS_MS = (1_000, 10_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000)
"""Bounds of whole calls: from one that was a mistake to the upstream's longest session."""


CLOSES = frozenset({1000, 1001, 1002, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013})
"""The close codes that are counted one by one; a client may make up three thousand others."""

OTHER_CLOSE = "other"


class Spread:
    """How durations spread over buckets; `bounds_ms` are their inclusive upper ends."""

    def __init__(self, bounds_ms: tuple[int, ...] = WAITS_MS) -> None:
        self.bounds_ms = bounds_ms
        self.counts = [0] * (len(bounds_ms) + 1)
        self.sum_ms = 0

    def note(self, ms: int) -> None:
        """Add one duration."""
        self.counts[bisect_left(self.bounds_ms, ms)] += 1
        self.sum_ms += ms


class Moved(NamedTuple):
    """Bytes that crossed each leg of calls, each way, as the network sees them."""

    from_client: int = 0
    to_client: int = 0
    from_upstream: int = 0
    to_upstream: int = 0

    def plus(self, other: "Moved") -> "Moved":
        """Return the sum."""
        return Moved(*map(sum, zip(self, other, strict=True)))


class Depths(NamedTuple):
    """What waits in a call right now: bytes before a peer, and entries before the slot."""

    to_client_bytes: int
    to_upstream_bytes: int
    held: int


class Totals:
    """The numbers of one front since the start."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.moved = Moved()
        self.dropped_bytes = 0
        self.calls = Spread(CALLS_MS)
        self.dials = Spread()
        self.waits = Spread()
        self.acceptances = Spread()
        self.first_audio = Spread()
        self.answers_to_speech = Spread()
        self.holds = Spread()
