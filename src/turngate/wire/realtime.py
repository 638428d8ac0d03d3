"""The OpenAI Realtime protocol (GA, over a WebSocket): every event of both directions, typed.

A class bears its event's name: `response.output_audio.delta` is `ResponseOutputAudioDelta`; only
`error` is `ErrorEvent`. Decoding server events is lenient about what is absent and strict about the
type of what is there. A `session` stays an open mapping: an update changes exactly the keys it has,
null is a value of its own, and servers add keys that must come back unchanged; the same holds for
the `response` of `response.create`. The objects inside events are in `realtime_objects`,
re-exported from here. The events' older (beta) names are not known here.

Source: OpenAI Realtime API reference.
"""

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, field

from turngate.wire.realtime_objects import (
    CachedTokenDetails,
    ContentPart,
    ErrorBody,
    InputTokenDetails,
    Item,
    Listed,
    Nullable,
    OutputTokenDetails,
    RateLimit,
    RealtimeObject,
    Response,
    StatusDetails,
    Usage,
)


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of every event.

    - event_id: from a client, any string up to 512 characters, echoed in `error.event_id`; from the
      server, unique.
    """

    event_id: str | None = None


class ResponsePart(Event, frozen=True, kw_only=True):
    """Base of the server events about one item of one response.

    - output_index: the item's place in the response's output.
    """

    response_id: str | None = None
    item_id: str | None = None
    output_index: int | None = None


class ContentEvent(ResponsePart, frozen=True, kw_only=True):
    """Base of the server events about one part of one item's content.

    - content_index: the part's place in the item's content.
    """

    content_index: int | None = None


class SessionUpdate(Event, frozen=True, kw_only=True, tag="session.update"):
    """Changes the session: only the keys that are present; answered by `session.updated`.

    - session: holds `type`, `realtime` or `transcription`, and whatever is to change.

    Source: OpenAI Realtime API reference, client events.
    """

    session: dict[str, Any]


class TranscriptionSessionUpdate(
    Event, frozen=True, kw_only=True, tag="transcription_session.update"
):
    """Changes a transcription session, under its older name.

    Source: OpenAI Realtime API reference, client events.
    """

    session: dict[str, Any]


class SessionClose(Event, frozen=True, tag="session.close"):
    """Asks the server to end the session.

    Source: OpenAI Realtime API reference, client events.
    """


class InputAudioBufferAppend(Event, frozen=True, kw_only=True, tag="input_audio_buffer.append"):
    """Adds audio to the input buffer; not answered.

    - audio: base64, in the session's input format, up to 15 MiB decoded.

    Source: OpenAI Realtime API reference, client events.
    """

    audio: str


class InputAudioBufferCommit(Event, frozen=True, tag="input_audio_buffer.commit"):
    """Makes a user item of the input buffer, which must hold at least 100 ms.

    Source: OpenAI Realtime API reference, client events.
    """


class InputAudioBufferClear(Event, frozen=True, tag="input_audio_buffer.clear"):
    """Empties the input buffer.

    Source: OpenAI Realtime API reference, client events.
    """


class ConversationItemCreate(Event, frozen=True, kw_only=True, tag="conversation.item.create"):
    """Adds an item to the conversation.

    - previous_item_id: absent, at the end; `root`, at the beginning; else after that item.

    Source: OpenAI Realtime API reference, client events.
    """

    item: Item
    previous_item_id: Nullable[str] = UNSET


class ConversationItemRetrieve(Event, frozen=True, kw_only=True, tag="conversation.item.retrieve"):
    """Asks for an item as the server has it.

    Source: OpenAI Realtime API reference, client events.
    """

    item_id: str


class ConversationItemDelete(Event, frozen=True, kw_only=True, tag="conversation.item.delete"):
    """Removes an item.

    Source: OpenAI Realtime API reference, client events.
    """

    item_id: str


class ConversationItemTruncate(Event, frozen=True, kw_only=True, tag="conversation.item.truncate"):
    """Cuts an assistant item down to what was heard.

    - content_index: the audio part, 0.
    - audio_end_ms: ms of audio to keep, not more than there is.

    Source: OpenAI Realtime API reference, client events.
    """

    item_id: str
    content_index: int
    audio_end_ms: int


class ResponseCreate(Event, frozen=True, kw_only=True, tag="response.create"):
    """Asks for a response; refused while one is active in the conversation.

    - response: how this one differs from the session, and its `metadata`.

    Source: OpenAI Realtime API reference, client events.
    """

    response: dict[str, Any] | None = None


class ResponseCancel(Event, frozen=True, kw_only=True, tag="response.cancel"):
    """Ends a response early.

    - response_id: absent, the active one of the conversation.

    Source: OpenAI Realtime API reference, client events.
    """

    response_id: str | None = None


class OutputAudioBufferClear(Event, frozen=True, tag="output_audio_buffer.clear"):
    """Stops playback; on WebRTC and SIP only.

    Source: OpenAI Realtime API reference, client events.
    """


class ErrorEvent(Event, frozen=True, kw_only=True, tag="error"):
    """A request was refused or something failed; the connection stays open.

    Source: OpenAI Realtime API reference, server events.
    """

    error: ErrorBody


class SessionCreated(Event, frozen=True, kw_only=True, tag="session.created"):
    """The connection is ready; the session has its defaults.

    - session: the whole configuration.

    Source: OpenAI Realtime API reference, server events.
    """

    session: dict[str, Any] = field(default_factory=dict[str, Any])


class SessionUpdated(Event, frozen=True, kw_only=True, tag="session.updated"):
    """A `session.update` has taken effect; updates are confirmed in order.

    - session: the whole configuration.

    Source: OpenAI Realtime API reference, server events.
    """

    session: dict[str, Any] = field(default_factory=dict[str, Any])


class ConversationCreated(Event, frozen=True, kw_only=True, tag="conversation.created"):
    """A conversation exists; older servers only.

    Source: OpenAI Realtime API reference, server events.
    """

    conversation: dict[str, Any] | None = None


class ConversationItemCreated(Event, frozen=True, kw_only=True, tag="conversation.item.created"):
    """An item was added; older servers only.

    Source: OpenAI Realtime API reference, server events.
    """

    item: Item
    previous_item_id: Nullable[str] = UNSET


class ConversationItemAdded(Event, frozen=True, kw_only=True, tag="conversation.item.added"):
    """An item was added; an assistant item is still empty.

    - previous_item_id: its predecessor, null for the first.

    Source: OpenAI Realtime API reference, server events.
    """

    item: Item
    previous_item_id: Nullable[str] = UNSET


class ConversationItemDone(Event, frozen=True, kw_only=True, tag="conversation.item.done"):
    """An item is complete.

    - previous_item_id: null also after the first item; take the order from `added`.

    Source: OpenAI Realtime API reference, server events.
    """

    item: Item
    previous_item_id: Nullable[str] = UNSET


class ConversationItemRetrieved(
    Event, frozen=True, kw_only=True, tag="conversation.item.retrieved"
):
    """The item that was asked for.

    Source: OpenAI Realtime API reference, server events.
    """

    item: Item


class ConversationItemDeleted(Event, frozen=True, kw_only=True, tag="conversation.item.deleted"):
    """An item was removed.

    Source: OpenAI Realtime API reference, server events.
    """

    item_id: str | None = None


class ConversationItemTruncated(
    Event, frozen=True, kw_only=True, tag="conversation.item.truncated"
):
    """An item was cut.

    - audio_end_ms: ms of audio that were kept.

    Source: OpenAI Realtime API reference, server events.
    """

    item_id: str | None = None
    content_index: int | None = None
    audio_end_ms: int | None = None


class TranscriptionEvent(Event, frozen=True, kw_only=True):
    """Base of the events about the transcript of one part of one user item."""

    item_id: str | None = None
    content_index: int | None = None


class ConversationItemInputAudioTranscriptionDelta(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.delta",
):
    """A piece of the transcript of user speech.

    - obfuscation: padding against traffic analysis.

    Source: OpenAI Realtime API reference, server events.
    """

    delta: str
    logprobs: Listed[Any] = UNSET
    obfuscation: str | None = None


class ConversationItemInputAudioTranscriptionCompleted(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.completed",
):
    """User speech is written down; asynchronous to everything else.

    - usage: tokens or seconds, by model.

    Source: OpenAI Realtime API reference, server events.
    """

    transcript: str
    usage: Nullable[Usage] = UNSET
    languages: Listed[Any] = UNSET
    logprobs: Listed[Any] = UNSET


class ConversationItemInputAudioTranscriptionSegment(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.segment",
):
    """A stretch of the transcript with its speaker.

    - start, end: seconds.

    Source: OpenAI Realtime API reference, server events.
    """

    id: str | None = None
    text: str | None = None
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


class ConversationItemInputAudioTranscriptionFailed(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.failed",
):
    """User speech could not be written down; the answer goes on.

    Source: OpenAI Realtime API reference, server events.
    """

    error: ErrorBody | None = None


class InputAudioBufferCommitted(
    Event, frozen=True, kw_only=True, tag="input_audio_buffer.committed"
):
    """The input buffer became a user item.

    Source: OpenAI Realtime API reference, server events.
    """

    item_id: str | None = None
    previous_item_id: Nullable[str] = UNSET


class InputAudioBufferCleared(Event, frozen=True, tag="input_audio_buffer.cleared"):
    """The input buffer is empty.

    Source: OpenAI Realtime API reference, server events.
    """


class InputAudioBufferSpeechStarted(
    Event, frozen=True, kw_only=True, tag="input_audio_buffer.speech_started"
):
    """The user began to speak.

    - audio_start_ms: ms of audio appended in this session, padding included.
    - item_id: the item the utterance will become.

    Source: OpenAI Realtime API reference, server events.
    """

    audio_start_ms: int | None = None
    item_id: str | None = None


class InputAudioBufferSpeechStopped(
    Event, frozen=True, kw_only=True, tag="input_audio_buffer.speech_stopped"
):
    """The utterance ended.

    - audio_end_ms: ms of audio appended in this session, closing silence included.

    Source: OpenAI Realtime API reference, server events.
    """

    audio_end_ms: int | None = None
    item_id: str | None = None


class InputAudioBufferTimeoutTriggered(
    Event, frozen=True, kw_only=True, tag="input_audio_buffer.timeout_triggered"
):
    """The user said nothing for the idle timeout.

    - audio_start_ms, audio_end_ms: the silence, in ms of appended audio.

    Source: OpenAI Realtime API reference, server events.
    """

    audio_start_ms: int | None = None
    audio_end_ms: int | None = None
    item_id: str | None = None


class InputAudioBufferDtmfEventReceived(
    Event, frozen=True, kw_only=True, tag="input_audio_buffer.dtmf_event_received"
):
    """A telephone key was pressed; on SIP only.

    - received_at: unix seconds.

    Source: OpenAI Realtime API reference, server events.
    """

    event: str | None = None
    received_at: int | None = None


class ResponseCreated(Event, frozen=True, kw_only=True, tag="response.created"):
    """A response began.

    Source: OpenAI Realtime API reference, server events.
    """

    response: Response


class ResponseDone(Event, frozen=True, kw_only=True, tag="response.done"):
    """A response ended, whatever its status; nothing else ends it.

    Source: OpenAI Realtime API reference, server events.
    """

    response: Response


class ResponseOutputItemAdded(Event, frozen=True, kw_only=True, tag="response.output_item.added"):
    """A response began an item.

    Source: OpenAI Realtime API reference, server events.
    """

    item: Item
    response_id: str | None = None
    output_index: int | None = None


class ResponseOutputItemDone(Event, frozen=True, kw_only=True, tag="response.output_item.done"):
    """An item of a response is complete.

    Source: OpenAI Realtime API reference, server events.
    """

    item: Item
    response_id: str | None = None
    output_index: int | None = None


class ResponseContentPartAdded(
    ContentEvent, frozen=True, kw_only=True, tag="response.content_part.added"
):
    """An item of a response began a part.

    Source: OpenAI Realtime API reference, server events.
    """

    part: ContentPart


class ResponseContentPartDone(
    ContentEvent, frozen=True, kw_only=True, tag="response.content_part.done"
):
    """A part is complete.

    Source: OpenAI Realtime API reference, server events.
    """

    part: ContentPart


class ResponseOutputTextDelta(
    ContentEvent, frozen=True, kw_only=True, tag="response.output_text.delta"
):
    """A piece of text.

    - obfuscation: padding against traffic analysis.

    Source: OpenAI Realtime API reference, server events.
    """

    delta: str
    obfuscation: str | None = None


class ResponseOutputTextDone(
    ContentEvent, frozen=True, kw_only=True, tag="response.output_text.done"
):
    """A part's text is complete.

    Source: OpenAI Realtime API reference, server events.
    """

    text: str | None = None


class ResponseOutputAudioDelta(
    ContentEvent, frozen=True, kw_only=True, tag="response.output_audio.delta"
):
    """A piece of audio.

    - delta: base64, in the session's output format.

    Source: OpenAI Realtime API reference, server events.
    """

    delta: str


class ResponseOutputAudioDone(ContentEvent, frozen=True, tag="response.output_audio.done"):
    """A part's audio is complete; the response is not.

    Source: OpenAI Realtime API reference, server events.
    """


class ResponseOutputAudioTranscriptDelta(
    ContentEvent, frozen=True, kw_only=True, tag="response.output_audio_transcript.delta"
):
    """A piece of what the audio says; runs ahead of it.

    - obfuscation: padding against traffic analysis.

    Source: OpenAI Realtime API reference, server events.
    """

    delta: str
    obfuscation: str | None = None


class ResponseOutputAudioTranscriptDone(
    ContentEvent, frozen=True, kw_only=True, tag="response.output_audio_transcript.done"
):
    """What a part's audio says is complete.

    Source: OpenAI Realtime API reference, server events.
    """

    transcript: str | None = None


class ResponseFunctionCallArgumentsDelta(
    ResponsePart, frozen=True, kw_only=True, tag="response.function_call_arguments.delta"
):
    """A piece of a call's arguments.

    - obfuscation: padding against traffic analysis.

    Source: OpenAI Realtime API reference, server events.
    """

    delta: str
    call_id: str | None = None
    obfuscation: str | None = None


class ResponseFunctionCallArgumentsDone(
    ResponsePart, frozen=True, kw_only=True, tag="response.function_call_arguments.done"
):
    """A call's arguments are complete; the response is not.

    - arguments: a JSON text.

    Source: OpenAI Realtime API reference, server events.
    """

    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None


class ResponseMcpCallArgumentsDelta(
    ResponsePart, frozen=True, kw_only=True, tag="response.mcp_call_arguments.delta"
):
    """A piece of the arguments of a call that the server runs itself.

    - obfuscation: padding against traffic analysis.

    Source: OpenAI Realtime API reference, server events.
    """

    delta: str
    obfuscation: Nullable[str] = UNSET


class ResponseMcpCallArgumentsDone(
    ResponsePart, frozen=True, kw_only=True, tag="response.mcp_call_arguments.done"
):
    """The arguments of a call that the server runs itself are complete.

    Source: OpenAI Realtime API reference, server events.
    """

    arguments: str | None = None


class ResponseMcpCallInProgress(ResponsePart, frozen=True, tag="response.mcp_call.in_progress"):
    """The server runs a call.

    Source: OpenAI Realtime API reference, server events.
    """


class ResponseMcpCallCompleted(ResponsePart, frozen=True, tag="response.mcp_call.completed"):
    """A call that the server ran has its result.

    Source: OpenAI Realtime API reference, server events.
    """


class ResponseMcpCallFailed(ResponsePart, frozen=True, tag="response.mcp_call.failed"):
    """A call that the server ran has failed.

    Source: OpenAI Realtime API reference, server events.
    """


class McpListToolsInProgress(Event, frozen=True, kw_only=True, tag="mcp_list_tools.in_progress"):
    """The server asks a tool server what it offers.

    Source: OpenAI Realtime API reference, server events.
    """

    item_id: str | None = None


class McpListToolsCompleted(Event, frozen=True, kw_only=True, tag="mcp_list_tools.completed"):
    """The server knows what a tool server offers.

    Source: OpenAI Realtime API reference, server events.
    """

    item_id: str | None = None


class McpListToolsFailed(Event, frozen=True, kw_only=True, tag="mcp_list_tools.failed"):
    """A tool server could not say what it offers.

    Source: OpenAI Realtime API reference, server events.
    """

    item_id: str | None = None


class OutputAudioBufferStarted(Event, frozen=True, kw_only=True, tag="output_audio_buffer.started"):
    """Playback began; on WebRTC and SIP only.

    Source: OpenAI Realtime API reference, server events.
    """

    response_id: str | None = None


class OutputAudioBufferStopped(Event, frozen=True, kw_only=True, tag="output_audio_buffer.stopped"):
    """Playback ended; on WebRTC and SIP only.

    Source: OpenAI Realtime API reference, server events.
    """

    response_id: str | None = None


class OutputAudioBufferCleared(Event, frozen=True, kw_only=True, tag="output_audio_buffer.cleared"):
    """Playback was stopped; on WebRTC and SIP only.

    Source: OpenAI Realtime API reference, server events.
    """

    response_id: str | None = None


class RateLimitsUpdated(Event, frozen=True, kw_only=True, tag="rate_limits.updated"):
    """What the account may still use; often not sent.

    Source: OpenAI Realtime API reference, server events.
    """

    rate_limits: tuple[RateLimit, ...] = ()


ClientEvent: TypeAlias = (
    SessionUpdate
    | TranscriptionSessionUpdate
    | SessionClose
    | InputAudioBufferAppend
    | InputAudioBufferCommit
    | InputAudioBufferClear
    | ConversationItemCreate
    | ConversationItemRetrieve
    | ConversationItemDelete
    | ConversationItemTruncate
    | ResponseCreate
    | ResponseCancel
    | OutputAudioBufferClear
)
"""Whatever a client may say."""

ServerEvent: TypeAlias = (
    ErrorEvent
    | SessionCreated
    | SessionUpdated
    | ConversationCreated
    | ConversationItemCreated
    | ConversationItemAdded
    | ConversationItemDone
    | ConversationItemRetrieved
    | ConversationItemDeleted
    | ConversationItemTruncated
    | ConversationItemInputAudioTranscriptionDelta
    | ConversationItemInputAudioTranscriptionCompleted
    | ConversationItemInputAudioTranscriptionSegment
    | ConversationItemInputAudioTranscriptionFailed
    | InputAudioBufferCommitted
    | InputAudioBufferCleared
    | InputAudioBufferSpeechStarted
    | InputAudioBufferSpeechStopped
    | InputAudioBufferTimeoutTriggered
    | InputAudioBufferDtmfEventReceived
    | ResponseCreated
    | ResponseDone
    | ResponseOutputItemAdded
    | ResponseOutputItemDone
    | ResponseContentPartAdded
    | ResponseContentPartDone
    | ResponseOutputTextDelta
    | ResponseOutputTextDone
    | ResponseOutputAudioDelta
    | ResponseOutputAudioDone
    | ResponseOutputAudioTranscriptDelta
    | ResponseOutputAudioTranscriptDone
    | ResponseFunctionCallArgumentsDelta
    | ResponseFunctionCallArgumentsDone
    | ResponseMcpCallArgumentsDelta
    | ResponseMcpCallArgumentsDone
    | ResponseMcpCallInProgress
    | ResponseMcpCallCompleted
    | ResponseMcpCallFailed
    | McpListToolsInProgress
    | McpListToolsCompleted
    | McpListToolsFailed
    | OutputAudioBufferStarted
    | OutputAudioBufferStopped
    | OutputAudioBufferCleared
    | RateLimitsUpdated
)
"""Whatever a server may say, as far as it is known."""

__all__ = [
    "CachedTokenDetails",
    "ClientEvent",
    "ContentEvent",
    "ContentPart",
    "ConversationCreated",
    "ConversationItemAdded",
    "ConversationItemCreate",
    "ConversationItemCreated",
    "ConversationItemDelete",
    "ConversationItemDeleted",
    "ConversationItemDone",
    "ConversationItemInputAudioTranscriptionCompleted",
    "ConversationItemInputAudioTranscriptionDelta",
    "ConversationItemInputAudioTranscriptionFailed",
    "ConversationItemInputAudioTranscriptionSegment",
    "ConversationItemRetrieve",
    "ConversationItemRetrieved",
    "ConversationItemTruncate",
    "ConversationItemTruncated",
    "ErrorBody",
    "ErrorEvent",
    "Event",
    "InputAudioBufferAppend",
    "InputAudioBufferClear",
    "InputAudioBufferCleared",
    "InputAudioBufferCommit",
    "InputAudioBufferCommitted",
    "InputAudioBufferDtmfEventReceived",
    "InputAudioBufferSpeechStarted",
    "InputAudioBufferSpeechStopped",
    "InputAudioBufferTimeoutTriggered",
    "InputTokenDetails",
    "Item",
    "Listed",
    "McpListToolsCompleted",
    "McpListToolsFailed",
    "McpListToolsInProgress",
    "Nullable",
    "OutputAudioBufferClear",
    "OutputAudioBufferCleared",
    "OutputAudioBufferStarted",
    "OutputAudioBufferStopped",
    "OutputTokenDetails",
    "RateLimit",
    "RateLimitsUpdated",
    "RealtimeObject",
    "Response",
    "ResponseCancel",
    "ResponseContentPartAdded",
    "ResponseContentPartDone",
    "ResponseCreate",
    "ResponseCreated",
    "ResponseDone",
    "ResponseFunctionCallArgumentsDelta",
    "ResponseFunctionCallArgumentsDone",
    "ResponseMcpCallArgumentsDelta",
    "ResponseMcpCallArgumentsDone",
    "ResponseMcpCallCompleted",
    "ResponseMcpCallFailed",
    "ResponseMcpCallInProgress",
    "ResponseOutputAudioDelta",
    "ResponseOutputAudioDone",
    "ResponseOutputAudioTranscriptDelta",
    "ResponseOutputAudioTranscriptDone",
    "ResponseOutputItemAdded",
    "ResponseOutputItemDone",
    "ResponseOutputTextDelta",
    "ResponseOutputTextDone",
    "ResponsePart",
    "ServerEvent",
    "SessionClose",
    "SessionCreated",
    "SessionUpdate",
    "SessionUpdated",
    "StatusDetails",
    "TranscriptionEvent",
    "TranscriptionSessionUpdate",
    "Usage",
]
