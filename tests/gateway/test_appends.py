"""A Realtime client's audio at its gate: what passes, what takes its place in the line."""

import pytest

from turngate.gateway.allowance import Allowance
from turngate.gateway.appends import Appends
from turngate.gateway.outbox import Outbox
from turngate.units import Ms

APPEND = b'{"type":"input_audio_buffer.append","audio":"AAAA"}'
NAMED = b'{"event_id":"e1","type":"input_audio_buffer.append","audio":"AAAA"}'
OTHER = b'{"type":"response.create"}'


@pytest.mark.parametrize("is_shut", [False, True])
def test_audio_passes_or_is_lined_up_and_all_else_is_for_somebody_else(is_shut: bool) -> None:
    outbox, held, other = Outbox(1_000), list[bytes](), list[bytes]()
    allowance = Allowance(0, 1_000, lambda: Ms(0), lambda: None)
    appends = Appends(outbox, allowance, held.append, other.append)
    appends.is_shut = is_shut
    for text in (APPEND, OTHER, NAMED):
        appends.take(text)
    passed = len(APPEND) + len(NAMED)
    assert other == [OTHER]
    assert held == ([APPEND, NAMED] if is_shut else [])
    assert outbox.waiting_bytes == (0 if is_shut else passed)
    assert allowance.left == 1_000 - passed
    assert appends.have_passed
