"""What the agent says is shown as it is heard, remembered as far as it was, and after the question."""

import pytest

from scenes import READY, RUNNING, called, result, spoken, typed
from transcript import (
    Course,
    Hears,
    Line,
    Passes,
    Says,
    Sounds,
    after,
    client,
    itself,
    openai,
    play,
    sounds,
)
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    Count,
    Remember,
    Report,
    SendDelete,
    SendItem,
    SendRequest,
    SendTruncate,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentText,
    AgentTextDone,
    AudioBegan,
    AudioEnded,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    TranscriptionFailed,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import AgentText as Said
from turngate.core.items import UserText
from turngate.core.limits import TRANSCRIPT_MS
from turngate.errors import ResponseFailed, ResponseIncomplete
from turngate.errors import TranscriptionFailed as NotWritten
from turngate.units import Ms

LETTER_MS = 50
FIRST, SECOND, THIRD = "One potato, two. ", "Three potatoes, four. ", "Five potatoes, six."
WHOLE = FIRST + SECOND + THIRD
FIRST_MS, SECOND_MS, THIRD_MS = (len(each) * LETTER_MS for each in (FIRST, SECOND, THIRD))
WHOLE_MS = FIRST_MS + SECOND_MS + THIRD_MS

AUDIBLE: tuple[Line, ...] = (
    *RUNNING,
    openai >> AudioBegan("r1", "a1"),
    client << AgentStarted(Ms(0)),
)
DONE = openai >> ResponseDone("r1", "tg_request_1")
SAID: tuple[Line, ...] = (
    *AUDIBLE,
    sounds("a1", ms=WHOLE_MS),
    openai >> AudioEnded("r1", "a1"),
    openai >> AgentTextDone("r1", "a1", WHOLE, is_spoken=True),
    client << ShowAgentText(FIRST.strip()),
    DONE,
)
"""All of three sentences is there at once, and the first of them is heard."""
CANCELLED = openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected")


def remembered(*script: Line) -> list[str]:
    """Play a script and return what of the agent's words is remembered."""
    course = Course()
    for line in script:
        match line:
            case Says():
                course.say(line)
            case Passes(ms):
                course.let_pass(ms)
            case Sounds():
                course.sound(line)
            case Hears():
                pass
    effects = [line.effect for line in course.lines if isinstance(line, Hears)]
    return [
        effect.entry.text
        for effect in effects
        if isinstance(effect, Remember) and isinstance(effect.entry, Said)
    ]


def test_each_sentence_is_shown_when_it_begins_to_be_heard() -> None:
    play(
        *SAID,
        after(ms=FIRST_MS - 1),
        after(ms=1),
        client << ShowAgentText(SECOND.strip()),
        after(ms=SECOND_MS - 1),
        after(ms=1),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
        after(ms=60_000),
    )


def test_each_sentence_is_remembered_when_it_has_been_heard() -> None:
    assert remembered(*SAID, after(ms=FIRST_MS - 1)) == []
    assert remembered(*SAID, after(ms=FIRST_MS)) == [FIRST.strip()]
    assert remembered(*SAID, after(ms=WHOLE_MS - 1)) == [FIRST.strip(), SECOND.strip()]
    whole = [FIRST.strip(), SECOND.strip(), THIRD.strip()]
    assert remembered(*SAID, after(ms=WHOLE_MS)) == whole
    assert remembered(*SAID, after(ms=60_000)) == whole


def test_sentences_of_writing_are_shown_and_remembered_as_they_are_written() -> None:
    script: tuple[Line, ...] = (
        *RUNNING,
        openai >> AgentText("r1", "a1", "One. T"),
        client << ShowAgentText("One."),
        openai >> AgentText("r1", "a1", "wo."),
        openai >> AgentTextDone("r1", "a1", "One. Two."),
        client << ShowAgentText("Two."),
        openai >> AgentTextDone("r1", "a1", "One. Two."),
        DONE,
        client << AgentFinished(),
    )
    play(*script)
    assert remembered(*script) == ["One.", "Two."]


def test_text_that_runs_ahead_of_its_audio_waits_for_it() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "One. Two.", is_spoken=True),
        after(ms=500),
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(500), tts_ms=Ms(500)),
        client << ShowAgentText("One."),
        sounds("a1", ms=500),
        after(ms=400),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "One. Two.", is_spoken=True),
        client << ShowAgentText("Two."),
        DONE,
        client << AgentFinished(),
    )


def test_words_of_a_response_that_ends_without_their_audio_are_shown() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "One. Two", is_spoken=True),
        openai >> ResponseDone("r1", "tg_request_1", "incomplete", "max_output_tokens"),
        client << ShowAgentText("One."),
        client << ShowAgentText("Two"),
        client << AgentFinished(),
        client << Report(ResponseIncomplete("max_output_tokens")),
    )


