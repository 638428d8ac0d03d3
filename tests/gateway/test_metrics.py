"""What the metrics page tells, and that nobody outside can make it longer."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from picows import (
    WSUpgradeRequest,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from gateway.far import Far, dial
from gateway.stand import SETTINGS, UPGRADE, gateway, request
from gateway.upstreams import audio, done, line, oblige, scripted
from turngate.core.session import Policy
from turngate.dialects.house import House
from turngate.emulator import Knobs, serving
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.call import Call, Owner
from turngate.gateway.metrics import COUNTED, TIMED, Metrics, by_name
from turngate.gateway.native_call import NativeCall
from turngate.gateway.target import Target
from turngate.gateway.totals import Spread, Totals

TYPED = {"type": "InjectUserMessage", "content": "hello"}
AGENT = ("front", "agent")
NATIVE = ("front", "native")


class Metered:
    """A gateway's calls and their metrics: agent calls at /agent, native ones at /native."""

    def __init__(self, upstream_url: str) -> None:
        self._target = Target(url=f"{upstream_url}?model=m", name="upstream")
        self._calls: set[Call] = set()
        self.metrics = Metrics(lambda: self._calls)
        self.url = ""

    def door(self, request: WSUpgradeRequest) -> Any:
        owner = Owner(self._calls.add, self._calls.remove)
        fronts = self.metrics.fronts
        if request.path == b"/native":
            owner = owner._replace(totals=fronts["native"])
            return NativeCall("call", self._target, owner).client
        owner = owner._replace(totals=fronts["agent"])
        return AgentCall("call", self._target, owner, Policy(), House()).client

    def __getitem__(self, wanted: tuple[str, *tuple[tuple[str, str], ...]]) -> float:
        """Return the value of a sample by its name and its labels."""
        name, *labels = wanted
        return self.samples()[name, frozenset(labels)]

    def samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        text = self.metrics.page().decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def hang_up(self) -> None:
        for call in tuple(self._calls):
            call.abort()

    async def configured(self) -> Far:
        caller = await dial(f"{self.url}agent")
        caller.say(SETTINGS)
        await caller.hears("SettingsApplied")
        return caller


@asynccontextmanager
async def metered(upstream_url: str) -> AsyncGenerator[Metered]:
    metered = Metered(upstream_url)
    server = await ws_create_server(metered.door, "127.0.0.1", 0, enable_auto_pong=False)
    metered.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield metered
    finally:
        metered.hang_up()
        server.close()
        await server.wait_closed()


async def test_turn_of_an_agent_call_is_counted_and_timed() -> None:
    async with scripted(oblige) as upstream, metered(upstream.url) as running:
        caller = await running.configured()
        far = await upstream.accepts()
        caller.say(bytes(480))
        caller.say(TYPED)
        request = await far.hears("response.create")
        far.say(audio(b"\x01\x02" * 240))
        far.say(line("hello"))
        far.say(done(request["response"]["metadata"]))
        await caller.hears("AgentAudioDone")
        assert running["turngate_calls_active", AGENT] == 1
        assert running["turngate_calls_active", NATIVE] == 0
        assert running["turngate_requests_total", AGENT] == 1
        assert running["turngate_turns_total", AGENT] == 1
        assert running["turngate_slot_wait_seconds_count", AGENT] == 1
        assert running["turngate_acceptance_seconds_count", AGENT] == 1
        assert running["turngate_first_audio_seconds_count", AGENT] == 1
        assert running["turngate_dial_seconds_count", AGENT] == 1
        assert running["turngate_speech_answer_seconds_count", AGENT] == 0
        moved = "turngate_network_bytes_total"
        assert running[moved, AGENT, ("path", "to_client")] > 480
        assert running[moved, AGENT, ("path", "to_upstream")] > 480 * 4 / 3
        before = running[moved, AGENT, ("path", "from_client")]
        caller.close()
        await far.until(lambda: far.is_gone)
        assert running["turngate_calls_active", AGENT] == 0
        assert running["turngate_call_seconds_count", AGENT] == 1
        assert running[moved, AGENT, ("path", "from_client")] >= before
        assert running["turngate_client_closes_total", AGENT, ("code", "1000")] == 1


async def test_log_line_of_a_call_counts_in_words() -> None:
    with capture_logs() as lines:
        async with scripted(oblige) as upstream, metered(upstream.url) as running:
            caller = await running.configured()
            far = await upstream.accepts()
            caller.say(TYPED)
            request = await far.hears("response.create")
            far.say(line("hello"))
            far.say(done(request["response"]["metadata"]))
            await caller.hears("AgentAudioDone")
            caller.close()
            await far.until(lambda: far.is_gone)
    (end,) = (each for each in lines if each["event"] == "call ended")
    told = {"updates": 1, "items": 1, "requests": 1, "turns": 1}
    assert end["counts"] == told | {"WithoutEffect": 1}


def test_counts_of_a_call_are_named_as_on_the_page() -> None:
    counts = {"race": 2, "stray": 1, "merged": 0, "UpstreamLost": 1}
    assert by_name(counts) == {"races": 2, "out_of_turn": 1, "UpstreamLost": 1}


