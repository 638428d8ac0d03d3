"""Twenty spoken and typed calls at once: nothing lost, nothing doubled, nothing left behind.

`python -m pytest tests/e2e/test_soak.py -m soak -s` runs the long form, ten minutes.
"""

import asyncio
import gc
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
from msgspec import Struct

from e2e.record import PATIENCE_S, Record
from e2e.script import assert_kept
from e2e.stage import Caller, Front, configured, through_turngate
from turngate.audio.tone import silence, tone
from turngate.emulator import Call as Asks
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.wire import agent
from turngate.wire.codec import encode

CALLS = 20
FRAME_BYTES = 1920
"""40 ms of s16le mono at 24 kHz, as microphones send it."""
TURNS_A_CALL = 8
"""Then the caller hangs up and calls again, so that beginnings and ends are part of it."""
GROWTH_MIB = 24
"""What the process may have grown by after the first calls. The allocator keeps some of what is
freed; a call that stayed would show among the objects besides."""

KNOBS = Knobs(
    seed=20, created_ms=3, first_delta_ms=20, per_delta_ms=10, done_after_last_ms=15, jitter_ms=10
)
SCRIPT = Script(
    replies=(
        Reply(match="time and weather", calls=(Asks("get_time"), Asks("get_weather"))),
        Reply(match="time", calls=(Asks("get_time"),)),
    )
)


class Left(Struct, frozen=True):
    """What there is of things that must not stay."""

    tasks: int
    descriptors: int
    objects: Counter[str]

    def is_within(self, other: "Left") -> bool:
        """Whether there is no more of anything than there was."""
        return (
            self.tasks <= other.tasks
            and self.descriptors <= other.descriptors
            and self.objects <= other.objects
        )


def left() -> Left:
    gc.collect()
    kinds = Counter(
        kind.__qualname__
        for kind in map(type, gc.get_objects())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
        if str(kind.__module__).startswith(("turngate.gateway", "turngate.core"))
    )
    return Left(len(asyncio.all_tasks()), sum(1 for _ in Path("/dev/fd").iterdir()), kinds)


async def left_without_calls() -> Left:
    """Wait until no call is left, and return what else there is."""
    return await _left_when(lambda rest: not rest.objects["Call"], "no call")


async def nothing_more_than(before: Left) -> None:
    """Wait until there is no more of anything than before."""
    await _left_when(lambda rest: rest.is_within(before), str(before))


async def _left_when(is_so: Callable[[Left], bool], what: str) -> Left:
    """Look until it is so; what ends takes a few turns of the loop for it."""
    loop = asyncio.get_running_loop()
    last_s = loop.time() + PATIENCE_S
    while not is_so(now := left()):
        assert loop.time() < last_s, f"expected {what}, and there is {now}"
        turn: asyncio.Future[None] = loop.create_future()
        loop.call_soon(turn.set_result, None)
        await turn
    return now


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Tally(Struct):
    """What was said and what came back, over all calls."""

    calls: int = 0
    typed: int = 0
    spoken: int = 0
    functions: int = 0
    settings: int = 0
    answers: int = 0
    frames: int = 0


