"""The rules of the configuration: what an update may change, and when."""

import pytest

from emulator.rules import refused, streaming
from turngate.emulator import Knobs
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json


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
