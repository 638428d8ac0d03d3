"""Speech that the server answers by itself: what its response answers, and what is still asked for."""

from scenes import ASKED_AGAIN, READY, REQUESTED, RUNNING, SETTLED, called, result, spoken, typed
from transcript import Line, after, client, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    SendRequest,
    SendUpdate,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentLine,
    AgentTextDone,
    ItemAcknowledged,
    Reconfigure,
    ResponseCreated,
    ResponseDone,
    SilenceTold,
    SlotTaken,
    SpeechCleared,
    SpeechCommitted,
    SpeechStarted,
    Updated,
    UserTranscribed,
)
from turngate.core.limits import ITEM_MS, OUTPUT_MS, RESERVED_MS
from turngate.core.session import Policy

SERVER = Policy(server_turns=True)
HEARD: tuple[Line, ...] = (
    openai >> SpeechCommitted("u1"),
    openai >> UserTranscribed("u1", "well"),
    client << ShowUserText("well"),
)
CUT_OFF: tuple[Line, ...] = (
    openai >> SpeechStarted("u2"),
    client << UserStarted(),
    openai >> ResponseDone("rv", None, "cancelled", "turn_detected"),
)
"""The user cuts a response of the server's off before its first word."""


def test_s16a_message_waits_for_the_response_that_the_server_owes_to_speech() -> None:
    play(
        *SETTLED,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        *typed("x", "tg_item_2"),
        openai >> ItemAcknowledged("u1"),
        openai >> ResponseCreated("rv"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> AgentTextDone("rv", "a1", "to speech"),
        client << ShowAgentText("to speech"),
        openai >> ResponseDone("rv"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
        policy=SERVER,
    )


def test_s16b_gateway_asks_for_the_spoken_turn_and_then_for_the_message() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_1"),
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_speech_that_the_server_does_not_answer_is_asked_for() -> None:
    play(
        *SETTLED,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> SpeechCommitted("u2"),
        after(ms=RESERVED_MS - 1),
        after(ms=1),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_one_response_of_the_server_answers_all_speech_before_it() -> None:
    play(
        *SETTLED,
        openai >> SpeechCommitted("u1"),
        openai >> SpeechCommitted("u2"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_speech_that_ends_during_a_response_is_the_servers_to_answer_next() -> None:
    play(
        *RUNNING,
        *typed("x", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> SpeechCommitted("u1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_holder_that_was_named_before_the_speech_cannot_answer_it() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_2", "rv"),
        *HEARD,
        openai >> ResponseCreated("rv"),
        openai >> AgentTextDone("rv", "a1", "unasked"),
        client << ShowAgentText("unasked"),
        openai >> ResponseDone("rv"),
        client << AgentFinished(),
        after(ms=RESERVED_MS),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_holder_that_is_named_after_the_speech_answers_it() -> None:
    play(
        *REQUESTED,
        *HEARD,
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_speech_whose_answer_is_cut_off_unheard_is_due_though_a_change_had_met_that_answer() -> (
    None
):
    play(
        *SETTLED,
        client >> Reconfigure("change", {"b": 2}),
        openai << SendUpdate("tg_update_2", {"b": 2}),
        *HEARD,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_update_2", "rv"),
        *CUT_OFF,
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        openai << SendUpdate("tg_update_3", {"b": 2}),
        policy=SERVER,
    )


def test_speech_whose_answer_is_cut_off_unheard_is_due_though_a_line_had_met_that_answer() -> None:
    play(
        *SETTLED,
        client >> AgentLine("hi"),
        openai << SendRequest("tg_request_2", "hi"),
        *HEARD,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_2", "rv"),
        *CUT_OFF,
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_3"),
        openai >> ResponseCreated("r3", "tg_request_3"),
        openai >> ResponseDone("r3", "tg_request_3"),
        openai << SendRequest("tg_request_4", "hi"),
        policy=SERVER,
    )


def test_long_silence_is_the_servers_to_answer_whoever_answers_speech() -> None:
    play(
        *SETTLED,
        openai >> SilenceTold("u1"),
        openai >> SpeechCommitted("u1"),
        *typed("x", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_long_silence_that_the_server_does_not_answer_is_asked_about() -> None:
    play(
        *SETTLED,
        openai >> SilenceTold("u1"),
        openai >> SpeechCommitted("u1"),
        after(ms=RESERVED_MS),
        openai << SendRequest("tg_request_2"),
    )


def test_the_servers_response_does_not_answer_what_it_cannot_have_seen() -> None:
    # The item is late, so that its wish goes on without it; the server has begun before it came.
    play(
        *SETTLED,
        client >> Reconfigure("change", {"prompt": "new"}),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        *typed("x", "tg_item_2"),
        after(ms=ITEM_MS),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> ResponseCreated("rv"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> Updated(),
        client << Acknowledge("change"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        policy=SERVER,
    )


RESULTS_WAIT: tuple[Line, ...] = (
    *RUNNING,
    *called("r1", "c1"),
    openai >> ResponseDone("r1", "tg_request_1"),
    *result("c1", "tg_item_2"),
    openai >> SpeechStarted("u1"),
    client << UserStarted(),
    after(ms=OUTPUT_MS),
)
ANSWERED_BY_SERVER: tuple[Line, ...] = (
    *spoken("u1"),
    openai >> ItemAcknowledged("u1"),
    openai >> ResponseCreated("rv"),
)


def test_results_that_the_server_may_have_begun_without_are_asked_for_after_it() -> None:
    play(
        *RESULTS_WAIT,
        *ANSWERED_BY_SERVER,
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        policy=SERVER,
    )


def test_results_that_were_there_before_are_answered_with_the_speech() -> None:
    play(
        *RESULTS_WAIT,
        openai >> ItemAcknowledged("tg_item_2"),
        *ANSWERED_BY_SERVER,
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=SERVER,
    )
