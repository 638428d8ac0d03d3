"""The knobs: races, faults and delays, each by what a client sees of it."""

from pathlib import Path

import msgspec
import pytest

from turngate.audio.tone import silence, tone
from turngate.emulator import At, CloseAt, ErrorAt, FrameAt, Knobs, Script
from turngate.emulator.audit import Audit
from turngate.emulator.knobs import changes_of, overridden
from turngate.emulator.memory import MemoryClient
from turngate.emulator.outbox import Close, Drop, Freeze
from turngate.emulator.refusal import Json


def asked(knobs: Knobs, text: str = "hello") -> MemoryClient:
    """A client that has typed a turn and asked for its answer."""
    client = MemoryClient(knobs)
    client.say(text)
    client.send("response.create", event_id="c1", response={"output_modalities": ["text"]})
    return client


def test_the_server_races_a_request() -> None:
    client = asked(Knobs(vad_race_ms=100))
    error = client.of("error")[0]["error"]
    assert error["code"] == "conversation_already_has_active_response"
    assert "response.created" not in client.types
    client.wait(100)
    holder = client.of("response.created")[0]["response"]["id"]
    assert holder in error["message"]
    assert client.of("response.created")[0]["response"]["metadata"] is None
    client.settle()
    client.send("response.create")
    client.settle()
    judged = Audit([client.connection.ledger])
    assert judged.counters["race"] == 1
    assert (judged.violations, judged.unanswered_turns, judged.answered_twice) == (0, 0, 0)


def test_the_announcement_of_a_race_can_come_before_the_refusal() -> None:
    client = asked(Knobs(vad_race_ms=0))
    assert client.types[-2:] == ["response.created", "error"]
    assert client.connection.ledger.counters["race"] == 1


def test_races_come_as_often_as_told() -> None:
    client = asked(Knobs(vad_race_ms=10, vad_race_times=2))
    client.settle()
    for _ in range(2):
        client.send("response.create")
        client.settle()
    assert len(client.of("error")) == 2
    assert len(client.of("response.done")) == 3


def test_a_failed_response() -> None:
    client = asked(Knobs(fail_response=1, fail_code="insufficient_quota"))
    client.settle()
    done = client.of("response.done")[0]["response"]
    assert done["status"] == "failed"
    assert done["status_details"]["error"]["code"] == "insufficient_quota"
    client.send("response.create")
    client.settle()
    assert client.of("response.done")[1]["response"]["status"] == "completed"


def test_a_response_that_failed_before_it_was_announced() -> None:
    client = asked(Knobs(fail_response=1, fail_before_created=True))
    client.settle()
    assert "response.created" not in client.types
    assert client.of("response.done")[0]["response"]["status"] == "failed"


def test_an_incomplete_response() -> None:
    client = asked(Knobs(incomplete_response=1), "one two three four five")
    client.settle()
    done = client.of("response.done")[0]["response"]
    assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    said = done["output"][0]["content"][0]["text"]
    assert said == "You said: one"


def test_max_output_tokens_ends_a_response() -> None:
    client = MemoryClient()
    client.say("one two three")
    limits = {"output_modalities": ["text"], "max_output_tokens": 2}
    client.send("response.create", response=limits)
    client.settle()
    done = client.of("response.done")[0]["response"]
    assert (done["status"], done["max_output_tokens"]) == ("incomplete", 2)


def test_a_response_that_never_ends_ends_by_cancel() -> None:
    client = asked(Knobs(never_done_response=1))
    client.settle()
    assert "response.done" not in client.types
    client.send("response.cancel")
    assert client.of("response.done")[0]["response"]["status"] == "cancelled"


def test_a_server_deaf_to_cancel() -> None:
    client = asked(Knobs(deaf_to_cancel=True))
    client.wait(5)
    assert client.send("response.cancel") == []
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_deltas_go_on_until_a_cancel_arrives() -> None:
    client = asked(Knobs(cancel_ack_ms=100), "tell a long story")
    client.wait(50)
    assert client.send("response.cancel") == []
    late = [event["type"] for event in client.wait(99)]
    assert "response.output_text.delta" in late
    assert "response.done" not in late
    assert "response.done" in [event["type"] for event in client.wait(2)]


def test_stragglers_after_a_cancelled_response() -> None:
    client = asked(Knobs(stragglers=2), "tell a long story")
    client.wait(50)
    types = [event["type"] for event in client.send("response.cancel")]
    assert types[types.index("response.done") :].count("response.output_text.delta") == 2


