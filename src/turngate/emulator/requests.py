"""Client events: which there are, what they may hold, and the items they may bring.

Source: Realtime API reference, client events.
"""

from typing import Any, cast

import msgspec

from turngate.emulator import refusal
from turngate.emulator.refusal import Json, Refusal
from turngate.emulator.schema import (
    Shape,
    anything,
    choice,
    each,
    fields,
    flag,
    nullable,
    short_text,
    tagged,
    text,
    tree,
    whole,
    word_or_object,
)
from turngate.emulator.session import (
    AUDIO_OUTPUT,
    MAX_OUTPUT_TOKENS,
    TOOL,
    TOOL_CHOICE,
    metadata,
    modalities,
)

ITEM_ID = short_text(32)
CALL_ID = short_text(32)
_COMMON: dict[str, Shape] = {
    "id": ITEM_ID,
    "type": text,
    "object": choice("realtime.item"),
    "status": choice("completed", "incomplete", "in_progress"),
}


def _part(**more: Shape) -> Shape:
    return fields({"type": text, **more}, ("type",))


def _assistant_part(value: Any, path: str) -> None:
    if isinstance(value, dict) and "text" not in value:
        raise refusal.missing(f"{path}.text")
    tagged({"output_text": _part(text=text)})(value, path)


_INPUT_TEXT = _part(text=text)
_CONTENT: dict[str, Shape] = {
    "user": tagged(
        {
            "input_text": _INPUT_TEXT,
            "input_audio": _part(audio=text, transcript=nullable(text)),
            "input_image": _part(image_url=text, detail=choice("auto", "low", "high")),
        }
    ),
    "system": tagged({"input_text": _INPUT_TEXT}),
    "assistant": _assistant_part,
}


def _message(role: str) -> Shape:
    known = {**_COMMON, "role": text, "phase": text, "content": each(_CONTENT[role])}
    return fields(known, ("role", "content"))


def _mcp(**more: Shape) -> Shape:
    return fields({**_COMMON, "server_label": text, **more}, ("server_label",))


ITEM = tagged(
    {
        "message": tagged({role: _message(role) for role in _CONTENT}, tag="role"),
        "function_call": fields(
            {**_COMMON, "name": text, "call_id": CALL_ID, "arguments": text}, ("name", "arguments")
        ),
        "function_call_output": fields(
            {**_COMMON, "call_id": CALL_ID, "output": text}, ("call_id", "output")
        ),
        "mcp_approval_response": fields(
            {
                **_COMMON,
                "approval_request_id": text,
                "approve": flag,
                "reason": nullable(text),
            },
            ("approval_request_id", "approve"),
        ),
        "mcp_list_tools": _mcp(tools=each(tree)),
        "mcp_call": _mcp(
            name=text,
            arguments=text,
            output=nullable(text),
            error=nullable(tree),
            approval_request_id=nullable(text),
        ),
        "mcp_approval_request": _mcp(name=text, arguments=text),
    }
)
_REFERENCE = fields({"type": text, "id": text}, ("id",))


def _input_item(value: Any, path: str) -> None:
    kind = cast("Json", value).get("type") if isinstance(value, dict) else None
    (_REFERENCE if kind == "item_reference" else ITEM)(value, path)


RESPONSE = fields(
    {
        "output_modalities": modalities,
        "instructions": nullable(text),
        "audio": fields({"output": fields(AUDIO_OUTPUT)}),
        "tools": each(TOOL),
        "tool_choice": TOOL_CHOICE,
        "parallel_tool_calls": flag,
        "reasoning": nullable(fields({"effort": text})),
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "conversation": word_or_object(("auto", "none"), anything),
        "metadata": nullable(metadata),
        "input": nullable(each(_input_item)),
        "prompt": anything,
    }
)


def _event(required: tuple[str, ...] = (), **known: Shape) -> Shape:
    return fields({"type": text, "event_id": short_text(512), **known}, required)


EVENTS: dict[str, Shape] = {
    "session.update": _event(("session",), session=tree),
    "input_audio_buffer.append": _event(("audio",), audio=text),
    "input_audio_buffer.commit": _event(),
    "input_audio_buffer.clear": _event(),
    "conversation.item.create": _event(("item",), item=ITEM, previous_item_id=nullable(text)),
    "conversation.item.retrieve": _event(("item_id",), item_id=text),
    "conversation.item.delete": _event(("item_id",), item_id=text),
    "conversation.item.truncate": _event(
        ("item_id", "content_index", "audio_end_ms"),
        item_id=text,
        content_index=whole(0),
        audio_end_ms=whole(0),
    ),
    "response.create": _event(response=nullable(RESPONSE)),
    "response.cancel": _event(response_id=nullable(text)),
}
"""Every client event that the service knows over a WebSocket."""


def decode(frame: bytes | str, *, is_binary: bool = False) -> Json:
    """Return the client event of a frame as an object with a string `type`.

    Raises:
        Refusal: The frame is binary, not JSON, not an object, or has no type.

    """
    if is_binary:
        raise Refusal("invalid_json", "Binary frames are not accepted; send JSON text.")
    try:
        event: Any = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal("invalid_json", "The frame is not valid JSON.") from None
    if not isinstance(event, dict):
        raise Refusal("invalid_json", "The frame is not a JSON object.")
    typed = cast("Json", event)
    if not isinstance(typed.get("type"), str):
        raise Refusal("invalid_event", "The 'type' field is missing.", "type")
    return typed


def check(event: Json) -> None:
    """Check a decoded event.

    Raises:
        Refusal: It is wrong; its field is named.

    """
    shape = EVENTS.get(event["type"])
    if shape is None:
        raise refusal.unsupported("type", event["type"], tuple(EVENTS))
    shape(event, "")


def event_id_of(event: Json) -> str | None:
    """Return the client's event_id, or None."""
    event_id = event.get("event_id")
    return event_id if isinstance(event_id, str) else None
