"""The OpenAI Realtime protocol to and from the core's words.

Every request of ours carries one metadata key, `turngate`, whose value is the event's id: the
server echoes it in `response.created` and `response.done`, which is how a response is matched to
its author.

Source: OpenAI Realtime API reference; recordings of the service for what it leaves out.
"""

import re
from collections.abc import Callable
from typing import Any, assert_never

import msgspec

from turngate.core import effects, events, items
from turngate.wire import realtime
from turngate.wire.codec import Unknown

MARK = "turngate"
"""The metadata key of ours; of 16 that the service allows."""

_SLOT_TAKEN = "conversation_already_has_active_response"
_CANCEL_MISSED = "response_cancel_not_active"
_HOLDER = re.compile(r"resp_\w+")

# -- what the upstream says


def read(event: realtime.ServerEvent | Unknown) -> tuple[events.UpstreamEvent, ...]:
    """Return what an event means to the turn; nothing, for most."""
    reading = READS.get(type(event))
    return () if reading is None else reading(event)


def is_of_a_response(event: realtime.ServerEvent | Unknown) -> bool:
    """Tell what a response says, known or not, from what is said beside it."""
    kind = event.type if isinstance(event, Unknown) else event.__struct_config__.tag
    return str(kind).startswith("response.")


def _session_updated(_: realtime.SessionUpdated) -> tuple[events.UpstreamEvent, ...]:
    return (events.Updated(),)


def mark(response: realtime.Response) -> str | None:
    """Return the name of the request of ours that a response bears."""
    found = (response.metadata or {}).get(MARK)
    return found if isinstance(found, str) else None


def _is_out_of_band(response: realtime.Response) -> bool:
    """Tell a response beside the conversation: only an explicit null says so."""
    return response.conversation_id is None


def _response_created(event: realtime.ResponseCreated) -> tuple[events.UpstreamEvent, ...]:
    response = event.response
    if _is_out_of_band(response):
        return ()
    return (events.ResponseCreated(response.id or "", mark(response)),)


def _response_done(event: realtime.ResponseDone) -> tuple[events.UpstreamEvent, ...]:
    response = event.response
    if _is_out_of_band(response):
        return ()
    details = response.status_details or realtime.StatusDetails()
    error = details.error or realtime.ErrorBody()
    done = events.ResponseDone(
        response.id or None,
        mark(response),
        status=response.status or "completed",
        reason=error.code or details.reason or error.type,
        message=error.message,
    )
    return (*_calls(response), done)


def _calls(response: realtime.Response) -> tuple[events.UpstreamEvent, ...]:
    """Return the calls that a finished response lists, which some servers do nowhere else."""
    if response.status not in (None, "completed"):
        return ()
    return tuple(call for item in response.output or () for call in _call(response.id or "", item))


def _call(response_id: str, item: realtime.Item) -> tuple[events.UpstreamEvent, ...]:
    if item.type != "function_call" or not item.call_id or not item.name:
        return ()
    if item.status == "incomplete":
        return ()  # cut off in the middle of its arguments
    return (events.CallAsked(response_id, item.call_id, item.name, item.arguments or "{}"),)


def _arguments_done(
    event: realtime.ResponseFunctionCallArgumentsDone,
) -> tuple[events.UpstreamEvent, ...]:
    """Return the call, if it is all there; else the item's own end tells, which comes next.

    The event also comes when a response is cut off, with whatever arguments there were by then.
    """
    arguments = event.arguments or ""
    if not event.call_id or not event.name or not _is_object(arguments):
        return ()
    return (events.CallAsked(event.response_id or "", event.call_id, event.name, arguments),)


def _is_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        return False


def _output_item_done(event: realtime.ResponseOutputItemDone) -> tuple[events.UpstreamEvent, ...]:
    return _call(event.response_id or "", event.item)


def _item_known(
    event: realtime.ConversationItemAdded
    | realtime.ConversationItemDone
    | realtime.ConversationItemCreated,
) -> tuple[events.UpstreamEvent, ...]:
    return (events.ItemAcknowledged(event.item.id),) if event.item.id else ()


def _text(event: realtime.ResponseOutputTextDelta) -> tuple[events.UpstreamEvent, ...]:
    return (events.AgentText(event.response_id or "", event.item_id or "", event.delta),)


def _transcript(
    event: realtime.ResponseOutputAudioTranscriptDelta,
) -> tuple[events.UpstreamEvent, ...]:
    ids = event.response_id or "", event.item_id or ""
    return (events.AgentText(*ids, event.delta, is_spoken=True),)


