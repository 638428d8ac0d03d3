"""Recorded sessions of the real service: all of it is known, and survives decode and encode."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from turngate.wire.codec import (
    Unknown,
    decode_client_event,
    decode_server_event,
    encode,
    unknown_fields,
)

RECORDINGS = sorted((Path(__file__).parents[2].parent / "shared" / "wire").glob("*.jsonl"))

# Azure says `part` again under this name; nobody needs it twice.
REPEATED = {"content"}


def _frames(recording: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in recording.read_text().splitlines():
        frame = json.loads(line)
        event: dict[str, Any] = frame["event"]
        for field in ("audio", "delta"):
            if isinstance(event.get(field), dict):  # a marker in place of the audio
                event[field] = "AAAA"
        yield frame["dir"], event


@pytest.mark.skipif(not RECORDINGS, reason="the recordings of the real service are absent")
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_a_recorded_session_is_known_throughout(recording: Path) -> None:
    seen = 0
    for side, event in _frames(recording):
        text = json.dumps(event)
        if side == "client":
            decoded = decode_client_event(text)
        else:
            decoded = decode_server_event(text)
            assert not isinstance(decoded, Unknown), decoded
        extra = set(unknown_fields(text, decoded))
        assert extra <= REPEATED
        assert json.loads(encode(decoded)) == {k: v for k, v in event.items() if k not in extra}
        seen += 1
    assert seen > 0
