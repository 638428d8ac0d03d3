"""Every message of an agent server: as JSON, as a value, and as the official SDK reads it."""

import json
from typing import Any, get_args

import pytest
from deepgram.agent.v1 import types as sdk
from msgspec import Struct
from pydantic import BaseModel, ValidationError

from turngate.wire.agent import (
    AgentAudioDone,
    AgentDone,
    AgentStartedSpeaking,
    AgentThinking,
    AgentWarning,
    Alternative,
    CancelledCall,
    ConversationText,
    CustomFromThinkProvider,
    Error,
    FrustrationDetected,
    FunctionCall,
    FunctionCallCancelled,
    FunctionCallRequest,
    FunctionCallResponse,
    History,
    HistoryCall,
    InjectionRefused,
    LatencyReport,
    ListenUpdated,
    PromptUpdated,
    ServerMessage,
    SettingsApplied,
    SpeakUpdated,
    ThinkLiveUpdated,
    ThinkUpdated,
    Transcript,
    UserStartedSpeaking,
    UtteranceEnd,
    Welcome,
)
from turngate.wire.codec import Unknown, decode_server_message, encode

CALL: dict[str, Any] = {"id": "c1", "name": "f", "arguments": "{}", "client_side": True}
SEVEN = ("stt", "ttt_token", "ttt_text", "ttt_tool", "ttt_thinking", "tts", "total")

GOLDEN: list[tuple[Struct, dict[str, Any], type[BaseModel]]] = [
    (Welcome("r"), {"type": "Welcome", "request_id": "r"}, sdk.AgentV1Welcome),
    (SettingsApplied(), {"type": "SettingsApplied"}, sdk.AgentV1SettingsApplied),
    (PromptUpdated(), {"type": "PromptUpdated"}, sdk.AgentV1PromptUpdated),
    (ThinkUpdated(), {"type": "ThinkUpdated"}, sdk.AgentV1ThinkUpdated),
    (SpeakUpdated(), {"type": "SpeakUpdated"}, sdk.AgentV1SpeakUpdated),
    (ListenUpdated(), {"type": "ListenUpdated"}, sdk.AgentV1ListenUpdated),
    (ThinkLiveUpdated(), {"type": "ThinkLiveUpdated"}, sdk.AgentV1ThinkLiveUpdated),
    (UserStartedSpeaking(), {"type": "UserStartedSpeaking"}, sdk.AgentV1UserStartedSpeaking),
    (AgentAudioDone(), {"type": "AgentAudioDone"}, sdk.AgentV1AgentAudioDone),
    (
        ConversationText("user", "Hi", "default", ("en",), ("en", "de")),
        {
            "type": "ConversationText",
            "role": "user",
            "content": "Hi",
            "conversational_behavior": "default",
            "languages_hinted": ["en"],
            "languages": ["en", "de"],
        },
        sdk.AgentV1ConversationText,
    ),
    (
        History("assistant", "Hello"),
        {"type": "History", "role": "assistant", "content": "Hello"},
        sdk.ConversationHistoryMessage,
    ),
    (
        History(
            function_calls=(
                HistoryCall(
                    id="c1",
                    name="f",
                    arguments="{}",
                    client_side=True,
                    response="ok",
                    thought_signature="s",
                ),
            )
        ),
        {
            "type": "History",
            "function_calls": [CALL | {"response": "ok", "thought_signature": "s"}],
        },
        sdk.FunctionCallHistoryMessage,
    ),
    (AgentThinking(""), {"type": "AgentThinking", "content": ""}, sdk.AgentV1AgentThinking),
    (
        AgentStartedSpeaking(total_latency=1.5, tts_latency=0.0, ttt_latency=0.25),
        {
            "type": "AgentStartedSpeaking",
            "total_latency": 1.5,
            "tts_latency": 0.0,
            "ttt_latency": 0.25,
        },
        sdk.AgentV1AgentStartedSpeaking,
    ),
    (
        LatencyReport(**{f"{name}_latency": 0.5 for name in SEVEN}),
        {"type": "LatencyReport", **{f"{name}_latency": 0.5 for name in SEVEN}},
        sdk.AgentV1LatencyReport,
    ),
    (LatencyReport(), {"type": "LatencyReport"}, sdk.AgentV1LatencyReport),
    (
        FunctionCallRequest(
            (
                FunctionCall(id="c1", name="f", arguments="{}", client_side=True),
                FunctionCall(
                    id="c2", name="g", arguments="", client_side=False, thought_signature="s"
                ),
            )
        ),
        {
            "type": "FunctionCallRequest",
            "functions": [
                CALL,
                {
                    "id": "c2",
                    "name": "g",
                    "arguments": "",
                    "client_side": False,
                    "thought_signature": "s",
                },
            ],
        },
        sdk.AgentV1FunctionCallRequest,
    ),
    (
        FunctionCallCancelled((CancelledCall(id="c1", name="f"),)),
        {"type": "FunctionCallCancelled", "functions": [{"id": "c1", "name": "f"}]},
        sdk.AgentV1FunctionCallCancelled,
    ),
    (
        FunctionCallResponse("f", "ok", "c1"),
        {"type": "FunctionCallResponse", "name": "f", "content": "ok", "id": "c1"},
        sdk.AgentV1ReceiveFunctionCallResponse,
    ),
    (
        InjectionRefused("busy"),
        {"type": "InjectionRefused", "message": "busy"},
        sdk.AgentV1InjectionRefused,
    ),
    (
        FrustrationDetected(1, escalated=False),
        {"type": "FrustrationDetected", "count": 1, "escalated": False},
        sdk.AgentV1FrustrationDetected,
    ),
    (
        AgentWarning("PROMPT_TOO_LONG", "The prompt is too long."),
        {"type": "Warning", "code": "PROMPT_TOO_LONG", "description": "The prompt is too long."},
        sdk.AgentV1Warning,
    ),
    (
        Error("INVALID_SETTINGS", "No."),
        {"type": "Error", "code": "INVALID_SETTINGS", "description": "No."},
        sdk.AgentV1Error,
    ),
    (
        CustomFromThinkProvider({"a": [1]}),
        {"type": "__customFromThinkProvider", "content": {"a": [1]}},
        sdk.AgentV1CustomFromThinkProvider,
    ),
]

