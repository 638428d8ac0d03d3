import pytest

from turngate.gateway.allowance import Allowance
from turngate.units import Ms


class Clock:
    def __init__(self) -> None:
        self.now_ms = 0
        self.exceeded = 0

    def __call__(self) -> Ms:
        return Ms(self.now_ms)

    def exceed(self) -> None:
        self.exceeded += 1


def taken(allowance: Allowance, size: int) -> None:
    allowance.left -= size
    if allowance.left < 0:
        allowance.refill()


@pytest.mark.parametrize("times, exceeded", [(9, 0), (10, 0), (11, 1)])
def test_burst_is_what_may_come_at_once(times: int, exceeded: int) -> None:
    clock = Clock()
    allowance = Allowance(1, 10, clock, clock.exceed)
    for _ in range(times):
        taken(allowance, 1)
    assert clock.exceeded == exceeded


@pytest.mark.parametrize("every_ms, is_exceeded", [(101, False), (100, False), (98, True)])
def test_rate_is_what_may_go_on(every_ms: int, *, is_exceeded: bool) -> None:
    clock = Clock()
    allowance = Allowance(10, 5, clock, clock.exceed)
    for _ in range(10_000):
        clock.now_ms += every_ms
        taken(allowance, 1)
    assert bool(clock.exceeded) is is_exceeded


def test_pause_earns_no_more_than_a_burst() -> None:
    clock = Clock()
    allowance = Allowance(1_000, 10, clock, clock.exceed)
    clock.now_ms = 3_600_000
    for _ in range(21):
        taken(allowance, 1)
    assert clock.exceeded == 0
    taken(allowance, 1)
    assert clock.exceeded == 1


def test_who_exceeds_gets_one_more_burst_before_the_next_time() -> None:
    clock = Clock()
    allowance = Allowance(1, 10, clock, clock.exceed)
    for _ in range(21):
        taken(allowance, 1)
    assert clock.exceeded == 1
    taken(allowance, 1)
    assert clock.exceeded == 2


def test_other_units_are_the_same_allowance() -> None:
    clock = Clock()
    allowance = Allowance(100, 10, clock, clock.exceed)
    taken(allowance, 5)
    allowance.scale(3)
    taken(allowance, 15)
    assert clock.exceeded == 0
    clock.now_ms += 10
    taken(allowance, 3)
    assert clock.exceeded == 0
    taken(allowance, 1)
    assert clock.exceeded == 1
