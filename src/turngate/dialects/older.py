"""The protocol of before general availability, to and from what is spoken today.

Then the session was flat, a few events had other names, and an item was created at once instead of
added and done. Audio frames change one word of their type, by a cut; everything else is read.

Source: OpenAI Realtime API reference before general availability.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard, cast

import msgspec

Json: TypeAlias = dict[str, Any]

NAMES = {
    f"response.{old}.{step}": f"response.{new}.{step}"
    for old, new in (
        ("text", "output_text"),
        ("audio", "output_audio"),
        ("audio_transcript", "output_audio_transcript"),
    )
    for step in ("delta", "done")
}
"""Events of the server, by their older name."""

FORMATS = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}
_FORMATS_NOW = {old: {"type": now} for now, old in FORMATS.items()} | {
    "pcm16": {"type": "audio/pcm", "rate": 24000}
}

FLAT: dict[tuple[str, ...], str] = {
    ("output_modalities",): "modalities",
    ("max_output_tokens",): "max_response_output_tokens",
    ("audio", "input", "format"): "input_audio_format",
    ("audio", "input", "transcription"): "input_audio_transcription",
    ("audio", "input", "noise_reduction"): "input_audio_noise_reduction",
    ("audio", "input", "turn_detection"): "turn_detection",
    ("audio", "output", "format"): "output_audio_format",
    ("audio", "output", "voice"): "voice",
    ("audio", "output", "speed"): "speed",
}
"""Where a field stands today, and its flat name. The others have kept their names."""

_CONTENT = {"text": "output_text", "audio": "output_audio"}
_WRITES = {
    "session.update": "session",
    "response.create": "response",
    "conversation.item.create": "item",
}
_TYPE_WITHIN = 120  # bytes; servers write the type first, or just behind the event id
_AUDIO = b'"response.audio.delta"'
_AUDIO_NOW = b'"response.output_audio.delta"'


def upward(event: bytes) -> bytes:
    """Return a client's event as such a server understands it; what cannot be read as it is."""
    if b'"input_audio_buffer.append"' in event[:_TYPE_WITHIN]:
        return event
    try:
        read: Json = msgspec.json.decode(event, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return event
    field = _WRITES.get(str(read.get("type")))
    if field is None or not is_object(inner := read.get(field)):
        return event
    if field == "item":
        older = _retyped(inner, {now: old for old, now in _CONTENT.items()})
    else:
        older = flat({key: value for key, value in inner.items() if key != "type"})
    return msgspec.json.encode(read | {field: older})


def downward(event: bytes) -> tuple[bytes, ...]:
    """Return what a server says, as it would be said today: one event, or two."""
    if event.find(_AUDIO, 0, _TYPE_WITHIN) >= 0:
        return (event.replace(_AUDIO, _AUDIO_NOW, 1),)
    try:
        read: Json = msgspec.json.decode(event, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return (event,)
    kind = str(read.get("type"))
    if kind in NAMES:
        return (msgspec.json.encode(read | {"type": NAMES[kind]}),)
    reading = _READS.get(kind)
    return (event,) if reading is None else tuple(map(msgspec.json.encode, reading(read)))


def is_object(value: object) -> TypeGuard[Json]:
    """Tell a JSON object from any other value."""
    return isinstance(value, dict)


def flat(session: Mapping[str, Any]) -> Json:
    """Return a session or the fields of a response under the flat names."""
    plain = {key: value for key, value in session.items() if key != "audio"}
    for path, name in FLAT.items():
        here: object = dict(session)
        for key in path:
            here = here.get(key, msgspec.UNSET) if is_object(here) else msgspec.UNSET
        if here is msgspec.UNSET:
            continue
        plain.pop(path[0], None)
        plain[name] = _older_value(name, here)
    return plain


def nested(session: Mapping[str, Any]) -> Json:
    """Return what such a server tells of a session or a response, as it would stand today."""
    names = {name: path for path, name in FLAT.items()}
    plain: Json = {key: value for key, value in session.items() if key not in names}
    for name, path in names.items():
        if name not in session:
            continue
        here = plain
        for key in path[:-1]:
            here = here.setdefault(key, dict[str, Any]())
        here[path[-1]] = _value_now(name, session[name])
    return plain


def _older_value(name: str, value: Any) -> Any:
    if name.endswith("_format") and is_object(value):
        return FORMATS.get(str(value.get("type")), "pcm16")
    if name == "modalities" and value == ["audio"]:
        return ["text", "audio"]
    return value


def _value_now(name: str, value: Any) -> Any:
    if name.endswith("_format"):
        return _FORMATS_NOW.get(str(value), value)
    if name == "modalities" and isinstance(value, list):
        return ["audio"] if "audio" in value else ["text"]
    return value


def _retyped(item: Json, types: Mapping[str, str]) -> Json:
    """Return an assistant's item with its parts under their other names."""
    content = item.get("content")
    if item.get("role") != "assistant" or not isinstance(content, list):
        return item
    return item | {"content": [_renamed(part, types) for part in cast("list[object]", content)]}


def _renamed(part: object, types: Mapping[str, str]) -> object:
    if not is_object(part):
        return part
    kind = str(part.get("type"))
    return part | {"type": types.get(kind, kind)}


def _session(event: Json) -> list[Json]:
    return [event | {"session": {"type": "realtime", **nested(event.get("session") or {})}}]


def _response(event: Json) -> list[Json]:
    response = nested(event.get("response") or {})
    response["output"] = [_retyped(item, _CONTENT) for item in response.get("output") or ()]
    return [event | {"response": response}]


def _output_item(event: Json) -> list[Json]:
    item = _retyped(event.get("item") or {}, _CONTENT)
    told = event | {"item": item}
    if event["type"] == "response.output_item.added":
        return [told]
    return [_item_done(event, item), told]


def _created(event: Json) -> list[Json]:
    """Tell an item that was created as added, and as done where it is whole already."""
    item = _retyped(event.get("item") or {}, _CONTENT)
    added = event | {"type": "conversation.item.added", "item": item}
    if item.get("status") == "in_progress":
        return [added]
    return [added, _item_done(added, item)]


def _item_done(event: Json, item: Json) -> Json:
    """Return the end of an item, which such a server does not tell; no two events share an id."""
    kept = {"previous_item_id": event["previous_item_id"]} if "previous_item_id" in event else {}
    event_id = f"{event.get('event_id', 'event')}_item_done"
    return {"type": "conversation.item.done", "event_id": event_id, **kept, "item": item}


_READS: dict[str, Callable[[Json], list[Json]]] = {
    "session.created": _session,
    "session.updated": _session,
    "response.created": _response,
    "response.done": _response,
    "response.output_item.added": _output_item,
    "response.output_item.done": _output_item,
    "conversation.item.created": _created,
}
