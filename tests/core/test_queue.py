"""What travels together out of the queue, and what it remembers on the way."""

import pytest

from turngate.core import setup
from turngate.core.tools import Announce, Call, Cancel, Result, Rounds
from turngate.core.waiting import Change, Entry, Request, Update, is_bare, split, take

ONE, TWO = Change("1", {"a": 1}), Change("2", {"b": 2})
CALL = Call("c1", "weather", "{}")


def test_neighbours_keep_count_of_the_most_refused_among_them() -> None:
    requests = Request(("a",), tries=1), Request(("b",), tries=2)
    assert take(requests) == (Request(("a", "b"), tries=2), ())
    updates = Update((ONE,), tries=2), Update((TWO,), tries=1)
    assert take(updates) == (Update((ONE, TWO), tries=2), ())


@pytest.mark.parametrize(
    "one, other",
    [
        (Request(("a",), alone=True), Request(("b",))),
        (Request(("a",)), Request(("b",), alone=True)),
        (Request(("a",), say="hello"), Request(("b",))),
        (Update((ONE,), alone=True), Update((TWO,))),
        (Update((ONE,)), Update((TWO,), alone=True)),
        (Request(("a",)), Update((ONE,))),
        (Update((ONE,)), Request(("a",))),
    ],
)
def test_what_has_to_travel_alone_or_is_of_another_kind_is_no_neighbour(
    one: Entry, other: Entry
) -> None:
    assert take((one, other)) == (one, (other,))


def test_a_request_passes_a_line_that_waits_behind_it() -> None:
    line = Request(("l",), say="hello")
    assert take((Request(("a",)), line, Request(("b",)))) == (Request(("a", "b")), (line,))


@pytest.mark.parametrize(
    "entry, bare",
    [
        (Request(("a",)), True),
        (Request(("a",), say="hello"), False),
        (Request(("a",), alone=True), False),
        (Update((ONE,)), False),
    ],
)
def test_only_a_request_without_words_of_its_own_is_answered_by_any_response(
    entry: Entry, *, bare: bool
) -> None:
    assert is_bare(entry) is bare


def test_changes_that_were_split_never_travel_together_again() -> None:
    parts = split(Update((ONE, TWO)))
    assert parts == (Update((ONE,), alone=True), Update((TWO,), alone=True))
    assert take(parts) == (parts[0], parts[1:])


def test_a_refused_configuration_leaves_room_for_a_corrected_one() -> None:
    assert setup.advance(setup.Configuring(), setup.Declined()) == (setup.Refused(), ())
    assert setup.advance(setup.Refused(), setup.Configured()) == (setup.Configuring(), ())


def test_a_call_that_is_announced_again_is_no_second_one() -> None:
    rounds = Rounds()
    assert rounds.note(CALL)
    assert not rounds.note(CALL)
    assert rounds.running() == ("c1",)


def test_a_round_is_due_once_when_its_response_is_over_and_all_is_answered() -> None:
    rounds = Rounds()
    rounds.note(CALL)
    rounds.join("r1", "c1")
    rounds.receive("c1", Announce())
    rounds.close("r1")
    assert rounds.complete() == ()
    rounds.receive("c1", Result("sunny"))
    assert [each.calls for each in rounds.complete()] == [("c1",)]
    assert rounds.complete() == ()


def test_a_round_that_is_let_go_is_never_due() -> None:
    rounds = Rounds()
    rounds.note(CALL)
    rounds.join("r1", "c1")
    rounds.receive("c1", Cancel())
    rounds.forget("r1")
    rounds.close("r1")
    assert rounds.calls_of("r1") == ()
    assert rounds.complete() == ()
