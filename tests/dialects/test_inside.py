"""What a Realtime client sees of turngate's own functions; whole calls are in tests/e2e."""

from typing import Any

import msgspec
import pytest

from turngate.core.tools import Call
from turngate.dialects import inside
from turngate.dialects.inside import Inside

Json = dict[str, Any]

OURS: Json = {"type": "function", "name": "stock"}
THEIRS: Json = {"type": "function", "name": "get_time"}


def raw(event: Json) -> bytes:
    return msgspec.json.encode(event)


def offering(*names: str) -> Inside:
    hidden = Inside([{"type": "function", "name": name} for name in names or ("stock",)])
    hidden.offer(raw({"type": "session.update", "session": {"tools": []}}))
    return hidden


def shown(
    hidden: Inside, event: Json, request: Json | None = None, *, follows: bool = False
) -> Any:
    seen = hidden.show(raw(event), request or {}, follows=follows)
    return None if seen is None else msgspec.json.decode(seen)


def written(event: bytes) -> Json:
    """The item of an event of ours."""
    return msgspec.json.decode(event)["item"]


def response(name: str, response_id: str, **more: Any) -> Json:
    body: Json = {"id": response_id, "status": "completed", "output": [], **more}
    return {"type": f"response.{name}", "response": body}


def call(name: str, call_id: str = "c1", item_id: str = "i1") -> Json:
    return {"id": item_id, "type": "function_call", "name": name, "call_id": call_id}


def test_the_clients_tools_are_completed_and_shown_as_they_were() -> None:
    hidden = Inside([OURS])
    update = {"type": "session.update", "session": {"tools": [THEIRS]}}
    sent = msgspec.json.decode(hidden.offer(raw(update)))
    assert sent["session"]["tools"] == [THEIRS, OURS]
    assert shown(hidden, {"type": "session.updated", "session": sent["session"]}) == {
        "type": "session.updated",
        "session": {"tools": [THEIRS]},
    }
    bare: Json = {"type": "session.updated", "session": {}}
    assert shown(hidden, bare) == bare


def test_the_first_update_offers_them_even_without_a_word_of_tools() -> None:
    hidden = Inside([OURS])
    update = raw({"type": "session.update", "session": {"instructions": "x"}})
    assert msgspec.json.decode(hidden.offer(update))["session"]["tools"] == [OURS]
    assert hidden.offer(update) == update
    assert hidden.offer(b"no json") == b"no json"


def test_the_clients_function_of_the_same_name_stays_the_clients() -> None:
    hidden = Inside([OURS, {"type": "function", "name": "price"}])
    sent = hidden.offer(
        raw({"type": "session.update", "session": {"tools": [{"name": "stock"}, 7]}})
    )
    assert [
        tool if tool == 7 else tool["name"]
        for tool in msgspec.json.decode(sent)["session"]["tools"]
    ] == ["stock", 7, "price"]
    assert hidden.offered == {"price"}
    assert shown(hidden, response("created", "r1"))
    event = {"type": "response.output_item.done", "response_id": "r1", "item": call("stock")}
    assert shown(hidden, event) == event


def test_a_round_of_our_calls_only_goes_on_in_the_next() -> None:
    hidden = offering()
    began = response("created", "r1", metadata={"mine": "1"})
    assert shown(hidden, began, {"output_modalities": ["text"], "metadata": {"mine": "1"}}) == began
    added = {"response_id": "r1", "output_index": 0}
    assert (
        shown(hidden, {"type": "response.output_item.added", **added, "item": call("stock")})
        is None
    )
    assert (
        shown(
            hidden,
            {"type": "conversation.item.added", "previous_item_id": "u1", "item": call("stock")},
        )
        is None
    )
    assert (
        shown(hidden, {"type": "response.function_call_arguments.delta", **added, "item_id": "i1"})
        is None
    )
    item = call("stock") | {"arguments": '{"a":1}'}
    assert shown(hidden, {"type": "conversation.item.done", "item": item}) is None
    assert hidden.asked() == [Call("c1", "stock", '{"a":1}')]
    usage = {"total": 3, "details": {"text": 1}, "kind": "x"}
    assert shown(hidden, response("done", "r1", output=[item], usage=usage)) is None
    assert hidden.asked() == []
    assert hidden.pending is not None
    assert hidden.pending.request == {"output_modalities": ["text"]}
    output = written(hidden.output("c1", "seven"))
    assert (
        shown(hidden, {"type": "conversation.item.added", "previous_item_id": "i1", "item": output})
        is None
    )
    assert shown(hidden, response("created", "r2"), follows=True) is None
    assert not hidden.is_quiet
    delta = {
        "type": "response.output_audio.delta",
        "response_id": "r2",
        "output_index": 0,
        "delta": "AA",
    }
    assert shown(hidden, delta)["response_id"] == "r1"
    item = {"id": "i2", "type": "message"}
    said = {"type": "conversation.item.added", "previous_item_id": "tg_output_1", "item": item}
    assert shown(hidden, said)["previous_item_id"] == "u1"
    cancel = raw({"type": "response.cancel", "response_id": "r1"})
    assert msgspec.json.decode(hidden.address(cancel))["response_id"] == "r2"
    more = {"total": 4, "details": {"text": 2, "audio": 1}, "kind": "x"}
    end = shown(hidden, response("done", "r2", output=[item], usage=more))["response"]
    assert (end["id"], end["metadata"], end["output"]) == ("r1", {"mine": "1"}, [item])
    assert end["usage"] == {"total": 7, "details": {"text": 3, "audio": 1}, "kind": "x"}
    assert hidden.is_quiet
    assert hidden.address(cancel) == cancel


