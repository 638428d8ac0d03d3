"""What a program can do with a conversation, beyond saying and hearing."""

import asyncio

import msgspec
import pytest
from picows import WSCloseCode

from client.server import APPLIED, SETTINGS, request, serving, until
from turngate.client import (
    Audio,
    Client,
    Closed,
    Flushed,
    FunctionAnswered,
    Lost,
    Reconnected,
    Slept,
    Woke,
    agent,
    settings,
)

HEARD = '{"type":"History","role":"assistant","content":"hello"}'
SECOND = bytes(48_000)


def get_time(city: str) -> str:
    """Tell the time."""
    return f"noon in {city}"


async def test_functions_are_declared_by_themselves() -> None:
    client_settings = settings("be brief", greeting="hi", voice="aura-2-thalia-en")
    async with serving() as server:
        client = Client(server.url, client_settings)
        client.function(get_time)
        async with client:
            said = await server.accepted[0].heard("Settings")
            server.accepted[0].tell(request(("1", "get_time", '{"city":"Rome"}')))
            answer = await server.accepted[0].heard("FunctionCallResponse")
    sent = msgspec.convert(said, agent.Settings)
    assert isinstance(sent.agent, agent.AgentSettings)
    assert sent.agent.greeting == "hi"
    assert isinstance(sent.agent.think, agent.ThinkSettings)
    assert [each.name for each in sent.agent.think.functions or ()] == ["get_time"]
    assert answer["content"] == "noon in Rome"


async def test_callbacks_get_the_events_of_their_kind_in_order() -> None:
    got: list[object] = []
    async with serving() as server:
        client = Client(server.url, SETTINGS)
        client.on(Audio)(lambda event: got.append(event.pcm))

        @client.on(agent.ConversationText)
        async def told(event: agent.ConversationText) -> None:  # pyright: ignore[reportUnusedFunction] - the client calls it
            await asyncio.sleep(0)
            got.append(event.content)

        async with client:
            line = '{"type":"ConversationText","role":"assistant","content":"one"}'
            server.accepted[0].tell(b"\x01\x02", line, b"\x03\x04")
            server.accepted[0].close(WSCloseCode.OK, "")
            await client.run()
    assert got == [b"\x01\x02", "one", b"\x03\x04"]


async def test_an_update_that_changes_nothing_is_not_sent() -> None:
    async with serving() as server, Client(server.url, SETTINGS) as client:
        assert await client.update(agent.UpdatePrompt("be kind"))
        assert not await client.update(agent.UpdatePrompt("be kind"))
        assert await client.update(agent.UpdatePrompt("be brief"))
        await client.say("end")
        heard = [await server.accepted[0].said.get() for _ in range(4)]
    kinds = [each["type"] for each in heard if isinstance(each, dict)]
    assert kinds == ["Settings", "UpdatePrompt", "UpdatePrompt", "InjectUserMessage"]


async def test_nothing_but_what_was_asked_for_is_sent() -> None:
    async with serving() as server, Client(server.url, SETTINGS, {"get_time": get_time}) as client:
        server.accepted[0].tell(
            request(("1", "get_time", '{"city":"Rome"}')),
            '{"type":"Warning","code":"X","description":"y"}',
            '{"type":"InjectionRefused","message":"no"}',
            '{"type":"Error","code":"X","description":"y"}',
            '{"type":"UserStartedSpeaking"}',
            '{"type":"AgentAudioDone"}',
        )
        await until(client, FunctionAnswered)
        client.interrupt()
        client.sleep()
        client.wake()
        await client.have_said("wait", "queue")
        await client.end_turn()
        heard = [await server.accepted[0].said.get() for _ in range(4)]
        assert server.accepted[0].said.empty()
    assert [each["type"] for each in heard if isinstance(each, dict)] == [
        "Settings",
        "FunctionCallResponse",
        "InjectAgentMessage",
        "ForceEndTurn",
    ]


