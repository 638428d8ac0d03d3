"""What the agent says while a function runs: after how much silence, and how often."""

import pytest
from msgspec.structs import replace

from scenes import CUT, RUNNING, called, result, typed
from transcript import Line, after, client, itself, openai, play, sounds
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    AgentThinks,
    AskFunctions,
    CancelTimer,
    Report,
    SendItem,
    SendRequest,
    SetTimer,
    ShowAgentText,
    UserStarted,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    AudioEnded,
    CallAsked,
    CallResult,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
    SpeechCleared,
    SpeechStarted,
    Timer,
)
from turngate.core.items import CallOutput, LateResult, StillRunning
from turngate.core.limits import CALL_MS, PATIENCE_MS
from turngate.core.manners import Manners
from turngate.core.policy import Policy
from turngate.core.tools import NO_RESULT, STILL_RUNNING, Call
from turngate.errors import CallOverdue
from turngate.units import Ms

CALLED: tuple[Line, ...] = (
    *RUNNING,
    *called("r1", "c1"),
    openai >> ResponseDone("r1", "tg_request_1"),
)
SAYS = (
    '{"status":"The function is still running; its result will follow.","say":"Let me \\"look\\"."}'
)
FILLER = 'Let me "look".'


def filled(*, count: int = 1, on_turn: str = "wait") -> Policy:
    weather = Manners(
        filler=FILLER,
        filler_after_ms=Ms(1_000),
        filler_interval_ms=Ms(3_000),
        filler_max_count=count,
        on_turn="keep" if on_turn == "keep" else "wait",
    )
    return Policy(manners={"weather": weather})


def answered(response: str, request: str, text: str) -> tuple[Line, ...]:
    return (
        openai >> ResponseCreated(response, request),
        openai >> AgentTextDone(response, f"a_{response}", text),
        client << ShowAgentText(text),
        openai >> ResponseDone(response, request),
        client << AgentFinished(),
    )


BRIDGED: tuple[Line, ...] = (
    *CALLED,
    after(ms=999),
    after(ms=1),
    openai << SendItem("tg_item_2", CallOutput("c1", SAYS)),
    openai >> ItemAcknowledged("tg_item_2"),
    openai << SendRequest("tg_request_2"),
    *answered("r2", "tg_request_2", "Let me look."),
)
ANSWERED: tuple[Line, ...] = (
    client >> CallResult("c1", "weather", "sunny"),
    openai << SendItem("tg_item_3", LateResult("c1", "weather", "sunny")),
    client << AgentThinks(),
    openai >> ItemAcknowledged("tg_item_3"),
    openai << SendRequest("tg_request_3"),
    *answered("r3", "tg_request_3", "sunny"),
    after(ms=60_000),
)


def test_a_slow_function_is_bridged_and_its_result_follows() -> None:
    play(*BRIDGED, *ANSWERED, policy=filled())


@pytest.mark.parametrize("count", [1, 2])
def test_a_further_silence_is_bridged_as_often_as_is_allowed(count: int) -> None:
    again: tuple[Line, ...] = (
        openai << SendItem("tg_item_3", StillRunning("c1", "weather", FILLER)),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_3"),
        *answered("r3", "tg_request_3", "Still looking."),
    )
    late: tuple[Line, ...] = (
        client >> CallResult("c1", "weather", "sunny"),
        openai << SendItem(f"tg_item_{2 + count}", LateResult("c1", "weather", "sunny")),
        client << AgentThinks(),
    )
    play(
        *BRIDGED,
        after(ms=2_999),
        after(ms=1),
        *(again if count == 2 else ()),
        after(ms=5_000),
        *late,
        policy=filled(count=count),
    )


def test_a_result_beside_a_further_filler_is_one_answer_with_it() -> None:
    play(
        *BRIDGED,
        after(ms=3_000),
        openai << SendItem("tg_item_3", StillRunning("c1", "weather", FILLER)),
        client >> CallResult("c1", "weather", "sunny"),
        openai << SendItem("tg_item_4", LateResult("c1", "weather", "sunny")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_3"),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_3"),
        *answered("r3", "tg_request_3", "sunny"),
        after(ms=60_000),
        policy=filled(count=9),
    )


def test_a_connection_that_is_being_made_anew_is_no_silence() -> None:
    play(
        *BRIDGED,
        *CUT,
        after(ms=5_000),
        policy=replace(filled(count=9), redials=True),
    )


