"""Bytes to messages and back, for both protocols and both directions.

A frame is decoded once. What fails is named precisely and never echoed: errors carry a path and the
kinds of value, not the value. From a peer that may be newer than we are (a server), an unknown type
is a value, `Unknown`; from a client it is an error. No function raises anything but the named
errors, whatever the bytes. Audio, which is most
of a call's frames, has a short way of its own: `audio_frames`, and `encode_append` here.
"""

import re
from typing import Any, TypeAlias, TypeVar, cast, get_args

import msgspec
import pybase64

from turngate.errors import BadField, ProtocolError, Undecodable, UnknownMessage
from turngate.wire import agent, realtime

Frame: TypeAlias = bytes | str
"""A text frame as it arrives: UTF-8 bytes, or already a string."""

M = TypeVar("M")

_TYPE_SHOWN = 64  # characters of an unknown type that are kept; it is the peer's to choose


class Unknown(msgspec.Struct, frozen=True):
    """A message of a type that is not known here; not an error, since servers grow.

    - type: as the server spelt it, at most 64 characters.
    - size_bytes: of the whole frame.
    """

    type: str
    size_bytes: int


_client_message = msgspec.json.Decoder[agent.ClientMessage](agent.ClientMessage)
_server_message = msgspec.json.Decoder[agent.ServerMessage](agent.ServerMessage)
_client_event = msgspec.json.Decoder[realtime.ClientEvent](realtime.ClientEvent)
_server_event = msgspec.json.Decoder[realtime.ServerEvent](realtime.ServerEvent)
_anything = msgspec.json.Decoder[Any]()
_encoder = msgspec.json.Encoder()

# ValueError covers malformed JSON, invalid UTF-8, lone surrogates and figures too long to read.
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


def decode_client_message(text: Frame) -> agent.ClientMessage:
    """Return what a client of the agent protocol said.

    Raises:
        Undecodable: The frame is not a JSON object with a string `type`.
        UnknownMessage: The protocol has no client message of this type.
        BadField: A field is missing or has a value of the wrong kind.

    """
    return _decode(_client_message, text)


def decode_server_message(text: Frame) -> agent.ServerMessage | Unknown:
    """Return what a server of the agent protocol said.

    Raises:
        Undecodable: The frame is not a JSON object with a string `type`.
        BadField: A field is missing or has a value of the wrong kind.

    """
    return _decode_from_server(_server_message, text)


def decode_client_event(text: Frame) -> realtime.ClientEvent:
    """Return what a client of the Realtime protocol said.

    Raises:
        Undecodable: The frame is not a JSON object with a string `type`.
        UnknownMessage: The protocol has no client event of this type.
        BadField: A field is missing or has a value of the wrong kind.

    """
    return _decode(_client_event, text)


def decode_server_event(text: Frame) -> realtime.ServerEvent | Unknown:
    """Return what a server of the Realtime protocol said.

    Raises:
        Undecodable: The frame is not a JSON object with a string `type`.
        BadField: A field that others depend on is missing, or a value has the wrong kind.

    """
    return _decode_from_server(_server_event, text)


def encode(message: msgspec.Struct) -> bytes:
    """Return a message as compact JSON, with exactly the fields that are present."""
    return _encoder.encode(message)


_APPEND_HEAD = b'{"type":"input_audio_buffer.append","audio":"'


def encode_append(pcm: bytes, event_id: str | None = None) -> bytes:
    """Return `input_audio_buffer.append` with this audio, s16le mono or whatever was agreed.

    Joins bytes: base64 needs no escaping, so a JSON encoder would only read it once more.
    """
    audio = pybase64.b64encode(pcm)
    if event_id is None:
        return _APPEND_HEAD + audio + b'"}'
    return _APPEND_HEAD + audio + b'","event_id":%b}' % _encoder.encode(event_id)


