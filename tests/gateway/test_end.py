"""How calls end, what they leave behind, and how the gateway stops."""

import asyncio
import os
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from picows import (
    WSListener,
    WSUpgradeRequest,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from gateway.conftest import Bounds
from gateway.far import DEADLINE_S, dial
from gateway.stand import SETTINGS, Stood, gateway, over_both
from gateway.upstreams import audio, hang, oblige, raw, scripted
from turngate.core.session import Policy
from turngate.dialects.house import House
from turngate.emulator import serving
from turngate.errors import ListenFailed
from turngate.gateway import log
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.allowed import Allowed
from turngate.gateway.call import Call, Owner
from turngate.gateway.config import Config
from turngate.gateway.outside import REAL, Outside, monotonic_ms
from turngate.gateway.peer import Peer
from turngate.gateway.server import serve
from turngate.gateway.target import Target, target
from turngate.gateway.upstream import connect

QUOTE = "what a person said"
TYPED = {"type": "InjectUserMessage", "content": "hello"}


def left_over() -> Counter[str]:
    """Return what runs or is open in this process: tasks, timers, descriptors."""
    loop = asyncio.get_running_loop()
    scheduled = cast("list[asyncio.TimerHandle]", getattr(loop, "_scheduled"))  # noqa: B009 - the loop does not tell its timers otherwise
    return Counter(
        tasks=len(asyncio.all_tasks()),
        timers=sum(1 for timer in scheduled if not timer.cancelled()),
        descriptors=len(os.listdir("/dev/fd")),  # noqa: PTH208 - a Path per descriptor is of no use
    )


async def settles(before: Counter[str]) -> None:
    """Wait until nothing is left over that was not there before."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    while (more := left_over() - before) and loop.time() < deadline:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    assert dict(more) == {}


async def test_200_calls_that_leave_while_busy_leave_nothing(bounds: Bounds) -> None:
    bounds(CLOSE_S=60.0)  # a timer that is left behind must not run out before it is seen
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        before = left_over()
        for number in range(200):
            caller = await stand.configured()
            far = await upstream.accepts()
            caller.say(bytes(960))
            caller.say(TYPED)
            await far.hears("response.create")
            far.say(audio(b"\x01\x02"))
            await caller.hears_audio()
            if number % 2:
                caller.close()
            else:
                caller.drop()
            await far.until(lambda far=far: far.is_gone)
            assert far.types() == [
                "session.update",
                "input_audio_buffer.append",
                "conversation.item.create",
                "response.create",
            ]
        await stand.is_empty()
        assert (await stand.health())["served"] == 200
        await settles(before)


@over_both
async def test_calls_that_leave_while_the_upstream_is_dialled_leave_nothing(
    gateway: Stood, bounds: Bounds
) -> None:
    bounds(CONNECT_S=0.3)
    async with raw(hang) as url, gateway(url) as stand:
        before = left_over()
        for _ in range(20):
            (await stand.called()).close()
        await stand.is_empty()
        await settles(before)


@over_both
async def test_calls_whose_upstream_is_gone_leave_nothing(gateway: Stood, bounds: Bounds) -> None:
    bounds(CLOSE_S=60.0)
    async with scripted() as upstream, gateway(upstream.url) as stand:
        before = left_over()
        for _ in range(20):
            caller = await stand.called()
            (await upstream.accepts()).drop()
            await caller.is_closed()
        await stand.is_empty()
        await settles(before)


class Broken(Mapping[str, Any]):
    """What a bug looks like from outside: it raises where nobody expects it."""

    def __getitem__(self, key: str) -> Any:
        raise LookupError(QUOTE)

    def __iter__(self) -> Iterator[str]:
        raise LookupError(QUOTE)

    def __len__(self) -> int:
        return 1


@asynccontextmanager
async def calls_on(
    upstream_url: str, *calls: dict[str, Any], outside: Outside = REAL
) -> AsyncGenerator[str]:
    """Serve one call after the other, each with what it is given in place of what is right."""
    there = Target(url=upstream_url, name="upstream")
    right: dict[str, Any] = {"target": there, "house": House(), "policy": Policy()}
    waiting = deque(calls)
    running: set[Call] = set()

    def door(request: WSUpgradeRequest) -> Any:
        del request
        return AgentCall(
            "call",
            owner=Owner(running.add, running.remove, outside),
            **{**right, **waiting.popleft()},
        ).client

    server = await ws_create_server(door, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        for call in tuple(running):
            call.abort()
        server.close()
        await server.wait_closed()
    assert not running


@pytest.mark.parametrize(
    "bug",
    [
        {"house": House(session=Broken())},
        {"target": Target(url="ws://127.0.0.1/", name="x", headers=Broken())},
    ],
    ids=["in a message", "in the dial"],
)
async def test_bug_ends_only_its_own_call(
    bug: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("debug", "json")
    async with scripted(oblige) as upstream, calls_on(upstream.url, {}, bug) as url:
        other = await dial(url)
        other.say(SETTINGS)
        await other.hears("SettingsApplied")
        caller = await dial(url)
        await caller.hears("Welcome")
        caller.say(SETTINGS)
        error = await caller.hears("Error")
        assert error["code"] == "INTERNAL_SERVER_ERROR"
        assert await caller.is_closed() == (1011, "INTERNAL_SERVER_ERROR")
        other.say(TYPED)
        await other.hears("ConversationText")
    written = capsys.readouterr().err
    assert "LookupError" in written
    assert "test_end.py" in written, "the log tells where"
    assert QUOTE not in written, "and not what"


async def test_caller_is_told_soon_where_no_other_connection_is_to_be_had(bounds: Bounds) -> None:
    bounds(REDIAL_CONNECT_S=0.05)
    tries: list[Target] = []

    async def once(where: Target, peer: WSListener) -> None:
        tries.append(where)
        if len(tries) > 1:
            await asyncio.Event().wait()
        await connect(where, cast("Peer", peer))

    world = Outside(monotonic_ms, once)
    async with (
        scripted(oblige) as upstream,
        calls_on(upstream.url, {"policy": Policy(redials=True)}, outside=world) as url,
    ):
        caller = await dial(url)
        caller.say(SETTINGS)
        await caller.hears("SettingsApplied")
        (await upstream.accepts()).drop()
        error = await caller.hears("Error")
        assert error["code"] == "FAILED_TO_THINK"
        assert error["description"].endswith("no answer within 0.05 s.")
        assert (await caller.is_closed())[0] == 1011
    assert len(tries) == 4


async def test_callers_are_told_that_the_gateway_stops() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        callers = [await stand.configured() for _ in range(3)]
        callers.append(await stand.called())
        stand.stop.set()
        for caller in callers:
            error = await caller.hears("Error")
            assert error["code"] == "SERVER_GOING_AWAY"
            assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        await stand.ended
        with pytest.raises(ConnectionRefusedError):
            await dial(stand.url)


async def test_gateway_stops_in_time_though_a_caller_never_answers(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.1)
    async with serving() as emulator, gateway(emulator.url) as stand:
        deaf, blocked = await stand.configured(), await stand.configured()
        deaf.answers_close = False
        blocked.stop_reading()
        stand.stop.set()
        async with asyncio.timeout(1.0):
            await stand.ended
        await deaf.until(lambda: deaf.is_gone)
        assert deaf.closed == (1001, "SERVER_GOING_AWAY")
        blocked.drop()


async def test_drain_has_a_deadline_of_its_own(bounds: Bounds) -> None:
    bounds(CLOSE_S=60.0, LAST_WORD_S=0.1)
    short = Allowed(drain_s=0.1)
    async with serving() as emulator, gateway(emulator.url, limits=short) as stand:
        deaf = await stand.configured()
        deaf.answers_close = False
        stand.stop.set()
        async with asyncio.timeout(1.0):
            await stand.ended
        await deaf.until(lambda: deaf.is_gone)


async def test_gateway_without_calls_stops_at_once() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        (await stand.configured()).close()
        await stand.is_empty()
        stand.stop.set()
        async with asyncio.timeout(1.0):
            await stand.ended


async def test_port_that_is_taken_is_told() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        config = Config(port=stand.port, upstream=emulator.url, log_level="error")
        with pytest.raises(ListenFailed, match="something else listens there already"):
            await serve(config, target(config), ready=lambda _: None, stop=asyncio.Event())
