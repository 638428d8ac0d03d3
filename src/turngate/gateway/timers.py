"""Deadlines of one session, on the loop's monotonic clock."""

import asyncio
from collections.abc import Callable

from turngate.core.events import Timer
from turngate.units import Ms


class Timers:
    """At most one deadline of each name; a cancelled one never fires."""

    def __init__(self, fire: Callable[[Timer], None]) -> None:
        self._fire = fire
        self._handles: dict[Timer, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        """Return how many run."""
        return len(self._handles)

    def set(self, timer: Timer, after_ms: Ms) -> None:
        """Fire once after `after_ms`, in place of the timer of that name."""
        self.cancel(timer)
        loop = asyncio.get_running_loop()
        self._handles[timer] = loop.call_later(after_ms / 1000, self._fired, timer)

    def cancel(self, timer: Timer) -> None:
        """Do not fire."""
        handle = self._handles.pop(timer, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        """Cancel all."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def _fired(self, timer: Timer) -> None:
        del self._handles[timer]
        self._fire(timer)
