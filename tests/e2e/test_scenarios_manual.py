"""Manual turns: the upstream detects nothing, and what the user says is committed by the gateway."""

import asyncio

from msgspec.structs import replace

from e2e.script import client, never, openai
from e2e.stage import Call, calling, configured
from turngate.audio.tone import tone
from turngate.core import limits
from turngate.emulator import Knobs
from turngate.wire import agent

CHUNK_MS = 100
UTTERANCE_MS = 200


def manual() -> agent.Settings:
    settings = configured()
    assert isinstance(settings.agent, agent.AgentSettings)
    return replace(settings, agent=replace(settings.agent, manual_audio_commit=True))


async def steadily(call: Call, chunks: int) -> None:
    """Speak in real time, without a pause."""
    for _ in range(chunks):
        call.say(tone(CHUNK_MS))
        await asyncio.sleep(CHUNK_MS / 1000)


async def test_s21a_steady_audio_is_committed_in_between() -> None:
    async with calling(settings=manual()) as call:
        chunks = (limits.FIRST_COMMITTED_MS + 3 * limits.BREATH_MS) // CHUNK_MS
        await steadily(call, chunks)
        assert len(call.record.all(">U", "input_audio_buffer.commit")) >= 2
        await call.until("U>", "input_audio_buffer.committed", 0)
        await call.kept()
        assert not call.record.all("U>", "error")


async def test_s21b_tail_is_padded_and_committed() -> None:
    async with calling(settings=manual()) as call:
        await call.play(
            client >> tone(60),
            never(openai >> "error"),
            openai << "input_audio_buffer.commit",
            openai >> "input_audio_buffer.committed",
            openai << "response.create",
            client << "ConversationText user",
            client << "ConversationText assistant",
            client << "AgentAudioDone",
        )


async def test_s21c_commit_during_a_response_is_answered_after_it() -> None:
    # The first answer takes longer than the pause that ends the second utterance.
    knobs = Knobs(first_delta_ms=limits.PAUSE_MS + 300)
    async with calling(knobs, settings=manual()) as call:
        await call.follow(
            client >> tone(UTTERANCE_MS),
            openai << "input_audio_buffer.commit",
            openai << "response.create",
            openai >> "response.created r1",
            client << "ConversationText user",
            client >> tone(UTTERANCE_MS),
            openai << "input_audio_buffer.commit",
            client << "ConversationText user",
            openai >> "response.done r1 completed",
            openai << "response.create",
        )
        await call.kept()
        assert len(call.record.all(">U", "response.create")) == 2
