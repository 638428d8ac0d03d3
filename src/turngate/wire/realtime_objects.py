"""What Realtime events are made of: items, responses, usage, errors, and the base of all events.

Tolerant on purpose: servers that call themselves compatible leave fields out, so almost nothing is
required, and a kind of item or part that is not known here is read like any other. Where the wire
tells null from absent, a field is `Nullable` and its absence is `UNSET`, which is false like None;
elsewhere `None` means absent. What is not named here does not survive a decode: relay bytes where
that matters.

Source: OpenAI Realtime API reference.
"""

from typing import Any, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType

T = TypeVar("T")

Nullable: TypeAlias = T | UnsetType | None
"""A value, an explicit null, or (`UNSET`) nothing at all."""

Listed: TypeAlias = tuple[T, ...] | UnsetType | None
"""A list whose emptiness is told on the wire; read it as `field or ()`."""


class RealtimeObject(Struct, frozen=True, omit_defaults=True):
    """Base of every object nested in a Realtime event."""


class ContentPart(RealtimeObject, frozen=True, kw_only=True):
    """One part of a message's content.

    - type: `input_text`, `input_audio`, `input_image`, `output_text`, `output_audio`; in
      `response.content_part.*` the server says `text` and `audio` instead.
    - audio: base64, in the session's format.
    - transcript: null while speech is not yet written down.
    - image_url: a data URI.

    Source: OpenAI Realtime API reference, conversation items.
    """

    type: str
    text: str | None = None
    audio: str | None = None
    transcript: Nullable[str] = UNSET
    image_url: str | None = None
    detail: str | None = None


class Item(RealtimeObject, frozen=True, kw_only=True):
    """One entry of the conversation, of any kind.

    - type: `message`, `function_call`, `function_call_output`, `mcp_...`, or only in
      `response.create`, `item_reference`.
    - status: `in_progress`, `completed` or `incomplete`.
    - role, content, phase: of a message; phase is `commentary` or `final_answer`.
    - call_id, name, arguments: of a function call; arguments is a JSON text.
    - output: of a function call output, as text.
    - server_label, approval_request_id, approve, reason, error, tools: of the `mcp_...` kinds.

    Source: OpenAI Realtime API reference, conversation items.
    """

    type: str
    id: str | None = None
    object: str | None = None
    status: str | None = None
    role: str | None = None
    phase: str | None = None
    content: Listed[ContentPart] = UNSET
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: Nullable[str] = UNSET
    server_label: str | None = None
    approval_request_id: Nullable[str] = UNSET
    approve: bool | None = None
    reason: Nullable[str] = UNSET
    error: Nullable[dict[str, Any]] = UNSET
    tools: Listed[dict[str, Any]] = UNSET


class ErrorBody(RealtimeObject, frozen=True, kw_only=True):
    """What went wrong.

    - type: `invalid_request_error`, `server_error` and others.
    - message: for people; sometimes all there is to go by.
    - code: for programs; null in some refusals.
    - param: the dotted path of the offending field.
    - event_id: the client event that caused it, where that event had an id.

    Source: OpenAI Realtime API reference, server events (error).
    """

    type: str = ""
    message: str = ""
    code: Nullable[str] = UNSET
    param: Nullable[str] = UNSET
    event_id: Nullable[str] = UNSET


class StatusDetails(RealtimeObject, frozen=True, kw_only=True):
    """Why a response ended as it did.

    - type: the status again.
    - reason: `turn_detected`, `client_cancelled`, `max_output_tokens` or `content_filter`.
    - error: for a failed response.

    Source: OpenAI Realtime API reference, the response object.
    """

    type: str | None = None
    reason: str | None = None
    error: ErrorBody | None = None


class CachedTokenDetails(RealtimeObject, frozen=True, kw_only=True):
    """How many cached input tokens were of which kind.

    Source: OpenAI Realtime API reference, the response object.
    """

    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class InputTokenDetails(RealtimeObject, frozen=True, kw_only=True):
    """How many input tokens were of which kind.

    Source: OpenAI Realtime API reference, the response object.
    """

    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    cached_tokens: int | None = None
    cached_tokens_details: CachedTokenDetails | None = None


class OutputTokenDetails(RealtimeObject, frozen=True, kw_only=True):
    """How many output tokens were of which kind.

    Source: OpenAI Realtime API reference, the response object.
    """

    text_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None


class Usage(RealtimeObject, frozen=True, kw_only=True):
    """What a response or a transcription cost.

    - type: of a transcription only: `tokens`, or `duration` with `seconds`.

    Source: OpenAI Realtime API reference, the response object and input transcription.
    """

    type: str | None = None
    seconds: float | None = None
    total_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: InputTokenDetails | None = None
    output_token_details: OutputTokenDetails | None = None


class Response(RealtimeObject, frozen=True, kw_only=True):
    """One generation.

    - id: absent only from servers that leave it out.
    - status: `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`.
    - conversation_id: null for a response outside the conversation.
    - max_output_tokens: a number or `inf`.
    - metadata: what the client's `response.create` had; correlates the two.

    Source: OpenAI Realtime API reference, the response object.
    """

    id: str | None = None
    object: str | None = None
    status: str | None = None
    status_details: Nullable[StatusDetails] = UNSET
    output: Listed[Item] = UNSET
    conversation_id: Nullable[str] = UNSET
    output_modalities: Listed[str] = UNSET
    max_output_tokens: Nullable[int | str] = UNSET
    audio: Nullable[dict[str, Any]] = UNSET
    usage: Nullable[Usage] = UNSET
    metadata: Nullable[dict[str, Any]] = UNSET


class RateLimit(RealtimeObject, frozen=True, kw_only=True):
    """One bucket of the account; `reset_seconds` until it is full again.

    Source: OpenAI Realtime API reference, server events (rate_limits.updated).
    """

    name: str | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_seconds: float | None = None


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of every event.

    - event_id: from a client, any string up to 512 characters, echoed in `error.event_id`; from the
      server, unique.
    """

    event_id: str | None = None
