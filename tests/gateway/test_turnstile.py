"""A crowd at the turnstile: who passes in which step, and that everybody does."""

import asyncio
from collections.abc import Callable

import pytest

from turngate.gateway.turnstile import Go, Turnstile


class Steps:
    """A loop that takes a step when it is told to."""

    def __init__(self) -> None:
        self._next: list[Go] = []

    def later(self, go: Go) -> None:
        self._next.append(go)

    def step(self) -> None:
        now, self._next = self._next, []
        for go in now:
            go()

    @property
    def is_idle(self) -> bool:
        return not self._next


class Crowd:
    """People before a turnstile for two; `passed` are those who are through, in order."""

    def __init__(self) -> None:
        self.steps = Steps()
        self.turnstile = Turnstile(2, self.steps.later)
        self.passed: list[int] = []

    def enter(self, *people: int) -> None:
        for each in people:
            self.turnstile.enter(self.person(each))

    def person(self, number: int) -> Callable[[], None]:
        return lambda: self.passed.append(number)

    def step(self) -> list[int]:
        """Take a step, and return who passed in it."""
        before = len(self.passed)
        self.steps.step()
        return self.passed[before:]

    def is_through(self) -> bool:
        """Tell whether nobody waits, and the turnstile does not turn for ever."""
        return self.step() == [] and self.steps.is_idle


def test_nobody_passes_before_the_next_step() -> None:
    crowd = Crowd()
    crowd.enter(1)
    assert crowd.passed == []
    assert crowd.step() == [1]


def test_a_crowd_passes_a_few_in_each_step_in_order_and_once() -> None:
    crowd = Crowd()
    crowd.enter(*range(200))
    for each in range(100):
        assert crowd.step() == [2 * each, 2 * each + 1]
    assert crowd.is_through()
    assert crowd.passed == [*range(200)]


def test_who_comes_meanwhile_waits_behind_the_others() -> None:
    crowd = Crowd()
    crowd.enter(1, 2, 3)
    assert crowd.step() == [1, 2]
    crowd.enter(4)
    assert crowd.step() == [3, 4]
    assert crowd.is_through()


def test_who_enters_while_passing_waits_for_the_next_step() -> None:
    crowd = Crowd()
    crowd.turnstile.enter(lambda: crowd.enter(1))
    assert crowd.step() == []
    assert crowd.step() == [1]
    assert crowd.is_through()


def test_it_turns_again_after_a_rest() -> None:
    crowd = Crowd()
    crowd.enter(1)
    crowd.step()
    crowd.enter(2)
    assert crowd.step() == [2]


def test_one_who_fails_does_not_stop_the_others() -> None:
    crowd = Crowd()

    def fail() -> None:
        raise ZeroDivisionError

    crowd.turnstile.enter(fail)
    crowd.enter(1, 2)
    with pytest.raises(ZeroDivisionError):
        crowd.step()
    assert crowd.step() == [1, 2]
    assert crowd.is_through()


async def test_on_a_loop_others_have_their_turn_between() -> None:
    order: list[str] = []
    turnstile = Turnstile(1)

    async def pass_through(name: str) -> None:
        await turnstile.turn()
        order.append(name)

    async def work() -> None:
        for _ in range(3):
            order.append("work")
            await asyncio.sleep(0)

    await asyncio.gather(*(pass_through(name) for name in "ab"), work())
    assert [each for each in order if each != "work"] == ["a", "b"]
    assert order.index("b") > order.index("work", 1)


async def test_who_gives_up_waiting_lets_the_next_one_pass() -> None:
    turnstile = Turnstile(1)
    first = asyncio.create_task(turnstile.turn())
    second = asyncio.create_task(turnstile.turn())
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()
