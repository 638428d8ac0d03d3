"""What servers of the Realtime protocol say of one response.

Source: OpenAI Realtime API reference, server events.
"""

from msgspec import UNSET

from turngate.wire.realtime_objects import (
    ContentPart,
    Event,
    Item,
    Nullable,
    Response,
)


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
