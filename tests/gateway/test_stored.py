"""Agents by name, voices by their aliases, prompts that grow: what callers are told of each."""

from typing import Any

import pytest

from gateway.stand import SETTINGS, gateway
from gateway.upstreams import oblige, scripted
from turngate.emulator import serving
from turngate.wire import agent

RECEPTION = agent.AgentSettings(
    greeting="Good evening.",
    think=agent.ThinkSettings(provider=agent.ThinkProvider(), prompt="You are the night porter."),
)


def by_name(name: str) -> dict[str, Any]:
    return {**SETTINGS, "agent": name}


async def test_agent_by_name_is_what_the_operator_stored() -> None:
    async with (
        scripted(oblige) as upstream,
        gateway(upstream.url, agents={"reception": RECEPTION}) as stand,
    ):
        caller = await stand.called()
        far = await upstream.accepts()
        caller.say(by_name("kitchen"))
        assert (await caller.hears("Error"))["code"] == "INVALID_AGENT_ID"
        caller.say(by_name("reception"))
        update = await far.hears("session.update")
        assert update["session"]["instructions"] == "You are the night porter."
        await caller.hears("SettingsApplied")
        assert "Good evening." in str(await far.hears("response.create"))
        caller.close()  # a gateway that stops would wait for the end of the turn


async def test_agent_by_name_is_not_supported_where_none_is_stored() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.called()
        caller.say(by_name("reception"))
        error = await caller.hears("Error")
        assert error["code"] == "AGENT_ID_NOT_SUPPORTED"
        assert "agent" in error["description"]
        caller.say(SETTINGS)
        await caller.hears("SettingsApplied")


@pytest.mark.parametrize("voices, told", [({}, 1), ({"aura-2-thalia-en": "marin"}, 0)])
async def test_voice_that_the_upstream_lacks_is_told_unless_it_has_an_alias(
    voices: dict[str, str], told: int
) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, voices=voices) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        await far.hears("session.update")
        caller.say({"type": "UpdateSpeak", "speak": {"provider": {"model": "aura-2-thalia-en"}}})
        await caller.hears("SpeakUpdated")
        assert caller.count("Warning") == told
        update = await far.hears("session.update")
        assert update["session"]["audio"]["output"].get("voice") == voices.get("aura-2-thalia-en")


async def test_prompt_grows_up_to_the_bound_of_the_protocol() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        caller = await stand.configured()
        caller.say({"type": "UpdatePrompt", "prompt": "a" * 25_000})
        await caller.hears("PromptUpdated")
        caller.say({"type": "UpdatePrompt", "prompt": "b"})
        warning = await caller.hears("Warning")
        assert warning["code"] == "PROMPT_TOO_LONG"
        assert "25002" in warning["description"]
        await caller.barrier()
        assert caller.count("PromptUpdated") == 1
