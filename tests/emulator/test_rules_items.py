"""The rules of items: which can be made, and what may be done to those that are there."""

import pytest

from emulator.rules import HI, refused, user
from turngate.emulator import Call, Reply, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json


def test_an_item_id_is_used_once() -> None:
    client = MemoryClient()
    client.send("conversation.item.create", item=user(HI, id="item_a"))
    error = refused(
        client.send("conversation.item.create", item=user(HI, id="item_a"), event_id="e")
    )
    assert error["code"] == "item_create_duplicate_item_id"
    assert (error["param"], error["event_id"]) == (None, None)


def test_items_go_where_they_are_told() -> None:
    client = MemoryClient()
    for item_id, after in (("b", None), ("a", "root"), ("c", "b"), ("ab", "a")):
        place = {"previous_item_id": after} if after else {}
        client.send("conversation.item.create", item=user(HI, id=item_id), **place)
    assert [item.id for item in client.connection.conversation.items] == ["a", "ab", "b", "c"]
    added = client.of("conversation.item.added")
    assert [event["previous_item_id"] for event in added] == [None, None, "b", "a"]


@pytest.mark.parametrize(
    "item, code, param",
    [
        (
            {"type": "message", "role": "assistant",
             "content": [{"type": "output_audio", "transcript": "x"}]},
            "missing_required_parameter",
            "item.content[0].text",
        ),
        (
            {"type": "message", "role": "system",
             "content": [{"type": "input_audio", "audio": ""}]},
            "invalid_value",
            "item.content[0].type",
        ),
        ({"type": "function_call_output", "output": "x"}, "missing_required_parameter",
         "item.call_id"),
        (user(HI, id="i" * 33), "string_above_max_length", "item.id"),
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
    ],
)  # fmt: skip
def test_items_that_are_none(item: Json, code: str, param: str) -> None:
    client = MemoryClient()
    error = refused(client.send("conversation.item.create", item=item))
    assert (error["code"], error["param"]) == (code, param)
    assert client.connection.conversation.items == []


def test_an_unknown_predecessor() -> None:
    client = MemoryClient()
    error = refused(
        client.send("conversation.item.create", item=user(HI), previous_item_id="item_x")
    )
    assert error["param"] == "previous_item_id"


def test_an_output_needs_its_call() -> None:
    client = MemoryClient()
    error = refused(client.output("call_unknown"))
    assert error["message"] == "Tool call ID not found in conversation."
    assert client.connection.ledger.counters["output_for_unknown_call"] == 1


def test_a_call_of_an_out_of_band_response_is_not_in_the_conversation() -> None:
    script = Script(replies=(Reply(calls=(Call("look"),)),))
    client = MemoryClient(script=script)
    client.send("response.create", response={"conversation": "none"})
    done = client.until("response.function_call_arguments.done")
    assert refused(client.output(done["call_id"]))["message"].startswith("Tool call ID")


@pytest.mark.parametrize("verb", ["delete", "retrieve", "truncate"])
def test_items_that_are_not_there(verb: str) -> None:
    client = MemoryClient()
    more = {"content_index": 0, "audio_end_ms": 0} if verb == "truncate" else {}
    error = refused(client.send(f"conversation.item.{verb}", item_id="nope", **more))
    assert error["code"] == f"item_{verb}_invalid_item_id"
    assert "'nope'" in error["message"]


def test_a_deleted_item_is_gone() -> None:
    client = MemoryClient()
    client.send("conversation.item.create", item=user(HI, id="a"))
    assert client.send("conversation.item.retrieve", item_id="a")[0]["item"]["id"] == "a"
    assert client.send("conversation.item.delete", item_id="a")[0] == {
        **client.events[-1],
        "type": "conversation.item.deleted",
        "item_id": "a",
    }
    assert refused(client.send("conversation.item.retrieve", item_id="a"))


def truncate(client: MemoryClient, item_id: str, end_ms: int) -> list[Json]:
    return client.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end_ms
    )


def test_only_audio_that_was_made_can_be_truncated() -> None:
    client = MemoryClient()
    client.send("conversation.item.create", item=user(HI, id="u"))
    assert "Only model output audio" in refused(truncate(client, "u", 0))["message"]
    client.send("response.create")
    item_id = client.until("response.output_item.added")["item"]["id"]
    client.settle()
    assert "is already shorter than 99999ms" in refused(truncate(client, item_id, 99999))["message"]
    assert truncate(client, item_id, 100)[0]["audio_end_ms"] == 100
    item = client.send("conversation.item.retrieve", item_id=item_id)[0]["item"]
    assert item["content"][0]["transcript"] is None
