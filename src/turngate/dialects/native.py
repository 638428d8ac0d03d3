"""What a Realtime client says, as far as its order matters, and the marks that its requests bear.

The client's bytes are relayed. They are looked at for their kind, and a request or an update gets
an event id of ours (a request also the mark in its metadata) on the way up. On the way down the
mark is cut out of the bytes again, so that the client sees what it would have seen directly.

Source: OpenAI Realtime API reference.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from turngate.core.native_effects import TurnsKnown
from turngate.core.order import Kind
from turngate.core.patch import Patch, is_patch, value_at
from turngate.dialects.realtime import MARK

MARKS = 16
"""How many metadata pairs the service takes. A client that uses all of them leaves no room."""

ORDER: dict[str, Kind] = {
    "session.update": Kind.UPDATE,
    "transcription_session.update": Kind.UPDATE,
    "response.create": Kind.REQUEST,
    "response.cancel": Kind.CANCEL,
    "conversation.item.create": Kind.FOLLOW,
    "conversation.item.delete": Kind.FOLLOW,
    "conversation.item.truncate": Kind.PASS,
    "conversation.item.retrieve": Kind.PASS,
    "input_audio_buffer.append": Kind.AUDIO,
    "input_audio_buffer.commit": Kind.COMMIT,
    "input_audio_buffer.clear": Kind.AUDIO,
    "output_audio_buffer.clear": Kind.PASS,
    "session.close": Kind.FOLLOW,
}
"""Each client event's place in the order, where its content does not say otherwise."""

_TYPE_WITHIN = 120  # bytes; clients write the type first, or just behind the event id
_APPEND = b'"input_audio_buffer.append"'
_DELTA = b'"response.output_audio.delta"'
APPENDS = b'{"type":' + _APPEND, b'{"type": ' + _APPEND
"""How nearly all begin: seen faster than found."""
DELTAS = b'{"type":' + _DELTA, b'{"type": ' + _DELTA


class _Item(msgspec.Struct):
    type: str = ""
    id: str | None = None
    call_id: str | None = None


class _Response(msgspec.Struct):
    conversation: str | None = None
    metadata: dict[str, Any] | None = None
    input: list[_Item] | None = None


class _Audio(msgspec.Struct):
    input: dict[str, Any] | None = None


class _Session(msgspec.Struct):
    audio: _Audio | None = None


class Sent(msgspec.Struct):
    """What has to be known of a client's event."""

    type: str = ""
    event_id: str | None = None
    response_id: str | None = None
    item_id: str | None = None
    item: _Item | None = None
    response: _Response | None = None
    session: _Session | None = None

    @property
    def kind(self) -> Kind:
        """The event's place in the order; what is not known passes, and upstream judges it."""
        match self:
            case Sent(type="session.update", session=_Session(audio=_Audio(input=dict()))):
                return Kind.UPDATE_INPUT
            case Sent(type="response.create", response=_Response(conversation="none")):
                return Kind.PASS  # beside the conversation: it does not need the slot
            case Sent(type="conversation.item.create", item=_Item(type="function_call_output")):
                return Kind.PASS  # it completes an earlier response
            case Sent(type="response.cancel", response_id=str()):
                return Kind.PASS  # it names what runs
            case _:
                return ORDER.get(self.type, Kind.PASS)

    @property
    def is_full(self) -> bool:
        """Whether a request has no room for our mark."""
        return self.response is not None and not _has_room(self.response.metadata or {})

    @property
    def makes(self) -> tuple[str, ...]:
        """The ids that the event brings into the conversation."""
        if self.item is None or self.item.type == "function_call_output":
            return ()
        return tuple(filter(None, (self.item.id, self.item.call_id)))

    @property
    def about(self) -> tuple[str, ...]:
        """The ids of what has to be there for the event to make sense."""
        named = [self.item_id]
        if self.item is not None and self.item.type == "function_call_output":
            named.append(self.item.call_id)
        if self.response is not None:
            named += [item.id for item in self.response.input or ()]
        return tuple(filter(None, named))


class Misshapen(Sent):
    """A request or update of an unknown form: the upstream judges it, in its turn.

    Its refusal then bears a name of ours. One without a name would be taken for that of whatever is
    on its way just then.
    """

    @property
    def kind(self) -> Kind:
        """The place that its type has; what it says is not looked at."""
        return ORDER.get(self.type, Kind.PASS)

    @property
    def is_full(self) -> bool:
        """It bears no mark: nobody knows where that would be."""
        return True


class _Outline(msgspec.Struct):
    type: str = ""
    event_id: str | None = None


_sent = msgspec.json.Decoder(Sent)
_outline = msgspec.json.Decoder(_Outline)
_REWRITTEN = frozenset({Kind.REQUEST, Kind.UPDATE, Kind.UPDATE_INPUT})


def look_at(raw: bytes) -> Sent:
    """Return what has to be known of a client's event; nothing of one that cannot be read."""
    try:
        sent = _shape(raw)
        if sent.kind in _REWRITTEN or _is_like_ours(sent):
            msgspec.json.decode(raw)  # all of it, for what is only passed over is not read
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Sent()
    return sent


def _shape(raw: bytes) -> Sent:
    try:
        return _sent.decode(raw)
    except msgspec.ValidationError:
        outline = _outline.decode(raw)
        is_rewritten = ORDER.get(outline.type) in _REWRITTEN
        return Misshapen(outline.type, outline.event_id) if is_rewritten else Sent()


def _is_like_ours(sent: Sent) -> bool:
    return sent.event_id is not None and _LIKE_OURS.fullmatch(sent.event_id) is not None


def is_append(raw: bytes) -> bool:
    """Tell audio on its way up without parsing it."""
    return raw.find(_APPEND, 0, _TYPE_WITHIN) >= 0


def is_delta(raw: bytes) -> bool:
    """Tell audio on its way down without parsing it."""
    return raw.find(_DELTA, 0, _TYPE_WITHIN) >= 0


def _has_room(metadata: Mapping[str, object]) -> bool:
    return MARK in metadata or len(metadata) < MARKS


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
    if not _is_like_ours(sent):
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


_OURS = b"tg_"
_SET_APART = b"tg__"
_NAME = rb"tg_+[a-z]+_\d+"
_LIKE_OURS = re.compile(_NAME.decode())
_PAIR = rb'"%b"\s*:\s*("tg_request_\d+")' % MARK.encode()
_MARKED = re.compile(_PAIR)
_ALONE = re.compile(rb"\{\s*" + _PAIR + rb"\s*\}")
_AMONG = re.compile(rb"\s*,\s*" + _PAIR + rb"|" + _PAIR + rb"\s*,\s*")
_IN_FIELD = re.compile(rb'("event_id"\s*:\s*)"(' + _NAME + rb')"')
_MESSAGE = re.compile(rb'"message"\s*:\s*"(?:[^"\\]|\\.)*"')
_IN_MESSAGE = re.compile(rb"\b" + _NAME + rb"\b")
_UNNAMED = b"(without event_id)"
"""What a message says of an event that its client gave no name."""

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


def turns(session: Patch) -> TurnsKnown | None:
    """Return who answers speech in this session; None where it does not say."""
    heard = value_at(session, ("audio", "input"))
    if not is_patch(heard) or "turn_detection" not in heard:
        return None
    detection = heard["turn_detection"]
    if not is_patch(detection):
        return TurnsKnown(server_answers=False, listens=False)
    return TurnsKnown(server_answers=detection.get("create_response") is not False)
