"""An event loop whose time jumps to whatever is due next; it never waits and has no sockets."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from turngate.units import Ms

Result = TypeVar("Result")


TURN_S = 1e-6
"""What a turn of the loop takes; whoever computes a deadline in other units then finds it passed."""


class Stuck(Exception):
    """Nothing is due and nothing can come any more, and somebody still waits."""


class _Jumps:
    """Stands where asyncio looks for sockets, and lets the time pass that it would wait."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def select(self, timeout_s: float | None) -> list[Any]:
        if timeout_s is None:
            raise Stuck
        self.now_s += max(0.0, timeout_s) + TURN_S
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs one world after the other; `time` begins at 0 and only ever grows."""

    def __init__(self) -> None:
        super().__init__()
        self._jumps = _Jumps()
        self._selector = self._jumps  # what the base class waits with
        self.crashes: list[BaseException] = []
        self.set_exception_handler(self._crashed)

    def time(self) -> float:
        """Return the virtual time in s."""
        return self._jumps.now_s

    def now_ms(self) -> Ms:
        """Return the virtual time in whole ms."""
        return Ms(round(self._jumps.now_s * 1000))

    def _process_events(self, event_list: list[Any]) -> None:
        """Take what the selector found, which is always nothing."""

    def _write_to_self(self) -> None:
        """Wake the selector, which never sleeps."""

    def _crashed(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.crashes.append(context.get("exception") or RuntimeError(context["message"]))

    def play(self, world: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end and return its result.

        Raises:
            Stuck: It waits for something that cannot come.

        """
        return self.run_until_complete(world)
