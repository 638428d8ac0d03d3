"""The names of ours that a Realtime client's events bear upstream, and what the client sees of them.

On the way up a request or an update gets an event id of ours, a request also the mark in its
metadata. On the way down both are cut out of the bytes again, so that the client sees what it would
have seen directly.

Source: OpenAI Realtime API reference.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from turngate.dialects.native import LIKE_OURS, Sent, look_at
from turngate.dialects.realtime import MARK

_OURS = b"tg_"
_SET_APART = b"tg__"
_NAME = LIKE_OURS.encode()
_PAIR = rb'"%b"\s*:\s*("tg_request_\d+")' % MARK.encode()
_MARKED = re.compile(_PAIR)
_ALONE = re.compile(rb"\{\s*" + _PAIR + rb"\s*\}")
_AMONG = re.compile(rb"\s*,\s*" + _PAIR + rb"|" + _PAIR + rb"\s*,\s*")
_IN_FIELD = re.compile(rb'("event_id"\s*:\s*)"(' + _NAME + rb')"')
_MESSAGE = re.compile(rb'"message"\s*:\s*"(?:[^"\\]|\\.)*"')
_IN_MESSAGE = re.compile(rb"\b" + _NAME + rb"\b")
_UNNAMED = b"(without event_id)"
"""What a message says of an event that its client gave no name."""


def marked(raw: bytes, event_id: str) -> bytes:
    """Return a client's update or request under an id of ours.

    A request also bears it as its mark, where there is room.
    """
    event: dict[str, Any] = msgspec.json.decode(raw)
    event["event_id"] = event_id
    if event["type"] == "response.create" and not look_at(raw).is_full:
        response: dict[str, Any] = event.get("response") or {}
        metadata: dict[str, Any] = response.get("metadata") or {}
        event["response"] = response | {"metadata": metadata | {MARK: event_id}}
    return msgspec.json.encode(event)


def set_apart(raw: bytes, sent: Sent) -> bytes:
    """Return a client's event under its own name, with an underscore more if that is like ours.

    Else its refusal would be taken for that of something which the client never sent. `unmarked`
    takes the underscore off again.
    """
    if not sent.is_like_ours:
        return raw
    event: dict[str, Any] = msgspec.json.decode(raw)
    event["event_id"] = f"tg_{str(sent.event_id).removeprefix('tg')}"
    return msgspec.json.encode(event)


class Theirs(msgspec.Struct, frozen=True):
    """What a client wrote where turngate has written something of its own.

    - event_id: its name for the event.
    - alone: what its metadata was, as JSON, if it had no entry.
    - mark: its own value under the key that the mark takes, as JSON.
    """

    event_id: str | None = None
    alone: bytes = b"null"
    mark: bytes | None = None


def theirs(sent: Sent) -> Theirs:
    """Return what has to be put back into answers to a client's event."""
    metadata = None if sent.response is None else sent.response.metadata
    if metadata is None:
        return Theirs(sent.event_id)
    mark = msgspec.json.encode(metadata[MARK]) if MARK in metadata else None
    return Theirs(sent.event_id, b"{}", mark)


Written: TypeAlias = Mapping[str, Theirs]
"""What clients wrote, by our names for those events."""


def unmarked(raw: bytes, written: Written) -> bytes:
    """Return an upstream event as its client may see it, by cuts; the rest stays byte for byte.

    The mark in the metadata goes, and what the client wrote there stands instead. So does its own
    name where the event, or an error's message, names one of ours.
    """
    if _OURS not in raw:
        return raw
    plain = _without_mark(raw, written)
    return plain if _OURS not in plain else _in_their_words(plain, written)


def _without_mark(raw: bytes, written: Written) -> bytes:
    found = _MARKED.search(raw)
    if found is None:
        return raw
    own = written.get(found[1][1:-1].decode(), Theirs())
    if own.mark is not None:
        return raw[: found.start(1)] + own.mark + raw[found.end(1) :]
    return _AMONG.sub(b"", _ALONE.sub(own.alone, raw))


def _in_their_words(raw: bytes, written: Written) -> bytes:
    def in_field(found: re.Match[bytes]) -> bytes:
        return found[1] + msgspec.json.encode(named(found[2]))

    def in_message(found: re.Match[bytes]) -> bytes:
        name = named(found[0])
        return _UNNAMED if name is None else msgspec.json.encode(name)[1:-1]

    def named(name: bytes) -> str | None:
        if name.startswith(_SET_APART):
            return name.decode().replace("_", "", 1)
        return written.get(name.decode(), Theirs()).event_id

    plain = _IN_FIELD.sub(in_field, raw)
    return _MESSAGE.sub(lambda message: _IN_MESSAGE.sub(in_message, message[0]), plain)
