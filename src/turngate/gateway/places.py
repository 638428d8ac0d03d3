"""Who has how many calls, and whether one more may come in."""

from collections import Counter
from http import HTTPStatus

from turngate.gateway.allowed import Allowed
from turngate.gateway.answer import Answer, refused

RETRY_S = 5
"""When it makes sense to come again: calls end by the minute, and a hurry would only cost."""


class Places:
    """The places of one gateway; a client is whatever name its calls are counted under."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._taken: Counter[str] = Counter()
        self._total = 0

    def refusal(self, client: str) -> Answer | None:
        """Return why `client` may not have one more call, or None where it may."""
        again = {"retry-after": str(RETRY_S)}
        if self._total >= self._allowed.connections:
            told = "the gateway has as many calls as it takes"
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, "too_many_calls", told, again)
        if self._taken.get(client, 0) >= self._allowed.connections_per_client:
            told = f"one client may have {self._allowed.connections_per_client} calls at once"
            return refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many_calls_of_client", told, again)
        return None

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
