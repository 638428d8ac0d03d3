"""What comes twice, or of what is over: it is counted at most, and moves nothing."""

from scenes import READY, RUNNING, typed
from transcript import Line, client, itself, openai, play
from turngate.core.agent import ENDLESS
from turngate.core.effects import (
    AgentFinished,
    Count,
    Report,
    SendRequest,
    ShowAgentText,
)
from turngate.core.events import (
    AgentText,
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
)
from turngate.errors import ResponseFailed

STRAY = itself << Count("stray")
ASKED: tuple[Line, ...] = (
    *READY,
    *typed("one", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
    openai << SendRequest("tg_request_1"),
)


def test_words_after_the_end_are_not_even_counted_but_a_second_beginning_is() -> None:
    play(
        *RUNNING,
        openai >> ResponseDone("r1", "tg_request_1"),
        openai >> AgentText("r1", "a1", "late"),
        openai >> AudioBegan("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "late"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        STRAY,
        openai >> ResponseDone("r1", "tg_request_1"),
        STRAY,
    )


def test_response_that_another_has_displaced_is_over() -> None:
    play(
        *RUNNING,
        openai >> ResponseCreated("r2", None),
        client << Report(ENDLESS),
        STRAY,
        openai >> AgentText("r1", "a1", "late"),
        openai >> ResponseDone("r1", "tg_request_1"),
        STRAY,
        openai >> AgentText("r1", "a1", "later"),
    )


def test_end_that_is_told_twice_is_not_that_of_a_request_without_an_echo() -> None:
    play(
        *ASKED,
        openai >> ResponseCreated("r1", None),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("r1", None),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseDone("r1", None, "failed", "server_error"),
        openai >> ResponseCreated("r2", None),
        openai >> AgentTextDone("r2", "a2", "Two."),
        client << ShowAgentText("Two."),
        openai >> ResponseDone("r2", None),
        client << AgentFinished(),
    )


def test_end_without_any_name_is_that_of_the_only_request() -> None:
    play(
        *ASKED,
        openai >> ResponseDone(None, None, "failed", "server_error"),
        client << Report(ResponseFailed("server_error", "")),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
    )
