"""The rules of responses: one at a time, what a cancel finds, and what one of them may hold."""

import pytest

from emulator.rules import refused, streaming
from turngate.emulator import Call, Knobs, Reply, Script
from turngate.emulator.memory import MemoryClient


def test_a_second_create_is_refused_with_the_id_of_the_holder() -> None:
    client, active_id = streaming()
    error = refused(client.send("response.create", event_id="c2"))
    assert error["code"] == "conversation_already_has_active_response"
    assert active_id in error["message"]
    assert (error["event_id"], error["param"]) == ("c2", None)
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_the_slot_is_taken_before_the_response_is_announced() -> None:
    client = MemoryClient(Knobs(created_ms=200))
    client.say("hello")
    assert client.send("response.create") == []
    assert refused(client.send("response.create"))["code"] == (
        "conversation_already_has_active_response"
    )


def test_the_slot_is_free_with_response_done() -> None:
    client, _ = streaming()
    client.until("response.done")
    assert client.send("response.create")[0]["type"] == "response.created"


def test_out_of_band_responses_run_beside_the_default_one() -> None:
    client, _ = streaming()
    aside = {"conversation": "none", "output_modalities": ["text"]}
    assert client.send("response.create", response=aside)[0]["type"] == "response.created"
    client.settle()
    assert len(client.of("response.done")) == 2


def test_a_server_may_allow_no_response_beside_another() -> None:
    client, _ = streaming(Knobs(max_oob=0))
    error = refused(client.send("response.create", response={"conversation": "none"}))
    assert error["code"] == "conversation_already_has_active_response"


@pytest.mark.parametrize("fields", [{}, {"response_id": "resp_unknown"}])
def test_nothing_to_cancel(fields: dict[str, str]) -> None:
    client = MemoryClient()
    error = refused(client.send("response.cancel", event_id="x", **fields))
    assert (error["code"], error["event_id"]) == ("response_cancel_not_active", "x")


def test_a_cancel_without_id_leaves_out_of_band_alone() -> None:
    client = MemoryClient()
    client.send("response.create", response={"conversation": "none"})
    assert refused(client.send("response.cancel"))["code"] == "response_cancel_not_active"


def test_a_cancel_before_the_announcement_finds_nothing_and_the_response_comes() -> None:
    client = MemoryClient(Knobs(created_ms=100))
    client.say("hello")
    client.send("response.create")
    assert refused(client.send("response.cancel"))["code"] == "response_cancel_not_active"
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_several_calls_are_one_response() -> None:
    script = Script(replies=(Reply(calls=(Call("a", {"n": 1}), Call("b"), Call("c"))),))
    client = MemoryClient(script=script)
    client.say("go")
    client.send("response.create")
    done = client.until("response.done")["response"]
    assert [(item["name"], item["arguments"]) for item in done["output"]] == [
        ("a", '{"n":1}'),
        ("b", "{}"),
        ("c", "{}"),
    ]
    assert len({item["call_id"] for item in done["output"]}) == 3
