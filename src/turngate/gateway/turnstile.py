"""A crowd that comes or goes at once passes a few at a time, so that nobody inside waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

Go: TypeAlias = Callable[[], None]


def next_step(go: Go) -> None:
    """Have the loop call `go` when everything that is ready by now has had its turn."""
    asyncio.get_running_loop().call_soon(go)


class Turnstile:
    """Lets `at_once` pass in each step of the loop; what else is ready then gets its turn between.

    Whoever enters passes, once and in order. Nothing bounds the queue but what enters it: a
    connection is in it at most once for each thing that it has to do.
    """

    def __init__(self, at_once: int, later: Callable[[Go], None] = next_step) -> None:
        self._at_once, self._later = at_once, later
        self._waiting: deque[Go] = deque()
        self._is_turning = False

    def enter(self, go: Go) -> None:
        """Call `go`, in order, and soon."""
        self._waiting.append(go)
        self._turn_later()

    async def turn(self) -> None:
        """Wait for one's turn."""
        mine = asyncio.get_running_loop().create_future()
        self.enter(lambda: None if mine.done() else mine.set_result(None))
        await mine

    def _turn_later(self) -> None:
        if not self._is_turning:
            self._is_turning = True
            self._later(self._turn)

    def _turn(self) -> None:
        self._is_turning = False
        for _ in range(min(self._at_once, len(self._waiting))):
            go = self._waiting.popleft()
            if self._waiting:
                # before it goes: whatever it raises must not stop the others
                self._turn_later()
            go()
