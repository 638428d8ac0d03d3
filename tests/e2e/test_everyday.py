"""The flow in which the problem was met, a thousand times, with the timing of every day.

A user's message, a function call, the host's result, and in the same moment new Settings. Delays
are random on both sides and come from a seed, so a failure can be played again.
"""

import asyncio
from random import Random

import pytest

from e2e.record import Record
from e2e.script import assert_kept
from e2e.stage import Caller, Front, configured, through_turngate
from e2e.tap import tapped
from e2e.verdict import unconfirmed
from turngate.emulator import Call as Asks
from turngate.emulator import Emulator, Knobs, Reply, Script, serving
from turngate.wire import agent
from turngate.wire.codec import encode

FLOWS = 1_000
CALLS = 50
SEED = 459
SCRIPT = Script(replies=(Reply(match="time", calls=(Asks("get_time"),)),))
"""The answer that follows is made of the function's result."""

TIMING = Knobs(
    seed=SEED,
    created_ms=1,
    first_delta_ms=1,
    per_delta_ms=0.1,
    done_after_last_ms=40,
    item_ack_ms=1,
    session_updated_ms=1,
    jitter_ms=6,
    output_ack="after_response_done",
)
HOST_MS = 80.0
"""Half of the host's functions take no time, the others up to this long, so that results come both
before and after the end of the response that called."""


class Everyday:
    """One call with one flow after the other."""

    def __init__(self, caller: Caller, seed: int) -> None:
        self.caller = caller
        self.record = caller.record
        self._random = Random(seed)

    async def run(self, flows: int, *, with_settings: bool) -> None:
        await self._say(configured("flow 0"), ">C", "SettingsApplied")
        for number in range(1, flows + 1):
            await self._flow(number, with_settings=with_settings)

    async def _flow(self, number: int, *, with_settings: bool) -> None:
        start = len(self.record.lines)
        self._tell(agent.InjectUserMessage(f"what time is it? {number}"))
        position = await self._seen("FunctionCallRequest", start)
        asked = self.record.lines[position].message
        assert isinstance(asked, dict)
        await self._work()
        answer = agent.FunctionCallResponse(
            id=asked["functions"][0]["id"], name="get_time", content=f"{number} o'clock"
        )
        settings = configured(f"flow {number}")
        said = [answer, settings] if with_settings else [answer]
        for message in self._random.sample(said, len(said)):
            self._tell(message)
        await self._seen(f'ConversationText assistant "It is {number} o\'clock."', start)
        await self._seen("AgentAudioDone", start)
        if with_settings:
            await self._seen("SettingsApplied", start)

    async def _work(self) -> None:
        """Let the host's function take its time; the event loop's clock is the only one here."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        takes_ms = self._random.choice((0.0, self._random.uniform(0, HOST_MS)))
        loop.call_later(takes_ms / 1000, done.set_result, None)
        await done

    def _tell(self, message: agent.ClientMessage) -> None:
        self.caller.say(encode(message).decode())

    async def _say(self, message: agent.ClientMessage, *_: str) -> None:
        start = len(self.record.lines)
        self._tell(message)
        await self._seen("SettingsApplied", start)

    async def _seen(self, label: str, start: int) -> int:
        return await self.record.until(lambda: self.record.find(">C", label, start), label)


async def one_call(
    front: Front, record: Record, seed: int, flows: int, *, with_settings: bool
) -> Record:
    caller = await Caller.connected(front.url, record)
    await Everyday(caller, seed).run(flows, with_settings=with_settings)
    await caller.barrier()
    caller.leave()
    await record.until(lambda: True if caller.is_over else None, "the end of the call")
    return record


async def one_tapped_call(emulator: Emulator, seed: int, flows: int) -> Record:
    """Run a call through a gateway and a tap of its own, so that both legs are in one record."""
    record = Record()
    async with tapped(emulator.url, record) as tap, through_turngate()(tap.url) as front:
        return await one_call(front, record, seed, flows, with_settings=True)


@pytest.mark.timeout(120)
async def test_result_and_settings_in_the_same_moment_a_thousand_times() -> None:
    async with serving(knobs=TIMING, script=SCRIPT) as emulator:
        records = await asyncio.gather(
            *(one_tapped_call(emulator, SEED + n, FLOWS // CALLS) for n in range(CALLS))
        )
        assert_kept(emulator.audit)
        assert emulator.audit.counters["race"] == 0
    for record in records:
        texts = [line.label for line in record.all(">C", "ConversationText assistant")]
        assert texts == [
            f'ConversationText assistant "It is {n} o\'clock."' for n in range(1, len(texts) + 1)
        ]
        assert len(texts) == FLOWS // CALLS
        assert len(record.all(">C", "AgentAudioDone")) == len(texts)
        assert len(record.all(">C", "SettingsApplied")) == len(texts) + 1
        assert unconfirmed(record) == 0
        assert not record.all(">C", "Error")
        assert not record.all(">C", "Warning")
    early = sum(
        line.is_like("C>", "FunctionCallResponse") and not was_done(record, position)
        for record in records
        for position, line in enumerate(record.lines)
    )
    assert 20 <= early <= FLOWS - 20, "both orders of result and end have to occur"


def was_done(record: Record, position: int) -> bool:
    """Whether the last response that began before a line had ended by then."""
    before = [line.label for line in record.lines[:position] if line.side == "U>"]
    begun = max(n for n, label in enumerate(before) if label.startswith("response.created"))
    return any(label.startswith("response.done") for label in before[begun:])


async def test_result_by_itself_never_causes_an_update() -> None:
    async with (
        serving(knobs=TIMING, script=SCRIPT) as emulator,
        through_turngate()(emulator.url) as front,
    ):
        await asyncio.gather(
            *(one_call(front, Record(), n, 10, with_settings=False) for n in range(CALLS))
        )
        assert_kept(emulator.audit)
        updates = [each for each in emulator.audit.records if each.type == "session.update"]
        assert len(updates) == CALLS
