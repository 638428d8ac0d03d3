"""What the sequencer remembers, and what it gives back."""

from turngate.core.limits import REMEMBERED
from turngate.core.names import Names
from turngate.core.sequencer import Noted, Sequencer, Served
from turngate.core.waiting import Change, Request, Update


def test_wishes_that_any_answer_answers_are_taken_back_and_the_others_stay() -> None:
    sequencer = Sequencer(Names())
    update = Update((Change("prompt", {}),))
    line = Request(("line",), "Hello.")
    for entry in (update, Request(("a",)), line, Request(("b", "c", "d"))):
        sequencer.add(entry)
    assert sequencer.recall(but={"c"}) == ["a", "b", "d"]
    assert sequencer.waiting == (update, line, Request(("c",)))


def test_response_whose_end_came_first_does_not_begin() -> None:
    sequencer = Sequencer(Names())
    sequencer.done("r1", None)
    assert sequencer.created("r1", None) == [Noted("stray")]
    assert sequencer.keeps() is None


def test_responses_that_have_ended_are_remembered_for_a_while() -> None:
    sequencer = Sequencer(Names())
    for number in range(REMEMBERED + 1):
        sequencer.created(f"r{number}", None)
        sequencer.done(f"r{number}", None)
    assert not sequencer.is_over("r0")
    assert all(sequencer.is_over(f"r{number}") for number in range(1, REMEMBERED + 1))


def test_nothing_is_unanswered_at_first_and_the_end_of_nothing_ends_nothing() -> None:
    sequencer = Sequencer(Names())
    assert sequencer.done(None, None) == [Noted("stray")]
    assert sequencer.coming() == ()


def test_connection_that_is_given_up_at_rest_leaves_nothing() -> None:
    assert Sequencer(Names()).suspend() == []


def test_server_that_is_not_known_to_echo_names_is_believed_to_answer_the_only_request() -> None:
    sequencer = Sequencer(Names())
    request = Request(("a",))
    sequencer.add(request)
    assert sequencer.next(may_request=True) is not None
    assert sequencer.created("r1", None) == [Served(request, "r1")]
