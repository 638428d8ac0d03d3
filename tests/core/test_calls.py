"""Calls of a Realtime session: whose output is waited for, and for how long they are known."""

from turngate.core.calls import Calls
from turngate.core.limits import REMEMBERED


def test_call_is_the_clients_unless_it_is_ours() -> None:
    calls = Calls()
    calls.asked("c1")
    assert calls.is_clients_turn
    assert not calls.owed_by_us
    calls.asked("c2", is_own=True)
    assert not calls.is_clients_turn
    assert calls.owed_by_us


def test_call_that_was_answered_is_not_asked_again_for_a_while() -> None:
    calls = Calls()
    for number in range(REMEMBERED + 1):
        calls.asked(f"c{number}")
        calls.answered((f"c{number}",))
    calls.asked("c1")
    assert not calls.owed
    calls.asked("c0")
    assert calls.owed