def test_an_item_behind_a_hidden_one_takes_its_place() -> None:
    hidden = offering()
    shown(hidden, response("created", "r1"))
    first = {"response_id": "r1", "output_index": 0, "item": call("stock")}
    assert shown(hidden, {"type": "response.output_item.added", **first}) is None
    second = {"response_id": "r1", "output_index": 1, "item": call("get_time", "c2", "i2")}
    assert shown(hidden, {"type": "response.output_item.added", **second})["output_index"] == 0
    assert not hidden.is_quiet
    done = response("done", "r1", output=[call("stock"), call("get_time", "c2", "i2")])
    assert [item["name"] for item in shown(hidden, done)["response"]["output"]] == ["get_time"]
    assert hidden.pending is None
    assert hidden.asked() == [Call("c1", "stock", "{}")]


def test_a_round_that_is_cut_off_ends_there() -> None:
    hidden = offering()
    shown(hidden, response("created", "r1"))
    item = call("stock") | {"status": "incomplete"}
    event = {"type": "response.output_item.done", "response_id": "r1", "item": item}
    assert shown(hidden, event) is None
    end = shown(hidden, response("done", "r1", status="cancelled", output=[item]))
    assert end["response"]["output"] == []
    assert hidden.asked() == []


def test_a_call_beside_the_conversation_is_hidden_and_not_run() -> None:
    hidden = offering()
    assert shown(hidden, response("created", "r9", conversation_id=None))
    event = {"type": "response.output_item.done", "response_id": "r9", "item": call("stock")}
    assert shown(hidden, event) is None
    end = response("done", "r9", conversation_id=None, status="failed", output=[call("stock")])
    assert shown(hidden, end)["response"]["output"] == []
    assert hidden.asked() == []


def test_what_comes_behind_an_output_that_is_not_acknowledged_comes_behind_the_last_item() -> None:
    hidden = offering()
    shown(hidden, {"type": "conversation.item.added", "item": {"id": "u1", "type": "message"}})
    item_id = written(hidden.output("c1", "seven"))["id"]
    committed = {"type": "input_audio_buffer.committed", "previous_item_id": item_id}
    assert shown(hidden, committed)["previous_item_id"] == "u1"


def test_an_item_of_the_clients_is_shown_whatever_it_is_called() -> None:
    hidden = offering()
    hidden.output("c1", "seven")
    item = {"id": "tg_output_2", "type": "message"}
    added = {"type": "conversation.item.added", "previous_item_id": None, "item": item}
    behind = {"type": "input_audio_buffer.committed", "previous_item_id": "tg_output_2"}
    assert (shown(hidden, added), shown(hidden, behind)) == (added, behind)


def test_what_is_pending_can_end_for_its_client() -> None:
    hidden = offering()
    shown(hidden, response("created", "r1"))
    shown(hidden, response("done", "r1", output=[call("stock")]))
    end = msgspec.json.decode(hidden.finish("cancelled", "turn_detected"))["response"]
    assert (end["id"], end["status"]) == ("r1", "cancelled")
    assert end["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    later = response("created", "r2")
    assert shown(hidden, later, follows=True) == later


@pytest.mark.parametrize(
    "event",
    [
        response("created", "r9", conversation_id=None),
        response("done", "r9", conversation_id=None),
        {"type": "response.output_text.delta", "response_id": "r9", "output_index": 0},
        {"type": "rate_limits.updated"},
        {"type": "conversation.item.added", "previous_item_id": None, "item": {"id": "u"}},
    ],
    ids=lambda event: event["type"],
)
def test_what_is_beside_all_that_stays_as_it_is(event: Json) -> None:
    assert shown(offering(), event) == event


def test_a_response_without_our_calls_stays_as_it_is() -> None:
    hidden = offering()
    shown(hidden, response("created", "r1"))
    cancel = raw({"type": "response.cancel", "response_id": "r1"})
    assert hidden.address(cancel) == cancel
    done = raw(response("done", "r1", output=[{"id": "i", "type": "message"}]))
    assert hidden.show(done, {}, follows=False) == done


def test_usage_that_one_round_does_not_tell() -> None:
    assert inside.added(None, {"total": 1}) == {"total": 1}
    assert inside.added({"total": 1}, None) == {"total": 1}
    assert inside.added({"total": 1}, {"other": 2}) == {"total": 1, "other": 2}


def test_what_is_sent_of_our_own() -> None:
    hidden = offering()
    first, second = written(hidden.output("c1", "seven")), written(hidden.output("c2", ""))
    assert (first["type"], first["call_id"], first["output"]) == (
        "function_call_output",
        "c1",
        "seven",
    )
    assert first["id"] != second["id"]
    assert inside.request_like({}, is_last=False) == b'{"type":"response.create"}'
    last = msgspec.json.decode(inside.request_like({"voice": "x"}, is_last=True))
    assert last["response"] == {"voice": "x", "tool_choice": "none"}
