"""Of what the agent was saying when the user interrupts, those words remain that were heard."""

import pytest

from scenes import (
    AUDIBLE,
    CANCELLED,
    FIRST,
    FIRST_MS,
    LETTER_MS,
    RUNNING,
    SAID,
    SECOND,
    SECOND_MS,
    THIRD,
    THIRD_MS,
    WHOLE_MS,
)
from transcript import (
    Line,
    after,
    client,
    openai,
    play,
    remembered,
    sounds,
)
from turngate.core.effects import (
    AgentFinished,
    SendDelete,
    SendTruncate,
    ShowAgentText,
    UserStarted,
)
from turngate.core.events import (
    AgentText,
    AudioBegan,
    AudioEnded,
    SpeechStarted,
)


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


def test_s26_item_that_was_heard_whole_stays_while_the_next_one_grows() -> None:
    play(
        *AUDIBLE,
        sounds("a1", ms=400),
        openai >> AudioEnded("r1", "a1"),
        openai >> AudioBegan("r1", "a2"),
        sounds("a2", ms=400),
        after(ms=401),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a2", 1),
    )
