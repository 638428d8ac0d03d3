"""The order of events, as on the recordings of the service."""

import pytest

from turngate.audio.tone import silence, tone
from turngate.emulator import Call, Knobs, Reply, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json

TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}


def collapsed(events: list[Json]) -> list[str]:
    """Types in order, runs of the same type as one."""
    types: list[str] = []
    for event in events:
        if not types or types[-1] != event["type"]:
            types.append(event["type"])
    return types


def test_connecting_brings_session_created_and_nothing_else() -> None:
    client = MemoryClient()
    client.settle()
    assert client.types == ["session.created"]


def test_a_typed_turn_with_a_text_answer() -> None:
    client = MemoryClient()
    client.update(output_modalities=["text"])
    seen = len(client.events)
    client.say("hello")
    client.send("response.create")
    client.settle()
    assert collapsed(client.events[seen:]) == [
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    assert client.of("response.output_text.done")[0]["text"] == "You said: hello"


def test_an_audio_answer_begins_with_its_transcript_and_ends_with_its_audio_first() -> None:
    client = MemoryClient()
    client.say("hello")
    client.send("response.create")
    client.settle()
    types = collapsed(client.events)
    content = [kind for kind in types if "output_audio" in kind]
    assert content[0] == "response.output_audio_transcript.delta"
    assert content[-2:] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
    ]
    assert types[types.index("response.output_audio_transcript.done") + 1 :] == [
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]


def test_a_call_has_its_arguments_and_one_response_done() -> None:
    client = MemoryClient()
    client.update(tools=[TOOL])
    client.say("what is the weather in Paris")
    seen = len(client.events)
    client.send("response.create")
    client.settle()
    assert collapsed(client.events[seen:]) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    done = client.of("response.done")[0]["response"]
    assert [item["type"] for item in done["output"]] == ["function_call"]


def test_a_spoken_turn_keeps_one_item_id_and_is_answered_in_the_same_burst() -> None:
    client = MemoryClient()
    burst = client.hear(tone(600) + silence(300))
    assert collapsed(burst) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    ids = {event.get("item_id") or event["item"]["id"] for event in burst[:5]}
    assert len(ids) == 1


def test_a_cancelled_response_closes_what_is_open() -> None:
    client = MemoryClient()
    client.say("tell a long story")
    client.send("response.create", response={"output_modalities": ["text"]})
    created = client.until("response.created")
    client.wait(100)
    closing = client.send("response.cancel", response_id=created["response"]["id"])
    assert collapsed(closing) == [
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    done = client.of("response.done")[0]["response"]
    assert done["status"] == "cancelled"
    assert done["status_details"]["reason"] == "client_cancelled"
    assert done["output"][0]["status"] == "incomplete"
    assert client.settle() == []


def test_speech_cuts_a_response_short() -> None:
    client = MemoryClient()
    client.say("tell a long story")
    client.send("response.create")
    client.until("response.output_audio.delta")
    burst = client.hear(tone(200))
    assert collapsed(burst)[0] == "input_audio_buffer.speech_started"
    done = client.of("response.done")[0]["response"]
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}


def test_an_out_of_band_response_writes_nothing_to_the_conversation() -> None:
    client = MemoryClient()
    content = [{"type": "input_text", "text": "classify"}]
    message = {"type": "message", "role": "user", "content": content}
    client.send(
        "response.create",
        response={"conversation": "none", "metadata": {"topic": "t"}, "input": [message]},
    )
    client.settle()
    assert not [kind for kind in client.types if kind.startswith("conversation.item")]
    done = client.of("response.done")[0]["response"]
    assert done["conversation_id"] is None
    assert done["metadata"] == {"topic": "t"}


def test_done_names_no_predecessor_when_that_is_the_first_item() -> None:
    client = MemoryClient()
    client.say("one")
    client.send("response.create")
    client.settle()
    client.say("two")
    client.send("response.create")
    client.settle()
    first, second = [
        event
        for event in client.of("conversation.item.done")
        if event["item"]["role"] == "assistant"
    ]
    assert first["previous_item_id"] is None
    assert second["previous_item_id"] is not None


def test_the_gap_between_the_end_of_the_audio_and_the_end_of_the_response() -> None:
    client = MemoryClient(Knobs(done_after_last_ms=300))
    client.say("hello")
    client.send("response.create")
    client.until("response.output_item.done")
    assert "response.done" not in [event["type"] for event in client.wait(299)]
    assert "response.done" in [event["type"] for event in client.wait(2)]


def test_text_can_end_before_audio() -> None:
    client = MemoryClient(Knobs(text_done_before_audio_done=True))
    client.say("hello")
    client.send("response.create")
    client.settle()
    assert client.types.index("response.output_audio_transcript.done") < client.types.index(
        "response.output_audio.done"
    )


def test_a_commentary_and_its_call_can_interleave() -> None:
    script = Script(replies=(Reply(text="One moment.", calls=(Call("look"),)),))
    client = MemoryClient(Knobs(interleave_outputs=True), script, "gpt-realtime-2.1")
    client.update(output_modalities=["text"])
    client.say("hello")
    client.send("response.create")
    client.settle()
    added = client.of("response.output_item.added")
    assert [event["item"].get("phase") for event in added] == ["commentary", None]
    second = client.events.index(added[1])
    assert second < client.types.index("response.output_text.done")


@pytest.mark.parametrize(
    "output_ack, expected",
    [
        ("both", ["conversation.item.added", "conversation.item.done"]),
        ("done_only", ["conversation.item.done"]),
        ("none", []),
    ],
)
def test_how_an_output_is_acknowledged(output_ack: str, expected: list[str]) -> None:
    knobs = {"output_ack": output_ack}
    client = MemoryClient(Knobs(**knobs))  # pyright: ignore[reportArgumentType]  parametrised
    call_id = called(client)
    client.settle()
    assert [event["type"] for event in client.output(call_id)] == expected


def test_an_output_can_be_acknowledged_only_after_the_end_of_its_response() -> None:
    client = MemoryClient(Knobs(output_ack="after_response_done", done_after_last_ms=50))
    call_id = called(client)
    assert client.output(call_id) == []
    types = [event["type"] for event in client.settle()]
    assert types.index("response.done") < types.index("conversation.item.added")


def called(client: MemoryClient) -> str:
    """Let the model call a function and return the call id, while the response still runs."""
    client.update(tools=[TOOL])
    client.say("use your tools")
    client.send("response.create")
    return client.until("response.function_call_arguments.done")["call_id"]


def test_a_user_message_can_be_acknowledged_after_the_arguments_of_a_call() -> None:
    client = MemoryClient(Knobs(user_item_added_after_args_done=True))
    client.update(tools=[TOOL])
    assert client.say("use your tools") == []
    client.send("response.create")
    client.settle()
    late = next(
        index
        for index, event in enumerate(client.events)
        if event["type"] == "conversation.item.added" and event["item"].get("role") == "user"
    )
    assert client.types[late - 1] == "response.function_call_arguments.done"
