"""The user's words come before the answer to them, and never silence it."""

from scenes import ASKED, DONE, SPOKEN, spoken
from transcript import (
    Line,
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
    Report,
    SendItem,
    SendRequest,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    ResponseCreated,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    TranscriptionFailed,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import UserText
from turngate.core.limits import TRANSCRIPT_MS
from turngate.errors import TranscriptionFailed as NotWritten
from turngate.units import Ms

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


def test_answer_that_is_over_before_its_question_is_written_ends_with_its_words() -> None:
    play(
        *SPOKEN,
        openai >> AgentTextDone("r1", "a1", "Noon."),
        DONE,
        openai >> UserTranscribed("u1", "What time is it?"),
        client << ShowUserText("What time is it?"),
        client << ShowAgentText("Noon."),
        client << AgentFinished(),
    )
