"""Audio cut out of a frame by the spelling of the item's first one: never other than it says."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from turngate.wire.audio_frames import Spelling, learn
from turngate.wire.codec import decode_server_event, encode
from turngate.wire.realtime import ResponseOutputAudioDelta

FIRST = ResponseOutputAudioDelta(
    event_id="event_1",
    response_id="resp_1",
    item_id="item_1",
    output_index=0,
    content_index=0,
    delta="AAAA",
)
AUDIO = b'{"type":"response.output_audio.delta","event_id":"e",%b}'


def decoded(frame: bytes) -> ResponseOutputAudioDelta:
    event = decode_server_event(frame)
    assert isinstance(event, ResponseOutputAudioDelta)
    return event


def spelling_of(frame: bytes) -> Spelling:
    learnt = learn(frame, decoded(frame))
    assert learnt is not None
    return learnt


def test_the_next_frame_is_cut_by_the_spelling_of_the_first() -> None:
    first, second = encode(FIRST), encode(FIRST).replace(b"event_1", b"event_22")
    assert spelling_of(first).cut(second.replace(b"AAAA", b"BBBBCCCC")) == b"BBBBCCCC"


@pytest.mark.parametrize(
    "first",
    [
        json.dumps(json.loads(encode(FIRST))).encode(),
        AUDIO % b'"item_id":"i","response_id":"r","delta":"AAAA"',
        AUDIO % b'"response_id":"r","item_id":"i","delta":"AAAA","obfuscation":"x"',
        AUDIO % b'"response_id":"r","item_id":"i","delta":""',
    ],
    ids=lambda frame: repr(frame[38:]),
)
def test_other_spellings_are_learnt_as_well(first: bytes) -> None:
    assert spelling_of(first).cut(first) == decoded(first).delta.encode()


@pytest.mark.parametrize(
    "first",
    [
        AUDIO % b'"response_id":"r","delta":"A"',
        AUDIO % b'"delta":"A","response_id":"r","item_id":"i"',
        AUDIO % b'"response_id":"r","item_id":"i","event_id":"f","delta":"A"',
        AUDIO % b'"response_id":"r","item_id":"i","delta":"A","event_id":"f"',
        AUDIO % b'"response_id":"r","item_id":"i","delta":"\\u0041"',
        b'{"response_id":"r","item_id":"i","delta":"A","type":"response.output_audio.delta"}',
        AUDIO % b'"x":"%b","response_id":"r","item_id":"i","delta":"A"' % (b"x" * 400),
    ],
    ids=lambda frame: repr(frame[:120]),
)
def test_an_unusual_first_frame_teaches_nothing(first: bytes) -> None:
    assert learn(first, decoded(first)) is None


@pytest.mark.parametrize(
    "other",
    [
        b'{"type":"response.output_audio.done"}',
        encode(FIRST).replace(b"item_1", b"item_2"),
        encode(FIRST).replace(b"resp_1", b"resp_2"),
        encode(FIRST).replace(b"audio.delta", b"audio_transcript.delta"),
        encode(FIRST)[:-1],
        encode(FIRST)[:-1] + b" }",
    ],
    ids=repr,
)
def test_a_frame_of_anything_else_is_left_to_the_general_decoder(other: bytes) -> None:
    assert spelling_of(encode(FIRST)).cut(other) is None


@given(st.text(st.characters(codec="utf-8"), max_size=30), st.binary(max_size=300))
def test_what_is_cut_is_what_the_general_decoder_reads(event_id: str, pcm: bytes) -> None:
    delta = base64.b64encode(pcm).decode()
    frame = encode(replace(FIRST, event_id=event_id, delta=delta))
    assert spelling_of(encode(FIRST)).cut(frame) == decoded(frame).delta.encode()


@pytest.mark.parametrize("name", ["short", "a name of another length"])
def test_an_event_id_before_the_type_and_of_any_length_is_stepped_over(name: str) -> None:
    first = b'{"event_id":"e","type":"response.output_audio.delta","response_id":"r","item_id":"i","delta":"AAAA"}'
    other = first.replace(b'"e"', b'"%b"' % name.encode()).replace(b"AAAA", b"BBBB")
    assert spelling_of(first).cut(other) == b"BBBB"
