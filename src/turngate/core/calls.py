"""Which function calls of a Realtime client's conversation have no output yet.

A request that leaves meanwhile makes the model guess, and some servers refuse it. The calls are
told more than once, and their outputs may come before the last time.
"""

from collections import deque

from turngate.core import limits


class Calls:
    """Calls by id."""

    def __init__(self) -> None:
        self._owed: set[str] = set()
        self._answered: deque[str] = deque(maxlen=limits.REMEMBERED)

    @property
    def owed(self) -> bool:
        """Whether a call waits for its output."""
        return bool(self._owed)

    def asked(self, call_id: str) -> None:
        """Take a call of the response that runs."""
        if call_id not in self._answered:
            self._owed.add(call_id)

    def answered(self, call_ids: tuple[str, ...]) -> None:
        """Take the outputs of calls; other names change nothing."""
        for call_id in self._owed.intersection(call_ids):
            self._owed.discard(call_id)
            self._answered.append(call_id)

    def forgive(self) -> None:
        """Wait no longer: nobody has answered in time."""
        self._owed.clear()
