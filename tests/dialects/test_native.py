"""A Realtime client's events: their kind, and the ids that they speak of."""

import pytest

from turngate.core.native_effects import TurnsKnown
from turngate.core.order import Kind
from turngate.dialects import native
from turngate.wire import realtime


@pytest.mark.parametrize("event_type, kind", native.ORDER.items())
def test_every_client_event_has_its_place(event_type: str, kind: Kind) -> None:
    assert native.look_at(b'{"type":"%b"}' % event_type.encode()).kind is kind


def test_the_order_names_every_client_event_of_the_protocol() -> None:
    tags = {each.__struct_config__.tag for each in realtime.ClientEvent.__args__}
    assert tags == set(native.ORDER)


@pytest.mark.parametrize(
    "raw, kind",
    [
        (b'{"type":"session.update","session":{"audio":{"input":{}}}}', Kind.UPDATE_INPUT),
        (b'{"type":"session.update","session":{"audio":{"output":{}}}}', Kind.UPDATE),
        (b'{"type":"response.create","response":{"conversation":"none"}}', Kind.PASS),
        (b'{"type":"response.create","response":{"conversation":"auto"}}', Kind.REQUEST),
        (b'{"type":"response.create","response":null}', Kind.REQUEST),
        (
            b'{"type":"conversation.item.create","item":{"type":"function_call_output"}}',
            Kind.PASS,
        ),
        (b'{"type":"conversation.item.create","item":{"type":"message"}}', Kind.FOLLOW),
        (b'{"type":"response.cancel","response_id":"r1"}', Kind.PASS),
        (b'{"type":"brand.new"}', Kind.PASS),
        (b"not json", Kind.PASS),
        (b"[]", Kind.PASS),
        (b"\xff", Kind.PASS),
    ],
)
def test_content_may_change_the_place_and_upstream_judges_what_cannot_be_read(
    raw: bytes, kind: Kind
) -> None:
    assert native.look_at(raw).kind is kind


@pytest.mark.parametrize(
    "raw, makes, about",
    [
        (b'{"item":{"type":"message","id":"i1"}}', ("i1",), ()),
        (b'{"item":{"type":"function_call","id":"i1","call_id":"c1"}}', ("i1", "c1"), ()),
        (b'{"item":{"type":"function_call_output","id":"i2","call_id":"c1"}}', (), ("c1",)),
        (b'{"type":"conversation.item.retrieve","item_id":"i1"}', (), ("i1",)),
        (b'{"response":{"input":[{"type":"item_reference","id":"i1"}]}}', (), ("i1",)),
        (b'{"type":"response.create"}', (), ()),
    ],
)
def test_an_event_is_known_by_the_ids_that_it_makes_and_speaks_of(
    raw: bytes, makes: tuple[str, ...], about: tuple[str, ...]
) -> None:
    sent = native.look_at(raw)
    assert (sent.makes, sent.about) == (makes, about)


def test_a_client_keeps_its_own_name_for_an_event() -> None:
    raw = b'{"type":"response.create","event_id":"mine","response":{"instructions":"be brief"}}'
    assert native.look_at(raw).event_id == "mine"


def test_audio_is_told_without_parsing() -> None:
    assert native.is_append(b'{"type":"input_audio_buffer.append","audio":"AA=="}')
    assert not native.is_append(b'{"type":"input_audio_buffer.commit"}')
    assert native.is_delta(b'{"type":"response.output_audio.delta","delta":"AA=="}')
    assert not native.is_delta(b'{"type":"response.output_audio.done"}')


@pytest.mark.parametrize(
    "heard, turns",
    [
        ({"turn_detection": None}, TurnsKnown(server_answers=False, listens=False)),
        ({"turn_detection": {"type": "server_vad"}}, TurnsKnown(server_answers=True)),
        (
            {"turn_detection": {"type": "server_vad", "create_response": False}},
            TurnsKnown(server_answers=False),
        ),
        ({}, None),
        (None, None),
    ],
)
def test_who_answers_speech(heard: object, turns: TurnsKnown | None) -> None:
    assert native.turns({"audio": {"input": heard}}) == turns


def test_a_session_that_says_nothing_of_audio() -> None:
    assert native.turns({}) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type":"conversation.item.create","item":5}',
        b'{"type":"response.create","response":5,"event_id":7}',
        b'{"type":"response.create","x":1e999}',
        b'{"type":"response.create","response":5,"x":1e999}',
        b'{"type":"session.update","session":{"x":-1e999}}',
    ],
)
def test_what_cannot_be_written_anew_passes_for_the_upstream_to_judge(raw: bytes) -> None:
    assert native.look_at(raw).kind is Kind.PASS
