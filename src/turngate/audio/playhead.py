"""What the user has heard: a playout clock over an ordered list of items.

Audio arrives faster than it plays. A chunk starts when the one before it has ended, or at once,
so that what was sent and what was heard are two different lengths. Times are ms of any monotonic
clock, given by the caller.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Heard(NamedTuple):
    """How far an item has come: `heard_ms` of the `sent_ms` that were sent. 0 has not begun."""

    item_id: str
    heard_ms: int
    sent_ms: int


@dataclass(slots=True)
class _Chunk:
    """A stretch of one item without a gap, from `start_ms` on the clock."""

    start_ms: float
    length_ms: float

    @property
    def end_ms(self) -> float:
        return self.start_ms + self.length_ms

    def heard_ms(self, now_ms: float) -> float:
        return min(max(now_ms - self.start_ms, 0.0), self.length_ms)


class Playhead:
    """The playout of one listener."""

    __slots__ = ("_end_ms", "_items", "_last", "_last_id")

    def __init__(self) -> None:
        self._items: dict[str, list[_Chunk]] = {}
        self._end_ms = 0.0
        self._last, self._last_id = _Chunk(0.0, 0.0), ""

    def note(self, item_id: str, length_ms: float, now_ms: float) -> float:
        """Note a chunk of `item_id` that comes now; return when it plays: after all before it."""
        if item_id == self._last_id and now_ms <= self._end_ms:
            start_ms = self._end_ms
            self._last.length_ms += length_ms
            self._end_ms += length_ms
            return start_ms
        return self._begin(item_id, length_ms, now_ms)

    def _begin(self, item_id: str, length_ms: float, now_ms: float) -> float:
        """Note a chunk of another item, or after silence."""
        if item_id not in self._items:
            # Until then the item may go on, and its beginning counts.
            self._forget_played(now_ms)
        start_ms = max(now_ms, self._end_ms)
        self._last, self._last_id = _Chunk(start_ms, length_ms), item_id
        self._end_ms = start_ms + length_ms
        self._items.setdefault(item_id, []).append(self._last)
        return start_ms

    def heard(self, now_ms: float) -> tuple[Heard, ...]:
        """Return how far each item has come, in order, the last one also when it is over."""
        return tuple(
            Heard(
                item_id,
                int(sum(chunk.heard_ms(now_ms) for chunk in chunks)),
                int(sum(chunk.length_ms for chunk in chunks)),
            )
            for item_id, chunks in self._items.items()
        )

    def _forget_played(self, now_ms: float) -> None:
        self._items = {
            item_id: chunks for item_id, chunks in self._items.items() if chunks[-1].end_ms > now_ms
        }

    def ends_in_ms(self, now_ms: float) -> int:
        """Return how long it takes from now until everything has played."""
        return max(0, int(self._end_ms - now_ms))

    def clear(self) -> None:
        """Forget everything: the listener has thrown its buffer away."""
        self._items.clear()
        self._end_ms, self._last_id = 0.0, ""
