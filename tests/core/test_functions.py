"""Every call has exactly one output, and a response's calls have exactly one follow-up."""

import pytest

from scenes import RUNNING, called, result, typed
from transcript import Line, after, client, openai, play
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    AgentThinks,
    CancelFunctions,
    Report,
    SendItem,
    SendRequest,
    ShowAgentText,
    UserStarted,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    CallAsked,
    CallResult,
    ItemAcknowledged,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
)
from turngate.core.items import CallOutput, LateResult
from turngate.core.limits import CALL_MS, OUTPUT_MS, PATIENCE_MS
from turngate.core.tools import CANCELLED, NO_RESULT, STILL_RUNNING, Call
from turngate.errors import CallOverdue, RepeatedResult, RequestRefused, UnknownCall
from turngate.units import Ms

DONE = openai >> ResponseDone("r1", "tg_request_1")
FOLLOWED: tuple[Line, ...] = (
    openai >> ResponseCreated("r2", "tg_request_2"),
    openai >> AgentTextDone("r2", "a2", "sunny"),
    client << ShowAgentText("sunny"),
    openai >> ResponseDone("r2", "tg_request_2"),
    client << AgentFinished(),
    after(ms=60_000),
)


def test_s6_result_before_the_response_is_done_waits_for_its_end() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=300),
        DONE,
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_s7_result_after_the_response_is_done_is_followed_at_once() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_s8a_acknowledged_output_needs_no_other_event() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        *FOLLOWED,
    )