def test_failure_is_told_after_the_words_or_after_a_grace() -> None:
    failed = openai >> ResponseDone("r1", "tg_request_1", "failed", "server_error", "No.")
    told = client << Report(ResponseFailed("server_error", "No."))
    play(
        *SAID[:-1],
        failed,
        after(ms=FIRST_MS),
        client << ShowAgentText(SECOND.strip()),
        after(ms=SECOND_MS),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
        told,
    )


def test_late_text_of_an_item_that_was_played_long_ago_is_shown_at_once() -> None:
    play(
        *AUDIBLE,
        sounds("a1", ms=400),
        after(ms=500),
        openai >> AudioBegan("r1", "a2"),
        sounds("a2", ms=400),
        openai >> AgentTextDone("r1", "a1", "One. Two.", is_spoken=True),
        client << ShowAgentText("One."),
        client << ShowAgentText("Two."),
    )


def test_audio_of_two_items_may_come_by_turns() -> None:
    play(
        *AUDIBLE,
        sounds("a1", ms=400),
        openai >> AudioBegan("r1", "a2"),
        sounds("a2", ms=400),
        openai >> AudioBegan("r1", "a1"),
        sounds("a1", ms=400),
        openai >> AgentTextDone("r1", "a1", "One.", is_spoken=True),
        client << ShowAgentText("One."),
        openai >> AgentTextDone("r1", "a2", "Two.", is_spoken=True),
        after(ms=800),
        client << ShowAgentText("Two."),
    )


def test_end_of_audio_of_which_nothing_came_changes_nothing() -> None:
    play(
        *RUNNING,
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentText("r1", "a1", "One. Two", is_spoken=True),
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        client << ShowAgentText("One."),
    )


def test_end_of_audio_and_of_text_may_be_told_twice() -> None:
    *said, done = SAID
    again = said[-3:-1]
    play(*said, *again, done)


# -- turns that follow one another


def test_next_turn_that_is_heard_shows_what_is_left_of_the_one_before() -> None:
    play(
        *SAID,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AudioBegan("r2", "a2"),
        client << ShowAgentText(SECOND.strip()),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
        client << AgentStarted(Ms(0)),
        sounds("a2", ms=1_000),
        openai >> AgentTextDone("r2", "a2", "Seven.", is_spoken=True),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=WHOLE_MS),
        client << ShowAgentText("Seven."),
        client << AgentFinished(),
    )


def test_next_turn_that_is_read_finishes_the_one_before() -> None:
    play(
        *SAID,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AgentTextDone("r2", "a2", "Seven."),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << ShowAgentText(SECOND.strip()),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
        client << ShowAgentText("Seven."),
        client << AgentFinished(),
    )


def test_turn_that_goes_on_after_a_call_keeps_its_pace() -> None:
    *said, done = SAID
    play(
        *said,
        *called("r1", "c1"),
        done,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AudioBegan("r2", "a2"),
        sounds("a2", ms=1_000),
        openai >> AgentTextDone("r2", "a2", "Seven.", is_spoken=True),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=FIRST_MS),
        client << ShowAgentText(SECOND.strip()),
        after(ms=SECOND_MS),
        client << ShowAgentText(THIRD.strip()),
        after(ms=THIRD_MS),
        client << ShowAgentText("Seven."),
        client << AgentFinished(),
    )


def test_turn_that_was_read_before_its_call_is_shown_before_it_goes_on() -> None:
    play(
        *SPOKEN,
        openai >> AgentText("r1", "a1", "One moment."),
        *called("r1", "c1"),
        DONE,
        client << ShowAgentText("One moment."),
        *result("c1", "tg_item_1"),
    )


# -- the user interrupts


@pytest.mark.parametrize(
    "heard_ms, words, shown",
    [
        (FIRST_MS // 2, "One", []),
        (FIRST_MS + 7 * LETTER_MS, "Three", [SECOND]),
        (FIRST_MS + SECOND_MS, "", [SECOND, THIRD]),
        (WHOLE_MS - 4 * LETTER_MS, "Five potatoes,", [SECOND, THIRD]),
    ],
)
def test_s26_words_that_were_heard_remain(heard_ms: int, words: str, shown: list[str]) -> None:
    script: tuple[Line, ...] = (*SAID, after(ms=heard_ms), openai >> SpeechStarted("u1"))
    sentences = [FIRST.strip(), *(each.strip() for each in shown)]
    assert remembered(*script) == [*sentences[: len(shown)], *filter(None, [words])]
    is_over = THIRD in shown
    told = [client << ShowAgentText(each.strip()) for each in shown]
    play(
        *SAID,
        after(ms=heard_ms),
        *told,
        *([client << AgentFinished()] if is_over else []),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *([] if is_over else [client << AgentFinished()]),
        openai << SendTruncate("tg_cut_1", "a1", heard_ms),
        after(ms=60_000),
    )


def test_s26_sentence_that_is_not_whole_is_shown_as_far_as_it_was_heard() -> None:
    play(
        *AUDIBLE,
        openai >> AgentText("r1", "a1", "Once upon a time there", is_spoken=True),
        sounds("a1", ms=1_000),
        after(ms=700),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << ShowAgentText("Once upon"),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 700),
        CANCELLED,
    )


