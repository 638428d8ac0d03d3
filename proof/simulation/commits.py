"""Which of its commits the gateway has to wait for before it asks for anything."""

from turngate.core.limits import COMMIT_MS

_WAITS_S = COMMIT_MS / 1000 - 1e-6


class Commits:
    """The commits of one connection that have no answer, oldest first.

    The gateway waits for them from the first one on; what leaves meanwhile is given up with it.
    """

    def __init__(self) -> None:
        self._given_up: list[str] = []
        self._awaited: list[str] = []
        self._since_s = 0.0

    def __len__(self) -> int:
        return len(self._given_up) + len(self._awaited)

    def left(self, event_id: str, now_s: float) -> None:
        """Note that one leaves."""
        self._give_up(now_s)
        if not self._awaited:
            self._since_s = now_s
        self._awaited.append(event_id)

    def taken(self, now_s: float) -> None:
        """Note that the oldest is in the conversation; the gateway takes it for one that it awaits."""
        self._give_up(now_s)
        taken, self._awaited = self._awaited[:1], self._awaited[1:]
        if self._given_up:
            self._given_up = [*self._given_up[1:], *taken]

    def refused(self, event_id: str, now_s: float) -> None:
        """Note the refusal of an event, which may be one of them."""
        self._give_up(now_s)
        self._given_up = [each for each in self._given_up if each != event_id]
        self._awaited = [each for each in self._awaited if each != event_id]

    def clear(self) -> None:
        """Forget all of them, since any may have been refused."""
        self._given_up, self._awaited = [], []

    def awaited(self, now_s: float) -> list[str]:
        """Return those beside which nothing may be asked for."""
        self._give_up(now_s)
        return self._awaited

    def _give_up(self, now_s: float) -> None:
        if self._awaited and now_s - self._since_s >= _WAITS_S:
            self._given_up += self._awaited
            self._awaited = []
