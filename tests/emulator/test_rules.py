"""The rules R1 to R8: what is refused, with which code, and that nothing else changes."""

import base64
from typing import Any

import pytest

from turngate.audio.tone import silence, tone
from turngate.emulator import Call, Knobs, Reply, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json


def refused(events: list[Json]) -> Json:
    """The error of exactly one refusal."""
    assert [event["type"] for event in events] == ["error"]
    return events[0]["error"]


def streaming(knobs: Knobs | None = None) -> tuple[MemoryClient, str]:
    """A client whose long answer has begun, and the id of the response."""
    client = MemoryClient(knobs)
    client.say("tell a long story")
    client.send("response.create", response={"output_modalities": ["text"]})
    created = client.until("response.created")
    client.wait(50)
    return client, created["response"]["id"]


def user(*content: Json, **more: Any) -> Json:
    return {"type": "message", "role": "user", "content": list(content), **more}


HI = {"type": "input_text", "text": "hi"}


# R1


def test_a_second_create_is_refused_with_the_id_of_the_holder() -> None:
    client, active_id = streaming()
    error = refused(client.send("response.create", event_id="c2"))
    assert error["code"] == "conversation_already_has_active_response"
    assert active_id in error["message"]
    assert (error["event_id"], error["param"]) == ("c2", None)
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_the_slot_is_taken_before_the_response_is_announced() -> None:
    client = MemoryClient(Knobs(created_ms=200))
    client.say("hello")
    assert client.send("response.create") == []
    assert refused(client.send("response.create"))["code"] == (
        "conversation_already_has_active_response"
    )


def test_the_slot_is_free_with_response_done() -> None:
    client, _ = streaming()
    client.until("response.done")
    assert client.send("response.create")[0]["type"] == "response.created"


def test_out_of_band_responses_run_beside_the_default_one() -> None:
    client, _ = streaming()
    aside = {"conversation": "none", "output_modalities": ["text"]}
    assert client.send("response.create", response=aside)[0]["type"] == "response.created"
    client.settle()
    assert len(client.of("response.done")) == 2


def test_a_server_may_allow_no_response_beside_another() -> None:
    client, _ = streaming(Knobs(max_oob=0))
    error = refused(client.send("response.create", response={"conversation": "none"}))
    assert error["code"] == "conversation_already_has_active_response"


# R2


@pytest.mark.parametrize("fields", [{}, {"response_id": "resp_unknown"}])
def test_nothing_to_cancel(fields: dict[str, str]) -> None:
    client = MemoryClient()
    error = refused(client.send("response.cancel", event_id="x", **fields))
    assert (error["code"], error["event_id"]) == ("response_cancel_not_active", "x")


def test_a_cancel_without_id_leaves_out_of_band_alone() -> None:
    client = MemoryClient()
    client.send("response.create", response={"conversation": "none"})
    assert refused(client.send("response.cancel"))["code"] == "response_cancel_not_active"


def test_a_cancel_before_the_announcement_finds_nothing_and_the_response_comes() -> None:
    client = MemoryClient(Knobs(created_ms=100))
    client.say("hello")
    client.send("response.create")
    assert refused(client.send("response.cancel"))["code"] == "response_cancel_not_active"
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


# R3


@pytest.mark.parametrize(
    "session, code, param",
    [
        ({"instructions": "x"}, "missing_required_parameter", "session.type"),
        ({"type": "realtime", "bogus": 1}, "unknown_parameter", "session.bogus"),
        ({"type": "realtime", "temperature": 1}, "unknown_parameter", "session.temperature"),
        (
            {"type": "realtime", "audio": {"output": {"voice": "nobody"}}},
            "invalid_value",
            "session.audio.output.voice",
        ),
        (
            {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "x"}}}},
            "invalid_value",
            "session.audio.input.turn_detection.type",
        ),
        ({"type": "realtime", "tools": [{"type": "function"}]}, "missing_required_parameter",
         "session.tools[0].name"),
        ({"type": "realtime", "model": "another"}, "invalid_value", "session.model"),
        ({"type": "realtime", "instructions": 7}, "invalid_type", "session.instructions"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
    ],
)  # fmt: skip
def test_a_bad_update_names_its_field_and_changes_nothing(
    session: Json, code: str, param: str
) -> None:
    client = MemoryClient()
    before = client.connection.session.snapshot()
    error = refused(client.send("session.update", session=session, event_id="u"))
    assert (error["code"], error["param"], error["event_id"]) == (code, param, "u")
    assert client.connection.session.snapshot() == before


