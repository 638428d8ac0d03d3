"""What cannot be decoded is named precisely, echoes nothing, and never raises anything else."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct, inspect

from turngate.errors import BadField, ProtocolError, Undecodable, UnknownMessage
from turngate.wire.agent import ClientMessage, InjectUserMessage, KeepAlive, ServerMessage
from turngate.wire.codec import (
    CHOICES,
    Unknown,
    decode_client_event,
    decode_client_message,
    decode_server_event,
    decode_server_message,
    encode,
    encode_append,
    unknown_fields,
)
from turngate.wire.realtime import (
    ClientEvent,
    InputAudioBufferAppend,
    ServerEvent,
)

DECODERS: list[Callable[[bytes | str], Struct]] = [
    decode_client_message,
    decode_server_message,
    decode_client_event,
    decode_server_event,
]

EVERY_TYPE = [
    str(kind.__struct_config__.tag)
    for kind in get_args(ClientMessage | ServerMessage | ClientEvent | ServerEvent)
]

NESTED = b"[" * 100_000


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "frame,reason",
    [
        (b"", "it is not JSON"),
        (b"hello", "it is not JSON"),
        (b'{"type":', "it is not JSON"),
        (b'{"type":3,', "it is not JSON"),
        (b'{"type":"KeepAlive"} x', "it is not JSON"),
        (b"\xef\xbb\xbf{}", "it is not JSON"),
        (b'{"type":"\\ud800"}', "it is not JSON"),
        (b'{"type":"\xff"}', "it is not UTF-8"),
        ('{"type":"\ud800"}', "it is not UTF-8"),
        (b"null", "it is null, not an object"),
        (b"true", "it is a boolean, not an object"),
        (b"1", "it is a number, not an object"),
        (b"1.5", "it is a number, not an object"),
        (b'"hi"', "it is a string, not an object"),
        (b"[]", "it is an array, not an object"),
        (b"{}", "it has no type"),
        (b'{"type":null}', "its type is null, not a string"),
        (b'{"type":7}', "its type is a number, not a string"),
        (b'{"type":{}}', "its type is an object, not a string"),
        (NESTED, "it is nested too deeply"),
        (b'{"a":' + NESTED, "it is nested too deeply"),
        (b'{"type":1,"a":' + NESTED, "it is nested too deeply"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_message_is_undecodable(
    decode: Callable[[bytes | str], Struct], frame: bytes | str, reason: str
) -> None:
    with pytest.raises(Undecodable) as caught:
        decode(frame)
    assert caught.value.reason == reason


@pytest.mark.parametrize("decode", [decode_client_message, decode_client_event])
def test_an_unknown_type_is_an_error_of_a_client(
    decode: Callable[[bytes | str], Struct],
) -> None:
    with pytest.raises(UnknownMessage) as caught:
        decode(json.dumps({"type": "x" * 100}))
    assert caught.value.type == "x" * 64


@pytest.mark.parametrize("decode", [decode_server_message, decode_server_event])
@pytest.mark.parametrize("text", ['{"type":"new","é":1}', '{"type":"new","é":1}'.encode()])
def test_an_unknown_type_is_a_value_from_a_server(
    decode: Callable[[bytes | str], Struct], text: bytes | str
) -> None:
    assert decode(text) == Unknown(type="new", size_bytes=21)


def _settings(**agent: Any) -> dict[str, Any]:
    return {"type": "Settings", "audio": {}, "agent": agent}


@pytest.mark.parametrize(
    "decode,message,path,reason",
    [
        (decode_client_message, {"type": "Settings"}, "audio", "it is missing"),
        (
            decode_client_message,
            _settings(think={"provider": {}, "functions": {}}),
            "agent.think.functions",
            "expected array, got object",
        ),
        (
            decode_client_message,
            _settings(think={"provider": {}, "functions": [{"name": "f"}, {}]}),
            "agent.think.functions[1].name",
            "it is missing",
        ),
        (
            decode_client_message,
            _settings(think={"provider": {"temperature": "SECRET"}}),
            "agent.think.provider.temperature",
            "expected number, got string",
        ),
        (
            decode_client_message,
            _settings(think={"provider": {}, "endpoint": {"headers": {"SECRET": 1}}}),
            "agent.think.endpoint.headers[...]",
            "expected string, got integer",
        ),
        (
            decode_client_message,
            _settings(think={"provider": {}, "context_length": "SECRET"}),
            "agent.think.context_length",
            "expected max or a number",
        ),
        (
            decode_client_message,
            _settings(context={"messages": [{"role": "SECRET", "content": "x"}]}),
            "agent.context.messages[0].role",
            "expected user or assistant",
        ),
        (
            decode_client_message,
            _settings(context={"messages": [{"type": "SECRET"}]}),
            "agent.context.messages[0].type",
            "expected History",
        ),
        (
            decode_client_message,
            _settings(context={"messages": [{"role": "user"}]}),
            "agent.context.messages[0].content",
            "it is missing",
        ),
        (
            decode_client_message,
            _settings(context={"messages": [{"content": "SECRET"}]}),
            "agent.context.messages[0].role",
            "it is missing",
        ),
        (
            decode_client_message,
            {"type": "Settings", "audio": {}, "agent": 1},
            "agent",
            "expected string or object, got integer",
        ),
        (
            decode_client_message,
            {"type": "InjectAgentMessage"},
            "message",
            "it is missing",
        ),
        (
            decode_client_message,
            {"type": "InjectAgentMessage", "message": "x", "behavior": "out of range"},
            "behavior",
            "expected default or queue or interrupt",
        ),
        (
            decode_client_message,
            {"type": "FunctionCallResponse", "name": "f"},
            "content",
            "it is missing",
        ),
        (
            decode_client_event,
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": True},
            "content_index",
            "expected integer, got boolean",
        ),
        (
            decode_client_event,
            {"type": "conversation.item.create", "item": {"type": None}},
            "item.type",
            "expected string, got null",
        ),
        (
            decode_server_event,
            {"type": "response.done", "response": {"output": [{"type": "m", "id": 5}]}},
            "response.output[0].id",
            "expected string, got integer",
        ),
        (decode_server_event, {"type": "response.done"}, "response", "it is missing"),
        (
            decode_server_message,
            {"type": "FunctionCallRequest", "functions": [{"id": "c", "name": "f"}]},
            "functions[0].arguments",
            "it is missing",
        ),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_field_is_named_by_its_path_and_not_echoed(
    decode: Callable[[bytes | str], Struct], message: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(BadField) as caught:
        decode(json.dumps(message))
    assert (caught.value.path, caught.value.reason) == (path, reason)
    assert "SECRET" not in str(caught.value)


def _think(temperature: str) -> str:
    return f'{{"type":"UpdateThink","think":{{"provider":{{"temperature":{temperature}}}}}}}'


def test_a_figure_too_large_for_its_field_is_a_bad_field() -> None:
    with pytest.raises(BadField) as caught:
        decode_client_message(_think("9" * 400))
    assert caught.value == BadField("think.provider.temperature", "the number is out of range")


@pytest.mark.parametrize("figure", ["9" * 5000, "1e999"])
def test_a_figure_too_large_for_any_field_is_undecodable(figure: str) -> None:
    with pytest.raises(Undecodable) as caught:
        decode_client_message(_think(figure))
    assert caught.value.reason == "it holds a number out of range"


def _fields_of_certain_strings(kind: inspect.Type, name: str) -> Iterator[str]:
    match kind:
        case inspect.LiteralType():
            yield name
        case inspect.UnionType(types):
            for inner in types:
                yield from _fields_of_certain_strings(inner, name)
        case inspect.VarTupleType(item):
            yield from _fields_of_certain_strings(item, name)
        case inspect.StructType():
            if kind.tag is not None:
                yield "type"
            for field in kind.fields:
                yield from _fields_of_certain_strings(field.type, field.encode_name)
        case _:
            pass


@pytest.mark.parametrize("union", [ClientMessage, ServerMessage, ClientEvent, ServerEvent])
def test_a_field_of_certain_strings_can_say_which(union: Any) -> None:
    names = set(_fields_of_certain_strings(inspect.type_info(union), ""))
    assert "type" in names
    assert names <= set(CHOICES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

FIELDS = st.sampled_from(
    ["audio", "agent", "think", "functions", "content", "item", "response", "error", "delta"]
)


def _said(decode: Callable[[bytes | str], Struct], frame: bytes | str) -> Struct | None:
    try:
        return decode(frame)
    except ProtocolError:
        return None


@pytest.mark.parametrize("decode", DECODERS)
@given(st.binary() | st.text(st.characters()))
def test_whatever_the_bytes_only_protocol_errors_are_raised(
    decode: Callable[[bytes | str], Struct], frame: bytes | str
) -> None:
    message = _said(decode, frame)
    if message is not None:
        unknown_fields(frame, message)


@pytest.mark.parametrize("decode", DECODERS)
@given(st.sampled_from(EVERY_TYPE), st.dictionaries(FIELDS | st.text(), JSON, max_size=6))
@example("KeepAlive", {"x": {"y": [1, {}]}})
def test_whatever_the_json_only_protocol_errors_are_raised(
    decode: Callable[[bytes | str], Struct], kind: str, fields: dict[str, Any]
) -> None:
    text = json.dumps({**fields, "type": kind})
    message = _said(decode, text)
    if message is not None and not isinstance(message, Unknown):
        assert decode(encode(message)) == message
        assert len(unknown_fields(text, message)) <= text.count(":")


def test_ignored_keys_are_named_by_their_paths() -> None:
    text = json.dumps(
        {
            "type": "Settings",
            "colour": "red",
            "audio": {"input": {"channels": 1}},
            "agent": {
                "context": {"messages": [{"role": "user", "content": "Hi", "at": 1}]},
                "think": {
                    "provider": {"type": "open_ai", "credentials": {"any": 1}},
                    "endpoint": {"headers": {"any": "x"}},
                    "functions": [
                        {"name": "f", "parameters": {"any": 1}},
                        {"name": "g", "client_side": True},
                    ],
                    "toolChoice": "auto",
                },
                "speak": [{"provider": {"pitch": 1}}],
            },
        }
    )
    assert unknown_fields(text, decode_client_message(text)) == (
        "colour",
        "audio.input.channels",
        "agent.context.messages[0].at",
        "agent.think.functions[1].client_side",
        "agent.speak[0].provider.pitch",
    )


def test_a_session_is_kept_as_written() -> None:
    text = '{"type":"session.update","session":{"any":{"thing":null}},"more":1}'
    event = decode_client_event(text)
    assert unknown_fields(text, event) == ("more",)
    assert json.loads(encode(event))["session"] == {"any": {"thing": None}}


def test_an_ignored_part_that_cannot_be_read_is_undecodable() -> None:
    text = b'{"type":"KeepAlive","note":"\xff"}'
    message = decode_client_message(text)
    assert message == KeepAlive()
    with pytest.raises(Undecodable):
        unknown_fields(text, message)


def test_text_passes_through_unharmed() -> None:
    message = InjectUserMessage('é "quoted" \U0001f600 \u2028')
    assert decode_client_message(encode(message)) == message


@given(st.binary(), st.none() | st.text(st.characters(codec="utf-8")))
def test_an_append_built_by_hand_says_what_the_encoder_would(
    pcm: bytes, event_id: str | None
) -> None:
    audio = base64.b64encode(pcm).decode()
    expected = InputAudioBufferAppend(audio=audio, event_id=event_id)
    assert decode_client_event(encode_append(pcm, event_id)) == expected
