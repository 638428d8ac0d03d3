"""What a call takes from the world beside the client that it was given: the time, and a dial.

Both are arguments of a call, so that a whole call also runs where time is made up and nothing
connects: a day of calls in a minute, the same each time.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from picows import WSListener

from turngate.gateway import upstream
from turngate.gateway.target import Target
from turngate.units import Ms


def monotonic_ms() -> Ms:
    """Return the monotonic clock in whole ms."""
    return Ms(time.monotonic_ns() // 1_000_000)


class Outside(NamedTuple):
    """The world as a call sees it. Deadlines run on the event loop's clock, which goes with it."""

    now_ms: Callable[[], Ms]
    dial: Callable[[Target, WSListener], Coroutine[Any, Any, None]]
    """Connects the listener as `upstream.connect` does, and raises what that raises."""


REAL = Outside(monotonic_ms, upstream.connect)