def test_fillers_end_with_the_deadline() -> None:
    play(
        *BRIDGED,
        after(ms=CALL_MS - 1_000),
        openai << SendItem("tg_item_3", LateResult("c1", "weather", NO_RESULT)),
        client << Report(CallOverdue("c1", "weather")),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_3"),
        *answered("r3", "tg_request_3", "I cannot tell."),
        after(ms=60_000),
        policy=filled(),
    )


def test_a_function_that_is_quick_needs_no_bridge() -> None:
    play(
        *CALLED,
        itself << SetTimer(Timer("filler"), Ms(1_000)),
        *result("c1", "tg_item_2"),
        itself << CancelTimer(Timer("filler")),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        *answered("r2", "tg_request_2", "sunny"),
        after(ms=60_000),
        policy=filled(),
    )


def test_the_silence_begins_when_the_response_that_calls_is_over() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        after(ms=1_000),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=999),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", SAYS)),
        policy=filled(),
    )


SPOKEN: tuple[Line, ...] = (
    *RUNNING,
    openai >> AudioBegan("r1", "a1"),
    client << AgentStarted(Ms(0)),
    sounds("a1", ms=2_000),
    openai >> AudioEnded("r1", "a1"),
    openai >> AgentTextDone("r1", "a1", "I will look.", is_spoken=True),
    client << ShowAgentText("I will look."),
    *called("r1", "c1"),
    openai >> ResponseDone("r1", "tg_request_1"),
)


def test_a_call_that_the_model_announces_itself_needs_no_first_filler() -> None:
    play(*SPOKEN, after(ms=14_000), policy=filled())


def test_what_is_announced_is_bridged_again_when_it_has_been_heard_and_a_silence_after_it() -> None:
    play(
        *SPOKEN,
        after(ms=2_000 + 2_999),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", SAYS)),
        policy=filled(count=2),
    )


def test_who_speaks_is_not_talked_over_and_the_silence_begins_anew() -> None:
    play(
        *CALLED,
        after(ms=900),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        after(ms=900),
        openai >> SpeechCleared(),
        after(ms=999),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", SAYS)),
        policy=filled(),
    )


def test_message_on_its_way_is_answered_and_no_silence() -> None:
    play(*CALLED, *typed("hurry!", "tg_item_2"), after(ms=1_000), policy=filled())


def test_silence_that_another_function_is_to_fill_is_measured_for_that_one() -> None:
    slow, quick = filled().manners["weather"], Manners(filler="Wait.", filler_after_ms=Ms(500))
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> CallAsked("r1", "c2", "time", "{}"),
        client << AskFunctions((Call("c2", "time", "{}"),)),
        openai >> ResponseDone("r1", "tg_request_1"),
        itself << SetTimer(Timer("filler"), Ms(500)),
        after(ms=400),
        client >> CallResult("c2", "time", "noon"),
        openai << SendItem("tg_item_2", CallOutput("c2", "noon")),
        client << AgentThinks(),
        itself << SetTimer(Timer("filler"), Ms(1_000)),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=999),
        after(ms=1),
        openai << SendItem("tg_item_3", CallOutput("c1", SAYS)),
        policy=Policy(manners={"weather": slow, "time": quick}),
    )


def test_the_calls_beside_a_bridged_one_follow_too() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> CallAsked("r1", "c2", "order", "{}"),
        client << AskFunctions((Call("c2", "order", "{}"),)),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=1_000),
        openai << SendItem("tg_item_2", CallOutput("c1", SAYS)),
        openai << SendItem("tg_item_3", CallOutput("c2", STILL_RUNNING)),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_2"),
        policy=filled(),
    )


def test_a_call_that_the_users_turn_has_passed_already_is_not_bridged_again() -> None:
    play(
        *CALLED,
        *typed("hurry!", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendItem("tg_item_3", CallOutput("c1", SAYS)),
        openai << SendRequest("tg_request_2"),
        *answered("r2", "tg_request_2", "in a moment"),
        after(ms=2_000),
        policy=filled(on_turn="keep"),
    )


def test_a_turn_that_has_waited_for_long_enough_is_told_instead_of_a_filler() -> None:
    play(
        *CALLED,
        *typed("hurry!", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        after(ms=PATIENCE_MS),
        openai << SendItem("tg_item_3", CallOutput("c1", SAYS)),
        openai << SendRequest("tg_request_2"),
        *answered("r2", "tg_request_2", "in a moment"),
        after(ms=5_000),
        policy=filled(),
    )


def test_the_silence_begins_when_what_is_left_of_the_agents_words_has_been_heard() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=1_500),
        openai >> AudioEnded("r1", "a1"),
        *called("r1", "c1"),
        after(ms=500),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=1_000 + 2_999),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", SAYS)),
        policy=filled(count=2),
    )
