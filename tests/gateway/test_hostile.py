"""Hundreds of messages that no honest client sends, and one call beside them that notices none."""

import asyncio
from contextlib import suppress

from gateway.far import Far
from gateway.hostile import PICKED, Hostile, generated
from gateway.stand import gateway
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.gateway.allowed import Allowed
from wire.test_agent_client import GOLDEN

MESSAGES = [golden for _, golden in GOLDEN]
SPOILT = generated(MESSAGES)

LINE = "a long and undisturbed answer"
SCRIPT = Script(replies=(Reply(match="hello", text=LINE), Reply(text="Yes.")))


def answers(rude: Far) -> list[dict[str, str]]:
    return [
        said
        for said in rude.heard
        if isinstance(said, dict) and said.get("type") in {"Error", "Warning"}
    ]


async def provoked(rude: Far, hostile: Hostile) -> dict[str, str]:
    """Say it, and return the first answer that has the code, or the first there is."""
    before = len(answers(rude))
    rude.say(hostile.said)
    with suppress(TimeoutError):
        await rude.until(
            lambda: (
                any(each["code"] == hostile.code for each in answers(rude)[before:]) or rude.is_gone
            )
        )
    none: dict[str, str] = {}
    return next((each for each in answers(rude)[before:] if each["code"] == hostile.code), none)


async def talk(calm: Far) -> int:
    """Ask and listen, again and again, until told to stop; return how many answers there were."""
    told = 0
    try:
        while True:
            calm.say({"type": "InjectUserMessage", "content": "hello"})
            await calm.hears("AgentAudioDone")
            told += 1
    except asyncio.CancelledError:
        return told


async def test_each_is_answered_by_its_code_and_field_and_no_other_call_notices() -> None:
    knobs = Knobs(per_delta_ms=5)
    patient = Allowed(message_bytes=1_000_000, messages_burst=10_000)
    async with (
        serving(knobs=knobs, script=SCRIPT) as emulator,
        gateway(emulator.url, limits=patient) as stand,
    ):
        rude, calm = await stand.configured(), await stand.configured()
        talking = asyncio.create_task(talk(calm))
        wrong: list[str] = []
        for hostile in (*SPOILT, *PICKED):
            answer = await provoked(rude, hostile)
            if hostile.names not in answer.get("description", ""):
                wrong.append(f"{hostile.said[-300:]!r} by {hostile.names}: {answer}")
        assert not wrong, "\n".join(wrong)
        rude.say({"type": "InjectUserMessage", "content": "still there?"})
        await rude.hears("AgentAudioDone")
        talking.cancel()
        answered = await talking
        assert answered > 0
        assert not {"Error", "Warning"} & {*calm.types()}
        assert calm.count("AgentAudioDone") >= answered
        assert emulator.audit.violations == 0


def test_there_are_as_many_as_was_promised() -> None:
    assert len({each.said for each in SPOILT}) > 300
    assert len({each.said for each in PICKED}) > 150
