"""What the agent says is shown as it is heard, and remembered as far as it was."""

from scenes import (
    AUDIBLE,
    DONE,
    FIRST,
    FIRST_MS,
    RUNNING,
    SAID,
    SECOND,
    SECOND_MS,
    SPOKEN,
    THIRD,
    THIRD_MS,
    WHOLE_MS,
    called,
    result,
    typed,
)
from transcript import (
    Line,
    after,
    client,
    itself,
    openai,
    play,
    remembered,
    sounds,
)
from turngate.core.captions import Captions
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    Report,
    SendRequest,
    SetTimer,
    ShowAgentText,
)
from turngate.core.events import (
    AgentText,
    AgentTextDone,
    AudioBegan,
    AudioEnded,
    Heard,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
    Timer,
)
from turngate.core.limits import GRACE_MS
from turngate.errors import ResponseFailed, ResponseIncomplete
from turngate.units import Ms


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


def test_failure_is_told_after_a_grace_where_the_words_are_still_being_heard() -> None:
    failed = openai >> ResponseDone("r1", "tg_request_1", "failed", "server_error", "No.")
    play(
        *AUDIBLE,
        openai >> AgentText("r1", "a1", "One. Two", is_spoken=True),
        client << ShowAgentText("One."),
        sounds("a1", ms=4 * GRACE_MS),
        failed,
        itself << SetTimer(Timer("grace"), GRACE_MS),
        after(ms=GRACE_MS - 1),
        after(ms=1),
        client << Report(ResponseFailed("server_error", "No.")),
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
        openai >> AgentText("r1", "a1", "One moment. Or two. Or three."),
        *called("r1", "c1"),
        DONE,
        client << ShowAgentText("One moment."),
        client << ShowAgentText("Or two."),
        client << ShowAgentText("Or three."),
        *result("c1", "tg_item_1"),
    )


def test_item_that_was_played_and_is_gone_was_heard_whole() -> None:
    captions = Captions()
    line = captions.line("r1", "a1")
    line.begin_audio({})
    line.speech.add("One. Two")
    captions.follow({"a1": Heard("a1", Ms(10), Ms(900))})
    assert [each.text for each in captions.due()] == ["One."]
    assert captions.heard() == []
    captions.follow({})
    assert [each.text for each in captions.heard()] == ["One."]


def test_end_of_a_response_is_the_end_of_its_audio() -> None:
    captions = Captions()
    line = captions.line("r1", "a1")
    line.begin_audio({})
    line.speech.add("One. Two, of which the audio was cut short.")
    captions.follow({"a1": Heard("a1", Ms(500), Ms(500))})
    captions.finish("r1")
    assert [each.text for each in captions.due()] == [
        "One.",
        "Two, of which the audio was cut short.",
    ]
    assert len(captions.heard()) == 2


def test_new_connection_is_told_of_what_is_being_heard_and_not_of_what_was() -> None:
    captions = Captions()
    line = captions.line("r1", "a1")
    line.begin_audio({})
    line.speech.add("One. Two. Three")
    captions.follow({"a1": Heard("a1", Ms(400), Ms(400))})
    assert [each.text for each in captions.due()] == ["One.", "Two."]
    assert [each.text for each in captions.heard()] == ["One."]
    captions.suspend()
    assert [each.text for each in captions.untold()] == ["Two."]
    assert list(captions.untold()) == []


def test_response_without_a_word_does_not_end_the_turn_that_is_being_heard() -> None:
    play(
        *SAID,
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        after(ms=FIRST_MS),
        client << ShowAgentText(SECOND.strip()),
        after(ms=SECOND_MS),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
    )


def test_turn_that_was_read_before_its_call_ends_where_nothing_follows_it() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "One moment."),
        client << ShowAgentText("One moment."),
        *called("r1", "c1"),
        DONE,
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_item_that_was_heard_to_its_end_is_forgotten() -> None:
    captions = Captions()
    line = captions.line("r1", "a1")
    line.begin_audio({})
    line.speech.add("One.")
    captions.follow({"a1": Heard("a1", Ms(0), Ms(400))})
    captions.finish("r1")
    assert [each.text for each in captions.due()] == ["One."]
    assert captions.heard() == []
    assert captions.has_words("r1")
    captions.follow({})
    assert [each.text for each in captions.heard()] == ["One."]
    assert not captions.has_words("r1")
