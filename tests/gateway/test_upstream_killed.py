"""The upstream dies at any moment: every caller is told by a code, then its call is closed."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.far import DEADLINE_S, Far, dial
from gateway.stand import SETTINGS, gateway

MORTAL = Path(__file__).parent / "mortal.py"
TYPED = {"type": "InjectUserMessage", "content": "hello"}
MESSAGES = 60
"""Of the eighty or so that three callers hear from the first word to the end of their answers."""


@asynccontextmanager
async def mortals() -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(MORTAL)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def born(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Return the process and the URL of a new emulator."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"one more\n")
    async with asyncio.timeout(2 * DEADLINE_S):
        pid, url = (await process.stdout.readline()).split()
    return int(pid), url.decode()


async def heard(callers: list[Far], count: int) -> None:
    """Wait until the callers have heard so much together, or cannot hear any more."""
    async with asyncio.timeout(DEADLINE_S):
        while sum(len(each.heard) for each in callers) < count:  # noqa: ASYNC110 - three may hear it, and none tells all
            await asyncio.sleep(0.001)


def talk(agent: Far, idle: Far, native: Far) -> None:
    """Begin a call each: one that asks, one that does not, and one of the other protocol."""
    agent.say(SETTINGS)
    agent.say(TYPED)
    idle.say(SETTINGS)
    part = {"type": "input_text", "text": "hello"}
    item = {"type": "message", "role": "user", "content": [part]}
    native.say({"type": "conversation.item.create", "item": item})
    native.say({"type": "response.create"})


def last_word(caller: Far) -> str:
    """Return the code of the last message, which has to be an error."""
    message = caller.heard[-1]
    assert isinstance(message, dict), caller.types()
    if message["type"] == "Error":
        return message["code"]
    assert message["type"] == "error", caller.types()
    return message["error"]["code"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("times", [10, pytest.param(50, marks=pytest.mark.soak)])
async def test_every_caller_is_told_whenever_the_upstream_is_killed(times: int) -> None:
    chance = random.Random(11)
    moments = [chance.randrange(MESSAGES) for _ in range(times)]
    cut = set[str]()
    async with mortals() as process:
        for moment in moments:
            pid, url = await born(process)
            async with gateway(url) as stand:
                realtime = f"ws://{stand.host}:{stand.port}/v1/realtime?model=m"
                callers = [await dial(stand.url), await dial(stand.url), await dial(realtime)]
                talk(*callers)
                await heard(callers, moment)
                os.kill(pid, signal.SIGKILL)
                for caller in callers:
                    code, reason = await caller.is_closed()
                    assert (code, reason) == (1011, "FAILED_TO_THINK"), moment
                    assert last_word(caller).upper() == "FAILED_TO_THINK", moment
                    cut.update(caller.types()[-6:-1])
    assert len(cut) > 1, "they were in more than one kind of moment"