def unknown_fields(text: Frame, message: msgspec.Struct) -> tuple[str, ...]:
    """Return the dotted paths of the keys in `text` that `message`, decoded from it, ignored.

    What a message keeps as it was written (a function's `parameters`, `headers`, `credentials`, a
    `session`) is not looked into.

    Raises:
        Undecodable: An ignored part of the frame cannot be read.

    """
    try:
        return tuple(_ignored(_anything.decode(text), message, ""))
    except _UNREADABLE as error:
        raise Undecodable(_unreadable(error)) from None


def _ignored(value: Any, decoded: object, path: str) -> list[str]:
    """Walk the JSON beside what was made of it; only Structs ignore keys."""
    found: list[str] = []
    if isinstance(decoded, msgspec.Struct):
        fields = dict(zip(decoded.__struct_encode_fields__, decoded.__struct_fields__, strict=True))
        prefix = f"{path}." if path else ""
        for key, inner in value.items():
            if key in fields:
                found += _ignored(inner, getattr(decoded, fields[key]), prefix + key)
            elif key != decoded.__struct_config__.tag_field:
                found.append(prefix + key)
    elif isinstance(decoded, tuple):
        parts = cast("tuple[object, ...]", decoded)
        for index, (inner, part) in enumerate(zip(value, parts, strict=True)):
            found += _ignored(inner, part, f"{path}[{index}]")
    return found


def _decode(decoder: "msgspec.json.Decoder[M]", text: Frame) -> M:
    try:
        return decoder.decode(text)
    except _UNREADABLE as error:
        raise _diagnose(text, error) from None


def _decode_from_server(decoder: "msgspec.json.Decoder[M]", text: Frame) -> M | Unknown:
    try:
        return _decode(decoder, text)
    except UnknownMessage as unknown:
        size = len(text) if isinstance(text, bytes) else len(text.encode())
        return Unknown(unknown.type, size)


def _diagnose(text: Frame, error: Exception) -> ProtocolError:
    """Say what is wrong with a frame that could not be decoded; only here is it read twice."""
    if not isinstance(error, msgspec.ValidationError):
        return Undecodable(_unreadable(error))
    try:
        value = _anything.decode(text)
    except _UNREADABLE as deeper:
        return Undecodable(_unreadable(deeper))
    if not isinstance(value, dict):
        return Undecodable(f"it is {_KINDS[type(value)]}, not an object")
    fields = cast("dict[str, Any]", value)
    if "type" not in fields:
        return Undecodable("it has no type")
    message_type = fields["type"]
    if not isinstance(message_type, str):
        return Undecodable(f"its type is {_KINDS[type(message_type)]}, not a string")
    return _field_at_fault(str(error), message_type)


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


def _unreadable(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    if isinstance(error, msgspec.ValidationError):  # read as anything, only this can be wrong
        return "it holds a number out of range"
    return "it is not JSON"


# By the field's last name: every field that accepts only certain strings. A test keeps it complete.
CHOICES = {
    "role": " or ".join(get_args(agent.Role)),
    "behavior": " or ".join(get_args(agent.Behavior)),
    "context_length": "max or a number",
    "type": "History",
}

_WORDS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def _field_at_fault(text: str, message_type: str) -> ProtocolError:
    """Turn msgspec's sentence, `what - at `$.path``, into an error without the offending value."""
    what, _, where = text.rpartition(" - at ") if " - at `" in text else (text, "", "`$`")
    path = where.strip("`").removeprefix("$").removeprefix(".")
    if path == "type":
        return UnknownMessage(message_type[:_TYPE_SHOWN])
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", what):
        return BadField(f"{path}.{missing[1]}".removeprefix("."), "it is missing")
    if mismatch := re.fullmatch(r"Expected `(.+)`, got `(\w+)`", what):
        kinds = mismatch[1].removesuffix(" | null").split(" | ")
        expected = " or ".join(_WORDS.get(kind, kind) for kind in kinds)
        return BadField(path, f"expected {expected}, got {_WORDS.get(mismatch[2], mismatch[2])}")
    if what.endswith("out of range"):
        return BadField(path, "the number is out of range")
    return BadField(path, f"expected {CHOICES.get(path.rpartition('.')[2], 'another value')}")
