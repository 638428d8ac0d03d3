"""Servers that differ: the same clients on both fronts, behind a server of each declared dialect."""

from typing import Any

import pytest

from gateway.far import dial
from gateway.stand import gateway
from gateway.test_native import hears, message, text_only
from turngate.emulator import DIALECTS, Emulator, Knobs, serving
from turngate.emulator.knobs import overridden
from turngate.gateway.config import Config
from turngate.gateway.greeting import greeted
from turngate.gateway.target import target


def behaving(dialect: str) -> Knobs:
    return overridden(Knobs(seed=5, voice="tone"), f'{{"dialect": "{dialect}"}}')


def check(emulator: Emulator) -> None:
    assert emulator.audit.violations == 0, emulator.audit.summary


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_realtime_client_sees_the_protocol_of_today(dialect: str) -> None:
    async with (
        serving(knobs=behaving(dialect)) as emulator,
        gateway(emulator.url, dialect=dialect) as front,
    ):
        client = await dial(f"ws://{front.host}:{front.port}/v1/realtime?model=gpt-realtime")
        client.say(text_only())
        updated = await client.hears("session.updated")
        assert updated["session"]["audio"]["input"]["turn_detection"]["create_response"] is False
        assert updated["session"]["output_modalities"] == ["text"]
        for turn in range(2):
            client.say(message(f"question {turn}"))
            client.say({"type": "response.create", "event_id": f"ask_{turn}"})
        await client.hears("conversation.item.done")
        assert "question 0" in (await client.hears("response.output_text.done"))["text"]
        done = await hears(client, "response.done", 2)
        part = done[1]["response"]["output"][0]["content"][0]
        assert part["type"] == "output_text"
        assert client.count("error") == 0
        assert not [kind for kind in client.types() if ".text." in kind]
        named = [said["event_id"] for said in client.heard if isinstance(said, dict)]
        assert len(set(named)) == len(named)
        client.say({"type": "response.create", "response": {"output_modalities": ["audio"]}})
        assert (await client.hears("response.output_audio.delta"))["delta"]
        await client.hears("response.done")
        check(emulator)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_agent_client_notices_nothing(dialect: str) -> None:
    async with (
        serving(knobs=behaving(dialect)) as emulator,
        gateway(emulator.url, dialect=dialect) as front,
    ):
        client = await front.configured()
        client.say({"type": "InjectUserMessage", "content": "what time is it?"})
        said: dict[str, Any] = await client.hears("ConversationText")
        while said["role"] != "assistant":
            said = await client.hears("ConversationText")
        assert "what time is it?" in said["content"]
        await client.hears("AgentAudioDone")
        assert any(isinstance(each, bytes) for each in client.heard)
        check(emulator)


async def test_a_server_that_does_not_greet_is_spoken_to_at_once() -> None:
    async with (
        serving(knobs=behaving("xai")) as emulator,
        gateway(emulator.url, dialect="xai") as front,
    ):
        client = await dial(f"ws://{front.host}:{front.port}/v1/realtime?model=grok")
        client.say({"type": "response.create"})
        await client.hears("response.done")
        assert await greeted(target(Config(upstream=emulator.url, dialect="xai")), "none") < 5_000
        (asked,) = [each for each in emulator.audit.records if each.type == "response.create"]
        assert asked.at_ms < 1_000


@pytest.mark.parametrize("dialect", ["azure", "azure-preview"])
async def test_azures_address_and_key_are_its_own(dialect: str) -> None:
    knobs = Knobs(seed=5, key="its own", other_model="ignore")
    async with serving(knobs=knobs) as emulator:
        place = f"ws://{emulator.host}:{emulator.port}"
        asked: dict[str, Any] = {"upstream_key": "its own", "model": "my-deployment"}
        async with gateway(place, dialect=dialect, **asked) as front:
            client = await dial(f"ws://{front.host}:{front.port}/v1/realtime?model=gpt-realtime")
            client.say(text_only())
            await client.hears("session.updated")
        assert [call["model"] for call in emulator.sessions] == ["my-deployment"]
        check(emulator)
