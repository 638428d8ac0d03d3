"""Calls over real sockets, in each weather on each leg: answered, or ended with a reason, and when.

python -m proof.sockets            the short form, seconds
python -m proof.sockets --long     black holes too, which keepalives take 20 s to notice
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field
from proof.sockets.proxy import Proxy, Weather, proxied

from turngate.client import Client, Closed, agent
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.gateway.config import Config
from turngate.gateway.server import serve
from turngate.gateway.target import target

Form = Literal["short", "long"]
Leg = Literal["client", "upstream"]

CALLS, TURNS = 5, 4
FAULT_AFTER = 1
"""The fault comes behind the so manieth turn; those before are asked in fine weather."""
KNOBS = Knobs(first_delta_ms=10, per_delta_ms=5)
SCRIPT = Script(replies=(Reply(match="", text="Yes."),))
ABNORMAL = 1006


class Scenario(Struct, frozen=True, kw_only=True):
    """What happens to a leg. `ends` are the legs on which calls cannot go on from there.

    An upstream that is lost is replaced by another connection to it; a caller that is lost is not.
    """

    name: str
    befall: Callable[[Proxy], None]
    ends: tuple[Leg, ...] = ()
    within_s: float = 3.0
    """How long a turn, or the end of a call, may take from there on."""
    is_short: bool = True


def weather(**changes: object) -> Callable[[Proxy], None]:
    """Return what changes the weather."""

    def befall(proxy: Proxy) -> None:
        proxy.weather = msgspec.convert(changes, Weather)

    return befall


SCENARIOS = (
    Scenario(name="latency 80 ms", befall=weather(latency_ms=80.0)),
    Scenario(name="jitter 100 ms", befall=weather(latency_ms=20.0, jitter_ms=100.0)),
    Scenario(name="64 KiB/s", befall=weather(bytes_per_s=65536.0)),
    Scenario(name="slices of 7 bytes", befall=weather(slice_bytes=7)),
    Scenario(name="reset", befall=Proxy.reset, ends=("client",)),
    Scenario(name="half-close", befall=Proxy.half_close, ends=("client",), within_s=5.0),
    Scenario(
        name="black hole",
        befall=weather(is_black_hole=True),
        ends=("client", "upstream"),
        within_s=25.0,
        is_short=False,
    ),
)


class Seen(Struct):
    """What the calls of a scenario came to."""

    answered: int = 0
    turns_s: list[float] = field(default_factory=list[float])
    ended_s: list[float] = field(default_factory=list[float])
    codes: set[int] = field(default_factory=set[int])
    errors: set[str] = field(default_factory=set[str])
    wrong: list[str] = field(default_factory=list[str])


def settings() -> agent.Settings:
    """Return Settings for 24 kHz audio."""
    return agent.Settings(
        audio=agent.AudioSettings(
            input=agent.AudioInput(encoding="linear16", sample_rate=24_000),
            output=agent.AudioOutput(encoding="linear16", sample_rate=24_000),
        ),
        agent=agent.AgentSettings(
            think=agent.ThinkSettings(provider=agent.ThinkProvider(type="open_ai"), prompt="Brief.")
        ),
    )


async def call(url: str, befallen: asyncio.Barrier, scenario: Scenario, seen: Seen) -> None:
    """Make a call of some turns; in the middle of it the weather changes for all calls at once."""
    turns = 0
    began_s = time.monotonic()
    try:
        async with Client(url, settings()) as client:
            events = aiter(client)
            for turns in range(1, TURNS + 1):
                began_s = time.monotonic()
                await client.say(f"turn {turns}")
                async with asyncio.timeout(scenario.within_s):
                    while not isinstance(event := await anext(events), agent.AgentAudioDone):
                        if isinstance(event, agent.Error):
                            seen.errors.add(event.code)
                seen.answered += 1
                if turns > FAULT_AFTER:
                    seen.turns_s.append(time.monotonic() - began_s)
                if turns == FAULT_AFTER:
                    await befallen.wait()
                    await befallen.wait()
    except TimeoutError:
        seen.wrong.append(f"nothing within {scenario.within_s} s of turn {turns}")
    except (Closed, StopAsyncIteration, OSError) as end:
        seen.ended_s.append(time.monotonic() - began_s)
        seen.codes.add(end.code if isinstance(end, Closed) else 1000)


async def play(scenario: Scenario, leg: Leg) -> Seen:
    """Play a scenario on one leg, with a gateway and an upstream of its own."""
    seen, stop = Seen(), asyncio.Event()
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serving(knobs=KNOBS, script=SCRIPT))
        behind = await stack.enter_async_context(proxied(emulator.host, emulator.port, seed=1))
        config = Config(
            port=0, upstream=f"ws://127.0.0.1:{behind.port}/v1/realtime", log_level="error"
        )
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        gateway = asyncio.create_task(
            serve(config, target(config), ready=listening.set_result, stop=stop)
        )
        parts = urlsplit(await listening)
        before = await stack.enter_async_context(proxied("127.0.0.1", parts.port or 0, seed=2))
        befallen = asyncio.Barrier(CALLS + 1)
        url = f"ws://127.0.0.1:{before.port}/v1/agent/converse"
        calls = [asyncio.create_task(call(url, befallen, scenario, seen)) for _ in range(CALLS)]
        await befallen.wait()
        scenario.befall(before if leg == "client" else behind)
        await befallen.wait()
        await asyncio.gather(*calls)
        stop.set()
        await gateway
    _judge(scenario, leg, seen)
    return seen


def _judge(scenario: Scenario, leg: Leg, seen: Seen) -> None:
    whole, ends = CALLS * TURNS, leg in scenario.ends
    if ends and len(seen.ended_s) != CALLS:
        seen.wrong.append(f"{CALLS - len(seen.ended_s)} calls did not end")
    if not ends and (seen.answered != whole or seen.ended_s):
        seen.wrong.append(f"{whole - seen.answered} turns without an answer")
    # Who is still there is told why; who was cut off can only notice.
    if ends and leg == "upstream" and (ABNORMAL in seen.codes or not seen.errors):
        seen.wrong.append(f"ended with {sorted(seen.codes)} and {sorted(seen.errors)}")


def figures_of(seen: Seen) -> dict[str, object]:
    """Return what a scenario has shown."""
    figures: dict[str, object] = {"answered": seen.answered, "wrong": seen.wrong}
    if seen.turns_s:
        figures["turn_p50_ms"] = round(statistics.median(seen.turns_s) * 1000)
        figures["turn_max_ms"] = round(max(seen.turns_s) * 1000)
    if seen.ended_s:
        figures["ended_after_max_s"] = round(max(seen.ended_s), 2)
        figures["codes"] = sorted(seen.codes)
    return figures


async def play_all(form: Form) -> dict[str, dict[str, object]]:
    """Play every scenario of a form on each leg; those that only wait, beside each other."""
    found: dict[str, dict[str, object]] = {}
    waiting: dict[str, asyncio.Task[Seen]] = {}
    legs: tuple[Leg, ...] = ("client", "upstream")
    for scenario in SCENARIOS:
        for leg in legs:
            name = f"{scenario.name}, {leg}"
            if not scenario.is_short and form == "long":
                waiting[name] = asyncio.create_task(play(scenario, leg))
            elif scenario.is_short:
                found[name] = figures_of(await play(scenario, leg))
    for name, task in waiting.items():
        found[name] = figures_of(await task)
    return found


def run(form: Form) -> dict[str, object]:
    """Play the scenarios of a form; return the figures, `ok` among them."""
    began_s = time.monotonic()
    found = asyncio.run(play_all(form))
    return {
        "piece": "sockets",
        "form": form,
        "ok": not any(each["wrong"] for each in found.values()),
        "scenarios": found,
        "seconds": round(time.monotonic() - began_s, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where everything held."""
    parser = argparse.ArgumentParser(prog="python -m proof.sockets", description=__doc__)
    parser.add_argument("--long", action="store_true", help="black holes too")
    figures = run("long" if parser.parse_args().long else "short")
    sys.stdout.write(f"{msgspec.json.encode(figures).decode()}\n")
    return 0 if figures["ok"] else 1
