"""Recorded sessions of the real service, in the core's words."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from turngate.core import events
from turngate.dialects import realtime as back
from turngate.wire.codec import decode_server_event

FOLDER = Path(__file__).parents[2].parent / "shared" / "wire"
RECORDINGS = sorted(FOLDER.glob("*.jsonl"))

pytestmark = pytest.mark.skipif(
    not RECORDINGS, reason="the recordings of the real service are absent"
)


def heard(recording: str) -> list[events.UpstreamEvent]:
    """Return all that a recorded server said, as the core would be told it."""
    said: list[events.UpstreamEvent] = []
    for line in (FOLDER / f"{recording}.jsonl").read_text().splitlines():
        frame: dict[str, Any] = json.loads(line)
        event: dict[str, Any] = frame["event"]
        if frame["dir"] == "server":
            if isinstance(event.get("delta"), dict):  # a marker in place of the audio
                event["delta"] = "AAAA"
            said += back.read(decode_server_event(json.dumps(event)))
    return said


def outline(said: list[events.UpstreamEvent]) -> list[str]:
    """Return the names of the events, repeated ones once."""
    return [name for name, _ in groupby(type(event).__name__ for event in said)]


def ids(said: list[events.UpstreamEvent]) -> set[str]:
    return {event.response_id or "" for event in said if isinstance(event, events.ResponseDone)}


OWNED = (events.AgentText, events.AgentTextDone, events.AudioBegan, events.CallAsked)


def test_text_turn_with_a_spoken_answer() -> None:
    said = heard("openai-gpt-realtime-text-turn-audio-out")
    assert outline(said) == [
        "Updated",
        "ItemAcknowledged",
        "ResponseCreated",
        "ItemAcknowledged",
        "AgentText",
        "AudioBegan",
        "AudioEnded",
        "AgentTextDone",
        "ItemAcknowledged",
        "ResponseDone",
    ]
    (done,) = (event for event in said if isinstance(event, events.ResponseDone))
    (text,) = (event for event in said if isinstance(event, events.AgentTextDone))
    deltas = [event.delta for event in said if isinstance(event, events.AgentText)]
    assert (done.status, done.reason, done.event_id) == ("completed", "", None)
    assert text.text == "".join(deltas) == "Hi there!"
    assert text.response_id == done.response_id


def test_text_turn_on_a_second_socket() -> None:
    said = heard("openai-gpt-realtime-sideband-text-turn")
    assert outline(said) == [
        "Updated",
        "ItemAcknowledged",
        "ResponseCreated",
        "ItemAcknowledged",
        "AgentText",
        "AgentTextDone",
        "ItemAcknowledged",
        "ResponseDone",
    ]


def test_spoken_turn() -> None:
    said = heard("openai-gpt-realtime-vad-turn")
    assert outline(said)[:6] == [
        "Updated",
        "SpeechStarted",
        "SpeechStopped",
        "SpeechCommitted",
        "ItemAcknowledged",
        "ResponseCreated",
    ]
    (started,) = (event for event in said if isinstance(event, events.SpeechStarted))
    item_id = started.item_id
    assert said[2:5] == [
        events.SpeechStopped(item_id),
        events.SpeechCommitted(item_id),
        events.ItemAcknowledged(item_id),
    ]
    assert events.UserTranscribed(item_id, "Hello, my name is Marcelo.") in said
    assert isinstance(said[-1], events.ResponseDone)


def test_spoken_turn_that_could_not_be_written_down_is_answered_all_the_same() -> None:
    said = heard("azure-gpt-realtime-vad-turn-transcription-failed")
    (failed,) = (event for event in said if isinstance(event, events.TranscriptionFailed))
    assert failed.code == "DeploymentNotFound"
    assert isinstance(said[-1], events.ResponseDone)
    assert said[-1].status == "completed"


@pytest.mark.parametrize(
    "recording",
    [
        "openai-gpt-realtime-tool-call-round",
        "openai-gpt-realtime-2.1-tool-call-round",
        "azure-gpt-realtime-tool-call-round",
    ],
)
def test_call_and_its_answer(recording: str) -> None:
    said = heard(recording)
    asked = {event for event in said if isinstance(event, events.CallAsked)}
    (call,) = asked  # said three times over, and each time the same
    assert sum(isinstance(event, events.CallAsked) for event in said) == 3
    assert json.loads(call.arguments)
    first, second = (event for event in said if isinstance(event, events.ResponseDone))
    assert call.response_id == first.response_id != second.response_id
    last_asked = max(n for n, event in enumerate(said) if event == call)
    assert said[last_asked + 1] == first
    lines = [event for event in said if isinstance(event, events.AgentTextDone)]
    assert lines[-1].response_id == second.response_id
    assert lines[-1].text


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_every_event_of_a_response_belongs_to_one_that_began_and_ended(recording: Path) -> None:
    said = heard(recording.stem)
    begun = {event.response_id for event in said if isinstance(event, events.ResponseCreated)}
    assert begun == ids(said) != set()
    assert {event.response_id for event in said if isinstance(event, OWNED)} <= begun
