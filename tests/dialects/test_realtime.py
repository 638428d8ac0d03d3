"""What the upstream says, in the core's words."""

import json
from typing import Any, get_args

import pytest

from turngate.core import events
from turngate.dialects import realtime as back
from turngate.wire import realtime
from turngate.wire.codec import Unknown, decode_server_event


def read(**event: Any) -> tuple[events.UpstreamEvent, ...]:
    return back.read(decode_server_event(json.dumps(event)))


def created(**response: Any) -> tuple[events.UpstreamEvent, ...]:
    return read(type="response.created", response=response)


def done(**response: Any) -> tuple[events.UpstreamEvent, ...]:
    return read(type="response.done", response=response)


def ended(**response: Any) -> events.ResponseDone:
    (event,) = done(**response)
    assert isinstance(event, events.ResponseDone)
    return event


def error(**body: Any) -> tuple[events.UpstreamEvent, ...]:
    return read(type="error", error=body)


CALL = {
    "type": "function_call",
    "id": "item_2",
    "call_id": "call_1",
    "name": "get_time",
    "arguments": '{"city": "Paris"}',
    "status": "completed",
}
ASKED = events.CallAsked("resp_1", "call_1", "get_time", '{"city": "Paris"}')
OF_PART = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}

# -- every event has its place


@pytest.mark.parametrize(
    "event", [*get_args(realtime.ServerEvent), Unknown], ids=lambda each: each.__name__
)
def test_event_is_either_read_or_ignored_with_a_reason(event: type) -> None:
    assert (event in back.READS) != (event in back.IGNORED)
    assert back.IGNORED.get(event, "a b").count(" ")


def test_tables_hold_nothing_that_a_server_cannot_say() -> None:
    assert {*back.READS, *back.IGNORED} == {*get_args(realtime.ServerEvent), Unknown}


# -- what each event means

MEANT: list[tuple[dict[str, Any], tuple[events.UpstreamEvent, ...]]] = [
    ({"type": "session.updated", "session": {}}, (events.Updated(),)),
    (
        {"type": "conversation.item.added", "item": {"type": "message", "id": "item_1"}},
        (events.ItemAcknowledged("item_1"),),
    ),
    (
        {"type": "conversation.item.created", "item": {"type": "message", "id": "item_1"}},
        (events.ItemAcknowledged("item_1"),),
    ),
    (
        {"type": "conversation.item.done", "item": {"type": "message", "id": "item_1"}},
        (events.ItemAcknowledged("item_1"),),
    ),
    (
        {
            "type": "conversation.item.input_audio_transcription.completed",
            "item_id": "item_1",
            "transcript": "What time is it?",
        },
        (events.UserTranscribed("item_1", "What time is it?"),),
    ),
    (
        {
            "type": "conversation.item.input_audio_transcription.failed",
            "item_id": "item_1",
            "error": {"code": "DeploymentNotFound", "message": "No such deployment."},
        },
        (events.TranscriptionFailed("item_1", "DeploymentNotFound"),),
    ),
    (
        {
            "type": "input_audio_buffer.timeout_triggered",
            "audio_start_ms": 0,
            "audio_end_ms": 5000,
            "item_id": "item_1",
        },
        (events.SilenceTold("item_1"),),
    ),
    (
        {"type": "input_audio_buffer.committed", "item_id": "item_1"},
        (events.SpeechCommitted("item_1"),),
    ),
    (
        {
            "type": "input_audio_buffer.speech_started",
            "item_id": "item_1",
            "audio_start_ms": 1460,
        },
        (events.SpeechStarted("item_1"),),
    ),
    (
        {"type": "input_audio_buffer.speech_stopped", "item_id": "item_1", "audio_end_ms": 4256},
        (events.SpeechStopped("item_1"),),
    ),
    (
        {
            "type": "response.created",
            "response": {
                "id": "resp_1",
                "conversation_id": "conv_1",
                "metadata": {"turngate": "tg_1", "other": "x"},
            },
        },
        (events.ResponseCreated("resp_1", "tg_1"),),
    ),
    (
        {
            "type": "response.done",
            "response": {
                "id": "resp_1",
                "status": "completed",
                "status_details": None,
                "conversation_id": "conv_1",
                "metadata": {"turngate": "tg_1"},
                "output": [{"type": "message", "id": "item_1"}, CALL],
            },
        },
        (ASKED, events.ResponseDone("resp_1", "tg_1")),
    ),
    (
        {
            "type": "response.function_call_arguments.done",
            "response_id": "resp_1",
            "item_id": "item_2",
            "call_id": "call_1",
            "name": "get_time",
            "arguments": '{"city": "Paris"}',
        },
        (ASKED,),
    ),
    (
        {"type": "response.output_item.done", "response_id": "resp_1", "item": CALL},
        (ASKED,),
    ),
    ({"type": "input_audio_buffer.cleared"}, (events.SpeechCleared(),)),
    (
        {"type": "response.output_audio.delta", **OF_PART, "delta": "AAAA"},
        (events.AudioBegan("resp_1", "item_1"),),
    ),
    (
        {"type": "response.output_audio_transcript.delta", **OF_PART, "delta": "Hello"},
        (events.AgentText("resp_1", "item_1", "Hello", is_spoken=True),),
    ),
    (
        {"type": "response.output_audio_transcript.done", **OF_PART, "transcript": "Hello."},
        (events.AgentTextDone("resp_1", "item_1", "Hello.", is_spoken=True),),
    ),
    (
        {"type": "response.output_audio.done", **OF_PART},
        (events.AudioEnded("resp_1", "item_1"),),
    ),
    (
        {"type": "response.output_text.delta", **OF_PART, "delta": "Hello"},
        (events.AgentText("resp_1", "item_1", "Hello"),),
    ),
    (
        {"type": "response.output_text.done", **OF_PART, "text": "Hello."},
        (events.AgentTextDone("resp_1", "item_1", "Hello."),),
    ),
    (
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "code": "unknown_parameter",
                "message": "Unknown parameter: 'session.modalities'.",
                "param": "session.modalities",
                "event_id": "tg_1",
            },
        },
        (
            events.Rejected(
                "tg_1",
                "unknown_parameter",
                "Unknown parameter: 'session.modalities'.",
                "session.modalities",
            ),
        ),
    ),
]


