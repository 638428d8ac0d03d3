"""How long requests wait for the slot, and how many wishes share one."""

from scenes import READY, RUNNING, typed
from transcript import Course, Says, after, client, itself, openai, play
from turngate.core.effects import AgentFinished, SendRequest, ShowAgentText, Waited
from turngate.core.events import (
    AgentLine,
    AgentTextDone,
    ItemAcknowledged,
    Manner,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
)
from turngate.units import Ms


def test_request_that_finds_the_slot_free_has_not_waited() -> None:
    play(
        *READY,
        *typed("hi", "tg_item_1"),
        after(ms=300),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        itself << Waited(Ms(0), 1),
    )


def test_wishes_that_share_a_request_are_counted_and_the_first_one_waited() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        itself << Waited(Ms(0), 1),
        openai >> ResponseCreated("r1", "tg_request_1"),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=400),
        *typed("three", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        after(ms=100),
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
        itself << Waited(Ms(500), 2),
    )


def test_wait_of_a_refused_request_begins_anew() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        after(ms=200),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        itself << Waited(Ms(0), 1),
        after(ms=70),
        openai >> SlotTaken("tg_request_1", "foreign"),
        after(ms=30),
        openai >> ResponseDone("foreign"),
        openai << SendRequest("tg_request_2"),
        itself << Waited(Ms(30), 1),
    )


def test_what_waits_behind_a_request_begins_to_wait_when_that_leaves() -> None:
    play(
        *READY,
        client >> AgentLine("one"),
        openai << SendRequest("tg_request_1", "one"),
        itself << Waited(Ms(0), 1),
        client >> AgentLine("two", Manner.QUEUE),
        after(ms=100),
        client >> AgentLine("three", Manner.QUEUE),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2", "two"),
        itself << Waited(Ms(100), 1),
        openai >> ResponseCreated("r2", "tg_request_2"),
        after(ms=40),
        openai >> ResponseDone("r2", "tg_request_2"),
        openai << SendRequest("tg_request_3", "three"),
        itself << Waited(Ms(40), 1),
    )


def test_what_waits_for_a_running_response_is_counted() -> None:
    course = Course()
    for line in (*RUNNING, *typed("two", "tg_item_2"), openai >> ItemAcknowledged("tg_item_2")):
        if isinstance(line, Says):
            course.say(line)
    assert course.session.waiting == 1
