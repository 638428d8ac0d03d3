"""Realtime clients through the native front: rude ones cause no refusal, and see what they would see.

The same client speaks to the emulator directly in some tests, where its manners have their price.
"""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from gateway.conftest import Bounds
from gateway.far import Far, dial
from gateway.stand import Gateway, Stood, gateway, over_both
from gateway.upstreams import refusing, scripted
from turngate.emulator import Emulator, Knobs, serving
from turngate.gateway.allowed import Allowed

PATH = "/v1/realtime?model=gpt-realtime"
STRICT = Knobs(seed=5, strict_session_update=True, voice="tone")
KEY = "client-key-1"
LONG_PARTS = 160
"""So many messages are more than sockets take at once, and less than may wait."""


@asynccontextmanager
async def stage(knobs: Knobs = STRICT) -> AsyncGenerator[tuple[Emulator, Gateway]]:
    async with serving(knobs=knobs) as emulator, gateway(emulator.url) as front:
        yield emulator, front


async def called(front: Gateway) -> Far:
    client = await dial(f"ws://{front.host}:{front.port}{front.root}{PATH}")
    await client.hears("session.created")
    return client


def text_only(*, answers_speech: bool = False) -> dict[str, Any]:
    turns = {"type": "server_vad", "create_response": answers_speech}
    session = {"type": "realtime", "output_modalities": ["text"], "instructions": "v0"}
    return {
        "type": "session.update",
        "session": session | {"audio": {"input": {"turn_detection": turns}}},
    }


def message(text: str) -> dict[str, Any]:
    part = {"type": "input_text", "text": text}
    item = {"type": "message", "role": "user", "content": [part]}
    return {"type": "conversation.item.create", "item": item}


def burst(client: Far, turns: int) -> None:
    """Send it all at once: messages, requests, and updates in between."""
    for turn in range(turns):
        client.say(message(f"question {turn}"))
        client.say({"type": "response.create", "event_id": f"ask_{turn}"})
        session = {"type": "realtime", "instructions": f"v{turn}"}
        client.say({"type": "session.update", "session": session})


async def hears(client: Far, kind: str, times: int) -> list[dict[str, Any]]:
    return [await client.hears(kind) for _ in range(times)]


async def test_a_burst_is_refused_by_the_service_and_served_through_turngate() -> None:
    async with stage() as (emulator, front):
        direct = await dial(emulator.url + "?model=gpt-realtime")
        await direct.hears("session.created")
        burst(direct, 3)
        refused = await direct.hears("error")
        assert refused["error"]["code"] == "conversation_already_has_active_response"
        assert emulator.audit.violations > 0
        before = emulator.audit.violations

        client = await called(front)
        client.say(text_only())
        burst(client, 3)
        done = await hears(client, "response.done", 3)
        updated = await client.hears("session.updated")
        assert updated["session"]["instructions"] == "v2"
        assert [each["response"]["status"] for each in done] == ["completed"] * 3
        assert client.count("session.updated") == 4
        assert client.count("error") == 0
        assert emulator.audit.violations == before


async def test_a_client_sees_no_mark_of_ours_and_keeps_its_own() -> None:
    async with stage() as (_, front):
        client = await called(front)
        client.say(text_only())
        client.say(message("hi"))
        client.say({"type": "response.create"})
        assert (await client.hears("response.created"))["response"]["metadata"] is None
        assert (await client.hears("response.done"))["response"]["metadata"] is None
        client.say(message("again"))
        client.say({"type": "response.create", "response": {"metadata": {"mine": "1"}}})
        assert (await client.hears("response.done"))["response"]["metadata"] == {"mine": "1"}
        assert not [said for said in client.heard if "turngate" in str(said)]


async def test_an_error_of_the_clients_own_bears_the_clients_own_name() -> None:
    async with stage() as (_, front):
        client = await called(front)
        session = {"type": "realtime", "brand_new": 1}
        client.say({"type": "session.update", "event_id": "mine", "session": session})
        error = (await client.hears("error"))["error"]
        assert (error["code"], error["event_id"]) == ("unknown_parameter", "mine")
        client.say({"type": "session.update", "session": session})
        assert (await client.hears("error"))["error"]["event_id"] is None
        client.say({"type": "brand.new", "event_id": "passed on"})
        assert (await client.hears("error"))["error"]["event_id"] == "passed on"
        client.say("no json")
        assert (await client.hears("error"))["error"]["type"] == "invalid_request_error"


