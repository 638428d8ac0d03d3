"""The judge of all scenarios is one that can say no."""

from typing import Any

import pytest

from official import misfits

STARTED = {"total_latency": 0.5, "tts_latency": 0.0, "ttt_latency": 0.1}


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Welcome", "request_id": "r"},
        {"type": "AgentStartedSpeaking", **STARTED},
        {"type": "History", "role": "user", "content": "Hi"},
        {"type": "FunctionCallResponse", "name": "f", "content": "ok"},
        {"type": "AgentDone"},
    ],
)
def test_message_as_the_sdk_has_it_fits(message: dict[str, Any]) -> None:
    assert misfits([message, b"audio"]) == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Welcome"},
        {"type": "AgentStartedSpeaking", **STARTED, "total_latency": None},
        {"type": "History", "role": "user"},
        {"type": "History", "function_calls": [{"id": "c"}]},
        {"type": "FunctionCallRequest", "functions": [{"id": "c", "name": "f", "arguments": 1}]},
        {"type": "ConversationText", "role": "user"},
        {"type": "Error", "code": "X"},
        {"type": "SettingsAplied"},
        {},
    ],
)
def test_anything_else_does_not(message: dict[str, Any]) -> None:
    assert len(misfits([message])) == 1