def test_s8b_output_that_is_never_acknowledged_is_followed_after_a_second() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        after(ms=OUTPUT_MS - 1),
        after(ms=1),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_s9a_two_calls_are_followed_once_when_the_response_was_done_before() -> None:
    play(
        *RUNNING,
        *called("r1", "c1", "c2"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=100),
        *result("c2", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_s9b_two_calls_are_followed_once_when_the_response_is_done_between() -> None:
    play(
        *RUNNING,
        *called("r1", "c1", "c2"),
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        DONE,
        *result("c2", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_s9c_two_calls_are_followed_once_when_the_response_is_done_last() -> None:
    play(
        *RUNNING,
        *called("r1", "c1", "c2"),
        *result("c1", "tg_item_2"),
        *result("c2", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        DONE,
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_s10_chained_calls_are_one_turn_of_the_agent() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        *called("r2", "c2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        *result("c2", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_3"),
        openai >> ResponseCreated("r3", "tg_request_3"),
        after(ms=100),
        openai >> AudioBegan("r3", "a1"),
        client << AgentStarted(Ms(100)),
        openai >> AgentTextDone("r3", "a1", "sunny"),
        client << ShowAgentText("sunny"),
        openai >> ResponseDone("r3", "tg_request_3"),
        client << AgentFinished(),
    )


def test_s10_turn_that_speaks_before_its_call_begins_and_ends_once() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        openai >> AgentTextDone("r1", "a1", "one moment"),
        client << ShowAgentText("one moment"),
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AudioBegan("r2", "a2"),
        openai >> AgentTextDone("r2", "a2", "sunny"),
        client << ShowAgentText("sunny"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_s10_turn_that_was_only_read_before_its_call_begins_to_be_heard_after_it() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "one moment"),
        client << ShowAgentText("one moment"),
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AudioBegan("r2", "a2"),
        client << AgentStarted(Ms(0)),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_s11_late_acknowledgement_of_the_users_item_releases_nothing() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> ItemAcknowledged("tg_item_1"),
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        DONE,
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_call_that_is_announced_more_than_once_is_asked_for_once() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> CallAsked("r1", "c1", "weather", "{}"),
        DONE,
        openai >> CallAsked("r1", "c1", "weather", "{}"),
    )


def test_call_of_a_response_that_is_over_is_not_asked_for() -> None:
    play(*RUNNING, DONE, openai >> CallAsked("r1", "c1", "weather", "{}"))


def test_result_without_an_id_belongs_to_the_oldest_call_of_that_name() -> None:
    play(
        *RUNNING,
        *called("r1", "c1", "c2"),
        DONE,
        client >> CallResult("", "weather", "sunny"),
        openai << SendItem("tg_item_2", CallOutput("c1", "sunny")),
        client << AgentThinks(),
        client >> CallResult("", "weather", "rainy"),
        openai << SendItem("tg_item_3", CallOutput("c2", "rainy")),
        client << AgentThinks(),
        client >> CallResult("", "weather", "snowy"),
        client << Report(UnknownCall("")),
    )


@pytest.mark.parametrize("call_id", ["foreign", ""])
def test_result_that_nobody_asked_for_is_refused(call_id: str) -> None:
    play(
        *RUNNING,
        client >> CallResult(call_id, "weather", "sunny"),
        client << Report(UnknownCall(call_id)),
        DONE,
    )


def test_second_result_is_refused_and_followed_by_nothing() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        client >> CallResult("c1", "weather", "rainy"),
        client << Report(RepeatedResult("c1")),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_refused_output_is_told_and_the_turn_goes_on() -> None:
    play(
        *RUNNING,
        *called("r1", "c1", "c2"),
        DONE,
        *result("c1", "tg_item_2"),
        *result("c2", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> Rejected("tg_item_3", "too_long", "It is too long."),
        client << Report(RequestRefused("too_long", "It is too long.")),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED,
    )


def test_function_without_a_result_gets_one_that_says_so() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        after(ms=CALL_MS - 1),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", NO_RESULT)),
        client << Report(CallOverdue("c1", "weather")),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        client >> CallResult("c1", "weather", "sunny"),
        client << Report(RepeatedResult("c1")),
        *FOLLOWED,
    )


def test_message_beside_a_running_call_is_answered_with_its_result() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *typed("and tomorrow?", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=PATIENCE_MS - 1),
        *result("c1", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_message_beside_a_slow_call_is_answered_without_it_and_the_result_is_told_later() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "one moment"),
        client << ShowAgentText("one moment"),
        *called("r1", "c1"),
        DONE,
        *typed("hurry!", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=PATIENCE_MS),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        *FOLLOWED[:-1],
        client >> CallResult("c1", "weather", "sunny"),
        openai << SendItem("tg_item_4", LateResult("c1", "weather", "sunny")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_3"),
        openai >> ResponseCreated("r3", "tg_request_3"),
        openai >> ResponseDone("r3", "tg_request_3"),
        client >> CallResult("c1", "weather", "rainy"),
        client << Report(RepeatedResult("c1")),
        after(ms=60_000),
    )


def test_late_result_may_come_without_an_id_too() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *typed("hurry!", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=PATIENCE_MS),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        client >> CallResult("", "weather", "sunny"),
        openai << SendItem("tg_item_4", LateResult("c1", "weather", "sunny")),
        client << AgentThinks(),
    )


def test_slow_call_that_never_ends_is_told_as_such() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        DONE,
        *typed("hurry!", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=PATIENCE_MS),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=CALL_MS - PATIENCE_MS),
        openai << SendItem("tg_item_4", LateResult("c1", "weather", NO_RESULT)),
        client << Report(CallOverdue("c1", "weather")),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_3"),
    )


def test_calls_of_a_cancelled_response_are_cancelled_and_the_message_still_waits() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected"),
        openai << SendItem("tg_item_2", CallOutput("c1", CANCELLED)),
        client << CancelFunctions((Call("c1", "weather", "{}"),)),
        client >> CallResult("c1", "weather", "sunny"),
        client << Report(UnknownCall("c1")),
        after(ms=60_000),
        openai << SendRequest("tg_request_2"),
    )


def test_call_answered_before_its_response_is_cancelled_has_no_follow_up_of_its_own() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        *result("c1", "tg_item_2"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=60_000),
        openai << SendRequest("tg_request_2"),
    )


def test_call_that_comes_after_the_user_cut_in_is_answered_without_asking_anybody() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> CallAsked("r1", "c1", "weather", "{}"),
        openai << SendItem("tg_item_2", CallOutput("c1", CANCELLED)),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=60_000),
        openai << SendRequest("tg_request_2"),
    )


def test_call_goes_on_when_the_user_cuts_in_after_the_last_word() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=60_000),
        openai << SendRequest("tg_request_2"),
    )
