"""Calls that wait for the end of the user's turn, since what they do cannot be undone."""

import pytest

from core.test_manual_turns import MANUAL
from scenes import RUNNING, called, spoken, typed
from transcript import Line, after, client, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentThinks,
    AskFunctions,
    CancelFunctions,
    Report,
    SendCommit,
    SendItem,
    SendRequest,
    UserStarted,
)
from turngate.core.events import (
    CallAsked,
    CallResult,
    Configure,
    ItemAcknowledged,
    Reconfigure,
    ResponseCreated,
    ResponseDone,
    SpeechCleared,
    SpeechStarted,
    UserAudio,
)
from turngate.core.items import CallOutput
from turngate.core.limits import CALL_MS, PAUSE_MS
from turngate.core.manners import Manners
from turngate.core.policy import Policy
from turngate.core.tools import CANCELLED, NO_RESULT, Call
from turngate.errors import CallOverdue

ORDER = Call("c1", "order", "{}")
DEFERRED = Policy(manners={"order": Manners(defer_until_eot=True)})
ASKED: tuple[Line, ...] = (*RUNNING, openai >> CallAsked("r1", "c1", "order", "{}"))
DONE = openai >> ResponseDone("r1", "tg_request_1")
CANCELLED_DONE = openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected")
RESUMED: tuple[Line, ...] = (
    openai >> SpeechStarted("u1"),
    client << UserStarted(),
    openai << SendItem("tg_item_2", CallOutput("c1", CANCELLED)),
)


def test_it_is_made_when_the_response_that_asks_is_over() -> None:
    play(
        *ASKED,
        after(ms=5_000),
        DONE,
        client << AskFunctions((ORDER,)),
        client >> CallResult("c1", "order", "sunny"),
        openai << SendItem("tg_item_2", CallOutput("c1", "sunny")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        policy=DEFERRED,
    )


def test_its_deadline_begins_when_it_is_made() -> None:
    play(
        *ASKED,
        after(ms=CALL_MS),
        DONE,
        client << AskFunctions((ORDER,)),
        after(ms=CALL_MS - 1),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", NO_RESULT)),
        client << Report(CallOverdue("c1", "order")),
        policy=DEFERRED,
    )


@pytest.mark.parametrize("ended", [DONE, CANCELLED_DONE])
def test_who_goes_on_speaking_prevents_it(ended: Line) -> None:
    """Also where the response had come to its end before the upstream could stop it."""
    play(
        *ASKED,
        *RESUMED,
        ended,
        openai >> ItemAcknowledged("tg_item_2"),
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        policy=DEFERRED,
    )


def test_what_was_no_speech_after_all_lets_the_model_call_again() -> None:
    play(
        *ASKED,
        *RESUMED,
        DONE,
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_2"),
        policy=DEFERRED,
    )


def test_a_call_that_was_made_is_withdrawn_as_any_other() -> None:
    """The function of the same response that does not wait is told of both."""
    play(
        *RUNNING,
        openai >> CallAsked("r1", "c1", "order", "{}"),
        openai >> CallAsked("r1", "c2", "weather", "{}"),
        client << AskFunctions((Call("c2", "weather", "{}"),)),
        *RESUMED,
        CANCELLED_DONE,
        openai << SendItem("tg_item_3", CallOutput("c2", CANCELLED)),
        client << CancelFunctions((Call("c2", "weather", "{}"),)),
        policy=DEFERRED,
    )


def test_a_typed_message_is_no_end_and_no_going_on() -> None:
    play(
        *ASKED,
        *typed("quick!", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        DONE,
        client << AskFunctions((ORDER,)),
        policy=DEFERRED,
    )


def test_where_turns_are_committed_here_it_waits_for_the_commit() -> None:
    play(
        *MANUAL,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> CallAsked("r1", "c1", "order", "{}"),
        client >> UserAudio(500),
        DONE,
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_1"),
        client << AskFunctions((ORDER,)),
        policy=DEFERRED,
    )


@pytest.mark.parametrize("again", [None, {}])
def test_a_client_declares_the_manners_of_its_functions_and_may_take_them_back(
    again: dict[str, Manners] | None,
) -> None:
    """The operator's function of that name keeps its own."""
    patch = {"prompt": "old"}
    deferred = {"order": Manners(defer_until_eot=True), "weather": Manners(defer_until_eot=True)}
    asked = client << AskFunctions((ORDER,))
    play(
        *RUNNING,
        client >> Reconfigure("think", patch, deferred),
        client << Acknowledge("think"),
        client >> Reconfigure("prompt", patch, again),
        client << Acknowledge("prompt"),
        openai >> CallAsked("r1", "c1", "order", "{}"),
        *(() if again is None else (asked,)),
        *called("r1", "c2"),
        DONE,
        *((asked,) if again is None else ()),
        policy=Policy(manners={"weather": Manners()}),
    )


def test_the_first_configuration_declares_them_too() -> None:
    configure = Configure("settings", {}, manners=DEFERRED.manners)
    play(
        *RUNNING,
        client >> configure,
        client << Acknowledge("settings"),
        openai >> CallAsked("r1", "c1", "order", "{}"),
        DONE,
        client << AskFunctions((ORDER,)),
    )
