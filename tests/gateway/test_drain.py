"""A gateway that is told to stop: who is in a turn finishes it, and everybody is told."""

import signal

import msgspec
import pytest

from gateway.far import Far, dial
from gateway.program import program
from gateway.stand import SETTINGS, UPGRADE, Gateway, gateway, request
from gateway.upstreams import audio, done, line, oblige, scripted
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.gateway.allowed import Allowed

pytestmark = pytest.mark.timeout(60)

TYPED = {"type": "InjectUserMessage", "content": "hello"}
ANSWER = "an answer of some length that takes its time to be said to its end"
PACED = Knobs(voice="tone", per_delta_ms=40)


async def native(stand: Gateway) -> Far:
    client = await dial(f"ws://{stand.host}:{stand.port}/v1/realtime?model=m")
    await client.hears("session.created")
    return client


def ask(client: Far) -> None:
    part = {"type": "input_text", "text": "hello"}
    item = {"type": "message", "role": "user", "content": [part]}
    client.say({"type": "conversation.item.create", "item": item})
    client.say({"type": "response.create"})


async def test_twenty_calls_in_mid_answer_finish_it_on_sigterm() -> None:
    script = Script(replies=(Reply(text=ANSWER),))
    async with serving(knobs=PACED, script=script) as emulator, program(emulator.url) as run:
        stand = run.stand
        agents = [await stand.configured() for _ in range(10)]
        natives = [await native(stand) for _ in range(10)]
        idle = [await stand.configured(), await native(stand)]
        for caller in agents:
            caller.say(TYPED)
        for client in natives:
            ask(client)
        for caller in agents:
            await caller.hears_audio()
        for client in natives:
            await client.hears("response.output_audio.delta")
        run.signal(signal.SIGTERM)
        for caller in idle:
            assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        assert not any(caller.is_gone for caller in (*agents, *natives))
        assert (await request(stand, "/ready")).status == 503
        assert (await request(stand, "/health")).status == 200
        refusal = await request(stand, headers=UPGRADE)
        assert (refusal.status, msgspec.json.decode(refusal.body)["code"]) == (503, "going_away")
        for caller in agents:
            await caller.hears("AgentAudioDone")
            assert (await caller.hears("Error"))["code"] == "SERVER_GOING_AWAY"
            assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        for client in natives:
            assert (await client.hears("response.done"))["response"]["status"] == "completed"
            assert (await client.hears("error"))["error"]["code"] == "server_going_away"
            assert await client.is_closed() == (1001, "SERVER_GOING_AWAY")
        assert await run.code() == 0
        spoken = {sum(len(x) for x in c.heard if isinstance(x, bytes)) for c in agents}
        assert len(spoken) == 1, "all heard the same answer, and nobody less of it"
        assert emulator.audit.violations == 0
        assert emulator.audit.unanswered_turns == 0


async def test_second_signal_ends_at_once() -> None:
    async with scripted(oblige) as upstream, program(upstream.url) as run:
        caller = await run.stand.configured()
        caller.say(TYPED)
        await (await upstream.accepts()).hears("response.create")
        run.signal(signal.SIGTERM)
        ready = 200
        while ready == 200:
            ready = (await request(run.stand, "/ready")).status
        run.signal(signal.SIGTERM)
        assert await run.code() == -signal.SIGTERM
        await caller.until(lambda: caller.is_gone)


async def test_turn_that_does_not_end_in_time_is_cut_with_a_word() -> None:
    short = Allowed(drain_s=0.2)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=short) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        await far.hears("response.create")
        stand.stop.set()
        assert (await caller.hears("Error"))["code"] == "SERVER_GOING_AWAY"
        assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        await stand.ended


async def test_turn_that_began_before_the_order_may_go_on_with_a_function() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.called()
        function = {"name": "f", "description": "d", "parameters": {"type": "object"}}
        think = {**SETTINGS["agent"]["think"], "functions": [function]}
        caller.say({**SETTINGS, "agent": {"think": think}})
        await caller.hears("SettingsApplied")
        far = await upstream.accepts()
        caller.say(TYPED)
        first = await far.hears("response.create")
        stand.stop.set()
        called = {"type": "response.function_call_arguments.done", "event_id": "e7"}
        far.say({**called, "response_id": "resp_1", "item_id": "i", "output_index": 0,
                 "call_id": "c1", "name": "f", "arguments": "{}"})  # fmt: skip
        far.say(done(first["response"]["metadata"]))
        await caller.hears("FunctionCallRequest")
        caller.say({"type": "FunctionCallResponse", "id": "c1", "name": "f", "content": "noon"})
        second = await far.hears("response.create")
        answer = done(second["response"]["metadata"])
        answer["response"]["id"] = "resp_2"
        far.say(answer)
        assert (await caller.hears("Error"))["code"] == "SERVER_GOING_AWAY"
        await stand.ended


async def test_caller_who_reads_slowly_gets_all_of_its_answer_first() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        asked = await far.hears("response.create")
        caller.stop_reading()
        for _ in range(100):
            far.say(audio(bytes(48_000)))
        far.say(line("that was long"))
        far.say(done(asked["response"]["metadata"]))
        await far.barrier()
        stand.stop.set()
        await far.barrier()
        caller.read_on()
        await caller.hears("AgentAudioDone")
        assert sum(len(said) for said in caller.heard if isinstance(said, bytes)) == 4_800_000
        assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        await stand.ended


async def test_caller_who_speaks_gets_what_was_still_to_be_sent_to_it() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(bytes(960))
        await far.hears("input_audio_buffer.append")
        caller.say(TYPED)
        asked = await far.hears("response.create")
        second = bytes(48_000)
        far.say(audio(second))
        far.say(audio(second))
        far.say(done(asked["response"]["metadata"]))
        await far.barrier()
        stand.stop.set()
        await caller.hears("AgentAudioDone")
        assert sum(len(said) for said in caller.heard if isinstance(said, bytes)) == 96_000
        assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        await stand.ended
