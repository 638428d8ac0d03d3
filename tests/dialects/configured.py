"""What clients configure in the tests, and the patch of the session that comes of it."""

import json
from typing import Any

from turngate.core.patch import Patch, value_at
from turngate.dialects import settings
from turngate.wire import agent
from turngate.wire.codec import decode_client_message

OWN = settings.own(server_turns=False, voice=None)


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
