"""The spelling of a trace."""

import msgspec
import pytest

from turngate.wire import trace
from turngate.wire.codec import encode

HELD = trace.Hold("request", ("call_1",), "response", ("r1",), tries=1)
EARLY = trace.Hold("message", ("UserTyped",), "settings")


@pytest.mark.parametrize(
    "told, expected",
    [
        (
            trace.TurngateTrace(
                at_ms=1,
                passed=trace.Passed("upstream", "out", msgspec.Raw(b'{"type":"response.create"}')),
            ),
            (
                b'{"type":"TurngateTrace","at_ms":1,"passed":{"leg":"upstream","way":"out",'
                b'"message":{"type":"response.create"}}}'
            ),
        ),
        (
            trace.TurngateTrace(at_ms=2, standing=trace.Standing("active", "r1", (HELD, EARLY))),
            (
                b'{"type":"TurngateTrace","at_ms":2,"standing":{"slot":"active","response_id":"r1",'
                b'"holds":[{"what":"request","of":["call_1"],"why":"response","by":["r1"],"tries":1},'
                b'{"what":"message","of":["UserTyped"],"why":"settings"}]}}'
            ),
        ),
        (
            trace.TurngateTrace(at_ms=3, standing=trace.Standing("idle", None, ()), left_out=7),
            (
                b'{"type":"TurngateTrace","at_ms":3,"standing":{"slot":"idle","response_id":null,'
                b'"holds":[]},"left_out":7}'
            ),
        ),
    ],
)
def test_trace_is_spelled_like_this(told: trace.TurngateTrace, expected: bytes) -> None:
    assert encode(told) == expected