def _text_done(event: realtime.ResponseOutputTextDone) -> tuple[events.UpstreamEvent, ...]:
    return (events.AgentTextDone(event.response_id or "", event.item_id or "", event.text or ""),)


def _transcript_done(
    event: realtime.ResponseOutputAudioTranscriptDone,
) -> tuple[events.UpstreamEvent, ...]:
    ids = event.response_id or "", event.item_id or ""
    return (events.AgentTextDone(*ids, event.transcript or "", is_spoken=True),)


def _audio(event: realtime.ResponseOutputAudioDelta) -> tuple[events.UpstreamEvent, ...]:
    return (events.AudioBegan(event.response_id or "", event.item_id or ""),)


def _audio_done(event: realtime.ResponseOutputAudioDone) -> tuple[events.UpstreamEvent, ...]:
    return (events.AudioEnded(event.response_id or "", event.item_id or ""),)


def _speech_started(
    event: realtime.InputAudioBufferSpeechStarted,
) -> tuple[events.UpstreamEvent, ...]:
    return (events.SpeechStarted(event.item_id or ""),)


def _speech_stopped(
    event: realtime.InputAudioBufferSpeechStopped,
) -> tuple[events.UpstreamEvent, ...]:
    return (events.SpeechStopped(event.item_id or ""),)


def _silence_told(
    event: realtime.InputAudioBufferTimeoutTriggered,
) -> tuple[events.UpstreamEvent, ...]:
    return (events.SilenceTold(event.item_id or ""),)


def _committed(event: realtime.InputAudioBufferCommitted) -> tuple[events.UpstreamEvent, ...]:
    return (events.SpeechCommitted(event.item_id or ""),)


def _cleared(_: realtime.InputAudioBufferCleared) -> tuple[events.UpstreamEvent, ...]:
    return (events.SpeechCleared(),)


def _transcribed(
    event: realtime.ConversationItemInputAudioTranscriptionCompleted,
) -> tuple[events.UpstreamEvent, ...]:
    return (events.UserTranscribed(event.item_id or "", event.transcript),)


def _not_transcribed(
    event: realtime.ConversationItemInputAudioTranscriptionFailed,
) -> tuple[events.UpstreamEvent, ...]:
    code = (event.error.code if event.error else None) or ""
    return (events.TranscriptionFailed(event.item_id or "", code),)


def _error(event: realtime.ErrorEvent) -> tuple[events.UpstreamEvent, ...]:
    error = event.error
    event_id, code = error.event_id or None, error.code or ""
    if code == _SLOT_TAKEN or "already has an active response" in error.message:
        holder = _HOLDER.search(error.message)
        return (events.SlotTaken(event_id, holder[0] if holder else None),)
    if code == _CANCEL_MISSED or "no active response found" in error.message:
        return (events.CancelMissed(event_id),)
    return (events.Rejected(event_id, code or error.type, error.message, error.param or ""),)


READS: dict[type, Callable[[Any], tuple[events.UpstreamEvent, ...]]] = {
    realtime.ErrorEvent: _error,
    realtime.SessionUpdated: _session_updated,
    realtime.ConversationItemAdded: _item_known,
    realtime.ConversationItemCreated: _item_known,
    realtime.ConversationItemDone: _item_known,
    realtime.ConversationItemInputAudioTranscriptionCompleted: _transcribed,
    realtime.ConversationItemInputAudioTranscriptionFailed: _not_transcribed,
    realtime.InputAudioBufferCleared: _cleared,
    realtime.InputAudioBufferTimeoutTriggered: _silence_told,
    realtime.InputAudioBufferCommitted: _committed,
    realtime.InputAudioBufferSpeechStarted: _speech_started,
    realtime.InputAudioBufferSpeechStopped: _speech_stopped,
    realtime.ResponseCreated: _response_created,
    realtime.ResponseDone: _response_done,
    realtime.ResponseFunctionCallArgumentsDone: _arguments_done,
    realtime.ResponseOutputAudioDelta: _audio,
    realtime.ResponseOutputAudioDone: _audio_done,
    realtime.ResponseOutputAudioTranscriptDelta: _transcript,
    realtime.ResponseOutputAudioTranscriptDone: _transcript_done,
    realtime.ResponseOutputItemDone: _output_item_done,
    realtime.ResponseOutputTextDelta: _text,
    realtime.ResponseOutputTextDone: _text_done,
}

