"""Typed turns: acknowledgements, readiness, settings and messages in the middle of an answer."""

import pytest

from e2e.script import client, inserted, never, openai
from e2e.stage import calling, configured
from turngate.emulator import CloseAt, Knobs, Script
from turngate.emulator import Message as Said
from turngate.wire.agent import History, InjectUserMessage

SLOW_END = Knobs(created_ms=5, first_delta_ms=20, done_after_last_ms=60)
"""The answer's text and audio are over some time before the response is."""

OTHER = configured("You are in a good mood.")


async def test_s1_acknowledgement_comes_late() -> None:
    async with calling(Knobs(item_ack_ms=60)) as call:
        await call.play(
            client >> InjectUserMessage("hi"),
            client << 'ConversationText user "hi"',
            openai << 'conversation.item.create user "hi"',
            never(openai << "response.create"),
            openai >> 'conversation.item.added user "hi"',
            openai << "response.create",
            client << 'ConversationText assistant "You said: hi"',
            openai >> "response.done r1 completed",
            client << "AgentAudioDone",
        )


async def test_s2_created_session_is_not_readiness() -> None:
    knobs = Knobs(session_updated_ms=60)
    async with calling(knobs, is_configured=False) as call:
        await call.play(
            client >> configured(),
            client >> InjectUserMessage("hi"),
            client >> bytes(960),
            openai << "session.update",
            openai >> "session.created",
            never(client << "SettingsApplied"),
            never(openai << "conversation.item.create"),
            never(openai << "input_audio_buffer.append"),
            openai >> "session.updated",
            client << "SettingsApplied",
            openai << 'conversation.item.create user "hi"',
            openai << "input_audio_buffer.append",
            client << 'ConversationText user "hi"',
            openai << "response.create",
            client << 'ConversationText assistant "You said: hi"',
            openai >> "response.done r1 completed",
            client << "AgentAudioDone",
            start=0,
        )


@pytest.mark.parametrize("code", [1000, 1005, 1011])
async def test_s3_upstream_closes_before_readiness(code: int) -> None:
    knobs = Knobs(close_at=CloseAt(event="session.created", code=code), session_updated_ms=60)
    async with calling(knobs, is_configured=False) as call:
        await call.follow(
            client >> configured(),
            client >> InjectUserMessage("hi"),
            client << "Error FAILED_TO_THINK",
            client << 'close "1011"',
        )
        [error] = call.record.all(">C", "Error")
        assert isinstance(error.message, dict)
        assert "1 request(s) were not answered" in error.message["description"]


async def test_s3_upstream_closes_later() -> None:
    knobs = Knobs(close_at=CloseAt(event="response.created", reason="restart"))
    async with calling(knobs) as call:
        await call.follow(
            client >> InjectUserMessage("hi"),
            openai >> "response.created r1",
            client << "Error FAILED_TO_THINK",
            client << 'close "1011"',
        )
        [error] = call.record.all(">C", "Error")
        assert isinstance(error.message, dict)
        assert "1011, restart" in error.message["description"]


async def test_s4_changed_settings_during_a_response() -> None:
    async with calling(SLOW_END) as call:
        await call.play(
            client >> InjectUserMessage("hi"),
            client << 'ConversationText user "hi"',
            openai << "conversation.item.create user",
            openai << "response.create",
            client << 'ConversationText assistant "You said: hi"',
            client >> OTHER,
            never(openai << "session.update"),
            never(client << "SettingsApplied"),
            openai >> "response.done r1 completed",
            client << "AgentAudioDone",
            openai << 'session.update "You are in a good mood."',
            openai >> "session.updated",
            client << "SettingsApplied",
        )


async def test_s4_identical_settings_during_a_response() -> None:
    async with calling(SLOW_END) as call:
        await call.play(
            client >> InjectUserMessage("hi"),
            client << 'ConversationText user "hi"',
            openai << "conversation.item.create user",
            openai << "response.create",
            openai >> "response.created r1",
            client >> configured(),
            client << "SettingsApplied",
            never(openai << "session.update"),
            client << 'ConversationText assistant "You said: hi"',
            openai >> "response.done r1 completed",
            client << "AgentAudioDone",
        )


@pytest.mark.parametrize("moment", ["response.created r1", "response.output_audio.done r1"])
async def test_s5_typed_message_during_a_response(moment: str) -> None:
    async with calling(SLOW_END) as call:
        await call.follow(
            client >> InjectUserMessage("one"),
            openai >> moment,
            client >> InjectUserMessage("two"),
            openai << 'conversation.item.create user "two"',
            openai >> "response.done r1 completed",
            openai << "response.create",
            client << 'ConversationText assistant "You said: two"',
            openai >> "response.done r2 completed",
            client << "AgentAudioDone",
        )
        await call.kept()
        assert len(call.record.all(">U", "response.create")) == 2
        assert len(call.record.all(">C", "AgentAudioDone")) == 2


