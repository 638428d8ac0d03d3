"""Calls that Deepgram itself answers: a scripted stand-in for it behind a gateway, over loopback."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from deepgram import AsyncDeepgramClient
from deepgram.environment import DeepgramClientEnvironment
from picows import WSCloseCode

from gateway.conftest import Bounds
from gateway.far import DEADLINE_S, Far, dial
from gateway.stand import AGENT_PATH, SETTINGS, UPGRADE, Gateway, gateway, request
from gateway.upstreams import Upstream, hang_up, raw, refusing, scripted
from turngate.emulator import serving
from turngate.errors import ConfigError
from turngate.gateway.allowed import Allowed
from turngate.gateway.config import Config
from turngate.gateway.target import deepgram, target

PATH = "/deepgram-proxy"
KEY: dict[str, Any] = {"deepgram_key": "dg-secret"}

# As no encoder of ours would write it, and of a type that nobody knows.
ODD = '{ "type" : "Spark\\u006cing",\n "a":1.0e2, "a":"\u00e9" }'


def whole(far: Far) -> list[Any]:
    """Return what was heard as it came, pongs left out."""
    return [each for each in far.heard if not (isinstance(each, dict) and "mark" in each)]


@asynccontextmanager
async def passing(**settings: Any) -> AsyncGenerator[tuple[Upstream, Gateway]]:
    """Serve a gateway before a stand-in for Deepgram."""
    async with (
        scripted() as stand_in,
        serving() as emulator,
        gateway(emulator.url, deepgram_url=stand_in.url, **KEY, **settings) as stand,
    ):
        yield stand_in, stand


async def called(stand: Gateway, path: str = PATH, **headers: str) -> Far:
    return await dial(f"ws://{stand.host}:{stand.port}{path}", headers)


async def test_every_message_passes_as_it_came_and_in_order() -> None:
    async with passing() as (stand_in, stand):
        caller = await called(stand)
        sent = [ODD, b"\x00\xff\x00", "not JSON", b"", '{"type":"Settings"}', bytes(9_601)]
        for each in sent:
            caller.say(each)
        far = await stand_in.accepts()
        await far.until(lambda: len(far.frames) == len(sent))
        assert far.frames == [each.encode() if isinstance(each, str) else each for each in sent]
        for each in sent:
            far.say(each)
        await caller.until(lambda: len(caller.frames) == len(sent))
        assert caller.frames == far.frames
        kinds = [isinstance(each, bytes) for each in sent]
        assert [isinstance(each, bytes) for each in whole(caller)] == kinds
        caller.close()


async def test_key_is_ours_and_nothing_of_the_callers_is_passed_on() -> None:
    async with passing(client_keys=("ck-mine",)) as (stand_in, stand):
        caller = await called(stand, Authorization="Token ck-mine", Cookie="a=b")
        await stand_in.accepts()
        headers = stand_in.requests[0].headers
        assert headers["Authorization"] == "Token dg-secret"
        assert "ck-mine" not in str(headers)
        assert "Cookie" not in headers
        caller.close()
        assert (await request(stand, PATH, UPGRADE)).status == 401


@pytest.mark.parametrize("code, reason", [(1000, "bye"), (1011, "NET-0001"), (4000, "own")])
async def test_closes_pass_both_ways(code: int, reason: str) -> None:
    async with passing() as (stand_in, stand):
        caller = await called(stand)
        (await stand_in.accepts()).close(code, reason)
        assert await caller.is_closed() == (code, reason)
        other = await called(stand)
        far = await stand_in.accepts()
        other.close(code, reason)
        assert await far.is_closed() == (code, reason)


async def test_close_without_a_code_is_a_normal_one() -> None:
    async with passing() as (stand_in, stand):
        caller = await called(stand)
        far = await stand_in.accepts()
        caller.close(None)
        assert (await far.is_closed())[0] == WSCloseCode.OK


async def test_caller_who_is_cut_off_ends_the_call_there() -> None:
    async with passing() as (stand_in, stand):
        caller = await called(stand)
        far = await stand_in.accepts()
        caller.drop()
        assert (await far.is_closed())[0] == WSCloseCode.OK
        await stand.is_empty()


async def test_deepgram_that_is_cut_off_is_told() -> None:
    async with passing() as (stand_in, stand):
        caller = await called(stand)
        (await stand_in.accepts()).drop()
        assert (await caller.hears("Error"))["code"] == "FAILED_TO_THINK"
        assert await caller.is_closed() == (1011, "FAILED_TO_THINK")


async def test_refusal_by_deepgram_is_told() -> None:
    async with (
        refusing(401) as url,
        serving() as emulator,
        gateway(emulator.url, deepgram_url=url, **KEY) as stand,
    ):
        caller = await called(stand)
        error = await caller.hears("Error")
        assert "401" in error["description"]
        assert "dg-secret" not in str(caller.heard)
        assert await caller.is_closed() == (1011, "FAILED_TO_THINK")


async def test_deepgram_that_cannot_be_reached_is_told() -> None:
    async with (
        raw(hang_up) as url,
        serving() as emulator,
        gateway(emulator.url, deepgram_url=url, **KEY) as stand,
    ):
        caller = await called(stand)
        assert (await caller.hears("Error"))["code"] == "FAILED_TO_THINK"


async def test_caller_who_does_not_read_is_bounded(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.1)
    async with passing(limits=Allowed(client_queue_bytes=200_000)) as (stand_in, stand):
        slow = await called(stand)
        far = await stand_in.accepts()
        slow.stop_reading()
        while not far.is_gone:
            far.say(bytes(9_600))
            await far.barrier()
        slow.read_on()
        assert (await slow.hears("Error"))["code"] == "SLOW_CLIENT"


async def test_last_words_come_before_the_close_though_the_caller_is_slow() -> None:
    async with passing() as (stand_in, stand):
        slow = await called(stand)
        far = await stand_in.accepts()
        slow.stop_reading()
        for _ in range(800):  # more than the buffers of the connection take
            far.say(bytes(9_600))
        far.say({"type": "Error", "code": "ANY", "description": "the last word"})
        far.close(1011, "ANY")
        await far.until(lambda: far.is_gone)
        slow.read_on()
        assert (await slow.hears("Error"))["code"] == "ANY"
        assert await slow.is_closed() == (1011, "ANY")


async def test_gateway_that_stops_waits_until_deepgram_is_quiet(bounds: Bounds) -> None:
    bounds(PASSING_QUIET_S=0.5)
    async with passing() as (stand_in, stand):
        caller = await called(stand)
        far = await stand_in.accepts()
        far.say(b"the")
        await caller.hears_audio()
        stand.stop.set()
        for each in (b"answer", b"to its", b"end"):
            far.say(each)
            assert await caller.hears_audio() == each
        far.say({"type": "AgentAudioDone"})
        assert (await caller.hears("Error"))["code"] == "SERVER_GOING_AWAY"
        assert caller.types() == ["bytes"] * 4 + ["AgentAudioDone", "Error"]
        assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        assert await far.is_closed() == (1000, "")
        await stand.ended


async def test_gateway_that_stops_waits_no_longer_than_for_others(bounds: Bounds) -> None:
    bounds(PASSING_QUIET_S=60.0)
    async with passing(limits=Allowed(drain_s=0.2)) as (stand_in, stand):
        caller = await called(stand)
        await stand_in.accepts()
        stand.stop.set()
        assert (await caller.hears("Error"))["code"] == "SERVER_GOING_AWAY"
        assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        await stand.ended


async def test_what_waits_for_deepgram_is_bounded(bounds: Bounds) -> None:
    bounds(UPSTREAM_QUEUE_BYTES=100_000)
    async with (
        raw(_silent) as url,
        serving() as emulator,
        gateway(emulator.url, deepgram_url=url, **KEY) as stand,
    ):
        caller = await called(stand)
        for _ in range(20):
            caller.say(bytes(9_600))
        assert (await caller.hears("Error"))["code"] == "FAILED_TO_THINK"
        assert (await caller.is_closed())[0] == 1011


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and never answer it."""
    del writer
    while await reader.read(65_536):
        pass