def test_one_bad_field_refuses_the_good_ones_beside_it() -> None:
    client = MemoryClient()
    client.update(instructions="new", bogus=1)
    assert client.connection.session.effective["instructions"] != "new"


def test_only_what_is_present_changes() -> None:
    client = MemoryClient()
    client.update(instructions="one", output_modalities=["text"])
    updated = client.update(audio={"input": {"transcription": {"model": "whisper-1"}}})[0]
    session = updated["session"]
    assert session["instructions"] == "one"
    assert session["output_modalities"] == ["text"]
    assert session["audio"]["input"]["transcription"] == {
        "model": "whisper-1",
        "language": None,
        "prompt": None,
    }
    cleared = client.update(audio={"input": {"transcription": None}})[0]["session"]
    assert cleared["audio"]["input"]["transcription"] is None


@pytest.mark.parametrize("model, silence_ms", [("gpt-realtime", 200), ("gpt-realtime-2.1", 500)])
def test_a_partial_turn_detection_comes_back_complete(model: str, silence_ms: int) -> None:
    client = MemoryClient(model=model)
    detection = {"type": "server_vad", "create_response": False}
    session = client.update(audio={"input": {"turn_detection": detection}})[0]["session"]
    assert session["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": silence_ms,
        "idle_timeout_ms": None,
        "create_response": False,
        "interrupt_response": True,
    }


def test_the_voice_is_locked_by_the_first_assistant_audio() -> None:
    client = MemoryClient()
    client.update(audio={"output": {"voice": "cedar"}})
    client.say("hello")
    client.send("response.create")
    client.settle()
    assert client.update(audio={"output": {"voice": "cedar"}})[0]["type"] == "session.updated"
    error = refused(client.update(instructions="x", audio={"output": {"voice": "ash"}}))
    assert (error["code"], error["param"]) == ("cannot_update_voice", None)
    assert client.connection.session.effective["instructions"] != "x"


def test_a_strict_server_refuses_an_update_during_a_response() -> None:
    client, _ = streaming()
    error = refused(client.update(instructions="x"))
    assert error["code"] == "conversation_already_has_active_response"


def test_the_real_server_accepts_it_and_the_audit_counts_it() -> None:
    client, _ = streaming(Knobs(strict_session_update=False))
    assert client.update(instructions="x")[0]["type"] == "session.updated"
    assert client.connection.ledger.counters["session_update_while_active"] == 1


def test_the_speed_changes_only_between_turns() -> None:
    client, _ = streaming(Knobs(strict_session_update=False))
    error = refused(client.update(audio={"output": {"speed": 1.2}}))
    assert error["type"] == "invalid_request_error"
    client.settle()
    assert client.update(audio={"output": {"speed": 1.2}})[0]["type"] == "session.updated"


# R4


def test_a_commit_needs_100_ms() -> None:
    client = MemoryClient()
    client.update(audio={"input": {"turn_detection": None}})
    client.hear(tone(80))
    error = refused(client.send("input_audio_buffer.commit"))
    assert error["code"] == "input_audio_buffer_commit_empty"
    assert "80.00ms" in error["message"]
    client.hear(tone(20))
    assert [event["type"] for event in client.send("input_audio_buffer.commit")] == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]


def test_nothing_is_left_to_commit_after_the_server_did() -> None:
    client = MemoryClient()
    client.hear(tone(400) + silence(200))
    assert "input_audio_buffer.committed" in client.types
    error = refused(client.send("input_audio_buffer.commit"))
    assert error["code"] == "input_audio_buffer_commit_empty"
    assert " 0.00ms" in error["message"]


@pytest.mark.parametrize("audio", ["not base64!", base64.b64encode(b"odd").decode()])
def test_audio_that_is_none(audio: str) -> None:
    client = MemoryClient()
    error = refused(client.send("input_audio_buffer.append", audio=audio))
    assert (error["code"], error["param"]) == ("invalid_value", "audio")


def test_an_append_has_a_limit() -> None:
    client = MemoryClient(Knobs(append_max_bytes=1000))
    audio = base64.b64encode(bytes(1002)).decode()
    assert refused(client.send("input_audio_buffer.append", audio=audio))["param"] == "audio"


