"""What one caller does wrong, and that no other notices."""

from typing import Any

import pytest

from gateway.conftest import Bounds
from gateway.stand import SETTINGS, Stood, gateway, over_both
from gateway.upstreams import audio, oblige, scripted
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.gateway.allowed import Allowed

TYPED = {"type": "InjectUserMessage", "content": "hello"}
UNPARSABLE = "UNPARSABLE_CLIENT_MESSAGE"


@over_both
async def test_opcode_decides_what_is_audio(gateway: Stood) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(b'{"type":"InjectUserMessage","content":"spoken"}  ')
        assert (await far.hears("input_audio_buffer.append"))["audio"].startswith("eyJ0eXBl")
        caller.say("\x01\x02\x01\x02")
        assert (await caller.hears("Error"))["code"] == UNPARSABLE
        await far.barrier()
        assert far.types() == ["session.update", "input_audio_buffer.append"]


BROKEN = [
    ("{not json}", UNPARSABLE),
    ("null", UNPARSABLE),
    ("[]", UNPARSABLE),
    ("7", UNPARSABLE),
    ("", UNPARSABLE),
    ('{"type":"Nonsense"}', UNPARSABLE),
    ('{"type":["Settings"]}', UNPARSABLE),
    ('{"type":"Settings","agent":{"think":{"functions":"x"}}}', UNPARSABLE),
    ('{"type":"InjectUserMessage"}', UNPARSABLE),
    ("[" * 60_000, UNPARSABLE),
]


@pytest.mark.parametrize("broken, code", BROKEN, ids=[text[:40] for text, _ in BROKEN])
@over_both
async def test_broken_text_is_answered_with_an_error_and_the_call_goes_on(
    gateway: Stood, broken: str, code: str
) -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured()
        caller.say(broken)
        assert (await caller.hears("Error"))["code"] == code
        caller.say(TYPED)
        await caller.hears("AgentAudioDone")
        assert emulator.audit.violations == 0


@over_both
async def test_second_caller_in_a_turn_notices_nothing_of_the_first(gateway: Stood) -> None:
    script = Script(replies=(Reply(text="a long and undisturbed answer of some words"),))
    knobs = Knobs(per_delta_ms=20)
    async with serving(knobs=knobs, script=script) as emulator, gateway(emulator.url) as stand:
        rude, calm = await stand.configured(), await stand.configured()
        calm.say(TYPED)
        await calm.hears_audio()
        rude.say(b"\x01")
        for broken, _ in BROKEN:
            rude.say(broken)
        await rude.until(lambda: rude.count("Error") == len(BROKEN))
        rude.say(bytes(16 * 1024 * 1024))
        await rude.until(lambda: rude.is_gone)
        garbled = await stand.configured()
        garbled.transport.send(1, b"\xff\xfe")  # pyright: ignore[reportArgumentType] - text that is not UTF-8
        assert (await garbled.is_closed())[0] == 1007
        await calm.hears("AgentAudioDone")
        assert not {"Error", "Warning"} & set(calm.types())
        assert "undisturbed answer" in str(calm.heard)
        assert emulator.audit.counters["unanswered_turns"] == 0


@over_both
async def test_message_that_is_too_big_closes_with_1009_and_goes_nowhere(gateway: Stood) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(bytes(1024 * 1024 + 2))
        assert (await caller.is_closed())[0] == 1009
        await far.until(lambda: far.is_gone)
        assert far.types() == ["session.update"]


@over_both
async def test_caller_who_leaves_while_busy_leaves_nothing_to_do_upstream(gateway: Stood) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(bytes(4_800))
        caller.say(TYPED)
        await far.hears("response.create")
        far.say(audio(b"\x01\x02"))
        await caller.hears_audio()
        before = far.types()
        caller.close()
        assert await far.is_closed() == (1000, "")
        assert far.types() == before


@over_both
async def test_caller_who_is_cut_off_is_hung_up_on_upstream(gateway: Stood) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.drop()
        assert await far.is_closed() == (1000, "")


@over_both
async def test_caller_who_does_not_read_loses_only_its_own_call(
    gateway: Stood, bounds: Bounds
) -> None:
    bounds(CLOSE_S=0.1)
    short = Allowed(client_queue_bytes=200_000)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=short) as stand:
        slow = await stand.configured()
        far = await upstream.accepts()
        other = await stand.configured()
        far_of_other = await upstream.accepts()
        slow.say(TYPED)
        await far.hears("response.create")
        slow.stop_reading()
        while not far.is_gone:
            far.say(audio(bytes(9_600)))
            await far.barrier()
        assert (await stand.health())["calls"] <= 2
        slow.read_on()
        await slow.until(lambda: slow.is_gone)
        other.say(TYPED)
        await far_of_other.hears("response.create")
        far_of_other.say(audio(b"\x01\x02"))
        assert await other.hears_audio() == b"\x01\x02"


@over_both
async def test_slow_caller_who_reads_again_is_told_why(gateway: Stood) -> None:
    short = Allowed(client_queue_bytes=200_000)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=short) as stand:
        slow = await stand.configured()
        far = await upstream.accepts()
        slow.say(TYPED)
        await far.hears("response.create")
        slow.stop_reading()
        while not far.is_gone:
            far.say(audio(bytes(9_600)))
            await far.barrier()
        slow.read_on()
        assert (await slow.hears("Error"))["code"] == "SLOW_CLIENT"
        assert await slow.is_closed() == (1013, "SLOW_CLIENT")


@over_both
async def test_strict_gateway_refuses_an_unknown_field_by_its_name(gateway: Stood) -> None:
    async with serving() as emulator, gateway(emulator.url, strict=True) as stand:
        caller = await stand.called()
        caller.say(with_unknown_field())
        error = await caller.hears("Error")
        assert "agent.think.moood" in error["description"]
        assert caller.count("SettingsApplied") == 0
        assert emulator.audit.records == []
        caller.say(SETTINGS)
        await caller.hears("SettingsApplied")


async def test_tolerant_gateway_mentions_unknown_fields_once_a_call() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.called()
        caller.say(with_unknown_field())
        warning = await caller.hears("Warning")
        assert warning["code"] == "SETTINGS_FIELDS_IGNORED"
        assert "agent.think.moood" in warning["description"]
        await caller.hears("SettingsApplied")
        caller.say({**TYPED, "loudly": True})
        await caller.hears("AgentAudioDone")
        assert caller.count("Warning") == 1
        another = await stand.called()
        another.say(with_unknown_field())
        await another.hears("Warning")


def with_unknown_field() -> dict[str, Any]:
    think = {**SETTINGS["agent"]["think"], "moood": "happy"}
    return {**SETTINGS, "agent": {"think": think}}
