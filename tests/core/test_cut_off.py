"""Answers that were cut off: asked for again before their first word, and given after it."""

from scenes import AUDIBLE, CANCELLED, FOLDED, READY, RUNNING, SAID, called, spoken, typed
from transcript import after, client, openai, play
from turngate.core.effects import (
    AgentFinished,
    CancelFunctions,
    SendItem,
    SendRequest,
    SendTruncate,
    UserStarted,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
    SpeechCleared,
    SpeechStarted,
    SpeechStopped,
)
from turngate.core.items import CallOutput
from turngate.core.limits import (
    COMMIT_MS,
    RESERVED_MS,
)
from turngate.core.session import Policy
from turngate.core.tools import CANCELLED as CALL_CANCELLED
from turngate.core.tools import Call


def test_answer_that_noise_cut_off_before_its_first_word_is_asked_for_again() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        CANCELLED,
        openai >> SpeechStopped("u1"),
        after(ms=COMMIT_MS),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_answer_that_was_cut_off_by_words_that_are_thrown_away_is_asked_for_again() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        CANCELLED,
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_answer_that_was_cut_off_before_its_first_word_is_folded_into_the_next() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        CANCELLED,
        *FOLDED,
    )


def test_answer_that_was_cut_off_after_its_first_word_was_given() -> None:
    play(
        *AUDIBLE,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        CANCELLED,
        openai >> SpeechStopped("u1"),
        after(ms=60_000),
    )


def test_server_answers_along_with_speech_what_waited_before_it() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        CANCELLED,
        *spoken("u1"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=Policy(server_turns=True),
    )


def test_what_waited_before_speech_is_asked_for_when_the_server_does_nothing() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        CANCELLED,
        *spoken("u1"),
        after(ms=RESERVED_MS),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
        policy=Policy(server_turns=True),
    )


def test_server_whose_answer_noise_cut_off_before_its_first_word_is_asked() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> ResponseCreated("rv"),
        openai >> SpeechStarted("u2"),
        client << UserStarted(),
        openai >> ResponseDone("rv", None, "cancelled", "turn_detected"),
        openai >> SpeechStopped("u2"),
        after(ms=COMMIT_MS),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=60_000),
        policy=Policy(server_turns=True),
    )


def test_call_that_noise_cut_off_after_the_first_word_is_cancelled_and_not_followed_up() -> None:
    play(
        *AUDIBLE,
        *called("r1", "c1"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        CANCELLED,
        openai << SendItem("tg_item_2", CallOutput("c1", CALL_CANCELLED)),
        client << CancelFunctions((Call("c1", "weather", "{}"),)),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> SpeechCleared(),
        after(ms=60_000),
    )


def test_what_waits_beside_an_answer_that_noise_cut_off_still_waits_for_its_item() -> None:
    play(
        *RUNNING,
        *typed("two", "tg_item_2"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        CANCELLED,
        openai >> SpeechCleared(),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_answer_of_which_the_user_heard_something_stays_given_when_noise_follows() -> None:
    play(
        *AUDIBLE,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai >> SpeechStopped("u1"),
        openai >> SpeechCleared(),
        openai >> SpeechStarted("u2"),
        client << UserStarted(),
        CANCELLED,
        openai >> SpeechCleared(),
        after(ms=60_000),
    )


def test_user_who_cuts_in_on_the_last_words_hears_nothing_of_the_next_answer_either() -> None:
    """It has begun by then, so it is asked for again when nothing comes of the speech."""
    play(
        *SAID,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        after(ms=500),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 500),
        openai >> AudioBegan("r2", "a2"),
        openai >> AgentTextDone("r2", "a2", "Seven.", is_spoken=True),
        openai >> ResponseDone("r2", "tg_request_2", "cancelled", "turn_detected"),
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_3"),
    )


def test_answer_that_was_mistaken_for_ours_and_cut_off_is_not_asked_for_beside_ours() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("rv", None),
        openai >> SlotTaken("tg_request_1", "rv"),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> ResponseDone("rv", None, "cancelled", "turn_detected"),
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )
