"""From a client's configuration to the upstream's session, and a refusal's way back."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import inspect

from turngate.core.patch import Patch, value_at
from turngate.dialects import settings, settings_component, settings_rows
from turngate.dialects.settings_kept import KEPT
from turngate.errors import SettingsRefused
from turngate.wire import agent
from turngate.wire.codec import decode_client_message

OWN = settings.own(server_turns=False, voice=None)

ROWS = (*settings_rows.AUDIO, *settings_rows.THINK, *settings_rows.SPEAK, *settings_rows.LISTEN)
INSTEAD = settings_component.COMPONENT[1:]
MANUAL = agent.AgentSettings(manual_audio_commit=True)


def full(*blocks: str, **fields: Any) -> agent.Settings:
    """Return Settings with these fields of `agent`, and `blocks` of JSON on the top level."""
    top: dict[str, Any] = {"type": "Settings", "audio": {}, "agent": fields}
    for block in blocks:
        top |= json.loads(block)
    message = decode_client_message(json.dumps(top))
    assert isinstance(message, agent.Settings)
    return message


def session(message: agent.Settings) -> dict[str, Any]:
    return settings.from_settings(message, OWN)


def think(**fields: Any) -> dict[str, Any]:
    return {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, **fields}


def listen(**provider: Any) -> dict[str, Any]:
    return {"provider": {"type": "deepgram", **provider}}


def update_think(**fields: Any) -> Patch:
    message = decode_client_message(json.dumps({"type": "UpdateThink", "think": think(**fields)}))
    assert isinstance(message, agent.UpdateThink)
    return settings.from_think(message.think, {})


def update_speak(**provider: Any) -> Patch:
    speak = {"provider": {"type": "deepgram", **provider}}
    message = decode_client_message(json.dumps({"type": "UpdateSpeak", "speak": speak}))
    assert isinstance(message, agent.UpdateSpeak)
    return settings.from_speak(message.speak)


def update_listen(**provider: Any) -> object:
    text = json.dumps({"type": "UpdateListen", "listen": listen(**provider)})
    message = decode_client_message(text)
    assert isinstance(message, agent.UpdateListen)
    return value_at(settings.from_listen(message.listen, OWN), ("audio", "input", "transcription"))


def test_every_field_finds_its_place_in_the_session() -> None:
    message = full(
        '{"audio": {"input": {"encoding": "linear16", "sample_rate": 24000},'
        ' "output": {"encoding": "linear16", "sample_rate": 24000, "container": "none"}}}',
        listen=listen(model="nova-3", language="en-US", keyterms=["turngate", "slot"]),
        think=think(
            prompt="You are brief.",
            functions=[
                {
                    "name": "get_weather",
                    "description": "Weather for a city",
                    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
                },
                {"name": "hang_up"},
            ],
            toolChoice="required",
            outputModalities=["text"],
            maxOutputTokens=200,
            managedPrompt={"id": "pmpt_1", "version": "2"},
        ),
        speak={"provider": {"type": "open_ai", "model": "tts-1", "voice": "cedar", "speed": 1.2}},
    )
    assert session(message) == {
        "output_modalities": ["text"],
        "instructions": "You are brief.",
        "tools": [
            {
                "type": "function",
                "name": "get_weather",
                "description": "Weather for a city",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
            {
                "type": "function",
                "name": "hang_up",
                "parameters": {"type": "object", "properties": {}},
            },
        ],
        "tool_choice": "required",
        "max_output_tokens": 200,
        "prompt": {"id": "pmpt_1", "version": "2"},
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {
                    "model": "gpt-4o-transcribe",
                    "language": "en",
                    "prompt": "turngate, slot",
                },
                "turn_detection": {
                    "type": "server_vad",
                    "create_response": False,
                    "interrupt_response": True,
                },
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "voice": "cedar",
                "speed": 1.2,
            },
        },
    }


def test_settings_that_say_nothing_still_clear_prompt_and_tools() -> None:
    assert session(full()) == {
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {"model": "gpt-4o-transcribe"},
                "turn_detection": {
                    "type": "server_vad",
                    "create_response": False,
                    "interrupt_response": True,
                },
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24000}},
        },
    }


def test_one_session_does_not_leak_into_the_next() -> None:
    session(full(speak={"provider": {"voice": "cedar"}}, listen=listen(language="de")))
    assert settings.own(server_turns=False, voice=None) == OWN


@pytest.mark.parametrize("server_turns", [True, False])
def test_whoever_asks_for_responses_decides_whether_the_server_creates_them(
    server_turns: bool,
) -> None:
    own = settings.own(server_turns=server_turns, voice="marin")
    turns = value_at(own, ("audio", "input", "turn_detection", "create_response"))
    assert (turns, value_at(own, settings_rows.VOICE_PATH)) == (server_turns, "marin")


def test_voice_of_the_operator_gives_way_to_one_of_the_client() -> None:
    own = settings.own(server_turns=False, voice="marin")
    unknown = full(speak={"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}})
    known = full(speak={"provider": {"type": "open_ai", "model": "ash"}})
    voices = [
        value_at(settings.from_settings(each, own), settings_rows.VOICE_PATH)
        for each in (unknown, known)
    ]
    assert voices == ["marin", "ash"]


def test_voice_object_of_another_service_is_not_a_voice() -> None:
    assert (
        "voice" not in session(full(speak={"provider": {"voice": {"id": "x"}}}))["audio"]["output"]
    )


def test_first_entry_of_a_list_is_used() -> None:
    both = full(
        think=[think(prompt="one"), think(prompt="two")],
        speak=[{"provider": {"voice": "ash"}}, {"provider": {"voice": "echo"}}],
    )
    made = session(both)
    assert (made["instructions"], made["audio"]["output"]["voice"]) == ("one", "ash")


def test_empty_lists_are_as_good_as_none() -> None:
    assert session(full(think=[], speak=[])) == session(full())


def test_g711_is_agreed_with_the_upstream_in_each_direction_by_itself() -> None:
    audio = session(full('{"audio": {"input": {"encoding": "mulaw"}}}'))["audio"]
    assert audio["input"]["format"] == {"type": "audio/pcmu"}
    assert audio["output"]["format"] == {"type": "audio/pcm", "rate": 24000}


# -- languages and words


@pytest.mark.parametrize(
    "provider, language",
    [
        ({"language": "de-CH"}, "de"),
        ({"language": "multi"}, None),
        ({"language": ""}, None),
        ({"version": "v2", "language_hints": ["fr"]}, "fr"),
        ({"version": "v2", "language_hints": ["en", "es"]}, None),
        ({"version": "v2", "language_hints": []}, None),
        ({"version": "v2", "language_hint": "pt-BR"}, "pt"),
        ({"version": "v2", "language_hint": ["it"]}, "it"),
        ({"language": "en", "language_hints": ["es"]}, "en"),
        ({"version": "v2"}, None),
    ],
)
def test_language_is_named_where_there_is_exactly_one(
    provider: dict[str, Any], language: str | None
) -> None:
    transcription = session(full(listen=listen(**provider)))["audio"]["input"]["transcription"]
    assert transcription.get("language") == language
    assert ("language" in transcription) == (language is not None)


# -- when a turn is over


@pytest.mark.parametrize(
    "threshold, silence_ms", [(0.5, 287), (0.7, 500), (0.9, 871), (0.95, 1000), (0, 287), (7, 1149)]
)
def test_confidence_that_a_turn_is_over_is_a_length_of_silence(
    threshold: float, silence_ms: int
) -> None:
    made = session(full(listen=listen(version="v2", eot_threshold=threshold)))
    assert made["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "create_response": False,
        "interrupt_response": True,
        "silence_duration_ms": silence_ms,
    }


def test_new_patience_leaves_the_answer_to_whom_it_was() -> None:
    text = json.dumps({"type": "UpdateListen", "listen": listen(eot_threshold=0.9)})
    message = decode_client_message(text)
    assert isinstance(message, agent.UpdateListen)
    for server_turns in (False, True):
        own = settings.own(server_turns=server_turns, voice=None)
        turns = settings.from_listen(message.listen, own)["audio"]["input"]["turn_detection"]
        assert turns["create_response"] is server_turns
        assert (turns["type"], turns["silence_duration_ms"]) == ("server_vad", 871)


def test_listen_block_without_a_word_of_it_leaves_the_turns_alone() -> None:
    message = decode_client_message(json.dumps({"type": "UpdateListen", "listen": listen()}))
    assert isinstance(message, agent.UpdateListen)
    assert "turn_detection" not in settings.from_listen(message.listen, OWN)["audio"]["input"]


# -- updates replace a block as a whole


def test_new_think_block_clears_what_it_leaves_out() -> None:
    assert update_think() == {
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
    }


def test_no_functions_and_an_empty_list_of_them_are_the_same() -> None:
    assert update_think(functions=[]) == update_think()


def test_new_think_block_sets_what_it_holds() -> None:
    assert update_think(
        prompt="Be kind.", functions=[{"name": "f"}], toolChoice={"type": "function", "name": "f"}
    ) == {
        "instructions": "Be kind.",
        "tools": [
            {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
        ],
        "tool_choice": {"type": "function", "name": "f"},
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
    }


def test_stored_prompt_is_not_overruled_by_an_empty_one() -> None:
    stored = update_think(managedPrompt={"id": "pmpt_1", "variables": {"name": "Ada"}})
    assert stored["prompt"] == {"id": "pmpt_1", "variables": {"name": "Ada"}}
    assert "instructions" not in stored
    assert update_think(managedPrompt={"id": ""})["instructions"] == ""
    assert update_think(managedPrompt={"id": "p"}, prompt="Hi")["instructions"] == "Hi"


def test_update_with_no_block_at_all_changes_nothing() -> None:
    assert (settings.from_think((), {}), settings.from_speak(())) == ({}, {})


def test_new_voice_comes_at_the_usual_speed() -> None:
    assert update_speak(voice="echo") == {"audio": {"output": {"voice": "echo", "speed": 1.0}}}
    assert update_speak(model="echo", speed=0.8) == {
        "audio": {"output": {"voice": "echo", "speed": 0.8}}
    }


def test_unknown_voice_leaves_the_old_one() -> None:
    assert update_speak(model="aura-2-thalia-en") == {"audio": {"output": {"speed": 1.0}}}


def test_new_listen_block_names_the_model_again_and_forgets_the_old_language() -> None:
    assert update_listen(language="es", keyterms=["hola"]) == {
        "model": "gpt-4o-transcribe",
        "language": "es",
        "prompt": "hola",
    }
    assert update_listen(language="multi") == {
        "model": "gpt-4o-transcribe",
        "language": None,
        "prompt": "",
    }


# -- the keys of a React voice component


@pytest.mark.parametrize(
    "wanted_ms, sent_ms", [(8000, 8000), (100, 5000), (60_000, 30_000), (-1, None), (0, 5000)]
)
def test_idle_timeout_is_brought_to_what_the_upstream_takes(
    wanted_ms: int, sent_ms: int | None
) -> None:
    turns = session(full(idleTimeoutMs=wanted_ms))["audio"]["input"]["turn_detection"]
    assert turns["idle_timeout_ms"] == sent_ms
    assert turns["type"] == "server_vad"


def test_manual_commits_switch_the_detection_of_turns_off() -> None:
    heard = session(full(useOpenAIManualAudioCommit=True, idleTimeoutMs=8000))["audio"]["input"]
    assert heard["turn_detection"] is None
    assert session(full(useOpenAIManualAudioCommit=False)) == session(full())


@pytest.mark.parametrize(
    "voice, sent", [("ash", "ash"), ({"id": "v1"}, {"id": "v1"}), (None, "cedar")]
)
def test_output_of_the_session_goes_before_the_way_to_speak(voice: object, sent: object) -> None:
    speak = {"provider": {"voice": "cedar", "speed": 1.2}}
    output = session(full(speak=speak, sessionAudioOutput={"voice": voice, "speed": 0.5}))["audio"]
    assert (output["output"]["voice"], output["output"]["speed"]) == (sent, 0.5)


# -- refusals


@pytest.mark.parametrize(
    "block, field",
    [
        ('{"audio": {"input": {"encoding": "opus"}}}', "audio.input.encoding"),
        ('{"audio": {"input": {"sample_rate": 22050}}}', "audio.input.sample_rate"),
        ('{"audio": {"output": {"encoding": "mp3"}}}', "audio.output.encoding"),
        ('{"audio": {"output": {"sample_rate": 11025}}}', "audio.output.sample_rate"),
        ('{"audio": {"output": {"container": "ogg"}}}', "audio.output.container"),
        ('{"agent": "b2c1"}', "agent"),
        (
            '{"agent": {"think": {"provider": {}, "outputModalities": ["text", "audio"]}}}',
            "agent.think.outputModalities",
        ),
        ('{"agent": {"speak": {"provider": {"speed": 2}}}}', "agent.speak.provider.speed"),
        ('{"agent": {"speak": {"provider": {"speed": 0.2}}}}', "agent.speak.provider.speed"),
        ('{"agent": {"sessionAudioOutput": {"speed": 9}}}', "agent.sessionAudioOutput.speed"),
        ('{"agent": {"sessionAudioOutput": {"voice": "bob"}}}', "agent.sessionAudioOutput.voice"),
        (
            '{"agent": {"think": {"provider": {}, "maxOutputTokens": 0}}}',
            "agent.think.maxOutputTokens",
        ),
    ],
)
def test_setting_that_cannot_be_had_is_refused_by_its_name(block: str, field: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        session(full(block))
    assert refused.value.field == field
    assert refused.value.reason


@pytest.mark.parametrize("speed", [0.25, 1, 1.5])
def test_speed_at_the_edge_is_taken(speed: float) -> None:
    assert session(full(speak={"provider": {"speed": speed}}))["audio"]["output"]["speed"] == speed


@pytest.mark.parametrize(
    "param, field",
    [
        ("session.instructions", "agent.think.prompt"),
        ("instructions", "agent.think.prompt"),
        ("session.tools", "agent.think.functions"),
        ("session.tools[0].parameters", "agent.think.functions"),
        ("session.tool_choice.name", "agent.think.toolChoice"),
        ("session.prompt.id", "agent.think.managedPrompt"),
        ("session.audio.input.format.rate", "audio.input"),
        ("session.audio.output.format", "audio.output"),
        ("session.audio.output.voice", "agent.speak.provider.voice"),
        ("session.audio.input.transcription.language", "agent.listen.provider.language"),
        ("session.audio.input.turn_detection.idle_timeout_ms", "agent.idleTimeoutMs"),
        ("session.audio.input.turn_detection", "session.audio.input.turn_detection"),
        ("session.toolset", "session.toolset"),
        ("audio.input.encoding", "audio.input.encoding"),
        ("", ""),
    ],
)
def test_refused_field_is_named_as_the_client_wrote_it(param: str, field: str) -> None:
    assert settings.client_field(param) == field


# -- the table is complete


def leaves(kind: inspect.Type, path: str) -> Iterator[str]:
    """Yield the dotted path of each field below `path`, a list's entries as `[]`."""
    match kind:
        case inspect.StructType(fields=fields, cls=cls) if cls is not agent.History:
            for each in fields:
                yield from leaves(each.type, f"{path}.{each.encode_name}".removeprefix("."))
        case inspect.UnionType(types=types):
            for each in types:
                yield from leaves(each, path)
        case inspect.VarTupleType(item_type=inspect.StructType() as item):
            # A list of blocks stands for its first; only functions are all used.
            yield from leaves(item, f"{path}[]" if item.cls is agent.Function else path)
        case inspect.NoneType():
            pass
        case _:
            yield path


