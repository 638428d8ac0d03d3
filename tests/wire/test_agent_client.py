"""Every message of an agent client, as JSON and as the value it stands for."""

import json
from typing import Any, get_args

import pytest
from msgspec import Struct

from turngate.wire.agent import (
    AgentSettings,
    AudioInput,
    AudioOutput,
    AudioSettings,
    ClientMessage,
    Context,
    CustomToThinkProvider,
    CustomVoice,
    Endpoint,
    Flags,
    ForceEndTurn,
    Function,
    FunctionCallResponse,
    History,
    HistoryCall,
    InjectAgentMessage,
    InjectUserMessage,
    KeepAlive,
    ListenProvider,
    ListenSettings,
    ManagedPrompt,
    SessionAudioOutput,
    SessionFormat,
    Settings,
    SpeakProvider,
    SpeakSettings,
    ThinkLiveProvider,
    ThinkLiveSettings,
    ThinkProvider,
    ThinkSettings,
    UpdateListen,
    UpdatePrompt,
    UpdateSpeak,
    UpdateThink,
    UpdateThinkLive,
)
from turngate.wire.codec import decode_client_message, encode, unknown_fields

EVERYTHING: dict[str, Any] = {
    "type": "Settings",
    "tags": ["demo"],
    "experimental": True,
    "mip_opt_out": False,
    "flags": {"history": False},
    "audio": {
        "input": {"encoding": "linear16", "sample_rate": 24000},
        "output": {
            "encoding": "mulaw",
            "sample_rate": 8000,
            "bitrate": 64000,
            "container": "none",
        },
    },
    "agent": {
        "language": "en",
        "greeting": "Hello.",
        "context": {
            "messages": [
                {"type": "History", "role": "user", "content": "Hi"},
                {
                    "type": "History",
                    "function_calls": [
                        {
                            "id": "c1",
                            "name": "f",
                            "client_side": True,
                            "arguments": "{}",
                            "response": "ok",
                            "thought_signature": "s",
                        }
                    ],
                },
            ]
        },
        "listen": {
            "provider": {
                "type": "deepgram",
                "version": "v2",
                "model": "flux-general-en",
                "language": "en",
                "keyterms": ["turn"],
                "smart_format": True,
                "language_hints": ["en", "de"],
                "language_hint": "en",
                "eot_threshold": 0.7,
                "eager_eot_threshold": 0.4,
                "eot_timeout_ms": 5000,
            }
        },
        "think": {
            "provider": {
                "type": "aws_bedrock",
                "version": "v1",
                "model": "m",
                "temperature": 1,
                "reasoning_mode": "low",
                "voice_prompt_opt_out": True,
                "credentials": {"type": "iam"},
            },
            "endpoint": {"url": "https://llm.example", "headers": {"a": "b"}},
            "prompt": "Be brief.",
            "context_length": "max",
            "functions": [
                {
                    "name": "f",
                    "description": "d",
                    "parameters": {"type": "object"},
                    "endpoint": {"url": "https://f.example", "method": "POST", "headers": {}},
                    "defer_until_eot": True,
                    "initial_agent_filler": True,
                    "agent_filler_max_count": 2,
                    "agent_filler_interval_ms": 3000,
                }
            ],
            "toolChoice": {"type": "function", "name": "f"},
            "outputModalities": ["audio"],
            "maxOutputTokens": 400,
            "managedPrompt": {"id": "p", "version": "2", "variables": {"x": 1}},
        },
        "speak": [
            {"provider": {"type": "deepgram", "model": "aura-2", "speed": 1, "expressivity": 2}},
            {
                "provider": {
                    "type": "cartesia",
                    "version": "v",
                    "model_id": "s",
                    "voice": {"mode": "id", "id": "i"},
                    "language": "en",
                    "language_code": "en-US",
                    "volume": 0.5,
                },
                "endpoint": {"url": "https://tts.example"},
            },
            {"provider": {"type": "aws_polly", "voice": "V", "engine": "e", "credentials": {}}},
        ],
        "think_live": {
            "provider": {
                "type": "deepgram",
                "version": "v1",
                "agent_backchannel_sensitivity": 0.5,
                "presence_check_max_count": 2,
                "presence_check_interval_ms": 3000,
                "frustration_max_count": 3,
                "restricted_terms": ["no"],
            }
        },
        "idleTimeoutMs": -1,
        "sessionAudioOutput": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "speed": 1.5,
            "voice": {"id": "voice_1"},
        },
        "useOpenAIManualAudioCommit": True,
    },
}

