"""What a Realtime client says, as far as its order matters.

The client's bytes are relayed, and only looked at for their kind and for the ids that they make and
speak of. What they bear upstream of ours is in `marks`.

Source: OpenAI Realtime API reference.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from turngate.core.native_effects import TurnsKnown
from turngate.core.order import Kind
from turngate.core.patch import Patch, is_patch, value_at
from turngate.dialects.realtime import MARK

MARKS = 16
"""How many metadata pairs the service takes. A client that uses all of them leaves no room."""

LIKE_OURS = r"tg_+[a-z]+_\d+"
"""What the ids look like that turngate gives to events."""

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

_LIKE_OURS = re.compile(LIKE_OURS)
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
    def is_like_ours(self) -> bool:
        """Whether its name could be one that turngate gives."""
        return self.event_id is not None and _LIKE_OURS.fullmatch(self.event_id) is not None

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
        return ORDER[self.type]

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
        if sent.kind in _REWRITTEN or sent.is_like_ours:
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


def is_append(raw: bytes) -> bool:
    """Tell audio on its way up without parsing it."""
    return raw.find(_APPEND, 0, _TYPE_WITHIN) >= 0


def is_delta(raw: bytes) -> bool:
    """Tell audio on its way down without parsing it."""
    return raw.find(_DELTA, 0, _TYPE_WITHIN) >= 0


def _has_room(metadata: Mapping[str, object]) -> bool:
    return MARK in metadata or len(metadata) < MARKS


def turns(session: Patch) -> TurnsKnown | None:
    """Return who answers speech in this session; None where it does not say."""
    heard = value_at(session, ("audio", "input"))
    if not is_patch(heard) or "turn_detection" not in heard:
        return None
    detection = heard["turn_detection"]
    if not is_patch(detection):
        return TurnsKnown(server_answers=False, listens=False)
    return TurnsKnown(server_answers=detection.get("create_response") is not False)
