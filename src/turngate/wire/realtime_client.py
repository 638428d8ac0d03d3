"""What clients of the Realtime protocol say.

Source: OpenAI Realtime API reference, client events.
"""

from typing import Any

from msgspec import UNSET

from turngate.wire.realtime_objects import (
    Event,
    Item,
    Nullable,
)


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
