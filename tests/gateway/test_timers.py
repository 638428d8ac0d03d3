"""Deadlines on a running loop."""

import asyncio

from turngate.core.events import Timer
from turngate.gateway.timers import Timers
from turngate.units import Ms

A, B = Timer("a"), Timer("b")


class Fired:
    """Keeps which timers fired, in order."""

    def __init__(self) -> None:
        self.timers: asyncio.Queue[Timer] = asyncio.Queue()

    async def next(self) -> Timer:
        async with asyncio.timeout(5):
            return await self.timers.get()


async def test_timer_fires_once_and_is_gone() -> None:
    fired = Fired()
    timers = Timers(fired.timers.put_nowait)
    timers.set(A, Ms(1))
    assert len(timers) == 1
    assert await fired.next() == A
    assert len(timers) == 0


async def test_timers_fire_by_deadline() -> None:
    fired = Fired()
    timers = Timers(fired.timers.put_nowait)
    timers.set(A, Ms(20))
    timers.set(B, Ms(1))
    assert [await fired.next(), await fired.next()] == [B, A]


async def test_timer_set_again_replaces_the_first() -> None:
    fired = Fired()
    timers = Timers(fired.timers.put_nowait)
    timers.set(A, Ms(0))
    timers.set(A, Ms(20))
    timers.set(B, Ms(10))
    assert [await fired.next(), await fired.next()] == [B, A]
    assert fired.timers.empty()


async def test_cancelled_timer_does_not_fire() -> None:
    fired = Fired()
    timers = Timers(fired.timers.put_nowait)
    timers.set(A, Ms(0))
    timers.cancel(A)
    timers.cancel(A)
    timers.set(B, Ms(1))
    assert await fired.next() == B
    assert fired.timers.empty()


async def test_cleared_timers_do_not_fire() -> None:
    fired = Fired()
    timers = Timers(fired.timers.put_nowait)
    timers.set(A, Ms(0))
    timers.set(B, Ms(0))
    timers.clear()
    assert len(timers) == 0
    timers.set(A, Ms(1))
    assert await fired.next() == A
    assert fired.timers.empty()


async def test_timer_may_be_set_from_its_own_firing() -> None:
    fired = Fired()

    def again(timer: Timer) -> None:
        fired.timers.put_nowait(timer)
        if fired.timers.qsize() < 2:
            timers.set(timer, Ms(0))

    timers = Timers(again)
    timers.set(A, Ms(0))
    async with asyncio.timeout(5):
        while fired.timers.qsize() < 2:
            await asyncio.get_running_loop().run_in_executor(None, int)
    assert len(timers) == 0
