"""Up to four calls in a response, in every order of asking, answering and ending: one follow-up."""

from collections.abc import Iterator

import pytest

from scenes import RUNNING
from transcript import Course, Says, client, openai
from turngate.core import effects, events, items
from turngate.core.limits import OUTPUT_MS
from turngate.core.manners import Manners
from turngate.core.policy import Policy

# A step is what happens: ("asked", 1), ("answered", 1), ("over", 0).
Step = tuple[str, int]


def orders(calls: int) -> Iterator[tuple[Step, ...]]:
    """Yield every order in which calls can be asked, answered and their response be over.

    The calls are alike, so they are asked in the order of their numbers.
    """

    def extend(
        done: tuple[Step, ...], asked: int, open_: frozenset[int], over: bool
    ) -> Iterator[tuple[Step, ...]]:
        if over and not open_:
            yield done
            return
        if asked < calls:
            yield from extend((*done, ("asked", asked)), asked + 1, open_ | {asked}, over)
        for each in sorted(open_):
            yield from extend((*done, ("answered", each)), asked, open_ - {each}, over)
        if asked == calls and not over:
            yield from extend((*done, ("over", 0)), asked, open_, True)

    yield from extend((), 0, frozenset(), over=False)


def under_way(*deferred: int) -> Course:
    """Begin; the functions of these calls wait for the end of the turn."""
    manners = {f"f{each}": Manners(defer_until_eot=True) for each in deferred}
    course = Course(Policy(manners=manners))
    for line in RUNNING:
        if isinstance(line, Says):
            course.say(line)
    return course


def said(course: Course, step: Step) -> list[effects.Effect]:
    match step:
        case "asked", each:
            return course.say(openai >> events.CallAsked("r1", f"c{each}", f"f{each}", "{}"))
        case "answered", each:
            return course.say(
                client >> events.CallResult(f"c{each}", f"f{each}", f"{each} degrees")
            )
        case _:
            return course.say(openai >> events.ResponseDone("r1", "tg_request_1"))


def acknowledged(course: Course, produced: list[effects.Effect]) -> list[effects.Effect]:
    return [
        effect
        for sent in produced
        if isinstance(sent, effects.SendItem)
        for effect in course.say(openai >> events.ItemAcknowledged(sent.item_id))
    ]


@pytest.mark.parametrize("acknowledging", ["at once", "at the end", "never"])
@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_each_order_of_calls_is_followed_exactly_once(calls: int, acknowledging: str) -> None:
    for order in orders(calls):
        course, sent, owed = under_way(), list[effects.Effect](), list[effects.Effect]()
        for step in order:
            produced = said(course, step)
            sent += produced
            if acknowledging == "at once":
                sent += acknowledged(course, produced)
            else:
                owed += produced
            if step != order[-1]:
                assert not requests(sent), f"too early in {order}"
        if acknowledging == "at the end":
            assert not requests(sent), f"before the acknowledgements in {order}"
            sent += acknowledged(course, owed)
        if acknowledging == "never":
            sent += course.let_pass(OUTPUT_MS)
        outputs = [each.item for each in sent if isinstance(each, effects.SendItem)]
        answered = [each for what, each in order if what == "answered"]
        assert outputs == [items.CallOutput(f"c{each}", f"{each} degrees") for each in answered]
        assert len(requests(sent)) == 1, order
        sent += course.say(openai >> events.ResponseCreated("r2", "tg_request_2"))
        sent += course.say(openai >> events.ResponseDone("r2", "tg_request_2"))
        sent += course.let_pass(60_000)
        assert len(requests(sent)) == 1, f"a second one in {order}"


def requests(sent: list[effects.Effect]) -> list[effects.Effect]:
    return [each for each in sent if isinstance(each, effects.SendRequest)]


@pytest.mark.parametrize("deferred", [(0,), (1, 2), (0, 1, 2, 3)])
@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_each_order_with_calls_that_wait_for_the_end_of_the_turn(
    calls: int, deferred: tuple[int, ...]
) -> None:
    """Nobody answers what nobody was asked."""
    for order in orders(calls):
        course, sent = under_way(*deferred), list[effects.Effect]()
        end = order.index(("over", 0))
        if any(("answered", each) in order[:end] for each in deferred):
            continue
        for at, step in enumerate(order):
            produced = said(course, step)
            sent += produced + acknowledged(course, produced)
            told = [each for each in sent if isinstance(each, effects.AskFunctions)]
            asked = [each for what, each in order[: at + 1] if what == "asked"]
            held = () if at >= end else deferred
            assert {call.call_id for each in told for call in each.calls} == {
                f"c{each}" for each in asked if each not in held
            }, order
            assert len(requests(sent)) == (step == order[-1]), order
        assert len([each for each in sent if isinstance(each, effects.SendItem)]) == calls


def test_the_orders_are_all_there() -> None:
    assert list(orders(1)) == [
        (("asked", 0), ("answered", 0), ("over", 0)),
        (("asked", 0), ("over", 0), ("answered", 0)),
    ]
    assert [len(set(orders(calls))) for calls in (1, 2, 3, 4)] == [2, 8, 48, 384]


@pytest.mark.parametrize("is_answered_first", [True, False])
def test_ten_calls_in_a_chain_are_ten_requests(*, is_answered_first: bool) -> None:
    course = under_way()
    for link in range(1, 11):
        ended = openai >> events.ResponseDone(f"r{link}", f"tg_request_{link}")
        produced = course.say(openai >> events.CallAsked(f"r{link}", f"c{link}", "next", "{}"))
        if not is_answered_first:
            produced += course.say(ended)
        output = course.say(client >> events.CallResult(f"c{link}", "next", "more"))
        produced += output + acknowledged(course, output)
        if is_answered_first:
            produced += course.say(ended)
        assert len(requests(produced)) == 1
        assert effects.AgentFinished() not in produced
        request = f"tg_request_{link + 1}"
        course.say(openai >> events.ResponseCreated(f"r{link + 1}", request))
    course.say(openai >> events.AgentTextDone("r11", "a1", "That was all."))
    last = course.say(openai >> events.ResponseDone("r11", "tg_request_11"))
    assert last.count(effects.AgentFinished()) == 1
    assert not requests(last)