@pytest.mark.parametrize("event, meant", MEANT, ids=[event["type"] for event, _ in MEANT])
def test_event_means(event: dict[str, Any], meant: tuple[events.UpstreamEvent, ...]) -> None:
    assert read(**event) == meant


def test_every_event_that_is_read_is_among_the_samples() -> None:
    sampled = {type(decode_server_event(json.dumps(event))) for event, _ in MEANT}
    assert sampled == set(back.READS)


@pytest.mark.parametrize("event", back.IGNORED, ids=lambda each: each.__name__)
def test_event_that_is_ignored_means_nothing(event: Any) -> None:
    if event is Unknown:
        assert read(type="brand.new", response={"id": "resp_1"}) == ()
        return
    fields = {"item": {"type": "message"}, "part": {"type": "text"}, "delta": ""}
    known = {key: value for key, value in fields.items() if key in event.__struct_fields__}
    assert read(type=event.__struct_config__.tag, **known) == ()


# -- responses


def test_response_without_a_mark_is_nobodys() -> None:
    for metadata in ({}, None, {"turngate": 7}, {"other": "tg_1"}):
        assert created(id="resp_1", metadata=metadata) == (events.ResponseCreated("resp_1"),)
    assert created(id="resp_1") == (events.ResponseCreated("resp_1"),)


def test_response_is_out_of_band_only_where_its_conversation_is_null() -> None:
    assert created(id="resp_1", conversation_id=None) == ()
    assert done(id="resp_1", conversation_id=None, output=[CALL]) == ()
    assert created(id="resp_1") != ()
    assert done(id="resp_1") != ()


@pytest.mark.parametrize("response", [{}, {"id": None}, {"id": ""}])
def test_end_without_an_id_counts_for_whichever_runs(response: dict[str, Any]) -> None:
    assert ended(**response).response_id is None


def test_beginning_without_an_id_is_still_a_beginning() -> None:
    assert created() == (events.ResponseCreated(""),)


@pytest.mark.parametrize(
    "response, status, reason, message",
    [
        ({}, "completed", "", ""),
        ({"status": "completed", "status_details": None}, "completed", "", ""),
        (
            {"status": "cancelled", "status_details": {"reason": "turn_detected"}},
            "cancelled",
            "turn_detected",
            "",
        ),
        (
            {"status": "incomplete", "status_details": {"reason": "max_output_tokens"}},
            "incomplete",
            "max_output_tokens",
            "",
        ),
        (
            {
                "status": "failed",
                "status_details": {
                    "type": "failed",
                    "error": {"type": "tokens", "code": "rate_limit_exceeded", "message": "Slow."},
                },
            },
            "failed",
            "rate_limit_exceeded",
            "Slow.",
        ),
        (
            {
                "status": "failed",
                "status_details": {"error": {"type": "server_error", "code": None, "message": "M"}},
            },
            "failed",
            "server_error",
            "M",
        ),
        ({"status": "failed", "status_details": {"error": None}}, "failed", "", ""),
    ],
)
def test_end_says_how_and_why(
    response: dict[str, Any], status: str, reason: str, message: str
) -> None:
    event = ended(id="resp_1", **response)
    assert (event.status, event.reason, event.message) == (status, reason, message)


# -- calls


@pytest.mark.parametrize("status", ["cancelled", "failed", "incomplete"])
def test_calls_of_a_response_that_was_cut_off_are_not_asked(status: str) -> None:
    assert not any(
        isinstance(each, events.CallAsked) for each in done(status=status, output=[CALL])
    )


def test_call_whose_item_was_cut_off_is_not_asked() -> None:
    cut = CALL | {"status": "incomplete", "arguments": '{"city": "Pa'}
    assert read(type="response.output_item.done", response_id="resp_1", item=cut) == ()
    assert done(id="resp_1", output=[cut]) == (events.ResponseDone("resp_1"),)


