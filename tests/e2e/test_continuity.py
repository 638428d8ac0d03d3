"""The upstream goes away in the middle of a call, and the conversation goes on with another."""

from e2e.record import Json
from e2e.script import client, openai
from e2e.stage import Call, calling, result
from turngate.emulator import At, Knobs, Reply, Script
from turngate.emulator import Call as Asks
from turngate.wire import agent

SLOW = Knobs(created_ms=5, first_delta_ms=20)


def items(call: Call) -> list[Json]:
    """Return what the upstream was told, item by item."""
    told = call.record.all(">U", "conversation.item.create")
    return [line.message["item"] for line in told if isinstance(line.message, dict)]


def said(item: Json) -> tuple[str, str]:
    return item["role"], item["content"][0]["text"]


async def cut(call: Call) -> None:
    """Cut the gateway's connection to the upstream, as a network does."""
    call.tap.cut()
    await call.until("U>", "session.created", len(call.record.lines))


async def test_conversation_goes_on_with_another_connection() -> None:
    async with calling(SLOW) as call:
        await call.follow(
            client >> agent.InjectUserMessage("one"),
            client << "LatencyReport",
        )
        await call.quiet()
        start = len(call.record.lines)
        await cut(call)
        await call.follow(
            client >> agent.InjectUserMessage("two"),
            openai << "response.create",
            client << 'ConversationText assistant "You said: two"',
            client << "AgentAudioDone",
        )
        await call.kept()
        assert [said(item) for item in items(call)[-3:]] == [
            ("user", "one"),
            ("assistant", "You said: one"),
            ("user", "two"),
        ]
        assert not call.record.all(">C", "Error")
        assert not call.record.all(">C", "Warning")
        assert len(call.record.all(">C", "SettingsApplied")) == 1
        assert call.record.find(">C", "SettingsApplied", start) is None


async def test_question_that_the_lost_connection_had_not_answered_is_answered() -> None:
    drop = At(event="response.created")
    async with calling(Knobs(created_ms=5, first_delta_ms=300, drop_at=drop)) as call:
        await call.follow(
            client >> agent.InjectUserMessage("one"),
            openai >> "response.created",
        )
        call.emulator.turn(b'{"drop_at": null}')
        await call.follow(client << 'ConversationText assistant "You said: one"')
        await call.quiet()
        assert len(call.record.all(">C", "ConversationText assistant")) == 1
        assert not call.record.all(">C", "Error")
        assert not call.record.all(">C", "Warning")


async def test_function_that_runs_meanwhile_is_not_called_again() -> None:
    script = Script(replies=(Reply(calls=(Asks("get_time"),), then=Reply(text="It is noon.")),))
    async with calling(SLOW, script) as call:
        await call.follow(
            client >> agent.InjectUserMessage("well?"),
            client << "FunctionCallRequest A",
        )
        await cut(call)
        await call.follow(
            client >> result("A"),
            openai << "conversation.item.create call A",
            openai << "conversation.item.create output A",
            openai << "response.create",
            client << 'ConversationText assistant "It is noon."',
            client << "AgentAudioDone",
        )
        await call.quiet()
        assert len(call.record.all(">C", "FunctionCallRequest")) == 1
        assert not call.record.all(">C", "Error")
        assert not call.record.all(">C", "Warning")


async def test_session_that_expires_is_continued() -> None:
    async with calling(Knobs(expire_after_ms=700)) as call:
        await call.follow(
            client >> agent.InjectUserMessage("one"),
            client << "LatencyReport",
            openai >> "error session_expired",
        )
        await call.until(">U", "conversation.item.create assistant", 0)
        await call.follow(
            client >> agent.InjectUserMessage("two"),
            client << 'ConversationText assistant "You said: two"',
        )
        assert not call.record.all(">C", "Error")
        assert not call.record.all(">C", "Warning")


async def test_voice_changes_after_the_agent_has_spoken() -> None:
    async with calling(SLOW) as call:
        await call.follow(
            client >> agent.InjectUserMessage("one"),
            client << "LatencyReport",
        )
        await call.quiet()
        speak = agent.SpeakSettings(provider=agent.SpeakProvider(voice="sage"))
        await call.follow(
            client >> agent.UpdateSpeak(speak),
            client << "SpeakUpdated",
            client >> agent.InjectUserMessage("two"),
            client << 'ConversationText assistant "You said: two"',
        )
        await call.kept()
        assert [said(item) for item in items(call)[-3:]] == [
            ("user", "one"),
            ("assistant", "You said: one"),
            ("user", "two"),
        ]
        assert not call.record.all(">C", "Warning")
        update = call.record.all(">U", "session.update")[-1].message
        assert isinstance(update, dict)
        assert update["session"]["audio"]["output"]["voice"] == "sage"
        assert not call.record.all(">C", "Error")
