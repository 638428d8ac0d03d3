"""A React voice component before a gateway: what its keys switch on."""

from typing import Any

from gateway.far import Far
from gateway.stand import SETTINGS, gateway
from turngate.audio.tone import silence, tone
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.emulator.knobs import ErrorAt

TEXT = "it is foggy"
SCRIPT = Script(replies=(Reply(text=TEXT),))
RATE_HZ = 16_000
FRAME_BYTES = RATE_HZ // 50 * 2

# What the component sends on opening, beside its own keys.
AUDIO = {
    "input": {"encoding": "linear16", "sample_rate": RATE_HZ},
    "output": {"encoding": "linear16", "sample_rate": 24_000},
}


def component(**keys: Any) -> dict[str, Any]:
    return {**SETTINGS, "audio": AUDIO, "agent": {**SETTINGS["agent"], **keys}}


def speak(caller: Far, ms: int = 1200) -> None:
    sound = tone(ms, rate_hz=RATE_HZ) + silence(800, RATE_HZ)
    for start in range(0, len(sound), FRAME_BYTES):
        caller.say(sound[start : start + FRAME_BYTES])


async def test_component_sees_what_is_said_and_when_it_is_over() -> None:
    async with serving(script=SCRIPT) as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured(**component(idleTimeoutMs=10_000))
        speak(caller)
        await caller.hears("UtteranceEnd")
        shown = await caller.hears("Transcript")
        while not shown["is_final"]:
            shown = await caller.hears("Transcript")
        await caller.hears("AgentAudioDone")
        await caller.hears("AgentDone")
        await caller.barrier()
        assert caller.count("AgentDone") == caller.count("AgentAudioDone") == 1
        assert emulator.audit.violations == 0


async def test_others_do_not() -> None:
    async with serving(script=SCRIPT) as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured(audio=AUDIO)
        speak(caller)
        await caller.hears("AgentAudioDone")
        await caller.barrier()
        assert not {"UtteranceEnd", "Transcript", "AgentDone"} & set(caller.types())


async def test_audio_is_committed_by_us_where_the_upstream_does_not_detect_turns() -> None:
    async with serving(script=SCRIPT) as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured(**component(useOpenAIManualAudioCommit=True))
        speak(caller)
        await caller.hears("AgentAudioDone")
        commits = [
            record.type
            for record in emulator.audit.records
            if record.type == "input_audio_buffer.commit"
        ]
        assert len(commits) == 1
        assert emulator.audit.violations == 0
        assert not {"Error", "Warning"} & set(caller.types())


async def test_trouble_of_the_upstream_is_told_by_its_own_code() -> None:
    trouble = ErrorAt(event="response.done", code="idle_timeout", message="The session was idle.")
    knobs = Knobs(errors=(trouble,))
    async with serving(knobs=knobs, script=SCRIPT) as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured(**component(sessionAudioOutput={"speed": 1.5}))
        caller.say({"type": "InjectUserMessage", "content": "hello"})
        await caller.hears("AgentDone")
        assert (await caller.hears("Error"))["code"] == "idle_timeout"
