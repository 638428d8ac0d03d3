"""Every event of the Realtime protocol, as JSON and as the value it stands for."""

import json
from typing import Any, get_args

import pytest
from msgspec import UNSET, Struct

from turngate.wire import realtime
from turngate.wire.codec import (
    Unknown,
    decode_client_event,
    decode_server_event,
    encode,
    unknown_fields,
)
from turngate.wire.realtime import (
    CachedTokenDetails,
    ClientEvent,
    ContentPart,
    ErrorBody,
    InputTokenDetails,
    Item,
    OutputTokenDetails,
    RateLimit,
    Response,
    ServerEvent,
    StatusDetails,
    Usage,
)

SESSION: dict[str, Any] = {"type": "realtime", "tools": [], "tracing": None, "x": {"y": None}}

A_MESSAGE: dict[str, Any] = {
    "id": "item_1",
    "object": "realtime.item",
    "type": "message",
    "status": "completed",
    "role": "user",
    "phase": "final_answer",
    "content": [
        {"type": "input_text", "text": "Hi"},
        {"type": "input_audio", "audio": "AAAA", "transcript": None},
        {"type": "input_image", "image_url": "data:,", "detail": "low"},
        {"type": "output_audio", "transcript": "Hello"},
    ],
}
MESSAGE = Item(
    id="item_1",
    object="realtime.item",
    type="message",
    status="completed",
    role="user",
    phase="final_answer",
    content=(
        ContentPart(type="input_text", text="Hi"),
        ContentPart(type="input_audio", audio="AAAA", transcript=None),
        ContentPart(type="input_image", image_url="data:,", detail="low"),
        ContentPart(type="output_audio", transcript="Hello"),
    ),
)
A_CALL: dict[str, Any] = {
    "id": "item_2",
    "type": "function_call",
    "status": "in_progress",
    "call_id": "call_1",
    "name": "f",
    "arguments": "",
}
CALL = Item(
    id="item_2",
    type="function_call",
    status="in_progress",
    call_id="call_1",
    name="f",
    arguments="",
)
AN_OUTPUT: dict[str, Any] = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
OUTPUT = Item(type="function_call_output", call_id="call_1", output="ok")
AN_MCP_ITEM: dict[str, Any] = {
    "type": "mcp_call",
    "server_label": "s",
    "approval_request_id": None,
    "approve": True,
    "reason": None,
    "error": None,
    "output": None,
    "tools": [{"name": "t"}],
}
MCP_ITEM = Item(
    type="mcp_call",
    server_label="s",
    approval_request_id=None,
    approve=True,
    reason=None,
    error=None,
    output=None,
    tools=({"name": "t"},),
)
AN_ERROR: dict[str, Any] = {
    "type": "invalid_request_error",
    "message": "No.",
    "code": None,
    "param": "session.type",
    "event_id": "e1",
}
ERROR = ErrorBody(
    type="invalid_request_error", message="No.", code=None, param="session.type", event_id="e1"
)
A_USAGE: dict[str, Any] = {
    "total_tokens": 9,
    "input_tokens": 5,
    "output_tokens": 4,
    "input_token_details": {
        "text_tokens": 1,
        "audio_tokens": 2,
        "image_tokens": 0,
        "cached_tokens": 2,
        "cached_tokens_details": {"text_tokens": 1, "audio_tokens": 1, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 1, "audio_tokens": 2, "reasoning_tokens": 1},
}
USAGE = Usage(
    total_tokens=9,
    input_tokens=5,
    output_tokens=4,
    input_token_details=InputTokenDetails(
        text_tokens=1,
        audio_tokens=2,
        image_tokens=0,
        cached_tokens=2,
        cached_tokens_details=CachedTokenDetails(text_tokens=1, audio_tokens=1, image_tokens=0),
    ),
    output_token_details=OutputTokenDetails(text_tokens=1, audio_tokens=2, reasoning_tokens=1),
)
A_NEW_RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "realtime.response",
    "status": "in_progress",
    "status_details": None,
    "output": [],
    "conversation_id": None,
    "output_modalities": ["audio"],
    "max_output_tokens": "inf",
    "audio": {"output": {"voice": "marin"}},
    "usage": None,
    "metadata": None,
}
NEW_RESPONSE = Response(
    id="resp_1",
    object="realtime.response",
    status="in_progress",
    status_details=None,
    output=(),
    conversation_id=None,
    output_modalities=("audio",),
    max_output_tokens="inf",
    audio={"output": {"voice": "marin"}},
    usage=None,
    metadata=None,
)
A_FAILED_RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "status": "failed",
    "status_details": {
        "type": "failed",
        "reason": "turn_detected",
        "error": {"type": "server_error", "message": "Busy.", "code": "rate_limit_exceeded"},
    },
    "output": [A_MESSAGE, A_CALL],
    "max_output_tokens": 400,
    "usage": A_USAGE,
    "metadata": {"ask": "1"},
}
FAILED_RESPONSE = Response(
    id="resp_1",
    status="failed",
    status_details=StatusDetails(
        type="failed",
        reason="turn_detected",
        error=ErrorBody(type="server_error", message="Busy.", code="rate_limit_exceeded"),
    ),
    output=(MESSAGE, CALL),
    max_output_tokens=400,
    usage=USAGE,
    metadata={"ask": "1"},
)
ITEM_OF_RESPONSE: dict[str, Any] = {
    "event_id": "e1",
    "response_id": "resp_1",
    "item_id": "item_1",
    "output_index": 0,
}
PART_OF_ITEM = ITEM_OF_RESPONSE | {"content_index": 0}
PART_OF_INPUT: dict[str, Any] = {"event_id": "e1", "item_id": "item_1", "content_index": 0}
A_PART: dict[str, Any] = {"type": "audio", "transcript": ""}
PART = ContentPart(type="audio", transcript="")

