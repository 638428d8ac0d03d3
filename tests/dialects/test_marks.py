"""The marks that a Realtime client's events get, and how the marks come off."""

import msgspec
import pytest

from turngate.core.order import Kind
from turngate.dialects import marks, native
from turngate.dialects.marks import Theirs

EDITED = b'{"type":"response.create","event_id":"mine","response":{"instructions":"be brief"}}'


def test_a_request_bears_the_mark_and_keeps_what_its_client_wrote() -> None:
    assert not native.look_at(EDITED).is_full
    event = msgspec.json.decode(marks.marked(EDITED, "tg_request_1"))
    assert event == {
        "type": "response.create",
        "event_id": "tg_request_1",
        "response": {"instructions": "be brief", "metadata": {"turngate": "tg_request_1"}},
    }


def test_a_client_that_uses_all_metadata_pairs_keeps_them() -> None:
    pairs = {f"k{n}": "v" for n in range(native.MARKS)}
    raw = msgspec.json.encode({"type": "response.create", "response": {"metadata": pairs}})
    assert native.look_at(raw).is_full
    event = msgspec.json.decode(marks.marked(raw, "tg_request_1"))
    assert event["response"]["metadata"] == pairs
    assert event["event_id"] == "tg_request_1"


def test_an_update_gets_a_name_and_no_mark() -> None:
    raw = b'{"type":"session.update","session":{"type":"realtime","instructions":null}}'
    assert msgspec.json.decode(marks.marked(raw, "tg_update_1")) == {
        "type": "session.update",
        "session": {"type": "realtime", "instructions": None},
        "event_id": "tg_update_1",
    }


@pytest.mark.parametrize(
    "marked, plain",
    [
        (b'{"metadata":{"turngate":"tg_request_1"},"x":1.0}', b'{"metadata":null,"x":1.0}'),
        (b'{"metadata":{"turngate": "tg_request_12" }}', b'{"metadata":null}'),
        (b'{"metadata":{"a":"b","turngate":"tg_request_1"}}', b'{"metadata":{"a":"b"}}'),
        (b'{"metadata":{"turngate":"tg_request_1", "a":"b"}}', b'{"metadata":{"a":"b"}}'),
        (
            b'{"metadata":{"a":"b","turngate":"tg_request_1","c":"d"}}',
            b'{"metadata":{"a":"b","c":"d"}}',
        ),
        (b'{"metadata":{"turngate":"the client\'s own"}}', None),
        (b'{"type":"response.done"}', None),
    ],
)
def test_the_mark_comes_off_by_a_cut(marked: bytes, plain: bytes | None) -> None:
    assert marks.unmarked(marked, {}) == (marked if plain is None else plain)


@pytest.mark.parametrize(
    "metadata",
    ["null", "{}", '{"turngate":"mine"}', '{"a":"b","turngate":"tg_request_2"}', '{"a":"b"}'],
)
def test_a_client_gets_back_the_metadata_that_it_wrote(metadata: str) -> None:
    raw = b'{"type":"response.create","response":{"metadata":%b}}' % metadata.encode()
    written = {"tg_request_1": marks.theirs(native.look_at(raw))}
    assert marks.unmarked(marks.marked(raw, "tg_request_1"), written).startswith(raw[:-1])


WRITTEN = {
    "tg_update_1": Theirs("mine"),
    "tg_request_2": Theirs(None),
    "tg_request_3": Theirs('a "b"'),
}


@pytest.mark.parametrize(
    "told, shown",
    [
        (b'"event_id":"tg_update_1"', b'"event_id":"mine"'),
        (b'"event_id" : "tg_request_2"', b'"event_id" : null'),
        (b'"event_id":"tg_request_3"', b'"event_id":"a \\"b\\""'),
        (b'"event_id":"tg_cancel_9"', b'"event_id":null'),
        (b'"event_id":"tg__update_1"', b'"event_id":"tg_update_1"'),
        (b'"event_id":"tg___word_2"', b'"event_id":"tg__word_2"'),
        (b'"message":"No tg__update_1"', b'"message":"No tg_update_1"'),
        (b'"message":"No tg_update_1x, no mytg_update_1"',) * 2,
        (b'"event_id":"tg_update_1x"', b'"event_id":"tg_update_1x"'),
        (b'"message":"No tg_update_1, no \\"x\\""', b'"message":"No mine, no \\"x\\""'),
        (b'"message":"No tg_request_2"', b'"message":"No (without event_id)"'),
        (b'"message":"No tg_request_3"', b'"message":"No a \\"b\\""'),
        (b'"delta":"tg_update_1"', b'"delta":"tg_update_1"'),
    ],
)
def test_an_event_is_named_as_its_client_did(told: bytes, shown: bytes) -> None:
    raw = b'{"event_id":"event_1","error":{%b,"code":"x"}}'
    assert marks.unmarked(raw % told, WRITTEN) == raw % shown


@pytest.mark.parametrize(
    "name, leaves_as",
    [
        ("tg_word_1", "tg__word_1"),
        ("tg__word_1", "tg___word_1"),
        ("tg_update_1", "tg__update_1"),
        ("tg_update_1x", "tg_update_1x"),
        ("mine", "mine"),
        (None, None),
    ],
)
def test_a_clients_name_is_never_taken_for_one_of_ours(
    name: str | None, leaves_as: str | None
) -> None:
    raw = msgspec.json.encode({"type": "x", "event_id": name, "item": {"event_id": "tg_word_1"}})
    leaves = marks.set_apart(raw, native.look_at(raw))
    assert msgspec.json.decode(leaves) == msgspec.json.decode(raw) | {"event_id": leaves_as}
    assert (leaves is raw) == (leaves_as == name)


def test_an_event_that_cannot_be_read_has_no_name_to_be_set_apart() -> None:
    raw = b'{"type":"x","event_id":"tg_word_1","more":1e999}'
    assert marks.set_apart(raw, native.look_at(raw)) is raw


@pytest.mark.parametrize(
    "raw, kind",
    [
        (b'{"type":"response.create","response":[]}', Kind.REQUEST),
        (b'{"type":"response.create","response":{"metadata":5},"event_id":"mine"}', Kind.REQUEST),
        (b'{"type":"session.update","session":5}', Kind.UPDATE),
    ],
)
def test_what_claims_the_slot_in_an_unknown_form_takes_its_turn_and_is_not_mended(
    raw: bytes, kind: Kind
) -> None:
    sent = native.look_at(raw)
    assert sent.kind is kind
    written = msgspec.json.decode(raw)
    assert sent.event_id == written.get("event_id")
    assert sent.is_full
    named = msgspec.json.decode(marks.marked(raw, "tg_request_1"))
    assert named == written | {"event_id": "tg_request_1"}
