"""Lets audio lead its playing by so much and no more.

An upstream speaks many times faster than anybody listens. What a client has already been sent it
must throw away when its user interrupts; what waits here is simply not sent.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from turngate.gateway.outbox import Outbox
from turngate.units import Ms


class _Waiting(NamedTuple):
    leaves_ms: float
    message: bytes
    is_audio: bool


class Pacer:
    """The queue before an outbox of what would leave too early, and of what must not overtake it.

    `tell` sends a text message; `failed` takes what goes wrong when something leaves here.
    """

    __slots__ = (
        "_failed",
        "_limit_bytes",
        "_now_ms",
        "_outbox",
        "_size_bytes",
        "_tell",
        "_timer",
        "waiting",
    )

    def __init__(
        self,
        outbox: Outbox,
        tell: Callable[[bytes], None],
        now_ms: Callable[[], Ms],
        failed: Callable[[Exception], None],
        limit_bytes: int,
    ) -> None:
        self._outbox, self._tell, self._now_ms, self._failed = outbox, tell, now_ms, failed
        self._limit_bytes = limit_bytes
        self.waiting: deque[_Waiting] = deque()
        self._size_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self.waiting

    def hold(self, audio: bytes, leaves_ms: float) -> None:
        """Send audio at `leaves_ms`, or when what came before has left; earlier if too much waits.

        Raises:
            Overflow: The client does not read.

        """
        self.waiting.append(_Waiting(leaves_ms, audio, is_audio=True))
        self._size_bytes += len(audio)
        while self._size_bytes > self._limit_bytes:
            self._leave()
        self._wait()

    def follow(self, message: bytes) -> None:
        """Send a text message when all that came before has left.

        Raises:
            Overflow: The client does not read.

        """
        if self.is_empty:
            self._tell(message)
        else:
            self.waiting.append(_Waiting(0.0, message, is_audio=False))

    def discard_audio(self) -> None:
        """Forget the audio; the messages leave, for each beginning that was told needs its end.

        Raises:
            Overflow: The client does not read.

        """
        told = [each.message for each in self.waiting if not each.is_audio]
        self.clear()
        for message in told:
            self._tell(message)

    def clear(self) -> None:
        """Forget everything."""
        self.waiting.clear()
        self._size_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        if self._timer is None and self.waiting:
            after_s = max(0.0, self.waiting[0].leaves_ms - self._now_ms()) / 1000
            self._timer = asyncio.get_running_loop().call_later(after_s, self._due)

    def _due(self) -> None:
        self._timer = None
        try:
            self._release(self._now_ms())
        except Exception as fault:  # noqa: BLE001 - a bug ends this call and no other
            self._failed(fault)

    def _release(self, now_ms: Ms) -> None:
        while self.waiting and self.waiting[0].leaves_ms <= now_ms:
            self._leave()
        self._wait()

    def _leave(self) -> None:
        each = self.waiting.popleft()
        if each.is_audio:
            self._size_bytes -= len(each.message)
            self._outbox.send_audio(each.message)
        else:
            self._tell(each.message)