async def test_a_request_that_crosses_the_servers_own_response_is_sent_again() -> None:
    knobs = msgspec.structs.replace(STRICT, vad_race_ms=40, vad_race_times=1)
    async with stage(knobs) as (emulator, front):
        client = await called(front)
        client.say(text_only(answers_speech=True))
        client.say(message("hi"))
        client.say({"type": "response.create"})
        await hears(client, "response.done", 2)
        assert client.count("error") == 0
        assert emulator.audit.counters["race"] == 1
        assert emulator.audit.violations == 0


async def test_a_cancel_stops_what_waits_and_tells_it() -> None:
    slow = msgspec.structs.replace(STRICT, per_delta_ms=20)
    async with stage(slow) as (_, front):
        client = await called(front)
        client.say(text_only())
        client.say(message("tell a long story"))
        client.say({"type": "response.create"})
        await client.hears("response.output_text.delta")
        client.say({"type": "response.create", "event_id": "second"})
        client.say({"type": "response.cancel"})
        error = (await client.hears("error"))["error"]
        assert (error["code"], error["event_id"]) == ("response_cancelled", "second")
        assert (await client.hears("response.done"))["response"]["status"] == "cancelled"


@over_both
async def test_audio_comes_through_byte_for_byte(gateway: Stood) -> None:
    async with scripted() as upstream, gateway(upstream.url) as front:
        client = await dial(f"ws://{front.host}:{front.port}{front.root}{PATH}")
        server = await upstream.accepts()
        server.say({"type": "session.created", "session": {}})
        await client.hears("session.created")
        odd = '{"type":"response.output_audio.delta", "delta":"AA==", "new":[1.0]}'
        append = '{"type":"input_audio_buffer.append", "audio":"AAAA", "x":1.0}'
        server.say(odd)
        client.say(append)
        assert await client.next(lambda said: isinstance(said, dict)) == msgspec.json.decode(odd)
        assert await server.next(lambda said: isinstance(said, dict)) == msgspec.json.decode(append)
        server.say("not json")
        assert await client.next(lambda said: said == "not json")
        server.say(b"\x01\x02")
        assert await client.hears_audio() == b"\x01\x02"
        client.say(b"\x03")
        assert await server.hears_audio() == b"\x03"


@pytest.mark.parametrize("query", ["model=another", "api-version=1&deployment=another"])
@over_both
async def test_the_model_that_the_client_names_is_asked_for(gateway: Stood, query: str) -> None:
    async with scripted() as upstream, gateway(upstream.url) as front:
        await dial(f"ws://{front.host}:{front.port}{front.root}/v1/realtime?{query}")
        await upstream.accepts()
        assert upstream.requests[0].path.endswith(b"?model=another")


@over_both
async def test_an_upstream_that_refuses_is_told_before_the_close(gateway: Stood) -> None:
    async with refusing(401) as url, gateway(url) as front:
        client = await dial(f"ws://{front.host}:{front.port}{front.root}{PATH}")
        error = (await client.hears("error"))["error"]
        assert (error["type"], error["code"]) == ("server_error", "failed_to_think")
        assert "401" in error["message"]
        assert (await client.is_closed())[0] == 1011


@over_both
async def test_an_upstream_that_goes_is_told_before_the_close(gateway: Stood) -> None:
    async with scripted() as upstream, gateway(upstream.url) as front:
        client = await dial(f"ws://{front.host}:{front.port}{front.root}{PATH}")
        server = await upstream.accepts()
        server.close(1001, "expired")
        assert "expired" in (await client.hears("error"))["error"]["message"]
        assert (await client.is_closed())[0] == 1011


@over_both
async def test_a_client_that_was_slow_is_told_after_all_that_waits_for_it(
    gateway: Stood, bounds: Bounds
) -> None:
    bounds(CLOSE_S=0.0)  # whoever stalls has the time for that, and more than this
    wide = Allowed(client_queue_bytes=64_000_000)
    async with scripted() as upstream, gateway(upstream.url, limits=wide) as front:
        client = await dial(f"ws://{front.host}:{front.port}{front.root}{PATH}")
        server = await upstream.accepts()
        client.stop_reading()
        for number in range(LONG_PARTS):
            server.say({"type": "rate_limits.updated", "number": number, "rest": "." * 100_000})
        server.close(1001, "expired")
        await server.until(lambda: server.is_gone)
        client.read_on()
        assert "expired" in (await client.hears("error"))["error"]["message"]
        assert client.count("rate_limits.updated") == LONG_PARTS
        assert (await client.is_closed())[0] == 1011


