"""The rules of frames: broken ones are refused, and nothing else changes."""

import pytest

from emulator.rules import refused
from turngate.emulator.memory import MemoryClient


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