class Talker:
    """One person who talks, types and hangs up, again and again, until the time is over."""

    def __init__(self, front: Front, seed: int, tally: Tally) -> None:
        self._front = front
        self._random = Random(seed)
        self._tally = tally

    async def talk(self, until_s: float) -> None:
        while time.monotonic() < until_s:
            await self._call(until_s)

    async def _call(self, until_s: float) -> None:
        record = Record()
        caller = await Caller.connected(self._front.url, record)
        self._tally.calls += 1
        self._tell(caller, configured("call 0"))
        await self._seen(record, "SettingsApplied", 0)
        for number in range(1, TURNS_A_CALL + 1):
            if time.monotonic() > until_s:
                break
            await self._turn(caller, number)
        await caller.barrier()
        caller.leave()
        await record.until(lambda: True if caller.is_over else None, "the end of the call")
        self._count(record)

    async def _turn(self, caller: Caller, number: int) -> None:
        start = len(caller.record.lines)
        match self._random.choice(("typed", "spoken", "function", "functions")):
            case "typed":
                self._tally.typed += 1
                self._tell(caller, agent.InjectUserMessage(f"line {number}"))
            case "spoken":
                self._tally.spoken += 1
                await self._speak(caller)
            case "function":
                await self._ask(caller, start, "what time is it?", calls=1)
            case _:
                await self._ask(caller, start, "what time and weather is it?", calls=2)
        if self._random.random() < 0.3:
            self._tally.settings += 1
            self._tell(caller, configured(f"call {number}"))
            await self._seen(caller.record, "SettingsApplied", start)
        await self._seen(caller.record, "AgentAudioDone", start)

    async def _ask(self, caller: Caller, start: int, text: str, *, calls: int) -> None:
        self._tally.functions += calls
        self._tell(caller, agent.InjectUserMessage(text))
        for _ in range(calls):
            start = await self._seen(caller.record, "FunctionCallRequest", start) + 1
            asked = caller.record.lines[start - 1].message
            assert isinstance(asked, dict)
            call = asked["functions"][0]
            await self._wait(0.03)
            self._tell(
                caller,
                agent.FunctionCallResponse(id=call["id"], name=call["name"], content="noon"),
            )

    async def _speak(self, caller: Caller) -> None:
        """Speak as a microphone does, four times as fast."""
        pcm = silence(80) + tone(self._random.choice((200, 400))) + silence(320)
        for at in range(0, len(pcm), FRAME_BYTES):
            caller.say(pcm[at : at + FRAME_BYTES])
            self._tally.frames += 1
            await self._wait(0.01, exactly=True)

    async def _wait(self, seconds: float, *, exactly: bool = False) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        after_s = seconds if exactly else self._random.uniform(0, seconds)
        asyncio.get_running_loop().call_later(after_s, done.set_result, None)
        await done

    def _tell(self, caller: Caller, message: agent.ClientMessage) -> None:
        caller.say(encode(message).decode())

    async def _seen(self, record: Record, label: str, start: int) -> int:
        return await record.until(lambda: record.find(">C", label, start), label)

    def _count(self, record: Record) -> None:
        """Judge a call: an answer for each turn, none besides, and no complaint."""
        turns = len(record.all(">C", "ConversationText user"))
        answers = len(record.all(">C", "ConversationText assistant"))
        assert answers == turns, str(record)
        assert len(record.all(">C", "AgentAudioDone")) == turns, str(record)
        asked, told = len(record.all("C>", "Settings")), len(record.all(">C", "SettingsApplied"))
        assert told == asked, str(record)
        assert not record.all(">C", "Error"), str(record)
        assert not record.all(">C", "Warning"), str(record)
        self._tally.answers += answers


async def everybody(front: Front, tally: Tally, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    await asyncio.gather(*(Talker(front, n, tally).talk(until_s) for n in range(CALLS)))


async def soak(seconds: float) -> None:
    """Have everybody talk for so long, and compare what is left with what was there before.

    One gateway serves it all; the emulator is a new one each minute, because its audit grows.
    """
    before = left()
    tally = Tally()
    async with AsyncExitStack() as stack:
        async with serving(knobs=KNOBS, script=SCRIPT) as emulator:
            front = await stack.enter_async_context(through_turngate()(emulator.url))
            await everybody(front, Tally(), 1)
        idle = await left_without_calls()
        warm_mib = resident_mib()
        minutes = max(1, round(seconds / 60))
        for _ in range(minutes):
            async with serving(knobs=KNOBS, script=SCRIPT, port=emulator.port) as upstream:
                await everybody(front, tally, seconds / minutes)
                assert_kept(upstream.audit)
                assert upstream.audit.counters["race"] == 0
        await nothing_more_than(idle)
        grown_mib = resident_mib() - warm_mib
        print(f"\n{seconds:.0f} s: {tally}; resident {warm_mib:.0f} MiB, then {grown_mib:+.1f} MiB")  # noqa: T201 - the figures are the result of the long form
    await nothing_more_than(before)
    assert grown_mib < GROWTH_MIB


@pytest.mark.timeout(120)
async def test_twenty_calls_at_once() -> None:
    await soak(10)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_twenty_calls_at_once_for_ten_minutes() -> None:
    await soak(600)


async def test_s27_callers_who_leave_while_busy_leave_nothing_behind() -> None:
    async with (
        serving(knobs=KNOBS, script=SCRIPT) as emulator,
        through_turngate()(emulator.url) as front,
    ):
        await leave_together(front, times=1)
        idle = await left_without_calls()
        await leave_together(front, times=4)
        await nothing_more_than(idle)
        assert emulator.audit.violations == 0


async def leave_together(front: Front, *, times: int) -> None:
    for _ in range(times):
        await asyncio.gather(*(leave_while_busy(front) for _ in range(50)))


async def leave_while_busy(front: Front) -> None:
    record = Record()
    caller = await Caller.connected(front.url, record)
    caller.say(encode(configured()).decode())
    caller.say(encode(agent.InjectUserMessage("hi")).decode())
    await record.until(lambda: record.find(">C", "AgentStartedSpeaking"), "the answer's beginning")
    caller.leave()
    await record.until(lambda: True if caller.is_over else None, "the end of the call")
