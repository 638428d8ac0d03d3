"""The knob `older_shape`: the protocol of before general availability, around today's rules.

Source: OpenAI Realtime API reference before general availability.
"""

from typing import Any, TypeGuard

from turngate.emulator import refusal
from turngate.emulator.refusal import Json

_RENAMED = ("output_text.", "output_audio.", "output_audio_transcript.")
_FORMATS = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
_INPUT = {
    "input_audio_format": "format",
    "input_audio_transcription": "transcription",
    "input_audio_noise_reduction": "noise_reduction",
    "turn_detection": "turn_detection",
}
_OUTPUT = {"output_audio_format": "format", "voice": "voice", "speed": "speed"}
_PLAIN = {"modalities": "output_modalities", "max_response_output_tokens": "max_output_tokens"}


def understood(event: Json) -> Json:
    """Return a client's event in today's words.

    Raises:
        Refusal: It has words that are newer.

    """
    for place in ("session", "response"):
        given = event.get(place)
        if _is_object(given) and event["type"] in ("session.update", "response.create"):
            event = event | {place: _raised(given, place)}
    return event


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _raised(given: Json, place: str) -> Json:
    for newer in ("audio", "output_modalities", "max_output_tokens", "type"):
        if newer in given:
            raise refusal.unknown(f"{place}.{newer}")
    raised: Json = {"type": "realtime"} if place == "session" else {}
    for key, value in given.items():
        if key in _INPUT:
            raised.setdefault("audio", {}).setdefault("input", {})[_INPUT[key]] = _now(value)
        elif key in _OUTPUT:
            raised.setdefault("audio", {}).setdefault("output", {})[_OUTPUT[key]] = _now(value)
        elif key == "modalities":
            raised["output_modalities"] = ["audio"] if "audio" in value else ["text"]
        else:
            raised[_PLAIN.get(key, key)] = value
    return raised


def _now(value: Any) -> Any:
    if isinstance(value, str) and value in _FORMATS:
        more = {"rate": 24000} if value == "pcm16" else {}
        return {"type": _FORMATS[value], **more}
    return value


def spoken(event: Json) -> Json | None:
    """Return an event in the older words, or None for one that did not exist."""
    kind: str = event["type"]
    if kind == "conversation.item.done":
        return None
    if kind == "conversation.item.added":
        return event | {"type": "conversation.item.created", "item": _lowered_item(event["item"])}
    for name in _RENAMED:
        if kind.startswith(f"response.{name}"):
            return event | {"type": kind.replace("output_", "", 1)}
    if "session" in event:
        event = event | {"session": _lowered(event["session"])}
    if "response" in event:
        response = _lowered(event["response"])
        response["output"] = [_lowered_item(item) for item in response["output"]]
        event = event | {"response": response}
    if "item" in event:
        event = event | {"item": _lowered_item(event["item"])}
    return event


def _lowered(given: Json) -> Json:
    audio: Json = given.get("audio") or {}
    lowered = {key: value for key, value in given.items() if key not in ("audio", "type")}
    for older, now in _PLAIN.items():
        if now in lowered:
            lowered[older] = lowered.pop(now)
    if lowered.get("modalities") == ["audio"]:
        lowered["modalities"] = ["text", "audio"]
    for names, side in ((_INPUT, "input"), (_OUTPUT, "output")):
        for older, now in names.items():
            if now in (audio.get(side) or {}):
                lowered[older] = _then(audio[side][now])
    return lowered


def _then(value: Any) -> Any:
    names = {now: older for older, now in _FORMATS.items()}
    return names.get(str(value.get("type")), value) if _is_object(value) else value


def _lowered_item(item: Json) -> Json:
    if item.get("role") != "assistant":
        return item
    parts = [part | {"type": part["type"].removeprefix("output_")} for part in item["content"]]
    return item | {"content": parts}
