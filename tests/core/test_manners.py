"""A user's turn while a function runs, by the manners of the function."""

import pytest

from scenes import RUNNING, called, spoken, typed
from transcript import Line, after, client, openai, play
from turngate.core.effects import (
    AgentFinished,
    AgentThinks,
    AskFunctions,
    CancelFunctions,
    Report,
    SendItem,
    SendRequest,
    ShowAgentText,
    UserStarted,
)
from turngate.core.events import (
    AgentTextDone,
    CallAsked,
    CallResult,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
)
from turngate.core.items import CallOutput, LateResult
from turngate.core.limits import CALL_MS, PATIENCE_MS
from turngate.core.manners import Manners
from turngate.core.policy import Policy
from turngate.core.tools import CANCELLED, NO_RESULT, STILL_RUNNING, Call
from turngate.errors import CallOverdue, UnknownCall
from turngate.units import Ms

CALLED: tuple[Line, ...] = (
    *RUNNING,
    *called("r1", "c1"),
    openai >> ResponseDone("r1", "tg_request_1"),
)
WEATHER = Call("c1", "weather", "{}")


def mannered(**manners: Manners) -> Policy:
    return Policy(manners=manners)


KEEP = mannered(weather=Manners(on_turn="keep"))
CANCEL = mannered(weather=Manners(on_turn="cancel"))


def asked(response: str, call_id: str, name: str) -> tuple[Line, ...]:
    return (
        openai >> CallAsked(response, call_id, name, "{}"),
        client << AskFunctions((Call(call_id, name, "{}"),)),
    )


def answered(response: str, request: str, text: str) -> tuple[Line, ...]:
    return (
        openai >> ResponseCreated(response, request),
        openai >> AgentTextDone(response, f"a_{response}", text),
        client << ShowAgentText(text),
        openai >> ResponseDone(response, request),
        client << AgentFinished(),
    )


def test_kept_call_lets_the_turn_pass_at_once_and_its_result_follows() -> None:
    play(
        *CALLED,
        *typed("and you?", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        *answered("r2", "tg_request_2", "fine"),
        client >> CallResult("c1", "weather", "sunny"),
        openai << SendItem("tg_item_4", LateResult("c1", "weather", "sunny")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_3"),
        *answered("r3", "tg_request_3", "sunny"),
        after(ms=60_000),
        policy=KEEP,
    )


def test_cancelled_call_lets_the_turn_pass_and_its_result_is_kept_out() -> None:
    play(
        *CALLED,
        *typed("never mind", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendItem("tg_item_3", CallOutput("c1", CANCELLED)),
        client << CancelFunctions((WEATHER,)),
        openai << SendRequest("tg_request_2"),
        *answered("r2", "tg_request_2", "as you like"),
        client >> CallResult("c1", "weather", "sunny"),
        client << Report(UnknownCall("c1")),
        after(ms=60_000),
        policy=CANCEL,
    )


def test_a_spoken_turn_passes_when_it_is_in_the_conversation() -> None:
    play(
        *CALLED,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        openai << SendItem("tg_item_2", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        policy=KEEP,
    )


def test_a_call_waits_for_the_end_of_its_own_response() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        *typed("and you?", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        policy=KEEP,
    )


def test_no_turn_of_the_users_is_no_reason_to_let_go() -> None:
    """The late result of one function does not cancel another one."""
    play(
        *CALLED,
        *typed("and you?", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        *asked("r2", "c2", "order"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client >> CallResult("c1", "weather", "sunny"),
        openai << SendItem("tg_item_4", LateResult("c1", "weather", "sunny")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_4"),
        client >> CallResult("c2", "order", "done"),
        openai << SendItem("tg_item_5", CallOutput("c2", "done")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_5"),
        openai << SendRequest("tg_request_3"),
        *answered("r3", "tg_request_3", "sunny, and ordered"),
        after(ms=60_000),
        policy=mannered(weather=Manners(on_turn="keep"), order=Manners(on_turn="cancel")),
    )


def test_a_call_that_is_waited_for_holds_up_the_turn_beside_one_that_is_kept() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        *asked("r1", "c2", "order"),
        openai >> ResponseDone("r1", "tg_request_1"),
        *typed("and you?", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendItem("tg_item_3", CallOutput("c1", STILL_RUNNING)),
        after(ms=PATIENCE_MS - 1),
        client >> CallResult("c2", "order", "done"),
        openai << SendItem("tg_item_4", CallOutput("c2", "done")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_3"),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_2"),
        *answered("r2", "tg_request_2", "fine"),
        after(ms=5_000),
        policy=KEEP,
    )


@pytest.mark.parametrize("deadline_ms", [1, 500, CALL_MS * 4])
def test_each_function_has_its_own_deadline(deadline_ms: int) -> None:
    play(
        *CALLED,
        after(ms=deadline_ms - 1),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", NO_RESULT)),
        client << Report(CallOverdue("c1", "weather")),
        policy=mannered(weather=Manners(deadline_ms=Ms(deadline_ms))),
    )
