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
        self._own: set[str] = set()
        self._answered: deque[str] = deque(maxlen=limits.REMEMBERED)

    @property
    def owed(self) -> bool:
        """Whether a call waits for its output."""
        return bool(self._owed or self._own)

    @property
    def owed_by_us(self) -> bool:
        """Whether a function of ours still runs; its response goes on until it is answered."""
        return bool(self._own)

    @property
    def is_clients_turn(self) -> bool:
        """Whether it is only the client's outputs that are waited for."""
        return bool(self._owed) and not self._own

    def asked(self, call_id: str, *, is_own: bool = False) -> None:
        """Take a call of the response that runs; ours has its output in any case, in time."""
        if call_id not in self._answered:
            (self._own if is_own else self._owed).add(call_id)

    def answered(self, call_ids: tuple[str, ...]) -> None:
        """Take the outputs of calls; other names change nothing."""
        for call_id in (self._owed | self._own).intersection(call_ids):
            self._owed.discard(call_id)
            self._own.discard(call_id)
            self._answered.append(call_id)

    def forgive(self) -> None:
        """Wait no longer for the client, which has not answered in time."""
        self._owed.clear()
