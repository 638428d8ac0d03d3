"""Who has how many calls, and whether one more may come in."""

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from turngate.gateway import limits
from turngate.gateway.allowed import Allowed
from turngate.gateway.answer import Answer, refused
from turngate.units import Ms

RETRY_S = 5
"""When it makes sense to come again: calls end by the minute, and a hurry would only cost."""


class Places:
    """The places of one gateway; a client is whatever name its calls are counted under."""

    def __init__(self, allowed: Allowed, now_ms: Callable[[], Ms]) -> None:
        self._allowed, self._now_ms = allowed, now_ms
        self._arrivals: dict[str, tuple[float, Ms]] = {}
        self._taken: Counter[str] = Counter()
        self._total = 0

    @property
    def are_taken(self) -> bool:
        """Whether nobody at all may have one more call."""
        return self._total >= self._allowed.connections

    def refusal(self, client: str) -> Answer | None:
        """Return why `client` may not have one more call, or None where it may."""
        again = {"retry-after": str(RETRY_S)}
        if self.are_taken:
            told = "the gateway has as many calls as it takes"
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, "too_many_calls", told, again)
        if self._taken.get(client, 0) >= self._allowed.connections_per_client:
            told = f"one client may have {self._allowed.connections_per_client} calls at once"
            return refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many_calls_of_client", told, again)
        if not self._arrives(client):
            told = f"one client may begin {self._allowed.calls_per_s:g} calls a second"
            return refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many_calls_of_client", told, again)
        return None

    def _arrives(self, client: str) -> bool:
        """Count an arrival, unless there were too many."""
        left = self._left(client)
        may = left >= 1
        self._keep(client, left - 1 if may else left)
        return may

    def fine(self, client: str) -> None:
        """Have a call that flooded count as many, or its client would come again and go on."""
        self._keep(client, self._left(client) - limits.FLOOD_CALLS)

    def _left(self, client: str) -> float:
        """Return how many calls `client` may begin now."""
        now_ms = self._now_ms()
        burst = self._allowed.connections_per_client + self._allowed.calls_per_s
        left, since_ms = self._arrivals.pop(client, (burst, now_ms))
        return min(burst, left + (now_ms - since_ms) * self._allowed.calls_per_s / 1_000)

    def _keep(self, client: str, left: float) -> None:
        self._arrivals[client] = (left, self._now_ms())
        if len(self._arrivals) > limits.CLIENTS:
            del self._arrivals[next(iter(self._arrivals))]  # who has not come for longest

    def take(self, client: str) -> None:
        """Note a call of `client`."""
        self._taken[client] += 1
        self._total += 1

    def leave(self, client: str) -> None:
        """Note its end."""
        self._total -= 1
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
