"""Spoken turns: who answers them, typed lines beside them, and the user's interruption."""

from contextlib import AsyncExitStack

import msgspec
import pytest

from e2e.record import Record
from e2e.script import client, never, openai
from e2e.speech import FRAME_BYTES, PAUSE, SPEECH
from e2e.stage import Caller, calling, configured, through_turngate
from turngate.emulator import Knobs, Script, serving
from turngate.emulator import Message as Said
from turngate.wire.agent import ForceEndTurn, InjectUserMessage
from turngate.wire.codec import encode

SLOW_END = Knobs(created_ms=20, first_delta_ms=20, done_after_last_ms=60)
WORDS = Script(transcripts=("what now",))


@pytest.mark.parametrize("turns", ["gateway", "server"])
async def test_s16_spoken_turn_and_a_typed_message(turns: str) -> None:
    async with calling(SLOW_END, WORDS, through=through_turngate(turns=turns)) as call:
        await call.follow(
            *SPEECH,
            client << "UserStartedSpeaking",
            *PAUSE,
            openai >> "input_audio_buffer.committed",
            client >> InjectUserMessage("x"),
            openai << 'conversation.item.create user "x"',
            openai >> "response.done r1",
            openai << "response.create",
            client << 'ConversationText assistant "You said: x"',
            openai >> "response.done r2",
        )
        await call.kept()
        asked = len(call.record.all(">U", "response.create"))
        assert asked == (2 if turns == "gateway" else 1)
        assert call.record.all(">C", 'ConversationText user "what now"')


async def test_spoken_turn() -> None:
    async with calling(SLOW_END) as call:
        await call.play(
            *SPEECH,
            openai >> "input_audio_buffer.speech_started",
            client << "UserStartedSpeaking",
            *PAUSE,
            never(openai << "response.create"),
            openai >> "input_audio_buffer.committed",
            openai << "response.create",
            client << 'ConversationText user "(0.6 seconds of speech)"',
            client << 'ConversationText assistant "I heard 0.6 seconds of speech."',
            openai >> "response.done r1",
            client << "AgentAudioDone",
        )


async def test_client_ends_the_users_turn() -> None:
    async with calling(SLOW_END, WORDS) as call:
        await call.play(
            *SPEECH,
            openai >> "input_audio_buffer.speech_started",
            client << "UserStartedSpeaking",
            client >> ForceEndTurn(),
            openai >> "input_audio_buffer.committed",
            openai << "response.create",
            client << 'ConversationText user "what now"',
            client << "ConversationText assistant",
            client << "AgentAudioDone",
            *PAUSE,
        )


async def test_s24_client_is_faster_than_the_upstreams_socket() -> None:
    # Not through the tap, which would open at once: the upstream's leg is the emulator's own audit.
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serving(knobs=Knobs(upgrade_ms=300)))
        front = await stack.enter_async_context(through_turngate()(emulator.url))
        caller = await Caller.connected(front.url, Record())
        caller.say(encode(configured()).decode())
        caller.say(bytes(FRAME_BYTES))
        caller.say(encode(InjectUserMessage("hi")).decode())
        await caller.record.until(lambda: caller.record.find(">C", "AgentAudioDone"), "the answer")
        assert [record.type for record in emulator.audit.records] == [
            "session.update",
            "conversation.item.create",
            "input_audio_buffer.append",
            "response.create",
        ]
        assert emulator.audit.violations == 0
        caller.leave()
        await caller.record.until(lambda: True if caller.is_over else None, "the end")


async def test_s26_user_interrupts() -> None:
    story = Script(responses=((Said(text="A very long story, told in one breath." * 2),),))
    async with calling(Knobs(per_delta_ms=0, never_done_response=1), story) as call:
        await call.follow(
            client >> InjectUserMessage("tell me"),
            client << "ConversationText assistant",
        )
        await call.follow(
            *SPEECH,
            openai >> "input_audio_buffer.speech_started",
            openai >> "response.done r1 cancelled turn_detected",
            client << "UserStartedSpeaking",
            openai << "conversation.item.truncate",
            *PAUSE,
            openai << "response.create",
            openai >> "response.done r2 completed",
        )
        await call.kept()
        [cut] = call.record.all(">U", "conversation.item.truncate")
        assert isinstance(cut.message, dict)
        assert 0 < cut.message["audio_end_ms"] < 3_000


async def test_s26_audio_that_was_on_its_way_is_not_heard() -> None:
    story = Script(responses=((Said(text="A very long story, told in one breath." * 2),),))
    async with calling(Knobs(per_delta_ms=20), story) as call:
        await call.follow(
            client >> InjectUserMessage("tell me"),
            openai >> "response.output_audio.delta r1",
            client << "<audio>",
            *SPEECH,
            openai >> "response.done r1 cancelled turn_detected",
            client << "UserStartedSpeaking",
        )
        heard = call.record.audio_bytes[">C"]
        [late, *_] = call.record.all("U>", "response.output_audio.delta r1")
        for _ in range(3):
            call.insert(msgspec.json.encode(late.message).decode(), is_binary=False)
        await call.quiet()
        assert call.record.audio_bytes[">C"] == heard


async def test_s26_second_answer_is_on_its_way_while_the_first_still_plays() -> None:
    # The emulator sends faster than anybody plays: both answers are there in a fraction of a second.
    answers = ((Said(text="A long first answer, " * 3),), (Said(text="And a second one."),))
    knobs = Knobs(created_ms=1, per_delta_ms=0)
    async with calling(knobs, Script(responses=answers)) as call:
        await call.follow(
            client >> InjectUserMessage("one"),
            client << "AgentAudioDone",
            client >> InjectUserMessage("two"),
            openai >> "response.done r2 completed",
            *SPEECH,
            openai >> "input_audio_buffer.speech_started",
            client << "UserStartedSpeaking",
            openai << "conversation.item.truncate",
            openai << "conversation.item.delete",
            *PAUSE,
            openai << "response.create",
        )
        await call.kept()
        first, second = (
            line.message["item_id"]
            for kind in ("truncate", "delete")
            for line in call.record.all(">U", f"conversation.item.{kind}")
            if isinstance(line.message, dict)
        )
        items = [
            line.message["item"]["id"]
            for line in call.record.all("U>", "response.output_item.added assistant")
            if isinstance(line.message, dict)
        ]
        assert [first, second] == items[:2]
