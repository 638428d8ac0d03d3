"""The protocol of before general availability: what is said in it, and what that is today."""

from typing import Any, get_args

import msgspec
import pytest

from turngate.dialects import older
from turngate.dialects.profiles import PROFILES, Dialect

Json = dict[str, Any]


def up(event: Json) -> Json:
    return msgspec.json.decode(older.upward(msgspec.json.encode(event)))


def down(event: Json) -> list[Json]:
    return [msgspec.json.decode(each) for each in older.downward(msgspec.json.encode(event))]


NOW = {
    "instructions": "x",
    "output_modalities": ["audio"],
    "max_output_tokens": 7,
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {"type": "server_vad"},
        },
        "output": {"format": {"type": "audio/pcmu"}, "voice": "sage", "speed": 1.0},
    },
}
THEN = {
    "instructions": "x",
    "modalities": ["text", "audio"],
    "max_response_output_tokens": 7,
    "input_audio_format": "pcm16",
    "input_audio_transcription": None,
    "input_audio_noise_reduction": None,
    "turn_detection": {"type": "server_vad"},
    "output_audio_format": "g711_ulaw",
    "voice": "sage",
    "speed": 1.0,
}


def test_a_session_is_flat_there_and_nested_here() -> None:
    update = {"type": "session.update", "session": {"type": "realtime", **NOW}}
    assert up(update) == {"type": "session.update", "session": THEN}
    (told,) = down({"type": "session.updated", "session": THEN})
    assert told == {"type": "session.updated", "session": {"type": "realtime", **NOW}}


def test_what_is_not_said_stays_unsaid() -> None:
    update: Json = {
        "type": "session.update",
        "session": {"type": "realtime", "tools": [], "audio": None},
    }
    assert up(update)["session"] == {"tools": []}
    assert down({"type": "session.updated", "session": {"modalities": ["text"]}}) == [
        {"type": "session.updated", "session": {"type": "realtime", "output_modalities": ["text"]}}
    ]
    assert older.nested({"modalities": None, "input_audio_format": "ogg"}) == {
        "output_modalities": None,
        "audio": {"input": {"format": "ogg"}},
    }


def test_a_request_has_the_older_fields() -> None:
    request = {"type": "response.create", "response": {"output_modalities": ["text"]}}
    assert up(request)["response"] == {"modalities": ["text"]}
    assert up({"type": "response.create"}) == {"type": "response.create"}
    assert up({"type": "response.create", "response": 7})["response"] == 7


def test_an_assistants_words_have_another_type() -> None:
    parts = [{"type": "output_text", "text": "hi"}, {"type": "other"}, 7]
    item = {"type": "message", "role": "assistant", "content": parts}
    sent = up({"type": "conversation.item.create", "item": item})["item"]
    assert [part if part == 7 else part["type"] for part in sent["content"]] == ["text", "other", 7]
    question = {"type": "message", "role": "user", "content": [{"type": "input_text"}]}
    assert up({"type": "conversation.item.create", "item": question})["item"] == question


@pytest.mark.parametrize("then, now", older.NAMES.items())
def test_an_event_has_another_name(then: str, now: str) -> None:
    assert down({"type": then, "delta": "AA=="}) == [{"type": now, "delta": "AA=="}]


def test_audio_passes_but_for_a_word_of_its_type() -> None:
    append = b'{"type":"input_audio_buffer.append", "audio":"AAAA", "x":1.0}'
    assert older.upward(append) is append
    delta = b'{"type":"response.audio.delta", "delta":"AAAA", "x":1.0}'
    assert older.downward(delta) == (
        b'{"type":"response.output_audio.delta", "delta":"AAAA", "x":1.0}',
    )


@pytest.mark.parametrize("raw", [b"no json", b"[]", b"\xff", b'{"type":"response.cancel"}'])
def test_what_cannot_be_read_or_is_the_same_passes(raw: bytes) -> None:
    assert older.upward(raw) == raw
    assert older.downward(raw) == (raw,)


def test_an_item_that_was_created_is_added_and_where_it_is_whole_done() -> None:
    whole = {"id": "i1", "type": "message", "role": "user", "status": "completed"}
    created = {"type": "conversation.item.created", "event_id": "e", "previous_item_id": "before"}
    added, done = down(created | {"item": whole})
    assert added["event_id"] != done["event_id"]
    assert added["previous_item_id"] == done["previous_item_id"] == "before"
    assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
    begun: Json = {**whole, "role": "assistant", "status": "in_progress", "content": []}
    (only,) = down({"type": "conversation.item.created", "item": begun})
    assert only["type"] == "conversation.item.added"
    (opened,) = down({"type": "response.output_item.added", "item": begun})
    assert opened["item"] == begun
    done, ended = down({"type": "response.output_item.done", "event_id": "e", "item": whole})
    assert done["event_id"] != ended["event_id"]
    assert (done["type"], ended["type"]) == ("conversation.item.done", "response.output_item.done")


def test_a_response_has_the_fields_of_today() -> None:
    part = {"type": "audio", "transcript": "hi"}
    output = [{"type": "message", "role": "assistant", "content": [part]}]
    then = {"id": "r", "modalities": ["audio", "text"], "output": output}
    (told,) = down({"type": "response.done", "response": then})
    assert told["response"]["output_modalities"] == ["audio"]
    assert told["response"]["output"][0]["content"][0]["type"] == "output_audio"
    assert down({"type": "response.created"})[0]["response"] == {"output": []}


def test_each_profile_can_be_named() -> None:
    assert tuple(PROFILES) == get_args(Dialect)
    assert all(each.source for each in PROFILES.values())
