"""What a client's configuration comes to within what the operator decided."""

import json
from typing import Any

import pytest

from turngate.dialects import settings_rows
from turngate.dialects.house import House
from turngate.dialects.settings_kept import KEPT, values_at
from turngate.errors import (
    BadField,
    NoStoredAgents,
    PromptTooLong,
    SettingsRefused,
    UnknownAgent,
    WithoutEffect,
)
from turngate.wire import agent
from turngate.wire.codec import decode_client_message

STORED = agent.AgentSettings(greeting="Good evening.")
HOUSE = House(
    model="gpt-realtime", voices={"aura-2-thalia-en": "marin"}, agents={"reception": STORED}
)

LONG = "a" * (settings_rows.PROMPT_CHARACTERS + 1)


def said(kind: str, **fields: Any) -> agent.ClientMessage:
    return decode_client_message(json.dumps({"type": kind, **fields}))


def configured(**block: Any) -> agent.AgentSettings:
    settled, _ = HOUSE.settle(said("Settings", audio={}, agent=block))
    assert isinstance(settled, agent.Settings)
    assert isinstance(settled.agent, agent.AgentSettings)
    return settled.agent


def without_effect(message: agent.ClientMessage, house: House = HOUSE) -> str:
    """Return what the one warning about it says; nothing, if there is none."""
    _, remarks = house.settle(message)
    assert all(isinstance(each, WithoutEffect) for each in remarks)
    assert len(remarks) <= 1
    return "".join(map(str, remarks))


def provider(**fields: Any) -> dict[str, Any]:
    return {"provider": {"type": "any", **fields}}


# -- stored agents


def test_name_stands_for_the_stored_agent() -> None:
    settled, remarks = HOUSE.settle(said("Settings", audio={}, agent="reception"))
    assert isinstance(settled, agent.Settings)
    assert settled.agent == STORED
    assert remarks == ()


def test_name_that_no_agent_has_is_refused() -> None:
    with pytest.raises(UnknownAgent):
        HOUSE.settle(said("Settings", audio={}, agent="kitchen"))


def test_any_name_is_refused_where_none_is_stored() -> None:
    with pytest.raises(NoStoredAgents):
        House().settle(said("Settings", audio={}, agent="reception"))


# -- fallbacks


def test_entry_that_cannot_be_had_falls_back_to_one_that_can() -> None:
    bad = provider() | {"outputModalities": ["text", "audio"]}
    good = provider() | {"prompt": "Be brief."}
    think = configured(think=[bad, good]).think
    assert isinstance(think, agent.ThinkSettings)
    assert think.prompt == "Be brief."


def test_voice_that_the_upstream_has_is_preferred_to_those_before_it() -> None:
    entries = [
        provider(model="aura-2-orion-en"),
        provider(voice="ash", speed=9),
        provider(voice="ash"),
    ]
    speak = configured(speak=entries).speak
    assert isinstance(speak, agent.SpeakSettings)
    assert (speak.provider.voice, speak.provider.speed) == ("ash", None)


def test_first_entry_is_used_where_none_can_be_had() -> None:
    speak = configured(speak=[provider(model="one"), provider(model="two")]).speak
    assert isinstance(speak, agent.SpeakSettings)
    assert speak.provider.model == "one"


def test_empty_list_of_entries_is_none_at_the_beginning_and_wrong_in_an_update() -> None:
    assert configured(think=[], speak=[]) == agent.AgentSettings()
    for kind, field in (("UpdateThink", "think"), ("UpdateSpeak", "speak")):
        with pytest.raises(BadField) as wrong:
            HOUSE.settle(said(kind, **{field: []}))
        assert wrong.value.path == field


def test_update_falls_back_as_settings_do() -> None:
    bad = provider() | {"outputModalities": ["video"]}
    settled, _ = HOUSE.settle(said("UpdateThink", think=[bad, provider() | {"prompt": "Hi"}]))
    assert isinstance(settled, agent.UpdateThink)
    assert isinstance(settled.think, agent.ThinkSettings)
    assert settled.think.prompt == "Hi"


# -- voices and languages


@pytest.mark.parametrize("field", ["model", "voice", "model_id"])
def test_name_that_clients_have_for_a_voice_becomes_the_upstreams(field: str) -> None:
    settled, remarks = HOUSE.settle(
        said("UpdateSpeak", speak=provider(**{field: "aura-2-thalia-en"}))
    )
    assert isinstance(settled, agent.UpdateSpeak)
    assert settings_rows.voice_of(settled.speak) == "marin"  # pyright: ignore[reportArgumentType] - settled to one
    assert remarks == ()