def test_clear_empties_the_buffer() -> None:
    client = MemoryClient()
    client.update(audio={"input": {"turn_detection": None}})
    client.hear(tone(200))
    assert client.send("input_audio_buffer.clear")[0]["type"] == "input_audio_buffer.cleared"
    error = refused(client.send("input_audio_buffer.commit"))
    assert "0.00ms" in error["message"]


# R5


def test_an_item_id_is_used_once() -> None:
    client = MemoryClient()
    client.send("conversation.item.create", item=user(HI, id="item_a"))
    error = refused(
        client.send("conversation.item.create", item=user(HI, id="item_a"), event_id="e")
    )
    assert error["code"] == "item_create_duplicate_item_id"
    assert (error["param"], error["event_id"]) == (None, None)


def test_items_go_where_they_are_told() -> None:
    client = MemoryClient()
    for item_id, after in (("b", None), ("a", "root"), ("c", "b"), ("ab", "a")):
        place = {"previous_item_id": after} if after else {}
        client.send("conversation.item.create", item=user(HI, id=item_id), **place)
    assert [item.id for item in client.connection.conversation.items] == ["a", "ab", "b", "c"]
    added = client.of("conversation.item.added")
    assert [event["previous_item_id"] for event in added] == [None, None, "b", "a"]


@pytest.mark.parametrize(
    "item, code, param",
    [
        (
            {"type": "message", "role": "assistant",
             "content": [{"type": "output_audio", "transcript": "x"}]},
            "missing_required_parameter",
            "item.content[0].text",
        ),
        (
            {"type": "message", "role": "system",
             "content": [{"type": "input_audio", "audio": ""}]},
            "invalid_value",
            "item.content[0].type",
        ),
        ({"type": "function_call_output", "output": "x"}, "missing_required_parameter",
         "item.call_id"),
        (user(HI, id="i" * 33), "string_above_max_length", "item.id"),
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
    ],
)  # fmt: skip
def test_items_that_are_none(item: Json, code: str, param: str) -> None:
    client = MemoryClient()
    error = refused(client.send("conversation.item.create", item=item))
    assert (error["code"], error["param"]) == (code, param)
    assert client.connection.conversation.items == []


def test_an_unknown_predecessor() -> None:
    client = MemoryClient()
    error = refused(
        client.send("conversation.item.create", item=user(HI), previous_item_id="item_x")
    )
    assert error["param"] == "previous_item_id"


def test_an_output_needs_its_call() -> None:
    client = MemoryClient()
    error = refused(client.output("call_unknown"))
    assert error["message"] == "Tool call ID not found in conversation."
    assert client.connection.ledger.counters["output_for_unknown_call"] == 1


def test_a_call_of_an_out_of_band_response_is_not_in_the_conversation() -> None:
    script = Script(replies=(Reply(calls=(Call("look"),)),))
    client = MemoryClient(script=script)
    client.send("response.create", response={"conversation": "none"})
    done = client.until("response.function_call_arguments.done")
    assert refused(client.output(done["call_id"]))["message"].startswith("Tool call ID")


# R6


@pytest.mark.parametrize("verb", ["delete", "retrieve", "truncate"])
def test_items_that_are_not_there(verb: str) -> None:
    client = MemoryClient()
    more = {"content_index": 0, "audio_end_ms": 0} if verb == "truncate" else {}
    error = refused(client.send(f"conversation.item.{verb}", item_id="nope", **more))
    assert error["code"] == f"item_{verb}_invalid_item_id"
    assert "'nope'" in error["message"]


def test_a_deleted_item_is_gone() -> None:
    client = MemoryClient()
    client.send("conversation.item.create", item=user(HI, id="a"))
    assert client.send("conversation.item.retrieve", item_id="a")[0]["item"]["id"] == "a"
    assert client.send("conversation.item.delete", item_id="a")[0] == {
        **client.events[-1],
        "type": "conversation.item.deleted",
        "item_id": "a",
    }
    assert refused(client.send("conversation.item.retrieve", item_id="a"))


def truncate(client: MemoryClient, item_id: str, end_ms: int) -> list[Json]:
    return client.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end_ms
    )


