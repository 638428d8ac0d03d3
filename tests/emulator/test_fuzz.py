"""Whatever a client sends, it gets an answer or a refusal, and the server lives on."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from turngate.emulator import Knobs
from turngate.emulator.memory import MemoryClient
from turngate.emulator.requests import EVENTS

WORDS = st.sampled_from(
    ["type", "realtime", "message", "user", "audio", "input", "output", "text", "function", "id",
     "content", "role", "call_id", "tools", "format", "voice", "turn_detection", "server_vad",
     "item_reference", "input_text", "function_call", "metadata", "instructions", "auto", "none"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-5, 5000) | WORDS | st.text(max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["session", "item", "response", "audio", "item_id", "content_index", "audio_end_ms",
     "previous_item_id", "response_id", "event_id"]
)  # fmt: skip


def event(kind: str, fields: dict[str, Any]) -> Any:
    return {"type": kind, **fields}


EVENT = st.builds(event, st.sampled_from(list(EVENTS)), st.dictionaries(FIELDS, VALUES, max_size=3))


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENT | VALUES, max_size=6))
def test_no_event_breaks_the_server(events: list[Any]) -> None:
    client = MemoryClient(Knobs())
    for sent in events:
        client.send_frame(msgspec.json.encode(sent))
    client.settle()
    assert len(client.connection.ledger.records) <= len(events)
    assert client.say("still there?")[0]["type"] == "conversation.item.added"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_no_frame_breaks_the_server(frame: bytes) -> None:
    client = MemoryClient()
    assert [told["type"] for told in client.send_frame(frame)] == ["error"]