ALTERNATIVE = {"transcript": "hi", "confidence": 1.0, "words": list[object]()}
HEARD: dict[str, Any] = {
    "type": "Transcript",
    "transcript": "hi",
    "is_final": True,
    "speech_final": True,
    "channel": 0,
    "channel_index": [0],
    "start": 0.0,
    "duration": 0.5,
    "alternatives": [ALTERNATIVE],
}

COMPONENT: list[tuple[Struct, dict[str, Any]]] = [
    (
        Transcript(
            transcript="hi",
            is_final=True,
            speech_final=True,
            channel=0,
            channel_index=(0,),
            start=0.0,
            duration=0.5,
            alternatives=(Alternative(transcript="hi", confidence=1.0, words=()),),
        ),
        HEARD,
    ),
    (
        UtteranceEnd(channel=(0, 1), last_word_end=1.5),
        {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 1.5},
    ),
    (AgentDone(), {"type": "AgentDone"}),
]
"""What the official SDK has no type for."""


def _name(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("message,golden,model", GOLDEN, ids=_name)
def test_json_and_value_stand_for_each_other(
    message: Struct, golden: dict[str, Any], model: type[BaseModel]
) -> None:
    assert decode_server_message(json.dumps(golden)) == message
    assert json.loads(encode(message)) == golden
    read = model.model_validate(json.loads(encode(message)))
    assert read.model_dump(exclude_unset=True, by_alias=True) == golden


@pytest.mark.parametrize("message,golden", COMPONENT, ids=_name)
def test_what_only_a_component_knows_is_json_too(message: Struct, golden: dict[str, Any]) -> None:
    assert decode_server_message(json.dumps(golden)) == message
    assert json.loads(encode(message)) == golden


def test_every_server_message_is_shown() -> None:
    assert {type(shown[0]) for shown in (*GOLDEN, *COMPONENT)} == set(get_args(ServerMessage))


def test_the_sdk_is_a_judge_that_can_say_no() -> None:
    with pytest.raises(ValidationError):
        sdk.AgentV1Welcome.model_validate({"type": "Welcome"})


def test_a_message_from_a_newer_server_is_kept_as_unknown() -> None:
    text = '{"type":"AgentSmiled","é":1}'
    assert decode_server_message(text) == Unknown("AgentSmiled", len(text.encode()))
