"""The agent's words, item by item. Each item is shown once, whatever its text says."""


class Lines:
    """What the running responses have said so far.

    An item is known by its id within its response: servers exist whose item ids repeat from turn
    to turn, and two different items may say the same.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], str] = {}
        self._shown: set[tuple[str, str]] = set()

    def add(self, response_id: str, item_id: str, delta: str) -> None:
        """Take a piece of an item's text."""
        key = response_id, item_id
        self._open[key] = self._open.get(key, "") + delta

    def close(self, response_id: str, item_id: str, text: str) -> str | None:
        """Return the item's whole text if it was not shown yet."""
        key = response_id, item_id
        whole = text or self._open.get(key, "")
        self._open.pop(key, None)
        if key in self._shown or not whole:
            return None
        self._shown.add(key)
        return whole

    def close_all(self, response_id: str) -> list[str]:
        """Return what the response's unfinished items have said, in order."""
        items = [item_id for owner, item_id in self._open if owner == response_id]
        closed = (self.close(response_id, item_id, "") for item_id in items)
        return [text for text in closed if text is not None]

    def forget(self, response_id: str) -> None:
        """Let go of a response that has ended."""
        self._open = {key: text for key, text in self._open.items() if key[0] != response_id}
        self._shown = {key for key in self._shown if key[0] != response_id}