async def test_muted_and_asleep_no_audio_passes() -> None:
    async with serving() as server, Client(server.url, SETTINGS) as client:
        await client.send_audio(b"\x01\x01")
        client.is_muted = True
        await client.send_audio(b"\x02\x02")
        client.is_muted = False
        client.sleep()
        await client.send_audio(b"\x03\x03")
        server.accepted[0].tell(b"\x05\x05", '{"type":"AgentThinking","content":""}')
        seen = await until(client, agent.AgentThinking)
        client.wake()
        await client.send_audio(b"\x04\x04")
        await client.say("end")
        await server.accepted[0].heard("Settings")
        heard = [await server.accepted[0].said.get() for _ in range(3)]
        woken = await until(client, Woke)
    assert heard[:2] == [b"\x01\x01", b"\x04\x04"]
    assert Slept(idle=False) in seen
    assert Flushed() in seen
    assert not [each for each in seen + woken if isinstance(each, Audio)]


async def test_nobody_says_anything_and_the_client_sleeps() -> None:
    async with serving() as server, Client(server.url, SETTINGS, idle_s=0.05) as client:
        seen = await until(client, Slept)
        assert seen[-1] == Slept(idle=True)
        server.accepted[0].tell(SECOND)
        client.wake()
        assert (await until(client, Slept))[-1] == Slept(idle=True)


async def test_playback_is_followed_and_interrupted() -> None:
    async with serving() as server, Client(server.url, SETTINGS) as client:
        far = server.accepted[0]
        far.tell(SECOND)
        await until(client, Audio)
        assert 900 < client.unheard_ms <= 1000
        client.interrupt()
        assert client.unheard_ms == 0
        far.tell(SECOND, '{"type":"AgentAudioDone"}')
        seen = await until(client, agent.AgentAudioDone)
        assert [type(each) for each in seen] == [Flushed, agent.AgentAudioDone]
        started = {"total_latency": 0.1, "tts_latency": 0.1, "ttt_latency": 0.1}
        far.tell(msgspec.json.encode(agent.AgentStartedSpeaking(**started)).decode(), SECOND)
        await until(client, Audio)
        far.tell('{"type":"UserStartedSpeaking"}')
        await until(client, agent.UserStartedSpeaking)
        assert client.unheard_ms == 0


async def test_a_lost_connection_is_made_again_and_the_agent_knows_what_was_said() -> None:
    async with serving() as server, Client(server.url, SETTINGS, reconnect_s=5) as client:
        first = server.accepted[0]
        first.tell('{"type":"History","role":"user","content":"hi"}', HEARD)
        await until(client, agent.History)
        await until(client, agent.History)
        first.vanish()
        lost = await until(client, Lost)
        assert lost[-1] == Lost(Closed(1006))
        assert Flushed() in lost
        await client.say("are you there?")
        await until(client, Reconnected)
        second = server.accepted[1]
        again = msgspec.convert(await second.heard("Settings"), agent.Settings)
        assert isinstance(again.agent, agent.AgentSettings)
        assert again.agent.context is not None
        assert [each.content for each in again.agent.context.messages or ()] == ["hi", "hello"]
        assert again.agent.greeting is None
        assert (await second.heard("InjectUserMessage"))["content"] == "are you there?"


async def test_a_server_that_stays_away_ends_the_conversation() -> None:
    async with serving() as server, Client(server.url, SETTINGS, reconnect_s=0.1) as client:
        server.close()
        server.accepted[0].vanish()
        with pytest.raises(Closed):
            await until(client, Reconnected)


async def test_a_server_that_refuses_the_second_time_is_not_asked_a_third() -> None:
    answers = iter([APPLIED, '{"type":"Error","code":"INVALID_SETTINGS","description":"no"}'])
    async with serving(lambda agent: agent.tell(next(answers))) as server:
        async with Client(server.url, SETTINGS, reconnect_s=5) as client:
            server.accepted[0].vanish()
            with pytest.raises(Closed):
                await until(client, Reconnected)
        assert len(server.accepted) == 2


async def test_without_history_the_lines_are_remembered() -> None:
    quiet = msgspec.structs.replace(SETTINGS, flags=agent.Flags(history=False))
    async with serving() as server, Client(server.url, quiet) as client:
        server.accepted[0].tell('{"type":"ConversationText","role":"user","content":"hi"}')
        await until(client, agent.ConversationText)
        assert client.history == (agent.History(role="user", content="hi"),)
