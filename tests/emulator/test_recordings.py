"""The emulator beside recordings of the real service: the same types in the same order, the same fields."""

import itertools
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from turngate.audio.tone import silence, tone
from turngate.emulator import FunctionCall, Knobs, Message, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json
from turngate.emulator.script import Output

RECORDINGS = Path(__file__).parents[3] / "shared" / "wire"
NAMES = (
    "openai-gpt-realtime-text-turn-audio-out",
    "openai-gpt-realtime-history-seeding",
    "openai-gpt-realtime-tool-call-round",
    "openai-gpt-realtime-2.1-tool-call-round",
    "openai-gpt-realtime-vad-turn",
    "azure-gpt-realtime-tool-call-round",
)
FLOATING = ("conversation.item.input_audio_transcription", "rate_limits")
OPAQUE = ("parameters", "metadata", "delta", "tools")

pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="recordings of the real service are absent"
)


def recorded(name: str) -> list[tuple[bool, Json]]:
    """The events of a recording, each with whether the client sent it."""
    lines = (RECORDINGS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    read = [msgspec.json.decode(line) for line in lines]
    return [(line["dir"] == "client", line["event"]) for line in read]


def plan(server: list[Json]) -> Script:
    """What the recorded model said, so that the emulated one says the same."""
    responses = tuple(
        tuple(_output(item) for item in event["response"]["output"])
        for event in server
        if event["type"] == "response.done"
    )
    transcripts = tuple(
        event["transcript"]
        for event in server
        if event["type"].endswith("input_audio_transcription.completed")
    )
    return Script(responses=responses, transcripts=transcripts)


def _output(item: Json) -> Output:
    if item["type"] == "function_call":
        return FunctionCall(name=item["name"], arguments=item["arguments"])
    part = item["content"][0]
    if part["type"] == "output_audio":
        return Message(text=part["transcript"], modality="audio")
    return Message(text=part["text"], modality="text")


def replayed(name: str) -> tuple[list[Json], list[Json]]:
    """The server's events of a recording, and the emulator's for the same client."""
    lines = recorded(name)
    server = [event for is_client, event in lines if not is_client]
    model = server[0]["session"]["model"]
    knobs = Knobs(
        output_ack="after_response_done",
        interleave_outputs="2.1" in name,
        repeat_part_as_content=name.startswith("azure"),
    )
    client = MemoryClient(knobs, plan(server), model)
    was_client = False
    for is_client, event in lines:
        if is_client:
            _send(client, event)
        elif was_client or event["type"] == "response.done":
            client.settle()
        was_client = is_client
    client.settle()
    return server, client.events


def _send(client: MemoryClient, event: Json) -> None:
    if event["type"] == "input_audio_buffer.append":
        if "input_audio_buffer.speech_started" not in client.types:
            client.hear(tone(1000) + silence(1000))
        return
    sent = dict(event)
    if "call_id" in sent.get("item", {}):
        call_id = client.of("response.function_call_arguments.done")[-1]["call_id"]
        sent["item"] = {**sent["item"], "call_id": call_id}
    client.send(sent.pop("type"), **sent)


def order(events: list[Json]) -> list[str]:
    """Types in order; runs of deltas as one, without what may float."""
    steady = [event["type"] for event in events if not event["type"].startswith(FLOATING)]
    kinds = ["deltas" if kind.endswith(".delta") else kind for kind in steady]
    return [kind for kind, _ in itertools.groupby(kinds)]


def field(value: Any, name: str) -> Any:
    """A field of a JSON object, or None where there is none."""
    return cast("Json", value).get(name) if isinstance(value, dict) else None


def shape(value: Any, path: str = "") -> set[str]:
    """The dotted paths of all fields, arrays by the types of what they hold."""
    if path.rsplit(".", 1)[-1] in OPAQUE:
        return {path}
    inner: list[set[str]] = []
    if isinstance(value, dict):
        inner = [shape(entry, f"{path}.{name}") for name, entry in cast("Json", value).items()]
    if isinstance(value, list):
        inner = [
            shape(entry, f"{path}[{field(entry, 'type')}]") for entry in cast("list[Any]", value)
        ]
    return {path}.union(*inner)


def variant(event: Json) -> str:
    """Type of an event with what decides about its fields."""
    item, part = event.get("item"), event.get("part")
    output = cast("list[Json]", field(event.get("response"), "output") or [])
    kinds: list[object] = [
        event["type"],
        field(item, "type"),
        field(item, "role"),
        len(field(item, "content") or []),
        field(part, "type"),
        *(entry["type"] for entry in output),
    ]
    return " ".join(str(kind) for kind in kinds)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_events(name: str) -> None:
    real, ours = replayed(name)
    assert order(ours) == order(real)


@pytest.mark.parametrize("name", NAMES)
def test_the_fields_of_events(name: str) -> None:
    real, ours = replayed(name)
    known = {variant(event): shape(event) for event in real}
    compared = 0
    for event in ours:
        if variant(event) in known and not event["type"].startswith(FLOATING):
            assert shape(event) == known[variant(event)], variant(event)
            compared += 1
    assert compared > len(known) // 2


def test_the_form_of_ids() -> None:
    real, ours = replayed(NAMES[0])
    for theirs, mine in zip(real, ours, strict=False):
        assert len(mine["event_id"]) == len(theirs["event_id"])
    assert ours[0]["session"]["expires_at"] == 1_790_000_000 + 3600