def test_a_repeated_and_a_stale_done() -> None:
    client = asked(Knobs(duplicate_done=True, stale_done=True))
    client.settle()
    client.send("response.create")
    client.settle()
    done = [event["response"]["id"] for event in client.of("response.done")]
    assert done == [done[0], done[0], done[0], done[3], done[3]]
    second = client.types.index("response.created", client.types.index("response.done"))
    assert client.types[second + 1] == "response.done"


def test_no_metadata_comes_back() -> None:
    client = MemoryClient(Knobs(no_metadata_echo=True))
    client.send("response.create", response={"metadata": {"a": "b"}})
    assert client.of("response.created")[0]["response"]["metadata"] is None


def test_errors_without_the_event_they_answer() -> None:
    client = MemoryClient(Knobs(event_id_null_in_errors=True))
    client.send("response.cancel", event_id="x")
    assert client.of("error")[0]["error"]["event_id"] is None


@pytest.mark.parametrize(
    "knobs, ending",
    [
        (Knobs(drop_at=At(event="response.created")), Drop()),
        (
            Knobs(close_at=CloseAt(event="response.created", code=4001, reason="bye")),
            Close(4001, "bye"),
        ),
        (Knobs(half_open_at=At(event="response.created")), Freeze()),
    ],
)
def test_endings_at_an_event(knobs: Knobs, ending: Close | Drop | Freeze) -> None:
    client = asked(knobs)
    assert client.ending == ending
    assert client.types[-1] == "response.created"
    assert client.connection.next_ms is None
    assert client.say("anybody there?") == []


def test_frames_and_errors_out_of_the_blue() -> None:
    knobs = Knobs(
        frames=(
            FrameAt(event="response.created", frame='{"type": "brand.new"}'),
            FrameAt(event="response.created", frame="no json"),
            FrameAt(event="response.created", frame="null"),
            FrameAt(event="response.created", frame="\x01\x02", binary=True),
        ),
        errors=(ErrorAt(event="response.created", code="idle_timeout", message="Idle."),),
    )
    client = asked(knobs)
    assert b"no json" in client.frames
    assert b"null" in client.frames
    assert b"\x01\x02" in client.frames
    assert client.types[-3:] == ["response.created", "brand.new", "error"]
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_a_refused_and_an_unanswered_update() -> None:
    client = MemoryClient(Knobs(refuse_session_update=(1,), silent_session_update=(2,)))
    assert client.update()[0]["error"]["code"] == "unknown_parameter"
    assert client.update() == []
    assert client.update()[0]["type"] == "session.updated"


def test_an_unanswered_create() -> None:
    client = asked(Knobs(silent_create=(1,)))
    assert client.settle() == []


def test_a_session_expires() -> None:
    client = MemoryClient(Knobs(expire_after_ms=500))
    client.settle()
    assert client.of("error")[0]["error"]["code"] == "session_expired"
    assert isinstance(client.ending, Close)
    assert client.ending.code == 1001


def test_a_beta_client_is_turned_away() -> None:
    client = MemoryClient()
    effects = client.connection.open_beta()
    assert effects[-1] == Close(4000, client_message())


def client_message() -> str:
    return "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."


def test_acknowledgements_keep_their_order_under_jitter() -> None:
    client = MemoryClient(Knobs(item_ack_ms=50, jitter_ms=200, seed=3))
    for number in range(20):
        item: Json = {"type": "message", "role": "user", "id": f"i{number}", "content": []}
        client.send("conversation.item.create", item=item)
    client.settle()
    added = [event["item"]["id"] for event in client.of("conversation.item.added")]
    assert added == [f"i{number}" for number in range(20)]


def test_azure_repeats_the_part() -> None:
    client = asked(Knobs(repeat_part_as_content=True))
    client.settle()
    for kind in ("response.content_part.added", "response.content_part.done"):
        event = client.of(kind)[0]
        assert event["content"] == event["part"]


def test_transcripts_come_from_the_script_and_fail_where_it_says_none() -> None:
    client = MemoryClient(script=Script(transcripts=("hello there", None)))
    client.update(audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}})
    for _ in range(3):
        client.hear(tone(400) + silence(300))
        client.settle()
    prefix = "conversation.item.input_audio_transcription."
    deltas = "".join(event["delta"] for event in client.of(f"{prefix}delta"))
    assert deltas.startswith("hello there")
    assert len(client.of(f"{prefix}failed")) == 1
    completed = [event["transcript"] for event in client.of(f"{prefix}completed")]
    assert completed == ["hello there", "(0.4 seconds of speech)"]


