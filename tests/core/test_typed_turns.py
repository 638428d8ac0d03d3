"""Messages of the user are answered once each, in order, however they arrive."""

import pytest

from scenes import READY, RUNNING, typed
from transcript import after, client, itself, openai, play
from turngate.core.effects import (
    AgentFinished,
    Remember,
    Report,
    SendItem,
    SendRequest,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentText,
    AgentTextDone,
    ItemAcknowledged,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import UserText
from turngate.core.limits import ITEM_MS, WAITING
from turngate.errors import QueueFull, RequestRefused


def test_s1_late_acknowledgement_is_waited_for() -> None:
    play(
        *READY,
        *typed("hi", "tg_item_1"),
        after(ms=300),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
    )


def test_message_that_is_never_acknowledged_is_asked_for_all_the_same() -> None:
    play(
        *READY,
        *typed("hi", "tg_item_1"),
        after(ms=ITEM_MS - 1),
        after(ms=1),
        openai << SendRequest("tg_request_1"),
        openai >> ItemAcknowledged("tg_item_1"),
    )


def test_refused_message_is_told_and_not_asked_for() -> None:
    play(
        *READY,
        *typed("hi", "tg_item_1"),
        *typed("ho", "tg_item_2"),
        openai >> Rejected("tg_item_1", "too_long", "It is too long.", "item.content"),
        client << Report(RequestRefused("too_long", "It is too long.", "item.content")),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=60_000),
    )


def test_s5a_message_during_a_response_is_answered_after_its_end() -> None:
    play(
        *RUNNING,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> AgentTextDone("r1", "a1", "first"),
        client << ShowAgentText("first"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AgentTextDone("r2", "a2", "second"),
        client << ShowAgentText("second"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_s5b_end_of_the_text_is_not_the_end_of_the_response() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "first"),
        client << ShowAgentText("first"),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
    )


def test_s5c_burst_of_messages_is_answered_by_one_response() -> None:
    play(
        *RUNNING,
        *typed("two", "tg_item_2"),
        *typed("three", "tg_item_3"),
        *typed("four", "tg_item_4"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai >> ItemAcknowledged("tg_item_4"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
    )


def test_s12_late_events_of_an_ended_response_change_nothing() -> None:
    play(
        *RUNNING,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> AgentText("r1", "a1", "fir"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << ShowAgentText("fir"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AgentTextDone("r1", "a1", "first"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> AgentTextDone("r2", "a2", "second"),
        client << ShowAgentText("second"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_s23_equal_texts_of_two_items_are_both_shown() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "OK"),
        client << ShowAgentText("OK"),
        openai >> AgentTextDone("r1", "a1", "OK"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AgentTextDone("r2", "a1", "OK"),
        client << ShowAgentText("OK"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_text_that_comes_in_pieces_is_shown_whole() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "Hello, "),
        openai >> AgentText("r1", "a1", "Ada"),
        openai >> AgentTextDone("r1", "a1", ""),
        client << ShowAgentText("Hello, Ada"),
        openai >> AgentTextDone("r1", "a2", ""),
    )


def test_full_queue_refuses_the_newest_message() -> None:
    full = QueueFull("changes and requests", WAITING)
    play(
        *RUNNING,
        *(line for n in range(WAITING) for line in typed("more", f"tg_item_{n + 2}")),
        client >> UserTyped("too much"),
        client << Report(full),
    )


@pytest.mark.parametrize("acknowledged", [False, True])
def test_second_message_is_answered_whether_or_not_its_item_came_first(acknowledged: bool) -> None:
    early = (openai >> ItemAcknowledged("tg_item_2"),) if acknowledged else ()
    late = () if acknowledged else (openai >> ItemAcknowledged("tg_item_2"),)
    request = openai << SendRequest("tg_request_2")
    play(
        *RUNNING,
        *typed("two", "tg_item_2"),
        *early,
        openai >> ResponseDone("r1", "tg_request_1"),
        *((request,) if acknowledged else ()),
        *late,
        *(() if acknowledged else (request,)),
    )


def test_what_the_user_wrote_and_said_is_remembered_as_it_is_shown() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> SpeechStopped("u1"),
        openai >> SpeechCommitted("u1"),
        client >> UserTyped("two"),
        openai << SendItem("tg_item_1", UserText("two")),
        openai >> UserTranscribed("u1", "one"),
        client << ShowUserText("one"),
        itself << Remember(UserText("one")),
        client << ShowUserText("two"),
        itself << Remember(UserText("two")),
    )