async def test_without_its_key_there_is_nothing_at_the_path() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        answer = await request(stand, PATH, UPGRADE)
        assert answer.status == 404
        assert b"DEEPGRAM_API_KEY" in answer.body


async def test_deepgram_as_the_upstream_answers_every_agent_call() -> None:
    async with (
        scripted() as stand_in,
        gateway("deepgram", upstream_key="dg-secret", deepgram_url=stand_in.url) as stand,
    ):
        for path in (AGENT_PATH, PATH, "/openai"):
            caller = await called(stand, path)
            far = await stand_in.accepts()
            far.say('{"type":"Welcome","request_id":"theirs"}')
            assert (await caller.hears("Welcome"))["request_id"] == "theirs"
            caller.close()
        refused = await request(stand, "/v1/realtime", UPGRADE)
        assert (refused.status, b"Realtime" in refused.body) == (404, True)


def test_key_goes_to_deepgram_encrypted_or_not_at_all() -> None:
    far_away = Config(upstream="ws://127.0.0.1:1", deepgram_url="ws://example.com/v1", **KEY)
    with pytest.raises(ConfigError, match="unencrypted"):
        deepgram(far_away)
    assert deepgram(Config(upstream="ws://127.0.0.1:1")) is None
    usual = deepgram(Config(upstream="ws://127.0.0.1:1", **KEY))
    assert usual is not None
    assert (usual.url, usual.name) == ("wss://agent.deepgram.com/v1/agent/converse", "deepgram")
    with pytest.raises(ConfigError, match="DEEPGRAM_API_KEY"):
        target(Config(upstream="deepgram"))


# its SDK imports names that its WebSocket library has given up
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_stock_sdk_of_deepgram_talks_through_it() -> None:
    """The stand-in is a gateway here, which speaks the protocol as Deepgram does."""
    async with (
        serving() as emulator,
        gateway(emulator.url) as stand_in,
        gateway("deepgram", upstream_key="dg-secret", deepgram_url=stand_in.url) as stand,
        asyncio.timeout(DEADLINE_S),
    ):
        ws = f"ws://{stand.host}:{stand.port}"
        here = DeepgramClientEnvironment(base=ws, production=ws, agent=ws, agent_rest=ws)
        client = AsyncDeepgramClient(api_key="any", environment=here)
        async with client.agent.v1.connect() as call:
            heard: list[str] = []
            await call.send_raw(SETTINGS)
            await call.send_raw({"type": "InjectUserMessage", "content": "hello"})
            while "AgentAudioDone" not in heard:
                message: Any = await call.recv()
                heard.append("audio" if isinstance(message, bytes) else message.type)
        assert heard[:2] == ["Welcome", "SettingsApplied"]
        assert {"ConversationText", "AgentStartedSpeaking", "audio"} <= {*heard}
