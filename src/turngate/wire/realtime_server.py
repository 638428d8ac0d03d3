"""What servers of the Realtime protocol say of the session, the conversation and its audio.

What they say of one response is in `realtime_response`.

Source: OpenAI Realtime API reference, server events.
"""

from typing import Any

from msgspec import UNSET, field

from turngate.wire.realtime_objects import (
    ErrorBody,
    Event,
    Item,
    Listed,
    Nullable,
    RateLimit,
    Usage,
)


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