# The event's JSON without its type, and the fields whose value is not the JSON's own.
Row = tuple[type[Struct], dict[str, Any], dict[str, Any]]

CLIENT: list[Row] = [
    (realtime.SessionUpdate, {"event_id": "e1", "session": SESSION}, {}),
    (realtime.TranscriptionSessionUpdate, {"session": SESSION}, {}),
    (realtime.SessionClose, {"event_id": "e1"}, {}),
    (realtime.InputAudioBufferAppend, {"event_id": "e1", "audio": "AAAA"}, {}),
    (realtime.InputAudioBufferCommit, {"event_id": "e1"}, {}),
    (realtime.InputAudioBufferClear, {}, {}),
    (
        realtime.ConversationItemCreate,
        {"item": A_MESSAGE, "previous_item_id": "root"},
        {"item": MESSAGE},
    ),
    (
        realtime.ConversationItemCreate,
        {"item": AN_OUTPUT, "previous_item_id": None},
        {"item": OUTPUT},
    ),
    (realtime.ConversationItemCreate, {"item": A_CALL}, {"item": CALL}),
    (realtime.ConversationItemRetrieve, {"item_id": "item_1"}, {}),
    (realtime.ConversationItemDelete, {"item_id": "item_1"}, {}),
    (
        realtime.ConversationItemTruncate,
        {"item_id": "item_1", "content_index": 0, "audio_end_ms": 250},
        {},
    ),
    (realtime.ResponseCreate, {"event_id": "e1"}, {}),
    (realtime.ResponseCreate, {"response": {"metadata": {"ask": "1"}, "input": []}}, {}),
    (realtime.ResponseCancel, {"response_id": "resp_1"}, {}),
    (realtime.OutputAudioBufferClear, {}, {}),
]

