"""The user takes the floor: the agent falls silent, and the spoken turn is answered once."""

from scenes import AUDIBLE, CANCELLED, FOLDED, READY, RUNNING, called, spoken, typed
from transcript import Line, after, client, itself, openai, play, sounds
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    Count,
    DiscardGate,
    OpenGate,
    Report,
    SendCancel,
    SendDelete,
    SendItem,
    SendRequest,
    SendTruncate,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentText,
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    UserTranscribed,
)
from turngate.core.items import CallOutput
from turngate.core.limits import (
    COMMIT_MS,
    INTERRUPT_MS,
    ITEM_MS,
    PATIENCE_MS,
    SPEAKING_MS,
)
from turngate.core.tools import STILL_RUNNING
from turngate.errors import RequestRefused
from turngate.units import Ms


def test_s26_agent_is_cut_at_what_the_user_has_heard() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        itself << OpenGate("r1", "a1"),
        sounds("a1", ms=2_000),
        after(ms=400),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        itself << DiscardGate(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 400),
        openai >> AudioBegan("r1", "a1"),
        openai >> AudioBegan("r1", "a2"),
        openai >> AgentText("r1", "a1", "never read"),
        openai >> AgentTextDone("r1", "a1", "never read"),
        CANCELLED,
        openai >> AudioBegan("r1", "a1"),
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AudioBegan("r2", "a2"),
        client << AgentStarted(Ms(0)),
        itself << OpenGate("r2", "a2"),
    )


def test_s26_no_more_is_cut_than_was_sent() -> None:
    play(
        *AUDIBLE,
        sounds("a1", ms=480),
        after(ms=500),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 480),
    )


def test_s26_waiting_message_is_folded_into_the_answer_to_speech() -> None:
    play(
        *AUDIBLE,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        CANCELLED,
        after(ms=300),
        *spoken("u1"),
        after(ms=300),
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_s26_speech_that_is_never_acknowledged_is_asked_for_all_the_same() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        after(ms=ITEM_MS - 1),
        after(ms=1),
        openai << SendRequest("tg_request_1"),
    )


def test_s26_message_goes_out_when_no_turn_comes_of_the_speech() -> None:
    play(
        *AUDIBLE,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        CANCELLED,
        openai >> SpeechStopped("u1"),
        after(ms=COMMIT_MS - 1),
        after(ms=1),
        itself << Count("speech_without_words"),
        openai << SendRequest("tg_request_2"),
    )


def test_s26_lost_end_of_speech_does_not_keep_the_floor_for_ever() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *typed("two", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        after(ms=SPEAKING_MS),
        openai << SendRequest("tg_request_1"),
    )


def test_s26c_response_that_had_not_begun_to_play_is_deleted() -> None:
    play(
        *AUDIBLE,
        *called("r1", "c1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        sounds("a1", ms=3_000),
        sounds("a2", ms=1_000),
        after(ms=500),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 500),
        openai << SendDelete("tg_cut_2", "a2"),
        openai >> Rejected("tg_cut_2", "item_not_found", "No such item."),
    )


def test_user_who_goes_on_speaking_is_one_turn() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> SpeechStopped("u1"),
        openai >> SpeechStarted("u2"),
        openai >> SpeechCommitted("u1"),
        openai >> UserTranscribed("u1", "so"),
        client << ShowUserText("so"),
        openai >> ItemAcknowledged("u1"),
        after(ms=1_000),
        openai >> SpeechStopped("u0"),
        *spoken("u2"),
        openai >> ItemAcknowledged("u2"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=60_000),
    )


def test_silent_response_is_kept_silent_and_finishes_nothing() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> AudioBegan("r1", "a1"),
        CANCELLED,
    )


def test_spoken_turn_waits_for_a_running_call_and_not_for_ever() -> None:
    play(
        *AUDIBLE,
        *called("r1", "c1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        after(ms=5_000),
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        after(ms=PATIENCE_MS - 1),
        after(ms=1),
        openai << SendItem("tg_item_2", CallOutput("c1", STILL_RUNNING)),
        openai << SendRequest("tg_request_2"),
    )


# -- the server stops a response by itself, or has to be told


def test_response_that_the_server_does_not_stop_is_cancelled_by_its_id() -> None:
    play(
        *AUDIBLE,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        after(ms=INTERRUPT_MS - 1),
        after(ms=1),
        openai << SendCancel("tg_cancel_1", "r1"),
        CANCELLED,
    )


def test_response_that_the_server_stops_is_not_cancelled() -> None:
    play(
        *AUDIBLE,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        CANCELLED,
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        after(ms=INTERRUPT_MS),
    )


# -- the user speaks between our request and its response

REQUESTED: tuple[Line, ...] = (
    *READY,
    *typed("one", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
    openai << SendRequest("tg_request_1"),
    openai >> SpeechStarted("u1"),
    client << UserStarted(),
)


def test_withdrawn_request_is_cancelled_as_soon_as_it_has_a_name() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai << SendCancel("tg_cancel_1", "r1"),
        openai >> AudioBegan("r1", "a1"),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "client_cancelled"),
        *FOLDED,
    )


def test_withdrawn_request_that_is_refused_is_folded_too() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_1", "rv"),
        openai >> ResponseDone("rv"),
        *FOLDED,
    )


def test_withdrawn_request_that_ends_unseen_is_folded_too() -> None:
    play(
        *REQUESTED,
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected"),
        *FOLDED,
    )


def test_withdrawn_request_that_fails_is_told() -> None:
    play(
        *REQUESTED,
        openai >> Rejected("tg_request_1", "invalid_value", "No."),
        client << Report(RequestRefused("invalid_value", "No.")),
        *FOLDED,
    )


def test_withdrawn_request_that_crossed_another_response_is_kept_from_the_speaking_user() -> None:
    play(
        *RUNNING,
        openai >> ResponseDone("r1", "tg_request_1"),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> ResponseCreated("rv"),
        openai >> AudioBegan("rv", "a1"),
        openai >> ResponseDone("rv"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AudioBegan("r2", "a2"),
        after(ms=INTERRUPT_MS),
        openai << SendCancel("tg_cancel_1", "r2"),
        openai >> ResponseDone("r2", "tg_request_2", "cancelled", "client_cancelled"),
    )


def test_response_that_nobody_asked_for_does_not_speak_over_the_user() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> ResponseCreated("rv"),
        openai >> AudioBegan("rv", "a1"),
        after(ms=INTERRUPT_MS),
        openai << SendCancel("tg_cancel_1", "rv"),
        openai >> ResponseDone("rv", None, "cancelled", "client_cancelled"),
    )