async def test_s5_five_messages_in_one_burst() -> None:
    async with calling(SLOW_END) as call:
        await call.follow(
            client >> InjectUserMessage("one"),
            openai >> "response.created r1",
            *(client >> InjectUserMessage(f"more {n}") for n in range(5)),
            *(openai << f'conversation.item.create user "more {n}"' for n in range(5)),
            openai >> "response.done r1 completed",
            openai << "response.create",
        )
        await call.kept()
        assert len(call.record.all(">C", "ConversationText user")) == 6
        assert 2 <= len(call.record.all(">U", "response.create")) <= 6


async def test_s12_events_of_a_response_after_its_end() -> None:
    late = (
        '{"type": "response.output_audio_transcript.done", "event_id": "event_late",'
        ' "response_id": "{r1}", "item_id": "item_late", "output_index": 0, "content_index": 0,'
        ' "transcript": "too late"}'
    )
    audio_done = (
        '{"type": "response.output_audio.done", "event_id": "event_later", "response_id": "{r1}",'
        ' "item_id": "item_late", "output_index": 0, "content_index": 0}'
    )
    async with calling(SLOW_END) as call:
        await call.play(
            client >> InjectUserMessage("one"),
            client << 'ConversationText user "one"',
            openai << "conversation.item.create",
            openai << "response.create",
            openai >> "response.created r1",
            client >> InjectUserMessage("two"),
            client << 'ConversationText user "two"',
            openai << "conversation.item.create",
            client << 'ConversationText assistant "You said: one"',
            openai >> "response.done r1",
            client << "AgentAudioDone",
            openai << "response.create",
            openai >> "response.created r2",
            inserted(late),
            inserted(audio_done),
            never(openai << "response.create"),
            client << 'ConversationText assistant "You said: two"',
            openai >> "response.done r2",
            client << "AgentAudioDone",
        )


async def test_s22_reconnect_with_context() -> None:
    past = (
        History(role="user", content="my name is Ada"),
        History(role="assistant", content="hello Ada"),
        History(role="user", content="I like rain"),
        History(role="assistant", content="so do I"),
    )
    async with calling(Knobs(session_updated_ms=20), is_configured=False) as call:
        await call.play(
            client >> configured(greeting="Welcome back!", messages=past),
            openai << "session.update",
            never(client << "SettingsApplied"),
            never(openai << "conversation.item.create"),
            openai >> "session.updated",
            client << "SettingsApplied",
            openai << 'conversation.item.create user "my name is Ada"',
            openai << 'conversation.item.create assistant "hello Ada"',
            openai << 'conversation.item.create user "I like rain"',
            openai << 'conversation.item.create assistant "so do I"',
            openai >> 'conversation.item.done assistant "so do I"',
            start=0,
        )


async def test_s23_equal_texts() -> None:
    script = Script(responses=((Said(text="OK"),), (Said(text="OK"),)))
    async with calling(script=script) as call:
        for name in ("r1", "r2"):
            await call.play(
                client >> InjectUserMessage("and now?"),
                client << "ConversationText user",
                openai << "conversation.item.create user",
                openai << "response.create",
                client << 'ConversationText assistant "OK"',
                openai >> f"response.done {name}",
                client << "AgentAudioDone",
            )


async def test_s25_refused_settings_are_corrected() -> None:
    knobs = Knobs(refuse_session_update=(1,), refuse_param="session.instructions")
    async with calling(knobs, is_configured=False) as call:
        await call.play(
            client >> configured("bad"),
            openai << 'session.update "bad"',
            openai >> "error unknown_parameter",
            client << "Error INVALID_SETTINGS",
            never(client << "SettingsApplied"),
            never(openai << "conversation.item.create"),
            client >> InjectUserMessage("hi"),
            client >> configured("corrected"),
            openai << 'session.update "corrected"',
            openai >> "session.updated",
            client << "SettingsApplied",
            openai << "conversation.item.create user",
            client << 'ConversationText user "hi"',
            openai << "response.create",
            client << 'ConversationText assistant "You said: hi"',
            openai >> "response.done r1",
            client << "AgentAudioDone",
            start=0,
        )
        [error] = call.record.all(">C", "Error")
        assert isinstance(error.message, dict)
        assert "agent.think.prompt" in error.message["description"]