@pytest.mark.parametrize(
    "named", [{"model": "aura-2-orion-en"}, {"voice": {"mode": "id", "id": "x"}}]
)
def test_unknown_voice_is_told_with_what_was_kept(named: dict[str, Any]) -> None:
    told = without_effect(said("UpdateSpeak", speak=provider(**named)))
    assert "agent.speak.provider.voice" in told
    assert "kept" in told


def test_voice_that_is_not_named_is_not_missed() -> None:
    assert without_effect(said("UpdateSpeak", speak=provider(speed=1.1))) == ""


@pytest.mark.parametrize(
    "listen, language",
    [
        (None, "de"),
        (provider(), "de"),
        (provider(language="fr"), "fr"),
        (provider(language_hints=["es", "en"]), None),
        (provider(language_hint="es"), None),
    ],
)
def test_language_of_the_agent_stands_in_for_that_of_its_ears(
    listen: dict[str, Any] | None, language: str | None
) -> None:
    block = configured(language="de", **({"listen": listen} if listen else {}))
    assert block.listen is not None
    assert block.listen.provider.language == language


# -- a React voice component's words for the output


@pytest.mark.parametrize(
    "kind, encoding", [("audio/pcm", "linear16"), ("audio/pcmu", "mulaw"), ("audio/pcma", "alaw")]
)
def test_format_of_the_session_goes_before_that_of_the_output(kind: str, encoding: str) -> None:
    audio = {"output": {"encoding": "linear16", "sample_rate": 24000}}
    wanted = {"sessionAudioOutput": {"format": {"type": kind}}}
    settled, _ = HOUSE.settle(said("Settings", audio=audio, agent=wanted))
    assert isinstance(settled, agent.Settings)
    assert settled.audio.output == agent.AudioOutput(encoding=encoding)


def test_format_that_cannot_be_had_is_refused_by_its_name() -> None:
    wanted = {"sessionAudioOutput": {"format": {"type": "audio/opus"}}}
    with pytest.raises(SettingsRefused) as refused:
        HOUSE.settle(said("Settings", audio={}, agent=wanted))
    assert refused.value.field == "agent.sessionAudioOutput.format.type"
    assert "audio/pcmu" in refused.value.reason


# -- what is told


def test_long_prompt_is_passed_on_and_told() -> None:
    for message in (
        said("Settings", audio={}, agent={"think": provider() | {"prompt": LONG}}),
        said("UpdateThink", think=provider() | {"prompt": LONG}),
    ):
        settled, remarks = HOUSE.settle(message)
        assert settled == message
        assert remarks == (
            PromptTooLong(len(LONG), settings_rows.PROMPT_CHARACTERS, "it is passed on whole"),
        )
    assert HOUSE.settle(said("UpdateThink", think=provider() | {"prompt": LONG[1:]}))[1] == ()


def test_model_of_the_upstream_itself_is_not_missed() -> None:
    assert without_effect(said("UpdateThink", think=provider(model="gpt-realtime"))) == ""
    other = said("UpdateThink", think=provider(model="gpt-4o-mini", temperature=0.2))
    told = without_effect(other)
    assert "agent.think.provider.model" in told
    assert "agent.think.provider.temperature" in told


def test_all_that_has_no_effect_is_told_in_one_warning() -> None:
    told = without_effect(
        said(
            "Settings",
            audio={"output": {"bitrate": 48000}},
            agent={
                "listen": provider(model="nova-3", eager_eot_threshold=0.7),
                "think": provider() | {"context_length": 7},
                "speak": provider(model="aura-2-orion-en"),
            },
        )
    )
    for path in (
        "audio.output.bitrate",
        "agent.listen.provider.model",
        "agent.listen.provider.eager_eot_threshold",
        "agent.think.context_length",
        "agent.speak.provider.voice",
    ):
        assert path in told
    assert "agent.think.provider.model" not in told


def test_update_of_the_ears_tells_too() -> None:
    assert "agent.listen.provider.model" in without_effect(
        said("UpdateListen", listen=provider(model="nova-3"))
    )


def test_messages_without_a_configuration_are_left_alone() -> None:
    for message in (said("KeepAlive"), said("UpdatePrompt", prompt=LONG)):
        assert HOUSE.settle(message) == (message, ())


def test_missing_values_are_not_found() -> None:
    assert list(values_at({"a": [{"b": 1}, {"b": None}, {"b": 2}]}, "a[].b")) == [1, 2]
    assert list(values_at({"a": 1}, "a.b")) == []


def test_every_row_that_is_missed_says_why() -> None:
    assert all(row.note.startswith("ignored;") for row in KEPT if row.is_missed)
