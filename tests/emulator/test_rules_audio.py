"""The rules of incoming audio: appends, commits, and the turns that the server detects."""

import base64
from typing import Any

import pytest

from emulator.rules import refused
from turngate.audio.tone import silence, tone
from turngate.emulator import Knobs
from turngate.emulator.memory import MemoryClient


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
