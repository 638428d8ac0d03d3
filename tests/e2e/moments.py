"""An event loop whose time jumps to whatever is due next: no sockets, no waiting."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class _Jump:
    """Stands where the loop looks for sockets, and lets the time pass that it would wait."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def select(self, timeout_s: float | None) -> list[Any]:
        if timeout_s is None:
            raise RuntimeError("nothing is due, and somebody waits")
        self.now_s += max(0.0, timeout_s)
        return []


class JumpingLoop(asyncio.BaseEventLoop):
    """Runs coroutines in virtual time, which begins at 0 s."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Jump()
        self.faults: list[object] = []
        self.set_exception_handler(lambda _, told: self.faults.append(told))

    def time(self) -> float:
        """Return the virtual time in s."""
        return self._selector.now_s

    def _process_events(self, event_list: list[Any]) -> None:
        """Take what was found, which is nothing."""

    def _write_to_self(self) -> None:
        """Wake the selector, which does not sleep."""


async def passing(ms: float) -> None:
    """Let so much virtual time pass; a story says with this at which moment something happens."""
    assert isinstance(asyncio.get_running_loop(), JumpingLoop), "somebody would have to wait"
    await asyncio.sleep(ms / 1000)


def in_no_time(story: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in virtual time; whatever a callback raises fails it."""
    loop = JumpingLoop()
    try:
        loop.run_until_complete(story)
        assert not loop.faults, loop.faults
    finally:
        loop.close()
