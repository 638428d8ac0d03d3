"""From a client's configuration to the upstream's session."""

import json
from typing import Any

import pytest

from dialects.configured import (
    OWN,
    full,
    listen,
    session,
    think,
)
from turngate.core.patch import value_at
from turngate.dialects import settings, settings_rows
from turngate.wire import agent
from turngate.wire.codec import decode_client_message


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
