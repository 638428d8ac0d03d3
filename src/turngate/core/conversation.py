"""What has been said, done and heard so far: what a new upstream connection is told."""

from collections import deque
from collections.abc import Iterable

from turngate.core import limits
from turngate.core.items import AgentText, CallOutput, Item, PastCall, UserText


class Conversation:
    """The last entries in order. Of the agent's words it holds those that the user has heard."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str | None, Item | None]] = deque(maxlen=limits.TOLD_AGAIN)
        self._late: list[Item] = []

    def add(self, item: Item, item_id: str | None = None) -> None:
        """Append what was written, or what a function was asked or has answered."""
        self._entries.append((item_id, item))

    def refused(self, item_id: str) -> None:
        """Drop what the upstream will not have."""
        self._entries = deque(
            (each for each in self._entries if each[0] != item_id), maxlen=limits.TOLD_AGAIN
        )

    def spoken(self, item_id: str) -> None:
        """Keep a place for what the user has said, which is written down later."""
        self._entries.append((item_id, None))

    def written(self, item_id: str, text: str) -> None:
        """Put it there."""
        for place, (known, item) in enumerate(self._entries):
            if known == item_id and item is None:
                self._entries[place] = item_id, UserText(text) if text.strip() else None

    def heard(self, text: str, *, is_elsewhere: bool) -> None:
        """Append words of the agent; `is_elsewhere` if the connection does not know of them."""
        item = AgentText(text)
        if is_elsewhere:
            self._late.append(item)
        else:
            self._entries.append((None, item))

    def late(self) -> Iterable[Item]:
        """Take out what was heard since of an answer that another connection gave."""
        late, self._late = self._late, []
        return late

    def take(self) -> list[Item]:
        """Take out everything, to be told anew."""
        items = [item for _, item in self._entries if item is not None]
        items += self.late()
        self._entries.clear()
        calls = {item.call_id for item in items if isinstance(item, PastCall)}
        return [item for item in items if not isinstance(item, CallOutput) or item.call_id in calls]
