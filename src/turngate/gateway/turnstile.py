"""A crowd that comes at once passes a few at a time, so that those who are inside do not wait for it."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turnstile:
    """Lets `at_once` pass in each step of the loop; what else is ready then gets its turn between."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_turning = False

    def enter(self, go: Callable[[], None]) -> None:
        """Call `go`, in order, and soon."""
        self._waiting.append(go)
        if not self._is_turning:
            self._is_turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    async def turn(self) -> None:
        """Wait for one's turn."""
        mine = asyncio.get_running_loop().create_future()
        self.enter(lambda: None if mine.done() else mine.set_result(None))
        await mine

    def _turn(self) -> None:
        self._is_turning = False
        for _ in range(min(self._at_once, len(self._waiting))):
            go = self._waiting.popleft()
            if self._waiting and not self._is_turning:
                # before it goes: whatever it raises must not stop the others
                self._is_turning = True
                asyncio.get_running_loop().call_soon(self._turn)
            go()
