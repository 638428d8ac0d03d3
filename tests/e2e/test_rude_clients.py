"""Rude clients, hundreds of them in virtual time: no refusal that could be avoided, nothing lost.

The long form, 10,000 sessions, is a piece of the proof: `python -m proof.run --long rude`.
"""

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from e2e.moments import in_no_time
from e2e.rude import SCRIPT, RudeClient, Session
from turngate.core.limits import TRIES
from turngate.emulator.connection import Connection
from turngate.emulator.outbox import Send
from turngate.gateway import log

EVENTS = 50
OWN_FAULTS = {
    "response_cancelled",
    "unknown_parameter",
    "input_audio_buffer_commit_empty",
    "item_delete_invalid_item_id",
    "item_retrieve_invalid_item_id",
    "response_cancel_not_active",
    "invalid_value",
}
"""What a client may be told that nobody could have prevented."""

TAKEN = "conversation_already_has_active_response"

Json = dict[str, Any]


def told(frames: list[bytes]) -> list[Json]:
    return [msgspec.json.decode(frame) for frame in frames]


def ended(client: RudeClient, heard: list[Json]) -> tuple[Counter[str], Counter[str]]:
    """Count what each request and each refusal came to, by the client's own names."""
    done: Counter[str] = Counter()
    for event in heard:
        if event["type"] == "response.done" and event["response"]["metadata"]:
            done[client.asked[int(event["response"]["metadata"]["n"])]] += 1
    refused = Counter(event["error"]["event_id"] for event in heard if event["type"] == "error")
    return done, refused


def is_unnamed_refusal_of_update(event: Json) -> bool:
    error = event.get("error", {})
    return error.get("event_id") is None and str(error.get("param")).startswith("session.")


def check(session: Session) -> None:
    check_ends(session)
    check_bytes(session)


def check_ends(session: Session) -> None:
    """Nothing that could be avoided was refused, and everything ended exactly once."""
    client, service = session.client, session.service
    heard = told(client.heard)
    counters = service.audit.counters
    assert service.audit.violations == 0, dict(counters)
    if not session.answers_speech:
        assert counters["race"] == 0
    codes = {event["error"]["code"] for event in heard if event["type"] == "error"}
    worn_out = {TAKEN} if counters["race"] >= TRIES else set[str]()
    assert codes <= OWN_FAULTS | worn_out
    done, refused = ended(client, heard)
    for name in client.asked:
        assert done[name] + refused[name] == 1, (name, done[name], refused[name])
    updated = sum(event["type"] == "session.updated" for event in heard)
    unnamed = sum(map(is_unnamed_refusal_of_update, heard))
    assert updated + unnamed + sum(refused[name] for name in client.updates) == len(client.updates)
    assert session.call is not None
    assert session.call.waiting == 0


def check_bytes(session: Session) -> None:
    """What the client heard is what upstream said: less the refusals absorbed, less our marks."""
    names = their_names(session)
    expected, refusals = list[bytes](), Counter[str]()
    for frame in session.service.said:
        if b"turngate" not in frame and b"tg_" not in frame:
            expected.append(frame)
            continue
        event = msgspec.json.decode(frame)
        if event["type"] == "error":
            event["error"]["event_id"] = name = names[event["error"]["event_id"]]
            refusals[name] += event["error"]["code"] == TAKEN
            if event["error"]["code"] == TAKEN and refusals[name] < TRIES:
                continue
        else:
            del event["response"]["metadata"]["turngate"]
        expected.append(msgspec.json.encode(event))
    heard = [frame for frame in session.client.heard if b'"event_turngate_' not in frame]
    assert heard == expected


def their_names(session: Session) -> dict[str, str]:
    """Return the client's name for each event that left under one of ours, by what it carries."""
    names: dict[str, str] = {}
    for _, raw in session.service.took:
        event = msgspec.json.decode(raw)
        if b'"tg_request' in raw:
            names[event["event_id"]] = session.client.asked[int(event["response"]["metadata"]["n"])]
        elif b'"tg_update' in raw:
            names[event["event_id"]] = event["session"]["instructions"]
    return names


def check_as_direct(session: Session) -> None:
    """Say what left, in the client's own words and at the same times, to a server without turngate."""
    names, client = their_names(session), session.client
    direct = Connection(knobs=session.knobs, script=SCRIPT)
    did = direct.open(session.service.opened_ms)
    for at_ms, raw in session.service.took:
        name = msgspec.json.decode(raw)["event_id"]
        did += direct.receive(client.said[names.get(str(name), str(name))], at_ms)
    did += direct.advance(session.service.now_ms)
    frames = [effect.frame for effect in did if isinstance(effect, Send)]
    assert [frame for frame in client.heard if b'"event_turngate_' not in frame] == frames


async def through_turngate(seed: int) -> Counter[str]:
    session = Session(seed, answers_speech=seed % 2 == 0)
    await session.play(EVENTS)
    check(session)
    if not session.answers_speech:
        check_as_direct(session)
    return figures(session)


def figures(session: Session) -> Counter[str]:
    """Return what is told of a session beside that nothing went wrong."""
    client, server = session.client, session.service.audit.counters
    said = {
        "events": len(client.said),
        "requests": len(client.asked),
        "updates": len(client.updates),
    }
    return Counter({"sessions": 1, **said, "races": server["race"]})


async def directly(seed: int) -> Counter[str]:
    session = Session(seed, answers_speech=False, is_direct=True)
    await session.play(EVENTS)
    return Counter(session.service.audit.counters)


def sessions(
    play: Callable[[int], Coroutine[Any, Any, Counter[str]]], seeds: range
) -> Counter[str]:
    """Play sessions one by one; a failure names its seed."""
    total: Counter[str] = Counter()

    async def counted(seed: int) -> None:
        total.update(await play(seed))

    for seed in seeds:
        try:
            in_no_time(counted(seed))
        except AssertionError as failure:
            pytest.fail(f"seed {seed}: {failure}", pytrace=False)
    return total


@pytest.fixture(autouse=True)
def no_log() -> None:
    log.configure("error", "console")


@pytest.mark.parametrize("first", range(0, 500, 100))
def test_rude_clients_cause_no_refusal_and_lose_nothing(
    first: int, record_property: Callable[[str, object], None]
) -> None:
    counters = sessions(through_turngate, range(first, first + 100))
    assert counters["races"] > 0, "some met the server's own responses"
    for name, count in counters.items():
        record_property(name, count)


async def without_names(seed: int) -> Counter[str]:
    session = Session(seed, answers_speech=seed % 2 == 0, event_id_null_in_errors=True)
    await session.play(EVENTS)
    check_ends(session)
    assert not [frame for frame in session.client.heard if b"tg_" in frame]
    return Counter(session.service.audit.counters)


def test_a_server_whose_errors_name_no_event_is_understood_all_the_same() -> None:
    counters = sessions(without_names, range(40))
    assert counters["race"] > 0


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, 10_000, 250))
def test_ten_thousand_rude_clients_cause_no_refusal_and_lose_nothing(
    first: int, record_property: Callable[[str, object], None]
) -> None:
    for name, count in sessions(through_turngate, range(first, first + 250)).items():
        record_property(name, count)


def test_the_same_clients_are_refused_without_turngate() -> None:
    counters = sessions(directly, range(1, 21, 2))
    assert counters["create_while_active"] > 0
    assert counters["session_update_while_active"] > 0
    assert counters["create_with_unanswered_calls"] > 0