@pytest.mark.parametrize(
    "offered, chosen",
    [
        (f"realtime, openai-insecure-api-key.{KEY}", "realtime"),
        (f"openai-insecure-api-key.{KEY}, openai-beta.realtime-v1", None),
    ],
)
@over_both
async def test_browsers_bring_their_key_as_a_subprotocol(
    gateway: Stood, offered: str, chosen: str | None
) -> None:
    async with scripted() as upstream, gateway(upstream.url, client_keys=(KEY,)) as front:
        url = f"ws://{front.host}:{front.port}{front.root}{PATH}"
        client = await dial(url, {"Sec-WebSocket-Protocol": offered})
        assert client.transport.response.headers.get("Sec-WebSocket-Protocol") == chosen
        await upstream.accepts()


@pytest.mark.parametrize("seed", range(12))
async def test_rude_clients_are_answered_and_cause_no_violation(seed: int) -> None:
    """Random events without waiting; each request ends once and each update is confirmed once."""
    dice = random.Random(seed)
    knobs = msgspec.structs.replace(STRICT, seed=seed, jitter_ms=4, created_ms=2, item_ack_ms=1)
    async with stage(knobs) as (emulator, front):
        client = await called(front)
        client.say(text_only())
        sent = {"response.create": 0, "session.update": 1}
        for step in range(30):
            match dice.choice(("ask", "ask", "say", "update", "retrieve")):
                case "ask":
                    client.say(message(f"question {step}"))
                    client.say({"type": "response.create", "event_id": f"e{step}"})
                    sent["response.create"] += 1
                case "say":
                    client.say(message(f"remark {step}"))
                case "update":
                    session = {"type": "realtime", "instructions": f"v{step}"}
                    client.say({"type": "session.update", "session": session})
                    sent["session.update"] += 1
                case _:
                    client.say({"type": "conversation.item.retrieve", "item_id": "item_none"})
        client.say(message("last"))
        client.say({"type": "response.create"})
        await hears(client, "response.done", sent["response.create"] + 1)
        await client.barrier()
        refused = [said for said in client.heard if isinstance(said, dict) and "error" in said]
        assert {each["error"]["code"] for each in refused} <= {"item_retrieve_invalid_item_id"}
        assert client.count("response.created") == sent["response.create"] + 1
        assert client.count("session.updated") == sent["session.update"]
        counters = emulator.audit.counters
        assert counters["create_while_active"] == counters["session_update_while_active"] == 0
        assert counters["race"] == 0


async def test_updates_leave_at_once_where_they_are_not_to_be_held() -> None:
    slow = msgspec.structs.replace(STRICT, strict_session_update=False, per_delta_ms=20)
    async with serving(knobs=slow) as emulator, gateway(emulator.url, hold_updates=False) as front:
        client = await called(front)
        client.say(text_only())
        client.say(message("tell a long story"))
        client.say({"type": "response.create"})
        await client.hears("response.output_text.delta")
        client.say(
            {"type": "session.update", "session": {"type": "realtime", "instructions": "v1"}}
        )
        updated = await client.hears("session.updated")
        assert updated["session"]["instructions"] == "v1"
        assert client.count("response.done") == 0
        await client.hears("response.done")


async def test_history_with_calls_may_be_written_before_the_session_is_there() -> None:
    """An output is held with its call, where it would pass by itself."""
    async with stage() as (emulator, front):
        client = await dial(f"ws://{front.host}:{front.port}{front.root}{PATH}")
        client.say(text_only())
        call = {"type": "function_call", "call_id": "c1", "name": "get_time", "arguments": "{}"}
        client.say({"type": "conversation.item.create", "item": call})
        output = {"type": "function_call_output", "call_id": "c1", "output": "noon"}
        client.say({"type": "conversation.item.create", "item": output})
        await hears(client, "conversation.item.done", 2)
        await client.barrier()
        assert client.count("error") == 0
        assert emulator.audit.violations == 0
