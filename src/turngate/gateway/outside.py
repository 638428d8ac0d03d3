"""What a call takes from the world: the time, a dial, and the kind of connection its client has.

They are arguments of a call, so that a whole call also runs where time is made up and nothing
connects, a day of calls in a minute, the same each time; and inside somebody else's server.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Protocol, TypeAlias

from turngate.gateway import upstream
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.target import Target
from turngate.gateway.wire_bytes import Crossed
from turngate.units import Ms


def monotonic_ms() -> Ms:
    """Return the monotonic clock in whole ms."""
    return Ms(time.monotonic_ns() // 1_000_000)


class ClientPeer(Protocol):
    """What a call does with its client's connection; `Peer` says how."""

    message_bytes: int
    largest_bytes: int
    stalled_s: float

    def bound(self, message_bytes: int) -> None:
        """Take messages of this size from now on."""
        ...

    def hand_over(self, binary: Callable[[bytes], None]) -> None:
        """Give binary messages to somebody else from now on."""
        ...

    def crossed(self) -> Crossed:
        """Return how many bytes came and went."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection in order, or by its deadline."""
        ...

    def abort(self) -> None:
        """Drop the connection."""
        ...


MakesClient: TypeAlias = Callable[[Reader, Outbox, int], ClientPeer]
"""Makes a client's connection, which is not one before it is open; `Peer` is one of these."""


class Outside(NamedTuple):
    """The world as a call sees it. Deadlines run on the event loop's clock, which goes with it."""

    now_ms: Callable[[], Ms]
    dial: Callable[[Target, Peer], Coroutine[Any, Any, None]]
    """Connects the peer as `upstream.connect` does, and raises what that raises."""
    client: MakesClient = Peer


REAL = Outside(monotonic_ms, upstream.connect)