EVERYTHING_READ = Settings(
    tags=("demo",),
    experimental=True,
    mip_opt_out=False,
    flags=Flags(history=False),
    audio=AudioSettings(
        input=AudioInput(encoding="linear16", sample_rate=24000),
        output=AudioOutput(encoding="mulaw", sample_rate=8000, bitrate=64000, container="none"),
    ),
    agent=AgentSettings(
        language="en",
        greeting="Hello.",
        context=Context(
            messages=(
                History("user", "Hi"),
                History(
                    function_calls=(
                        HistoryCall(
                            id="c1",
                            name="f",
                            client_side=True,
                            arguments="{}",
                            response="ok",
                            thought_signature="s",
                        ),
                    )
                ),
            )
        ),
        listen=ListenSettings(
            provider=ListenProvider(
                type="deepgram",
                version="v2",
                model="flux-general-en",
                language="en",
                keyterms=("turn",),
                smart_format=True,
                language_hints=("en", "de"),
                language_hint="en",
                eot_threshold=0.7,
                eager_eot_threshold=0.4,
                eot_timeout_ms=5000,
            )
        ),
        think=ThinkSettings(
            provider=ThinkProvider(
                type="aws_bedrock",
                version="v1",
                model="m",
                temperature=1.0,
                reasoning_mode="low",
                voice_prompt_opt_out=True,
                credentials={"type": "iam"},
            ),
            endpoint=Endpoint(url="https://llm.example", headers={"a": "b"}),
            prompt="Be brief.",
            context_length="max",
            functions=(
                Function(
                    name="f",
                    description="d",
                    parameters={"type": "object"},
                    endpoint=Endpoint(url="https://f.example", method="POST", headers={}),
                    defer_until_eot=True,
                    initial_agent_filler=True,
                    agent_filler_max_count=2,
                    agent_filler_interval_ms=3000,
                ),
            ),
            tool_choice={"type": "function", "name": "f"},
            output_modalities=("audio",),
            max_output_tokens=400,
            managed_prompt=ManagedPrompt(id="p", version="2", variables={"x": 1}),
        ),
        speak=(
            SpeakSettings(
                provider=SpeakProvider(type="deepgram", model="aura-2", speed=1.0, expressivity=2)
            ),
            SpeakSettings(
                provider=SpeakProvider(
                    type="cartesia",
                    version="v",
                    model_id="s",
                    voice={"mode": "id", "id": "i"},
                    language="en",
                    language_code="en-US",
                    volume=0.5,
                ),
                endpoint=Endpoint(url="https://tts.example"),
            ),
            SpeakSettings(
                provider=SpeakProvider(type="aws_polly", voice="V", engine="e", credentials={})
            ),
        ),
        think_live=ThinkLiveSettings(
            provider=ThinkLiveProvider(
                type="deepgram",
                version="v1",
                agent_backchannel_sensitivity=0.5,
                presence_check_max_count=2,
                presence_check_interval_ms=3000,
                frustration_max_count=3,
                restricted_terms=("no",),
            )
        ),
        idle_timeout_ms=-1,
        session_audio_output=SessionAudioOutput(
            format=SessionFormat(type="audio/pcm", rate=24000),
            speed=1.5,
            voice=CustomVoice(id="voice_1"),
        ),
        manual_audio_commit=True,
    ),
)

LISTEN = ListenSettings(provider=ListenProvider(language_hint=("en",)))
SPEAK = SpeakSettings(provider=SpeakProvider(model="aura-2"))
THINK = ThinkSettings(provider=ThinkProvider(model="m"), context_length=1000.0)
LIVE = ThinkLiveSettings(provider=ThinkLiveProvider(type="deepgram"))
A_LISTEN: dict[str, Any] = {"provider": {"language_hint": ["en"]}}
A_SPEAK: dict[str, Any] = {"provider": {"model": "aura-2"}}
A_THINK: dict[str, Any] = {"provider": {"model": "m"}, "context_length": 1000}
A_LIVE: dict[str, Any] = {"provider": {"type": "deepgram"}}

