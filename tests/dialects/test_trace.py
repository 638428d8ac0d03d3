"""What a trace shows of messages, and how it tells what waits."""

import msgspec
import pytest

from turngate.core.standing import Hold, Kept, Standing, Why
from turngate.dialects.trace import MOST_BYTES, shown, stands
from turngate.wire import trace
from turngate.wire.codec import encode


@pytest.mark.parametrize(
    "text, expected",
    [
        (b'{"type":"KeepAlive"}', {"type": "KeepAlive"}),
        (b"not json", {"type": "", "bytes": 8}),
        (b"[1]", {"type": "", "bytes": 3}),
        (b"\xff", {"type": "", "bytes": 1}),
        (
            b'{"type":"Settings","tags":["%b"]}' % (b"x" * MOST_BYTES),
            {"type": "Settings", "bytes": MOST_BYTES + 31},
        ),
        (b"[" * MOST_BYTES * 2, {"type": "", "bytes": MOST_BYTES * 2}),
    ],
)
def test_message_is_shown_as_it_is_or_by_its_kind(text: bytes, expected: object) -> None:
    assert msgspec.json.decode(shown(text)) == expected


def test_standing_is_told_in_the_words_of_the_wire() -> None:
    waiting = Hold("request", ("tg_item_1",), Kept(Why.RESPONSE, ("r1",)), tries=1)
    early = Hold("message", ("UserTyped",), Kept(Why.SETTINGS))
    told = trace.TurngateTrace(at_ms=7, standing=stands(Standing("active", "r1", (waiting, early))))
    assert msgspec.json.decode(encode(told)) == {
        "type": "TurngateTrace",
        "at_ms": 7,
        "standing": {
            "slot": "active",
            "response_id": "r1",
            "holds": [
                {
                    "what": "request",
                    "of": ["tg_item_1"],
                    "why": "response",
                    "by": ["r1"],
                    "tries": 1,
                },
                {"what": "message", "of": ["UserTyped"], "why": "settings"},
            ],
        },
    }


def test_message_is_told_with_its_leg_and_way() -> None:
    passed = trace.Passed("upstream", "out", shown(b'{"type":"response.create"}'))
    told = trace.TurngateTrace(at_ms=1, passed=passed, left_out=2)
    assert msgspec.json.decode(encode(told)) == {
        "type": "TurngateTrace",
        "at_ms": 1,
        "passed": {"leg": "upstream", "way": "out", "message": {"type": "response.create"}},
        "left_out": 2,
    }