SERVER: list[Row] = [
    (realtime.ErrorEvent, {"event_id": "e1", "error": AN_ERROR}, {"error": ERROR}),
    (realtime.SessionCreated, {"event_id": "e1", "session": SESSION}, {}),
    (realtime.SessionUpdated, {"event_id": "e1", "session": {}}, {}),
    (realtime.ConversationCreated, {"conversation": {"id": "conv_1"}}, {}),
    (realtime.ConversationItemCreated, {"item": A_CALL}, {"item": CALL}),
    (
        realtime.ConversationItemAdded,
        {"item": A_MESSAGE, "previous_item_id": None},
        {"item": MESSAGE},
    ),
    (
        realtime.ConversationItemDone,
        {"item": AN_OUTPUT, "previous_item_id": "item_0"},
        {"item": OUTPUT},
    ),
    (realtime.ConversationItemRetrieved, {"item": AN_MCP_ITEM}, {"item": MCP_ITEM}),
    (realtime.ConversationItemDeleted, {"item_id": "item_1"}, {}),
    (
        realtime.ConversationItemTruncated,
        {"item_id": "item_1", "content_index": 0, "audio_end_ms": 250},
        {},
    ),
    (
        realtime.ConversationItemInputAudioTranscriptionDelta,
        PART_OF_INPUT | {"delta": "Hi", "logprobs": None, "obfuscation": "x"},
        {},
    ),
    (
        realtime.ConversationItemInputAudioTranscriptionCompleted,
        PART_OF_INPUT
        | {
            "transcript": "Hi",
            "usage": {"type": "duration", "seconds": 2},
            "languages": ["en"],
            "logprobs": [],
        },
        {"usage": Usage(type="duration", seconds=2), "languages": ("en",), "logprobs": ()},
    ),
    (
        realtime.ConversationItemInputAudioTranscriptionSegment,
        PART_OF_INPUT | {"id": "s", "text": "Hi", "speaker": "A", "start": 0, "end": 1.5},
        {},
    ),
    (
        realtime.ConversationItemInputAudioTranscriptionFailed,
        PART_OF_INPUT | {"error": AN_ERROR},
        {"error": ERROR},
    ),
    (
        realtime.InputAudioBufferCommitted,
        {"item_id": "item_1", "previous_item_id": None},
        {},
    ),
    (realtime.InputAudioBufferCleared, {"event_id": "e1"}, {}),
    (realtime.InputAudioBufferSpeechStarted, {"audio_start_ms": 1460, "item_id": "item_1"}, {}),
    (realtime.InputAudioBufferSpeechStopped, {"audio_end_ms": 4256, "item_id": "item_1"}, {}),
    (
        realtime.InputAudioBufferTimeoutTriggered,
        {"audio_start_ms": 0, "audio_end_ms": 5000, "item_id": "item_1"},
        {},
    ),
    (realtime.InputAudioBufferDtmfEventReceived, {"event": "9", "received_at": 1763605109}, {}),
    (realtime.ResponseCreated, {"response": A_NEW_RESPONSE}, {"response": NEW_RESPONSE}),
    (realtime.ResponseDone, {"response": A_FAILED_RESPONSE}, {"response": FAILED_RESPONSE}),
    (
        realtime.ResponseOutputItemAdded,
        {"item": A_CALL, "response_id": "resp_1", "output_index": 1},
        {"item": CALL},
    ),
    (
        realtime.ResponseOutputItemDone,
        {"item": A_CALL, "response_id": "resp_1", "output_index": 1},
        {"item": CALL},
    ),
    (realtime.ResponseContentPartAdded, PART_OF_ITEM | {"part": A_PART}, {"part": PART}),
    (realtime.ResponseContentPartDone, PART_OF_ITEM | {"part": A_PART}, {"part": PART}),
    (realtime.ResponseOutputTextDelta, PART_OF_ITEM | {"delta": "Hi", "obfuscation": "x"}, {}),
    (realtime.ResponseOutputTextDone, PART_OF_ITEM | {"text": "Hi"}, {}),
    (realtime.ResponseOutputAudioDelta, PART_OF_ITEM | {"delta": "AAAA"}, {}),
    (realtime.ResponseOutputAudioDone, PART_OF_ITEM, {}),
    (
        realtime.ResponseOutputAudioTranscriptDelta,
        PART_OF_ITEM | {"delta": "Hi", "obfuscation": "x"},
        {},
    ),
    (realtime.ResponseOutputAudioTranscriptDone, PART_OF_ITEM | {"transcript": "Hi"}, {}),
    (
        realtime.ResponseFunctionCallArgumentsDelta,
        ITEM_OF_RESPONSE | {"call_id": "call_1", "delta": "{", "obfuscation": "x"},
        {},
    ),
    (
        realtime.ResponseFunctionCallArgumentsDone,
        ITEM_OF_RESPONSE | {"call_id": "call_1", "name": "f", "arguments": "{}"},
        {},
    ),
    (
        realtime.ResponseMcpCallArgumentsDelta,
        ITEM_OF_RESPONSE | {"delta": "{", "obfuscation": None},
        {},
    ),
    (realtime.ResponseMcpCallArgumentsDone, ITEM_OF_RESPONSE | {"arguments": "{}"}, {}),
    (realtime.ResponseMcpCallInProgress, ITEM_OF_RESPONSE, {}),
    (realtime.ResponseMcpCallCompleted, ITEM_OF_RESPONSE, {}),
    (realtime.ResponseMcpCallFailed, ITEM_OF_RESPONSE, {}),
    (realtime.McpListToolsInProgress, {"item_id": "item_1"}, {}),
    (realtime.McpListToolsCompleted, {"item_id": "item_1"}, {}),
    (realtime.McpListToolsFailed, {"item_id": "item_1"}, {}),
    (realtime.OutputAudioBufferStarted, {"response_id": "resp_1"}, {}),
    (realtime.OutputAudioBufferStopped, {"response_id": "resp_1"}, {}),
    (realtime.OutputAudioBufferCleared, {"response_id": "resp_1"}, {}),
    (
        realtime.RateLimitsUpdated,
        {
            "rate_limits": [
                {"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1}
            ]
        },
        {
            "rate_limits": (
                RateLimit(name="tokens", limit=40000, remaining=39000, reset_seconds=1.0),
            )
        },
    ),
]


def _name(value: object) -> str | None:
    return value.__name__ if isinstance(value, type) else ""


def _tag(kind: type[Struct]) -> str:
    return str(kind.__struct_config__.tag)


@pytest.mark.parametrize("kind,golden,read", CLIENT, ids=_name)
def test_a_client_event_and_its_value_stand_for_each_other(
    kind: type[Struct], golden: dict[str, Any], read: dict[str, Any]
) -> None:
    event, text = kind(**golden | read), json.dumps({"type": _tag(kind), **golden})
    decoded = decode_client_event(text)
    assert decoded == event
    assert json.loads(encode(event)) == json.loads(text)
    assert unknown_fields(text, decoded) == ()


@pytest.mark.parametrize("kind,golden,read", SERVER, ids=_name)
def test_a_server_event_and_its_value_stand_for_each_other(
    kind: type[Struct], golden: dict[str, Any], read: dict[str, Any]
) -> None:
    event, text = kind(**golden | read), json.dumps({"type": _tag(kind), **golden})
    decoded = decode_server_event(text)
    assert decoded == event
    assert json.loads(encode(event)) == json.loads(text)
    assert not isinstance(decoded, Unknown)
    assert unknown_fields(text, decoded) == ()


@pytest.mark.parametrize("rows,union", [(CLIENT, ClientEvent), (SERVER, ServerEvent)])
def test_every_event_is_shown(rows: list[Row], union: Any) -> None:
    assert {kind for kind, _, _ in rows} == set(get_args(union))


@pytest.mark.parametrize("kind", get_args(ClientEvent | ServerEvent), ids=_name)
def test_a_class_bears_its_events_name(kind: type[Struct]) -> None:
    words = _tag(kind).replace(".", "_").split("_")
    assert kind.__name__ == (
        "".join(map(str.capitalize, words)) if words != ["error"] else "ErrorEvent"
    )


@pytest.mark.parametrize(
    "text,event",
    [
        (
            '{"type":"response.created","response":{"id":"r"}}',
            realtime.ResponseCreated(response=Response(id="r")),
        ),
        (
            '{"type":"response.done","response":{"status":"completed"}}',
            realtime.ResponseDone(response=Response(status="completed")),
        ),
        ('{"type":"response.output_text.done"}', realtime.ResponseOutputTextDone()),
        ('{"type":"response.output_audio.done"}', realtime.ResponseOutputAudioDone()),
        (
            '{"type":"response.output_audio.delta","delta":""}',
            realtime.ResponseOutputAudioDelta(delta=""),
        ),
        ('{"type":"session.created"}', realtime.SessionCreated()),
        ('{"type":"error","error":{}}', realtime.ErrorEvent(error=ErrorBody())),
        ('{"type":"rate_limits.updated"}', realtime.RateLimitsUpdated()),
        (
            '{"type":"conversation.item.added","item":{"type":"hologram","shape":1}}',
            realtime.ConversationItemAdded(item=Item(type="hologram")),
        ),
    ],
)
def test_a_server_may_leave_out_much_and_add_more(text: str, event: Struct) -> None:
    assert decode_server_event(text) == event


def test_null_and_absence_are_told_apart_where_the_wire_does() -> None:
    absent, null = Response(), Response(usage=None, output=())
    assert absent.usage is UNSET
    assert not absent.usage
    assert encode(absent) == b"{}"
    assert json.loads(encode(null)) == {"usage": None, "output": []}