TEXT = " as a text"


def covered(path: str, sources: set[str]) -> bool:
    plain = {each.removesuffix(TEXT) for each in sources if each.endswith(TEXT)}
    return path in plain or any(
        path == each or path.startswith((f"{each}.", f"{each}[")) for each in sources
    )


def table() -> set[str]:
    kept = {path for each in KEPT for path in each.source.split(", ")}
    return kept | {row.source for row in (*ROWS, *settings_component.COMPONENT)}


FIELDS = sorted(set(leaves(inspect.type_info(agent.Settings), "")))


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_of_settings_is_in_the_table(path: str) -> None:
    assert covered(path, table())


def test_field_that_is_nowhere_would_be_missed() -> None:
    assert not covered("agent.mood", table())
    assert not covered("agent.thinking", {"agent.think"})


def test_table_names_only_fields_that_exist() -> None:
    fields = {path.replace("[]", "") for path in FIELDS}
    plain = {re.sub(r"\[.*?\]", "", path).removesuffix(TEXT) for path in table()}
    assert {path for path in plain if not any(covered(each, {path}) for each in fields)} == set()


def test_no_two_rows_fill_the_same_field() -> None:
    assert len({row.target for row in ROWS}) == len(ROWS)
    assert all("in the place of" in row.note or row.read(MANUAL) for row in INSTEAD)