GOLDEN: list[tuple[Struct, dict[str, Any]]] = [
    (EVERYTHING_READ, EVERYTHING),
    (Settings(audio=AudioSettings(), agent="id"), {"type": "Settings", "audio": {}, "agent": "id"}),
    (UpdatePrompt("More."), {"type": "UpdatePrompt", "prompt": "More."}),
    (UpdateThink(THINK), {"type": "UpdateThink", "think": A_THINK}),
    (UpdateThink((THINK, THINK)), {"type": "UpdateThink", "think": [A_THINK, A_THINK]}),
    (UpdateSpeak(SPEAK), {"type": "UpdateSpeak", "speak": A_SPEAK}),
    (UpdateSpeak((SPEAK,)), {"type": "UpdateSpeak", "speak": [A_SPEAK]}),
    (UpdateListen(LISTEN), {"type": "UpdateListen", "listen": A_LISTEN}),
    (UpdateThinkLive(LIVE), {"type": "UpdateThink_Live", "think_live": A_LIVE}),
    (InjectUserMessage("Hi"), {"type": "InjectUserMessage", "content": "Hi"}),
    (
        InjectAgentMessage("Hi", "queue"),
        {"type": "InjectAgentMessage", "message": "Hi", "behavior": "queue"},
    ),
    (InjectAgentMessage(content="Hi"), {"type": "InjectAgentMessage", "content": "Hi"}),
    (InjectAgentMessage(is_dynamic=True), {"type": "InjectAgentMessage", "is_dynamic": True}),
    (
        FunctionCallResponse("f", "ok", "c1"),
        {"type": "FunctionCallResponse", "id": "c1", "name": "f", "content": "ok"},
    ),
    (
        FunctionCallResponse("f", error="no"),
        {"type": "FunctionCallResponse", "name": "f", "error": "no"},
    ),
    (
        FunctionCallResponse("f", result={"a": 1}),
        {"type": "FunctionCallResponse", "name": "f", "result": {"a": 1}},
    ),
    (KeepAlive(), {"type": "KeepAlive"}),
    (ForceEndTurn(), {"type": "ForceEndTurn"}),
    (CustomToThinkProvider([1]), {"type": "__customToThinkProvider", "content": [1]}),
]


@pytest.mark.parametrize("message,golden", GOLDEN, ids=lambda value: type(value).__name__)
def test_json_and_value_stand_for_each_other(message: Struct, golden: dict[str, Any]) -> None:
    text = json.dumps(golden)
    assert decode_client_message(text) == message
    assert json.loads(encode(message)) == golden
    assert unknown_fields(text, message) == ()


def test_every_client_message_is_shown() -> None:
    assert {type(message) for message, _ in GOLDEN} == set(get_args(ClientMessage))


@pytest.mark.parametrize(
    "message,text",
    [
        (InjectAgentMessage("a"), "a"),
        (InjectAgentMessage(content="b"), "b"),
        (InjectAgentMessage("a", content="b"), "a"),
        (InjectAgentMessage(is_dynamic=True), None),
    ],
)
def test_an_injected_line_has_one_text_under_either_name(
    message: InjectAgentMessage, text: str | None
) -> None:
    assert message.text == text


@pytest.mark.parametrize(
    "message,output",
    [
        (FunctionCallResponse("f", "ok"), "ok"),
        (FunctionCallResponse("f", "", error="no"), ""),
        (FunctionCallResponse("f", error="no", result=1), '{"error":"no"}'),
        (FunctionCallResponse("f", result={"a": None}), '{"a":null}'),
        (FunctionCallResponse("f", result=None), "null"),
    ],
)
def test_a_result_is_text_however_it_was_given(message: FunctionCallResponse, output: str) -> None:
    assert message.output == output


def test_null_is_absence() -> None:
    text = b'{"type":"Settings","audio":{"input":null},"agent":{"greeting":null},"tags":null}'
    assert decode_client_message(text) == Settings(audio=AudioSettings(), agent=AgentSettings())