async def test_answer_to_speech_is_timed_from_its_end() -> None:
    async with scripted(oblige) as upstream, metered(upstream.url) as running:
        caller = await running.configured()
        far = await upstream.accepts()
        speech = {"item_id": "i1", "event_id": "e"}
        item: dict[str, Any] = {"id": "i1", "type": "message", "role": "user", "content": []}
        far.say({"type": "input_audio_buffer.speech_started", "audio_start_ms": 0, **speech})
        far.say({"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 9, **speech})
        far.say({"type": "input_audio_buffer.committed", "previous_item_id": None, **speech})
        far.say({"type": "conversation.item.added", "event_id": "e", "item": item})
        await far.hears("response.create")
        far.say(audio(b"\x01\x02"))
        await caller.hears_audio()
        assert running["turngate_speech_answer_seconds_count", AGENT] == 1


async def test_wishes_that_share_a_response_are_counted() -> None:
    async with scripted(oblige) as upstream, metered(upstream.url) as running:
        caller = await running.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        request = await far.hears("response.create")
        for _ in range(3):
            caller.say(TYPED)
        await caller.barrier()
        await far.barrier()
        assert running["turngate_held", AGENT] == 3
        far.say(done(request["response"]["metadata"]))
        await far.hears("response.create")
        assert running["turngate_merged_total", AGENT] == 2
        assert running["turngate_held", AGENT] == 0


async def test_failures_and_surprises_are_counted_by_their_kinds() -> None:
    async with scripted(oblige) as upstream, metered(upstream.url) as running:
        caller = await running.configured()
        far = await upstream.accepts()
        for _ in range(2):
            caller.say("not json")
        far.say('{"type":"brand.new"}')
        far.say("not json")
        await far.barrier()
        await caller.barrier()
        failed = "turngate_failures_total"
        undecodable = ("failure", "Undecodable"), ("code", "UNPARSABLE_CLIENT_MESSAGE")
        assert running[failed, AGENT, *undecodable] == 2
        assert running[failed, NATIVE, *undecodable] == 0
        surprises = "turngate_upstream_surprises_total"
        assert running[surprises, AGENT, ("kind", "unknown")] == 1
        assert running[surprises, AGENT, ("kind", "unreadable")] == 1


async def test_native_calls_are_measured_as_well() -> None:
    knobs = Knobs(voice="tone", per_delta_ms=20)
    async with serving(knobs=knobs) as emulator, metered(emulator.url) as running:
        client = await dial(f"{running.url}native")
        await client.hears("session.created")
        part = {"type": "input_text", "text": "hello"}
        item: dict[str, Any] = {"type": "message", "role": "user", "content": [part]}
        for _ in range(2):
            client.say({"type": "conversation.item.create", "item": item})
            client.say({"type": "response.create"})
        await client.hears("response.created")
        assert running["turngate_held", NATIVE] == 1, "the second request"
        for _ in range(2):
            await client.hears("response.done")
        assert running["turngate_requests_total", NATIVE] == 2
        assert running["turngate_turns_total", NATIVE] == 2
        assert running["turngate_slot_wait_seconds_count", NATIVE] == 2
        assert running["turngate_slot_wait_seconds_sum", NATIVE] > 0
        assert running["turngate_acceptance_seconds_count", NATIVE] == 2
        assert running["turngate_first_audio_seconds_count", NATIVE] == 2
        assert running["turngate_network_bytes_total", NATIVE, ("path", "to_client")] > 10_000


async def test_what_waits_for_a_peer_that_does_not_read_is_shown() -> None:
    async with scripted(oblige) as upstream, metered(upstream.url) as running:
        caller = await running.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        await far.hears("response.create")
        caller.stop_reading()
        to_client = AGENT, ("to", "client")
        while not running["turngate_queue_bytes", *to_client]:
            far.say(audio(bytes(48_000)))
            await far.barrier()
        assert running["turngate_queue_longest_bytes", *to_client] > 0
        caller.drop()
        await far.until(lambda: far.is_gone)
        assert running["turngate_queue_longest_bytes", *to_client] == 0


async def test_page_is_there_for_everybody_and_counts_who_was_refused() -> None:
    async with serving() as emulator, gateway(emulator.url, client_keys=("k",)) as stand:
        for path in ("/v1/agent/converse", "/v1/realtime", "/nowhere"):
            await request(stand, path, UPGRADE)
        response = await request(stand, "/metrics")
        assert response.status == 200
        assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert b'turngate_handshakes_refused_total{status="401"} 2.0' in response.body
        assert b'turngate_handshakes_refused_total{status="404"} 1.0' in response.body
        assert b"process_resident_memory_bytes" in response.body


def test_number_of_series_never_grows() -> None:
    metrics = Metrics(tuple)
    before = metrics.page().count(b"\nturngate_")
    chance = random.Random(1)
    for totals in metrics.fronts.values():
        for _ in range(100_000):
            totals.counts[f"{chance.random()}"] += 1
            metrics.refusals[chance.randrange(100, 100_000)] += 1
    assert metrics.page().count(b"\nturngate_") == before


async def test_closes_of_every_code_are_few_series() -> None:
    async with scripted(oblige) as upstream, metered(upstream.url) as running:
        before = len(running.samples())
        for code in (3000, 4321, 4999):
            caller = await running.configured()
            far = await upstream.accepts()
            caller.close(code)
            await far.until(lambda far=far: far.is_gone)
        assert running["turngate_client_closes_total", AGENT, ("code", "other")] == 3
        assert len(running.samples()) == before


@pytest.mark.parametrize("ms, place", [(0, 0), (10, 0), (11, 1), (20, 1), (21, 2), (10**9, 2)])
def test_bucket_holds_what_is_no_longer_than_its_end(ms: int, place: int) -> None:
    spread = Spread((10, 20))
    spread.note(ms)
    assert spread.counts == [int(at == place) for at in range(3)]
    assert spread.sum_ms == ms


def test_every_family_has_a_name_of_its_own_and_reads_what_is_there() -> None:
    names = [each.name for each in (*COUNTED, *TIMED)]
    assert len(set(names)) == len(names)
    assert all(isinstance(timed.spread(Totals()), Spread) for timed in TIMED)
