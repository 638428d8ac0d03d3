"""Red, then green: the same triggers through a naive relay and through turngate."""

import pytest

from e2e.naive import Guard, through_naive
from e2e.stage import Call, Through, calling, through_turngate
from e2e.triggers import PACE, TRIGGERS, Trigger
from e2e.verdict import Verdict, judged
from e2e.virtual import in_virtual_time

BY_NAME = {trigger.name: trigger for trigger in TRIGGERS}


async def through(front: Through, trigger: Trigger) -> Verdict:
    """Play a trigger over sockets."""
    async with calling(
        PACE, trigger.script, through=front, is_configured=trigger.is_configured
    ) as call:
        start = len(call.record.lines) if trigger.is_configured else 0
        await call.follow(*trigger.steps)
        await settled(call)
        return judged(call.emulator.audit, call.record, start)


async def settled(call: Call) -> None:
    """Wait for the end, if there is one: a naive relay may leave a turn unanswered for ever."""
    if call.front.is_patient:
        await call.kept()
    else:
        await call.quiet()


@pytest.mark.parametrize("name", BY_NAME)
async def test_red_then_green(name: str) -> None:
    trigger = BY_NAME[name]
    red = await through(through_naive(trigger.guard), trigger)
    green = await through(through_turngate(), trigger)
    print(f"{name:<30} {trigger.guard.value:<38} {red!s:<32} turngate: {green}")  # noqa: T201 - a row of the table that -s shows
    assert not red.is_kept
    assert green.is_kept


@pytest.mark.parametrize("guard", Guard)
async def test_each_guard_loses_a_turn_somewhere(guard: Guard) -> None:
    verdicts = [(await in_virtual_time(guard, trigger)).verdict for trigger in TRIGGERS]
    assert any(verdict.unanswered for verdict in verdicts)
    assert any(verdict.violations for verdict in verdicts)
