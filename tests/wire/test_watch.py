"""The spelling of what an onlooker is told, and of the codes that the protocol documents."""

import re
from typing import get_args

import msgspec

from turngate.wire.agent_codes import ERROR_CODES, WARNING_CODES
from turngate.wire.watch import Message, Moment, Watching


def test_moments_are_spelt_with_their_type() -> None:
    held = Moment(call="c", what="held", event="response.create", event_id=None, number=1)
    assert msgspec.json.encode(held) == (
        b'{"type":"moment","call":"c","what":"held","event":"response.create","event_id":null,'
        b'"number":1,"why":"","ms":0}'
    )
    assert msgspec.json.encode(Watching(held=2)) == b'{"type":"watching","held":2}'
    assert {str(kind.__struct_config__.tag) for kind in get_args(Message)} == {"watching", "moment"}


def test_documented_codes_are_distinct_and_spelt_as_codes() -> None:
    codes = (*ERROR_CODES, *WARNING_CODES)
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", code) for code in codes)