_PROGRESS = "a step on the way to an event that is read"
_ECHO = "the echo of a request whose outcome nobody waits for"
_MCP = "the upstream runs these tools itself"
_WEBRTC = "never sent over a WebSocket"

IGNORED: dict[type, str] = {
    Unknown: "newer than turngate; counted",
    realtime.SessionCreated: "the connection being open says as much; it is not readiness",
    realtime.ConversationCreated: "only older servers send it; there is one conversation",
    realtime.ConversationItemDeleted: _ECHO,
    realtime.ConversationItemRetrieved: _ECHO,
    realtime.ConversationItemTruncated: _ECHO,
    realtime.ConversationItemInputAudioTranscriptionDelta: _PROGRESS,
    realtime.ConversationItemInputAudioTranscriptionSegment: _PROGRESS,
    realtime.InputAudioBufferDtmfEventReceived: _WEBRTC,
    realtime.McpListToolsCompleted: _MCP,
    realtime.McpListToolsFailed: _MCP,
    realtime.McpListToolsInProgress: _MCP,
    realtime.OutputAudioBufferCleared: _WEBRTC,
    realtime.OutputAudioBufferStarted: _WEBRTC,
    realtime.OutputAudioBufferStopped: _WEBRTC,
    realtime.RateLimitsUpdated: "nothing of the turn depends on it",
    realtime.ResponseContentPartAdded: _PROGRESS,
    realtime.ResponseContentPartDone: _PROGRESS,
    realtime.ResponseFunctionCallArgumentsDelta: _PROGRESS,
    realtime.ResponseMcpCallArgumentsDelta: _MCP,
    realtime.ResponseMcpCallArgumentsDone: _MCP,
    realtime.ResponseMcpCallCompleted: _MCP,
    realtime.ResponseMcpCallFailed: _MCP,
    realtime.ResponseMcpCallInProgress: _MCP,
    realtime.ResponseOutputItemAdded: _PROGRESS,
}

# -- what the upstream is asked


def write(effect: effects.ToUpstream) -> realtime.ClientEvent:
    """Return the event that asks the upstream."""
    match effect:
        case effects.SendUpdate(event_id, patch):
            session = {"type": "realtime", **patch}
            return realtime.SessionUpdate(event_id=event_id, session=session)
        case effects.SendItem(item_id, item):
            return realtime.ConversationItemCreate(event_id=item_id, item=_item(item_id, item))
        case effects.SendRequest(event_id, say):
            response: dict[str, Any] = {"metadata": {MARK: event_id}}
            if say is not None:
                response |= {"instructions": exactly(say), "tool_choice": "none"}
            return realtime.ResponseCreate(event_id=event_id, response=response)
        case effects.SendCancel(event_id, response_id):
            return realtime.ResponseCancel(event_id=event_id, response_id=response_id)
        case effects.SendTruncate(event_id, item_id, heard_ms):
            return realtime.ConversationItemTruncate(
                event_id=event_id, item_id=item_id, content_index=0, audio_end_ms=heard_ms
            )
        case effects.SendDelete(event_id, item_id):
            return realtime.ConversationItemDelete(event_id=event_id, item_id=item_id)
        case effects.SendCommit(event_id):
            return realtime.InputAudioBufferCommit(event_id=event_id)
        case _:
            assert_never(effect)


def exactly(text: str) -> str:
    """Return instructions to speak `text` word for word; the protocol has no other way."""
    return f'Say exactly: "{text}"'


def _item(item_id: str, item: items.Item) -> realtime.Item:
    match item:
        case items.UserText(text):
            return _message(item_id, "user", "input_text", text)
        case items.AgentText(text):
            return _message(item_id, "assistant", "output_text", text)
        case items.PastCall(call_id, name, arguments):
            return realtime.Item(
                type="function_call", id=item_id, call_id=call_id, name=name, arguments=arguments
            )
        case items.CallOutput(call_id, output):
            return realtime.Item(
                type="function_call_output", id=item_id, call_id=call_id, output=output
            )
        case items.LateResult(call_id, name, output):
            text = f"The function {name} (call {call_id}) has answered: {output}"
            return _message(item_id, "system", "input_text", text)
        case items.StillRunning(call_id, name, say):
            text = f"The function {name} (call {call_id}) is still running; tell the user: {say}"
            return _message(item_id, "system", "input_text", text)
        case _:
            assert_never(item)


def _message(item_id: str, role: str, kind: str, text: str) -> realtime.Item:
    part = realtime.ContentPart(type=kind, text=text)
    return realtime.Item(type="message", id=item_id, role=role, content=(part,))