@pytest.mark.parametrize("is_early", [False, True])
def test_pieces_of_a_transcript_may_come_before_the_commit(is_early: bool) -> None:
    client = MemoryClient(
        Knobs(transcript_before_commit=is_early), script=Script(transcripts=("hello there",))
    )
    client.update(audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}})
    client.hear(tone(400) + silence(300))
    client.settle()
    types = [event["type"] for event in client.events]
    first_piece = types.index("conversation.item.input_audio_transcription.delta")
    assert (first_piece < types.index("input_audio_buffer.committed")) is is_early
    assert types.count("conversation.item.input_audio_transcription.completed") == 1


def test_knobs_lie_over_each_other_and_name_what_is_wrong() -> None:
    assert overridden(Knobs(seed=4), '{"created_ms": 5}') == Knobs(seed=4, created_ms=5)
    with pytest.raises(msgspec.ValidationError, match="bogus"):
        overridden(Knobs(), '{"bogus": 1}')
    with pytest.raises(msgspec.ValidationError, match="seed"):
        overridden(Knobs(), '{"seed": "x"}')


def test_two_events_change_places() -> None:
    steady = asked(Knobs())
    steady.settle()
    swapped = asked(Knobs(swap_at=At(event="response.output_item.added")))
    swapped.settle()
    place = steady.types.index("response.output_item.added")
    expected = list(steady.types)
    expected[place : place + 2] = expected[place : place + 2][::-1]
    assert swapped.types == expected


def test_a_swapped_event_still_comes_before_the_end() -> None:
    knobs = Knobs(
        swap_at=At(event="session.created"),
        close_at=CloseAt(event="session.created"),
        expire_after_ms=10,
    )
    client = MemoryClient(knobs)
    client.settle()
    assert client.types == ["error", "session.created"]
    assert isinstance(client.ending, Close)


def test_item_done_can_come_last() -> None:
    client = asked(Knobs(item_done_last=True))
    client.settle()
    place = client.types.index("response.output_item.done")
    assert client.types[place + 1] == "conversation.item.done"


def test_one_large_delta() -> None:
    client = asked(Knobs(whole_deltas=True))
    client.settle()
    assert [event["delta"] for event in client.of("response.output_text.delta")] == [
        "You said: hello"
    ]


def test_items_with_an_object() -> None:
    client = asked(Knobs(object_on_items=True))
    client.settle()
    added = client.of("conversation.item.added")
    assert {event["item"]["object"] for event in added} == {"realtime.item"}


def test_a_server_of_before_general_availability() -> None:
    client = MemoryClient(overridden(Knobs(), '{"dialect": "older"}'))
    assert client.events[0]["session"]["turn_detection"]["type"] == "server_vad"
    client.send("session.update", session={"type": "realtime"})
    assert client.events[-1]["error"]["param"] == "session.type"
    client.send("session.update", session={"modalities": ["text"], "voice": "sage"})
    assert client.events[-1]["session"]["modalities"] == ["text"]
    assert "audio" not in client.events[-1]["session"]
    client.say("hi")
    client.send("response.create", response={"output_modalities": ["audio"]})
    assert client.events[-1]["error"]["param"] == "response.output_modalities"
    client.send("response.create")
    client.settle()
    done = client.of("response.done")[0]["response"]
    assert done["output"][0]["content"][0]["type"] == "text"
    assert {"conversation.item.created", "response.text.delta"} <= set(client.types)
    assert not {"conversation.item.added", "response.output_text.delta"} & set(client.types)


def test_a_server_that_does_not_greet() -> None:
    assert MemoryClient(Knobs(omit_session_created=True)).events == []


def test_a_server_that_wants_outputs_first() -> None:
    client = MemoryClient(overridden(Knobs(), '{"dialect": "huggingface"}'))
    client.update(tools=[{"type": "function", "name": "ping"}])
    client.say("ping")
    client.send("response.create")
    call_id = client.until("response.function_call_arguments.done")["call_id"]
    client.settle()
    client.send("response.create")
    assert client.events[-1]["error"]["code"] == "function_call_output_pending"
    client.output(call_id)
    client.send("response.create")
    client.settle()
    assert client.types.count("response.done") == 2


def test_a_dialect_is_a_set_of_knobs() -> None:
    azure = overridden(Knobs(), '{"dialect": "azure", "seed": 4}')
    assert azure == Knobs(repeat_part_as_content=True, seed=4)
    assert overridden(azure, '{"dialect": "openai"}') == Knobs(seed=4)
    with pytest.raises(msgspec.ValidationError, match="openai, azure, older, xai, huggingface"):
        overridden(Knobs(), '{"dialect": "klingon"}')


def test_knobs_are_told_in_place_or_in_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "knobs.json"
    kept.write_text('{"seed": 3}')
    assert changes_of(str(kept)) == changes_of('{"seed": 3}')
    with pytest.raises(OSError, match="nowhere"):
        changes_of("nowhere.json")
