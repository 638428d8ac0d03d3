"""Calls that something befalls, and what they came to."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from msgspec import Struct, field
from proof.sockets.proxy import proxied
from proof.sockets.scenarios import Leg, Scenario

from turngate.client import Client, Closed, Event, agent
from turngate.client import settings as settings_of
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.gateway import log
from turngate.gateway.config import Config
from turngate.gateway.server import serve
from turngate.gateway.target import target

CALLS = 5
TURNS = ("one", "two", "three", "four")
BEFALLEN = 1
"""It comes while the so manieth turn is taken, counted from 0; those before have fine weather."""
KNOBS = Knobs(first_delta_ms=10, per_delta_ms=5)
SCRIPT = Script(replies=tuple(Reply(match=word, text=f"This is {word}.") for word in TURNS))
BROKEN_OFF = "THINK_REQUEST_FAILED"
CUT = 1006
"""What a caller makes of a connection that ends without a word."""


class Call(Struct):
    """What a call came to."""

    answered: list[str] = field(default_factory=list[str])
    """What was said to each turn."""
    turns_s: list[float] = field(default_factory=list[float])
    """How long each turn took from the fault on."""
    broken_off: int = 0
    """Turns of which it was told that their answer broke off while it was heard."""
    errors: list[str] = field(default_factory=list[str])
    ended: int | None = None
    """The close code, if it did not go on to its last turn."""
    ended_s: float = 0.0
    wrong: list[str] = field(default_factory=list[str])


class Playing(Struct):
    """One playing of a scenario: everybody waits for everybody else before it comes."""

    scenario: Scenario
    befallen: asyncio.Barrier


async def call(url: str, playing: Playing) -> Call:
    """Make a call of some turns; while one of them is taken, something befalls all calls at once."""
    came_to, began_s = Call(), time.monotonic()
    try:
        async with Client(url, settings_of(prompt="Brief.")) as client:
            events = aiter(client)
            for number, word in enumerate(TURNS):
                if number == BEFALLEN:
                    await playing.befallen.wait()
                began_s = time.monotonic()
                await client.say(f"turn {word}")
                async with asyncio.timeout(playing.scenario.within_s):
                    while not isinstance(event := await anext(events), agent.AgentAudioDone):
                        _take(event, came_to)
                if number >= BEFALLEN:
                    came_to.turns_s.append(time.monotonic() - began_s)
    except TimeoutError:
        came_to.wrong.append(f"nothing within {playing.scenario.within_s:.0f} s of a turn")
    except (Closed, StopAsyncIteration, OSError) as end:
        came_to.ended_s = time.monotonic() - began_s
        came_to.ended = end.code if isinstance(end, Closed) else 1000
    return came_to


def _take(event: Event, came_to: Call) -> None:
    if isinstance(event, agent.Error):
        came_to.errors.append(event.code)
    elif isinstance(event, agent.AgentWarning) and event.code == BROKEN_OFF:
        came_to.broken_off += 1
    elif isinstance(event, agent.ConversationText) and event.role == "assistant":
        came_to.answered.append(event.content)


async def play(scenario: Scenario, leg: Leg, moment_ms: float = 0.0) -> list[Call]:
    """Play a scenario on one leg, with a gateway and an upstream of its own."""
    stop = asyncio.Event()
    playing = Playing(scenario, asyncio.Barrier(CALLS + 1))
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serving(knobs=KNOBS, script=SCRIPT))
        behind = await stack.enter_async_context(proxied(emulator.host, emulator.port, seed=1))
        upstream = f"ws://127.0.0.1:{behind.port}/v1/realtime"
        config = Config(port=0, upstream=upstream, log_level="error")
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        gateway = asyncio.create_task(
            serve(config, target(config), ready=listening.set_result, stop=stop)
        )
        port = urlsplit(await listening).port or 0
        log.configure("critical", "json")  # what a call was told is seen at its caller
        before = await stack.enter_async_context(proxied("127.0.0.1", port, seed=2))
        url = f"ws://127.0.0.1:{before.port}/v1/agent/converse"
        async with asyncio.TaskGroup() as callers:  # else a call that breaks is waited for
            calls = [callers.create_task(call(url, playing)) for _ in range(CALLS)]
            await playing.befallen.wait()
            await asyncio.sleep(moment_ms / 1000)
            scenario.befall(before if leg == "client" else behind)
        came_to = [each.result() for each in calls]
        stop.set()
        await gateway
    for each in came_to:
        judge(scenario, leg, each)
    return came_to


def judge(scenario: Scenario, leg: Leg, call: Call) -> None:
    """Add what should not have become of a call."""
    if leg in scenario.ends:
        if call.ended is None:
            call.wrong.append("did not end")
        # Who is still there is told why; who was cut off can only notice.
        elif leg == "upstream" and (call.ended == CUT or not call.errors):
            call.wrong.append(f"ended with {call.ended} after {call.errors}")
    elif call.ended is not None:
        call.wrong.append(f"ended with {call.ended} after {call.errors}")
    if not is_answered_rightly(call, whole=leg not in scenario.ends):
        call.wrong.append(f"was answered {call.answered}, {call.broken_off} broken off")


def is_answered_rightly(call: Call, *, whole: bool) -> bool:
    """Tell whether each turn has its own answer, once, or as much as was told to have broken off."""
    expected = [reply.text for reply in SCRIPT.replies]
    pairs = list(zip(call.answered, expected, strict=False))
    in_part = sum(said != text for said, text in pairs)
    is_in_order = all(text.startswith(said) for said, text in pairs)
    is_complete = len(call.answered) == len(expected)
    is_over = len(call.answered) > len(expected)
    return is_in_order and not is_over and (is_complete or not whole) and in_part <= call.broken_off


def figures_of(calls: Sequence[Call]) -> dict[str, object]:
    """Return what a scenario has shown."""
    turns_s = [each for call in calls for each in call.turns_s]
    ended = [call for call in calls if call.ended is not None]
    return {
        "calls": len(calls),
        "answered": sum(len(call.answered) for call in calls),
        "broken_off": sum(call.broken_off for call in calls),
        "went_on": len(calls) - len(ended),
        "told": sum(call.ended != CUT for call in ended),
        "cut": sum(call.ended == CUT for call in ended),
        "turn_p50_ms": round(statistics.median(turns_s) * 1000) if turns_s else None,
        "slowest_s": round(max(turns_s + [call.ended_s for call in ended], default=0.0), 1),
        "wrong": sorted({wrong for call in calls for wrong in call.wrong}),
    }