def test_only_audio_that_was_made_can_be_truncated() -> None:
    client = MemoryClient()
    client.send("conversation.item.create", item=user(HI, id="u"))
    assert "Only model output audio" in refused(truncate(client, "u", 0))["message"]
    client.send("response.create")
    item_id = client.until("response.output_item.added")["item"]["id"]
    client.settle()
    assert "is already shorter than 99999ms" in refused(truncate(client, item_id, 99999))["message"]
    assert truncate(client, item_id, 100)[0]["audio_end_ms"] == 100
    item = client.send("conversation.item.retrieve", item_id=item_id)[0]["item"]
    assert item["content"][0]["transcript"] is None


# R7


def detection(client: MemoryClient, **fields: Any) -> None:
    client.update(audio={"input": {"turn_detection": {"type": "server_vad", **fields}}})


def test_speech_without_create_response_commits_and_waits() -> None:
    client = MemoryClient()
    detection(client, create_response=False)
    client.hear(tone(400) + silence(300))
    assert "input_audio_buffer.committed" in client.types
    assert "response.created" not in client.types


def test_a_turn_that_ends_during_a_response_is_not_answered() -> None:
    client = MemoryClient()
    detection(client, interrupt_response=False)
    client.say("tell a long story")
    client.send("response.create")
    client.until("response.created")
    client.hear(tone(400) + silence(300))
    client.settle()
    assert len(client.of("response.created")) == 1
    assert client.connection.ledger.counters["vad_create_suppressed"] == 1
    assert client.connection.ledger.unanswered_turns == 1


def test_speech_leaves_an_out_of_band_response_alone() -> None:
    client = MemoryClient()
    client.send("response.create", response={"conversation": "none"})
    client.hear(tone(400))
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_prefix_and_silence_are_on_the_audio_clock() -> None:
    client = MemoryClient()
    detection(client, prefix_padding_ms=100, silence_duration_ms=400)
    client.hear(silence(1000) + tone(600) + silence(600))
    assert client.of("input_audio_buffer.speech_started")[0]["audio_start_ms"] == 900
    assert client.of("input_audio_buffer.speech_stopped")[0]["audio_end_ms"] == 2000


def test_semantic_detection_waits_longer() -> None:
    client = MemoryClient()
    semantic = {"type": "semantic_vad", "eagerness": "high"}
    client.update(audio={"input": {"turn_detection": semantic}})
    client.hear(tone(400) + silence(1900))
    assert "input_audio_buffer.speech_stopped" not in client.types
    client.hear(silence(200))
    assert "input_audio_buffer.speech_stopped" in client.types


def test_a_click_is_no_speech() -> None:
    client = MemoryClient()
    client.hear(silence(200) + tone(20) + silence(400))
    assert client.types == ["session.created"]


def test_g711_is_heard_as_well() -> None:
    client = MemoryClient()
    client.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    loud, quiet = bytes([0x00, 0x80] * 1600), b"\xff" * 3200
    client.hear(loud + quiet, chunk_bytes=160)
    assert client.of("input_audio_buffer.speech_stopped")[0]["audio_end_ms"] == 600


# R8


def test_several_calls_are_one_response() -> None:
    script = Script(replies=(Reply(calls=(Call("a", {"n": 1}), Call("b"), Call("c"))),))
    client = MemoryClient(script=script)
    client.say("go")
    client.send("response.create")
    done = client.until("response.done")["response"]
    assert [(item["name"], item["arguments"]) for item in done["output"]] == [
        ("a", '{"n":1}'),
        ("b", "{}"),
        ("c", "{}"),
    ]
    assert len({item["call_id"] for item in done["output"]}) == 3


# Frames


@pytest.mark.parametrize(
    "frame, code",
    [
        (b"not json", "invalid_json"),
        (b"null", "invalid_json"),
        (b"[1]", "invalid_json"),
        (b"{}", "invalid_event"),
        (b'{"type": "no.such.event"}', "invalid_value"),
        (b'{"type": "response.cancel", "extra": 1}', "unknown_parameter"),
    ],
)
def test_broken_frames_are_told_and_survived(frame: bytes, code: str) -> None:
    client = MemoryClient()
    assert refused(client.send_frame(frame))["code"] == code
    assert client.say("still here")[0]["type"] == "conversation.item.added"


def test_binary_frames_are_refused() -> None:
    client = MemoryClient()
    assert refused(client.send_frame(b"\x00\x01", is_binary=True))["code"] == "invalid_json"
