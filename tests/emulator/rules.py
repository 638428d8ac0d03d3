"""What the tests of the rules have in common."""

from typing import Any

from turngate.emulator import Knobs
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
