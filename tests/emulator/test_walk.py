"""Random walks of a legal client, by seed: what must hold whatever happens in which order."""

import random
from collections import defaultdict

import pytest

from turngate.audio.tone import silence, tone
from turngate.emulator import Call, FunctionCall, Knobs, McpCall, Message, Reply, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json

SCRIPT = Script(
    replies=(
        Reply(match="both", text="Wait.", calls=(Call("a"), Call("b", {"n": 1}))),
        Reply(match="call", calls=(Call("a"),)),
    ),
    responses=((McpCall(server_label="books", name="find", output="found"), Message(text="So.")),),
    mcp_tools={"books": ({"name": "find", "input_schema": {}},)},
)
DETECTIONS: tuple[Json | None, ...] = (
    None,
    {"type": "server_vad"},
    {"type": "server_vad", "idle_timeout_ms": 5000},
    {"type": "server_vad", "create_response": False},
    {"type": "server_vad", "interrupt_response": False},
    {"type": "semantic_vad", "eagerness": "high"},
)
TEXTS = ("hello", "call", "both", "tell a long story", "x " * 40)
STEPS = 400
SEEDS = range(12)


class Walker:
    """Does legal things at random moments and remembers what it is owed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        order = self.random.choice(["both", "after_response_done", "done_only"])
        self.client = MemoryClient(
            Knobs(
                seed=seed,
                created_ms=self.random.choice([0, 20]),
                first_delta_ms=self.random.choice([0, 30]),
                per_delta_ms=self.random.choice([1, 10]),
                done_after_last_ms=self.random.choice([0, 40]),
                item_ack_ms=self.random.choice([0, 25]),
                cancel_ack_ms=self.random.choice([0, 15]),
                jitter_ms=self.random.choice([0, 10]),
                output_ack=order,  # pyright: ignore[reportArgumentType]  one of the literals above
                interleave_outputs=self.random.choice([False, True]),
                strict_session_update=False,
                whole_deltas=self.random.choice([False, True]),
                item_done_last=self.random.choice([False, True]),
                mind=self.random.choice(["echo", "rules", "llm"]),
            ),
            SCRIPT,
        )
        self.order = order
        self.sent: list[tuple[str, str]] = []
        self.creates_response = True
        self.unasked_commits = 0

    def step(self) -> None:
        self.random.choice(
            [self.wait, self.wait, self.say, self.create, self.create, self.aside, self.cancel,
             self.output, self.update, self.hear, self.delete, self.retrieve, self.detect,
             self.transcribe, self.tools, self.commit, self.clear, self.truncate, self.think]
        )()  # fmt: skip

    def send(self, event_type: str, **fields: object) -> None:
        event_id = f"c{len(self.sent)}"
        self.sent.append((event_id, event_type))
        self.client.send(event_type, event_id=event_id, **fields)

    def wait(self) -> None:
        self.client.wait(self.random.choice([0, 1, 7, 40, 300, 6000]))

    def say(self) -> None:
        content = [{"type": "input_text", "text": self.random.choice(TEXTS)}]
        item = {"type": "message", "role": "user", "content": content}
        self.send("conversation.item.create", item=item)

    def create(self) -> None:
        self.send("response.create", response={"output_modalities": [self.modality()]})

    def aside(self) -> None:
        settings = {"conversation": "none", "output_modalities": [self.modality()]}
        self.send("response.create", response=settings)

    def modality(self) -> str:
        return self.random.choice(["text", "audio"])

    def cancel(self) -> None:
        active_id = self.client.connection.responder.active_id
        self.send("response.cancel", **({"response_id": active_id} if active_id else {}))

    def output(self) -> None:
        called = self.client.of("response.function_call_arguments.done")
        if called:
            call_id = self.random.choice(called)["call_id"]
            item = {"type": "function_call_output", "call_id": call_id, "output": "done"}
            self.send("conversation.item.create", item=item)

    def update(self) -> None:
        self.send("session.update", session={"type": "realtime", "instructions": "x"})

    def hear(self) -> None:
        before = len(self.client.of("input_audio_buffer.committed"))
        heard = [tone(200), silence(300), tone(400) + silence(300), silence(2000)]
        self.client.hear(self.random.choice(heard), chunk_bytes=9600)
        if not self.creates_response:
            self.unasked_commits += len(self.client.of("input_audio_buffer.committed")) - before

    def detect(self, detection: Json | None = None) -> None:
        chosen = detection or self.random.choice(DETECTIONS)
        self.creates_response = (chosen or {}).get("create_response", True)
        session = {"type": "realtime", "audio": {"input": {"turn_detection": chosen}}}
        self.send("session.update", session=session)

    def transcribe(self) -> None:
        chosen = self.random.choice([None, {"model": "whisper-1"}, {"model": "gpt-4o-transcribe"}])
        session = {"type": "realtime", "audio": {"input": {"transcription": chosen}}}
        self.send("session.update", session=session)

    def tools(self) -> None:
        books = {"type": "mcp", "server_label": self.random.choice(["books", "gone"])}
        self.send("session.update", session={"type": "realtime", "tools": [books]})

    def commit(self) -> None:
        self.send("input_audio_buffer.commit")

    def clear(self) -> None:
        self.send("input_audio_buffer.clear")

    def truncate(self) -> None:
        items = self.client.connection.conversation.items
        if items:
            item_id, end_ms = self.random.choice(items).id, self.random.choice([0, 50, 5000])
            place = {"item_id": item_id, "content_index": 0, "audio_end_ms": end_ms}
            self.send("conversation.item.truncate", **place)

    def think(self) -> None:
        if self.client.thinking:
            said = [Message(text="One. "), Message(text="Two."), FunctionCall(name="a")]
            failure = self.random.choice([None, None, "it broke off"])
            self.client.think(*said[: self.random.randint(0, 3)], failure=failure)

    def end(self) -> None:
        """Let everything come to its end."""
        self.detect({"type": "server_vad", "idle_timeout_ms": None})
        self.client.settle()
        while self.client.thinking:
            self.think()
            self.client.settle()

    def delete(self) -> None:
        items = self.client.connection.conversation.items
        if items:
            item_id = self.random.choice(items).id
            self.send("conversation.item.delete", item_id=item_id)

    def retrieve(self) -> None:
        items = self.client.connection.conversation.items
        if items:
            item_id = self.random.choice(items).id
            self.send("conversation.item.retrieve", item_id=item_id)


def walked(seed: int, steps: int = STEPS) -> Walker:
    walker = Walker(seed)
    for _ in range(steps):
        walker.step()
    walker.end()
    return walker


@pytest.fixture(scope="module", params=SEEDS)
def walker(request: pytest.FixtureRequest) -> Walker:
    return walked(request.param)


def test_each_response_is_announced_and_ended_once(walker: Walker) -> None:
    created = [event["response"]["id"] for event in walker.client.of("response.created")]
    done = [event["response"]["id"] for event in walker.client.of("response.done")]
    assert sorted(created) == sorted(done)
    assert len(set(created)) == len(created) > 5


def test_one_default_response_at_a_time(walker: Walker) -> None:
    active: set[str] = set()
    for event in walker.client.events:
        response = event.get("response")
        if response and response["conversation_id"]:
            (active.add if event["type"] == "response.created" else active.discard)(response["id"])
        assert len(active) <= 1


def test_ids_are_unique(walker: Walker) -> None:
    events = [event["event_id"] for event in walker.client.events]
    assert len(set(events)) == len(events)
    added = [event["item"]["id"] for event in walker.client.of("conversation.item.added")]
    assert len(set(added)) == len(added)


def test_deltas_add_up_to_what_is_done(walker: Walker) -> None:
    streamed: dict[tuple[str, str], str] = defaultdict(str)
    for event in walker.client.events:
        kind, _, word = event["type"].rpartition(".")
        key = (kind, event.get("item_id", ""))
        if word == "delta":
            streamed[key] += event["delta"]
        for field in ("text", "transcript", "arguments"):
            if word in ("done", "completed") and field in event:
                assert streamed[key] == event[field]


def test_nothing_follows_the_end_of_a_response(walker: Walker) -> None:
    over: set[str] = set()
    for event in walker.client.events:
        assert event.get("response_id") not in over
        if event["type"] == "response.done":
            over.add(event["response"]["id"])


def test_each_client_event_has_one_outcome(walker: Walker) -> None:
    client = walker.client
    refused = [event["error"]["event_id"] for event in client.of("error")]
    assert len(set(refused)) == len(refused)
    accepted: dict[str, int] = defaultdict(int)
    for event_id, event_type in walker.sent:
        accepted[event_type] += event_id not in refused
    assert accepted["session.update"] == len(client.of("session.updated"))
    assert accepted["conversation.item.delete"] == len(client.of("conversation.item.deleted"))
    assert accepted["conversation.item.retrieve"] == len(client.of("conversation.item.retrieved"))
    assert accepted["conversation.item.truncate"] == len(client.of("conversation.item.truncated"))
    assert accepted["input_audio_buffer.clear"] == len(client.of("input_audio_buffer.cleared"))
    unanswered = client.connection.ledger.counters["vad_create_suppressed"]
    unanswered += accepted["input_audio_buffer.commit"] + walker.unasked_commits
    by_server = len(client.of("input_audio_buffer.committed")) - unanswered
    assert accepted["response.create"] + by_server == len(client.of("response.created"))
    own = {event["item"]["id"] for event in client.of("response.output_item.added")} | {
        event["item_id"] for event in client.of("input_audio_buffer.committed")
    }
    answered = [
        event
        for event in client.of("conversation.item.done")
        if event["item"]["id"] not in own and event["item"]["type"] != "mcp_list_tools"
    ]
    assert accepted["conversation.item.create"] == len(answered)


def test_a_completed_response_lists_the_items_it_announced(walker: Walker) -> None:
    for done in walker.client.of("response.done"):
        response: Json = done["response"]
        if response["status"] != "completed":
            continue
        listed = {item["id"] for item in response["output"]}
        for kind in ("response.output_item.added", "response.output_item.done"):
            announced = {
                event["item"]["id"]
                for event in walker.client.of(kind)
                if event["response_id"] == response["id"]
            }
            assert announced == listed


def test_a_spoken_turn_has_one_item_id(walker: Walker) -> None:
    client = walker.client
    started = {event["item_id"] for event in client.of("input_audio_buffer.speech_started")}
    committed = [event["item_id"] for event in client.of("input_audio_buffer.committed")]
    for event in client.of("input_audio_buffer.speech_stopped"):
        assert event["item_id"] in started
        assert committed.count(event["item_id"]) == 1


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second, other = (walked(seed, 150).client.frames for seed in (5, 5, 6))
    assert first == second
    assert first != other


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_walks_without_end() -> None:
    """The long form: a hundred thousand steps."""
    for seed in range(250):
        walker = walked(seed)
        for law in (
            test_each_response_is_announced_and_ended_once,
            test_one_default_response_at_a_time,
            test_ids_are_unique,
            test_deltas_add_up_to_what_is_done,
            test_nothing_follows_the_end_of_a_response,
            test_each_client_event_has_one_outcome,
            test_a_completed_response_lists_the_items_it_announced,
            test_a_spoken_turn_has_one_item_id,
        ):
            law(walker)
