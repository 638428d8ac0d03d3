"""What the core wants asked, as the upstream is asked it: golden JSON."""

import json
from typing import Any, get_args

import pytest

from turngate.core import effects, items
from turngate.dialects import realtime as back
from turngate.dialects import settings
from turngate.wire.codec import decode_client_event, decode_client_message, encode

SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 24000}},
    "agent": {
        "listen": {"provider": {"type": "deepgram", "model": "nova-3", "language": "en"}},
        "think": {
            "provider": {"type": "open_ai", "model": "gpt-4o-mini", "temperature": 0.5},
            "prompt": "You are a test agent.",
            "functions": [
                {
                    "name": "get_weather",
                    "description": "Weather for a city",
                    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
                }
            ],
        },
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en", "speed": 1.1}},
        "greeting": "Hello.",
    },
}


def whole_session() -> dict[str, Any]:
    message: Any = decode_client_message(json.dumps(SETTINGS))
    return settings.from_settings(message, settings.own(server_turns=False, voice="marin"))


def message(role: str, kind: str, text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "tg_item_1",
        "role": role,
        "content": [{"type": kind, "text": text}],
    }


def create(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "conversation.item.create", "event_id": "tg_item_1", "item": item}


ASKED: list[tuple[str, effects.ToUpstream, dict[str, Any]]] = [
    (
        "settings",
        effects.SendUpdate("tg_update_1", whole_session()),
        {
            "type": "session.update",
            "event_id": "tg_update_1",
            "session": {
                "type": "realtime",
                "output_modalities": ["audio"],
                "instructions": "You are a test agent.",
                "tools": [
                    {
                        "type": "function",
                        "name": "get_weather",
                        "description": "Weather for a city",
                        "parameters": {
                            "type": "object",
                            "properties": {"city": {"type": "string"}},
                        },
                    }
                ],
                "audio": {
                    "input": {
                        "format": {"type": "audio/pcm", "rate": 24000},
                        "transcription": {"model": "gpt-4o-transcribe", "language": "en"},
                        "turn_detection": {
                            "type": "server_vad",
                            "create_response": False,
                            "interrupt_response": True,
                        },
                    },
                    "output": {
                        "format": {"type": "audio/pcm", "rate": 24000},
                        "voice": "marin",
                        "speed": 1.1,
                    },
                },
            },
        },
    ),
    (
        "a part of them",
        effects.SendUpdate("tg_update_2", {"instructions": "Be kind.", "prompt": None}),
        {
            "type": "session.update",
            "event_id": "tg_update_2",
            "session": {"type": "realtime", "instructions": "Be kind.", "prompt": None},
        },
    ),
    (
        "user text",
        effects.SendItem("tg_item_1", items.UserText("hi")),
        create(message("user", "input_text", "hi")),
    ),
    (
        "agent text",
        effects.SendItem("tg_item_1", items.AgentText("Hello.")),
        create(message("assistant", "output_text", "Hello.")),
    ),
    (
        "past call",
        effects.SendItem("tg_item_1", items.PastCall("call_1", "f", '{"a": 1}')),
        create(
            {
                "type": "function_call",
                "id": "tg_item_1",
                "call_id": "call_1",
                "name": "f",
                "arguments": '{"a": 1}',
            }
        ),
    ),
    (
        "call output",
        effects.SendItem("tg_item_1", items.CallOutput("call_1", "noon")),
        create(
            {
                "type": "function_call_output",
                "id": "tg_item_1",
                "call_id": "call_1",
                "output": "noon",
            }
        ),
    ),
    (
        "empty output",
        effects.SendItem("tg_item_1", items.CallOutput("call_1", "")),
        create(
            {"type": "function_call_output", "id": "tg_item_1", "call_id": "call_1", "output": ""}
        ),
    ),
    (
        "late result",
        effects.SendItem("tg_item_1", items.LateResult("call_1", "f", "noon")),
        create(message("system", "input_text", "The function f (call call_1) has answered: noon")),
    ),
    (
        "filler",
        effects.SendItem("tg_item_1", items.StillRunning("call_1", "f", "One moment.")),
        create(
            message(
                "system",
                "input_text",
                "The function f (call call_1) is still running; tell the user: One moment.",
            )
        ),
    ),
    (
        "request",
        effects.SendRequest("tg_request_1"),
        {
            "type": "response.create",
            "event_id": "tg_request_1",
            "response": {"metadata": {"turngate": "tg_request_1"}},
        },
    ),
    (
        "request with words",
        effects.SendRequest("tg_request_1", say="Hello."),
        {
            "type": "response.create",
            "event_id": "tg_request_1",
            "response": {
                "metadata": {"turngate": "tg_request_1"},
                "instructions": 'Say exactly: "Hello."',
                "tool_choice": "none",
            },
        },
    ),
    (
        "cancel",
        effects.SendCancel("tg_cancel_1", "resp_1"),
        {"type": "response.cancel", "event_id": "tg_cancel_1", "response_id": "resp_1"},
    ),
    (
        "cancel of whichever",
        effects.SendCancel("tg_cancel_1", None),
        {"type": "response.cancel", "event_id": "tg_cancel_1"},
    ),
    (
        "truncate",
        effects.SendTruncate("tg_cut_1", "item_1", 400),
        {
            "type": "conversation.item.truncate",
            "event_id": "tg_cut_1",
            "item_id": "item_1",
            "content_index": 0,
            "audio_end_ms": 400,
        },
    ),
    (
        "delete",
        effects.SendDelete("tg_cut_1", "item_1"),
        {"type": "conversation.item.delete", "event_id": "tg_cut_1", "item_id": "item_1"},
    ),
    (
        "commit",
        effects.SendCommit("tg_commit_1"),
        {"type": "input_audio_buffer.commit", "event_id": "tg_commit_1"},
    ),
]


@pytest.mark.parametrize("effect, event", [each[1:] for each in ASKED], ids=[a[0] for a in ASKED])
def test_effect_is_asked_as(effect: effects.ToUpstream, event: dict[str, Any]) -> None:
    sent = encode(back.write(effect))
    assert json.loads(sent) == event
    assert decode_client_event(sent)


def test_every_effect_and_every_kind_of_item_is_among_the_samples() -> None:
    asked = [effect for _, effect, _ in ASKED]
    assert {type(effect) for effect in asked} == set(get_args(effects.ToUpstream))
    sent = {type(effect.item) for effect in asked if isinstance(effect, effects.SendItem)}
    assert sent == set(get_args(items.Item))


def test_words_to_say_stand_in_the_instructions_as_they_are() -> None:
    assert back.exactly('He said "no".') == 'Say exactly: "He said "no"."'