@pytest.mark.parametrize("arguments", ['{"city": "Pa', "", "7", '{"a":' * 100_000])
def test_arguments_that_may_have_been_cut_off_wait_for_the_end_of_the_item(arguments: str) -> None:
    event = {"response_id": "resp_1", "call_id": "call_1", "name": "get_time"}
    assert read(type="response.function_call_arguments.done", **event, arguments=arguments) == ()


@pytest.mark.parametrize("lost", ["call_id", "name"])
def test_call_that_is_not_named_is_named_by_the_end_of_its_item(lost: str) -> None:
    event = {"call_id": "call_1", "name": "get_time", "arguments": "{}"}
    event.pop(lost)
    assert read(type="response.function_call_arguments.done", **event) == ()
    item = {key: value for key, value in CALL.items() if key != lost}
    assert read(type="response.output_item.done", response_id="resp_1", item=item) == ()


def test_function_without_arguments_gets_an_empty_object() -> None:
    item = CALL | {"arguments": ""}
    assert read(type="response.output_item.done", response_id="resp_1", item=item) == (
        events.CallAsked("resp_1", "call_1", "get_time", "{}"),
    )


def test_end_of_a_message_is_no_call() -> None:
    item = {"type": "message", "id": "item_1", "role": "assistant"}
    assert read(type="response.output_item.done", response_id="resp_1", item=item) == ()


# -- what servers leave out


def test_item_without_an_id_acknowledges_nothing() -> None:
    assert read(type="conversation.item.added", item={"type": "message"}) == ()


@pytest.mark.parametrize("transcript", ["", " ", "\n"])
def test_speech_without_words_is_told_too(transcript: str) -> None:
    kind = "conversation.item.input_audio_transcription.completed"
    assert read(type=kind, item_id="item_1", transcript=transcript) == (
        events.UserTranscribed("item_1", transcript),
    )


def test_transcription_may_fail_without_a_reason() -> None:
    kind = "conversation.item.input_audio_transcription.failed"
    for body in ({}, {"error": None}, {"error": {"code": None}}):
        assert read(type=kind, **body) == (events.TranscriptionFailed("", ""),)


@pytest.mark.parametrize(
    "event, meant",
    [
        ({"type": "response.output_text.delta", "delta": "a"}, events.AgentText("", "", "a")),
        ({"type": "response.output_text.done"}, events.AgentTextDone("", "", "")),
        (
            {"type": "response.output_audio_transcript.done"},
            events.AgentTextDone("", "", "", is_spoken=True),
        ),
        ({"type": "response.output_audio.done"}, events.AudioEnded("", "")),
        ({"type": "response.output_audio.delta", "delta": ""}, events.AudioBegan("", "")),
        ({"type": "input_audio_buffer.speech_started"}, events.SpeechStarted("")),
        ({"type": "input_audio_buffer.speech_stopped"}, events.SpeechStopped("")),
        ({"type": "input_audio_buffer.committed"}, events.SpeechCommitted("")),
    ],
)
def test_event_without_ids_still_means_something(
    event: dict[str, Any], meant: events.UpstreamEvent
) -> None:
    assert read(**event) == (meant,)


# -- errors

TAKEN = (
    "Conversation already has an active response in progress: resp_X1. "
    "Wait until the response is finished before creating a new one."
)


@pytest.mark.parametrize(
    "body, event_id, holder",
    [
        (
            {
                "code": "conversation_already_has_active_response",
                "message": TAKEN,
                "event_id": "tg_1",
            },
            "tg_1",
            "resp_X1",
        ),
        (
            {
                "code": "conversation_already_has_active_response",
                "message": "",
                "event_id": None,
            },
            None,
            None,
        ),
        (
            {"code": None, "message": "Conversation already has an active response"},
            None,
            None,
        ),
    ],
)
def test_refusal_because_of_another_response_names_the_holder(
    body: dict[str, Any], event_id: str | None, holder: str | None
) -> None:
    assert error(**body) == (events.SlotTaken(event_id, holder),)


@pytest.mark.parametrize(
    "body",
    [
        {"code": "response_cancel_not_active", "message": ""},
        {"code": None, "message": "Cancellation failed: no active response found"},
    ],
)
def test_cancel_that_came_too_late_is_told_apart(body: dict[str, Any]) -> None:
    assert error(**body) == (events.CancelMissed(None),)


@pytest.mark.parametrize("event_id", [{}, {"event_id": None}, {"event_id": ""}])
def test_refusal_of_nothing_in_particular_names_no_event(event_id: dict[str, Any]) -> None:
    assert error(type="server_error", message="The server had an error.", **event_id) == (
        events.Rejected(None, "server_error", "The server had an error."),
    )


@pytest.mark.parametrize(
    "kind, is_of_one",
    [("response.output_item.added", True), ("response.brand_new", True), ("brand.new", False)],
)
def test_what_a_response_says_is_told_from_the_rest(kind: str, *, is_of_one: bool) -> None:
    item = {"id": "i", "type": "message"}
    event = decode_server_event(json.dumps({"type": kind, "item": item}))
    assert back.is_of_a_response(event) is is_of_one
