"""Calls in audio formats that are not the upstream's own."""

from typing import Any

import pybase64
import pytest

from gateway.far import Far
from gateway.stand import SETTINGS, gateway
from gateway.upstreams import oblige, scripted
from turngate.audio.g711 import encode_ulaw
from turngate.audio.tone import silence, tone
from turngate.emulator import Reply, Script, serving
from turngate.emulator.spoken import MS_PER_CHARACTER
from turngate.units import pcm_bytes

TEXT = "it is foggy"

TYPED = {"type": "InjectUserMessage", "content": "hello"}


def spoken(**audio: Any) -> dict[str, Any]:
    """Return Settings with this `audio`."""
    return {**SETTINGS, "audio": audio}


def same(encoding: str, rate_hz: int) -> dict[str, Any]:
    """Return the `audio` of a client that hears as it speaks."""
    way = {"encoding": encoding, "sample_rate": rate_hz}
    return {"input": way, "output": way}


def said_by_agent(caller: Far) -> str:
    told = [said for said in caller.heard if isinstance(said, dict)]
    return "".join(
        said["content"]
        for said in told
        if said["type"] == "ConversationText" and said["role"] == "assistant"
    )


def binary(caller: Far) -> bytes:
    return b"".join(said for said in caller.heard if isinstance(said, bytes))


@pytest.mark.parametrize("comes_early", [False, True])
@pytest.mark.parametrize(
    "encoding, rate_hz, sample_bytes", [("linear16", 16_000, 2), ("mulaw", 8000, 1)]
)
async def test_spoken_turn_in_another_format(
    encoding: str, rate_hz: int, sample_bytes: int, *, comes_early: bool
) -> None:
    speech = silence(200, rate_hz) + tone(600, rate_hz=rate_hz) + silence(800, rate_hz)
    sound = speech if encoding == "linear16" else encode_ulaw(speech)
    frame = rate_hz // 50 * sample_bytes
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.called()
        if not comes_early:
            caller.say(spoken(**same(encoding, rate_hz)))
        for start in range(0, len(sound), frame):
            caller.say(sound[start : start + frame])
        if comes_early:
            caller.say(spoken(**same(encoding, rate_hz)))
        await caller.hears("UserStartedSpeaking")
        await caller.hears("AgentAudioDone")
        answer_ms = len(said_by_agent(caller)) * MS_PER_CHARACTER
        assert len(binary(caller)) == answer_ms * rate_hz * sample_bytes // 1000
        assert emulator.audit.violations == 0
        assert emulator.audit.counters["unanswered_turns"] == 0


async def test_directions_are_agreed_each_by_itself() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.called()
        caller.say(spoken(input={"encoding": "alaw"}, output={"sample_rate": 8000}))
        await caller.hears("SettingsApplied")
        far = await upstream.accepts()
        agreed = (await far.hears("session.update"))["session"]["audio"]
        assert agreed["input"]["format"] == {"type": "audio/pcma"}
        assert agreed["output"]["format"] == {"type": "audio/pcm", "rate": 24_000}
        caller.say(b"\xd5\x55\xd5")
        append = await far.hears("input_audio_buffer.append")
        assert pybase64.b64decode(append["audio"]) == b"\xd5\x55\xd5"


async def test_tail_comes_before_the_end_of_the_turn_and_each_turn_is_a_file() -> None:
    script = Script(replies=(Reply(text=TEXT),))
    async with serving(script=script) as emulator, gateway(emulator.url) as stand:
        caller = await stand.called()
        caller.say(spoken(output={"sample_rate": 16_000, "container": "wav"}))
        await caller.hears("SettingsApplied")
        for turn in (1, 2):
            caller.say(TYPED)
            await caller.hears("AgentAudioDone")
            heard = binary(caller)
            assert heard.count(b"RIFF") == turn
            assert len(heard) == turn * (44 + pcm_bytes(len(TEXT) * MS_PER_CHARACTER, 16_000))


async def test_refused_format_is_named_and_another_may_be_tried() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.called()
        caller.say(spoken(input={"encoding": "opus", "sample_rate": 48_000}))
        error = await caller.hears("Error")
        assert "audio.input.encoding" in error["description"]
        assert "mulaw at 8000 Hz" in error["description"]
        caller.say(spoken(**same("alaw", 8000)))
        await caller.hears("SettingsApplied")


async def test_formats_stay_as_they_were_agreed() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(spoken(**same("mulaw", 8000)))
        assert "stay as they were agreed" in (await caller.hears("Error"))["description"]
        caller.say(b"\x01\x02")
        await far.hears("input_audio_buffer.append")
        assert far.count("session.update") == 1


async def test_settings_that_the_upstream_refuses_agree_on_nothing() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.called()
        think = {**SETTINGS["agent"]["think"], "toolChoice": "sometimes"}
        caller.say({**spoken(**same("mulaw", 8000)), "agent": {"think": think}})
        assert "toolChoice" in (await caller.hears("Error"))["description"]
        assert [record.type for record in emulator.audit.records] == ["session.update"]
        caller.say(spoken(**same("linear16", 8000)))
        await caller.hears("SettingsApplied")
        caller.say(TYPED)
        await caller.hears("AgentAudioDone")
        answer_ms = len(said_by_agent(caller)) * MS_PER_CHARACTER
        assert len(binary(caller)) == pcm_bytes(answer_ms, 8000)