def test_s26_words_without_audio_are_neither_shown_nor_kept() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "Once upon a time. There", is_spoken=True),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai << SendDelete("tg_cut_1", "a1"),
        CANCELLED,
    )


def test_s26_audio_that_is_still_to_come_is_cut_off_although_all_that_came_was_heard() -> None:
    play(
        *AUDIBLE,
        sounds("a1", ms=400),
        after(ms=1_000),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 400),
    )


def test_s26_what_was_heard_whole_stays() -> None:
    play(
        *SAID,
        after(ms=FIRST_MS),
        client << ShowAgentText(SECOND.strip()),
        after(ms=SECOND_MS),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
        after(ms=THIRD_MS),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
    )


def test_written_words_that_were_shown_stay() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "Once. Upon a"),
        client << ShowAgentText("Once."),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        CANCELLED,
    )


# -- the user's words come first

ASKED: tuple[Line, ...] = (
    *READY,
    openai >> SpeechStarted("u1"),
    client << UserStarted(),
    openai >> SpeechStopped("u1"),
    openai >> SpeechCommitted("u1"),
)
SPOKEN: tuple[Line, ...] = (
    *ASKED,
    openai >> ItemAcknowledged("u1"),
    openai << SendRequest("tg_request_1"),
    openai >> ResponseCreated("r1", "tg_request_1"),
)
ANSWERED: tuple[Line, ...] = (
    *SPOKEN,
    openai >> AudioBegan("r1", "a1"),
    client << AgentStarted(Ms(0)),
    sounds("a1", ms=1_000),
    openai >> AgentTextDone("r1", "a1", "Noon.", is_spoken=True),
    DONE,
)


def test_answer_is_read_after_the_question() -> None:
    play(
        *ANSWERED,
        after(ms=300),
        openai >> UserTranscribed("u1", "what time is it"),
        client << ShowUserText("what time is it"),
        client << ShowAgentText("Noon."),
        client << AgentFinished(),
        after(ms=60_000),
    )


def test_question_that_is_never_written_down_silences_nobody() -> None:
    play(
        *ANSWERED,
        after(ms=TRANSCRIPT_MS - 1),
        after(ms=1),
        itself << Count("transcript_overdue"),
        client << ShowAgentText("Noon."),
        client << AgentFinished(),
        openai >> UserTranscribed("u1", "what time is it"),
        client << ShowUserText("what time is it"),
    )


def test_question_that_cannot_be_written_down_is_told_before_the_answer() -> None:
    play(
        *ANSWERED,
        openai >> TranscriptionFailed("u1", "audio_unintelligible"),
        client << Report(NotWritten("audio_unintelligible")),
        client << ShowAgentText("Noon."),
        client << AgentFinished(),
    )


def test_question_without_words_is_not_shown() -> None:
    play(
        *ANSWERED,
        openai >> UserTranscribed("u1", " "),
        client << ShowAgentText("Noon."),
        client << AgentFinished(),
    )


def test_text_that_comes_before_the_commit_is_not_waited_for() -> None:
    play(
        *ASKED[:-1],
        openai >> UserTranscribed("u1", "what time is it"),
        client << ShowUserText("what time is it"),
        ASKED[-1],
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> AgentTextDone("r1", "a1", "Noon."),
        client << ShowAgentText("Noon."),
    )


def test_users_lines_keep_their_order() -> None:
    first, second = (openai >> UserTranscribed(item, item) for item in ("u1", "u2"))
    play(
        *ASKED,
        openai >> SpeechStarted("u2"),
        client << UserStarted(),
        openai >> SpeechStopped("u2"),
        openai >> SpeechCommitted("u2"),
        client >> UserTyped("typed"),
        openai << SendItem("tg_item_1", UserText("typed")),
        second,
        after(ms=300),
        first,
        client << ShowUserText("u1"),
        client << ShowUserText("u2"),
        client << ShowUserText("typed"),
    )


def test_new_user_text_after_an_old_answer_holds_nothing_back() -> None:
    play(*ANSWERED, *spoken("u1")[2:], client << ShowAgentText("Noon."), client << AgentFinished())
