"""What fails is told, at its place, and the turn goes on."""

import pytest

from scenes import FIRST_MS, READY, RUNNING, SAID, SECOND, SECOND_MS, THIRD, called, result, typed
from transcript import Line, after, client, itself, openai, play
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    FlushGate,
    OpenGate,
    Report,
    SendRequest,
    SendUpdate,
    ShowAgentText,
    ShowUserText,
)
from turngate.core.events import (
    AgentText,
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
    TranscriptionFailed,
    UserTranscribed,
)
from turngate.core.limits import GRACE_MS
from turngate.errors import (
    RequestRefused,
    ResponseFailed,
    ResponseIncomplete,
    TurngateError,
    UpstreamExhausted,
    UpstreamTrouble,
)
from turngate.errors import TranscriptionFailed as Untranscribed
from turngate.units import Ms

IDLE_TIMEOUT = Rejected(None, "idle_timeout", "Nobody spoke.")
TROUBLE = UpstreamTrouble("idle_timeout", "Nobody spoke.")
NEXT: tuple[Line, ...] = (
    *typed("two", "tg_item_2"),
    openai >> ItemAcknowledged("tg_item_2"),
    openai << SendRequest("tg_request_2"),
)


def test_s13a_audio_that_ends_before_its_text_finishes_once_and_last() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        itself << OpenGate("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
        openai >> ResponseDone("r1", "tg_request_1"),
        itself << FlushGate(),
        client << AgentFinished(),
    )


def test_s13b_text_that_ends_before_its_audio_finishes_once_and_last() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        itself << OpenGate("r1", "a1"),
        openai >> AudioBegan("r1", "a2"),
        itself << OpenGate("r1", "a2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        itself << FlushGate(),
        client << AgentFinished(),
    )


def test_s14a_complaint_during_an_answer_is_told_after_it() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "one"),
        openai >> IDLE_TIMEOUT,
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        client << Report(TROUBLE),
        *NEXT,
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AgentText("r2", "a2", "wor"),
        after(ms=GRACE_MS),
        openai >> AgentTextDone("r2", "a2", "world"),
        client << ShowAgentText("world"),
    )


def test_s14b_complaint_during_an_answer_without_an_end_is_told_after_a_grace() -> None:
    play(
        *RUNNING,
        openai >> IDLE_TIMEOUT,
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
        after(ms=GRACE_MS - 1),
        after(ms=1),
        client << Report(TROUBLE),
    )


def test_s14c_complaint_between_answers_is_told_at_once() -> None:
    play(*READY, openai >> IDLE_TIMEOUT, client << Report(TROUBLE))


def test_refusal_without_a_name_is_not_that_of_a_request() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> Rejected(None, "invalid_value", "No.", "session.voice"),
        client << Report(UpstreamTrouble("invalid_value", "No.")),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> AgentTextDone("r1", "a1", "hello"),
        client << ShowAgentText("hello"),
    )


def test_upstream_that_refuses_to_go_on_is_told_as_such() -> None:
    play(
        *READY,
        openai >> Rejected(None, "insufficient_quota", "Pay."),
        client << Report(UpstreamExhausted("insufficient_quota", "Pay.")),
    )


@pytest.mark.parametrize(
    "done, error",
    [
        (
            ResponseDone("r1", "tg_request_1", "failed", "insufficient_quota", "Pay."),
            UpstreamExhausted("insufficient_quota", "Pay."),
        ),
        (
            ResponseDone("r1", "tg_request_1", "failed", "server_error", "Oh."),
            ResponseFailed("server_error", "Oh."),
        ),
    ],
)
def test_s17a_failed_response_is_told_and_the_next_request_goes_on(
    done: ResponseDone, error: TurngateError
) -> None:
    play(*RUNNING, openai >> done, client << Report(error), *NEXT)


def test_s17b_incomplete_response_shows_what_there_is() -> None:
    play(
        *RUNNING,
        openai >> AgentText("r1", "a1", "one"),
        openai >> ResponseDone("r1", "tg_request_1", "incomplete", "max_output_tokens"),
        client << ShowAgentText("one"),
        client << AgentFinished(),
        client << Report(ResponseIncomplete("max_output_tokens")),
        *NEXT,
    )


def test_s17c_cancelled_response_finishes_once() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "client_cancelled"),
        client << AgentFinished(),
        *NEXT,
    )


@pytest.mark.parametrize(
    "done, error",
    [
        (
            ResponseDone("r2", "tg_request_2", "failed", "server_error", "Oh."),
            ResponseFailed("server_error", "Oh."),
        ),
        (
            ResponseDone("r2", "tg_request_2", "cancelled", "turn_detected", "Oh."),
            ResponseFailed("cancelled", "Oh."),
        ),
    ],
)
def test_s17d_request_that_ends_without_a_response_is_told_and_frees_the_slot(
    done: ResponseDone, error: TurngateError
) -> None:
    play(
        *RUNNING,
        openai >> ResponseDone("r1", "tg_request_1"),
        *NEXT,
        openai >> done,
        client << Report(error),
        *typed("three", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_3"),
    )


def test_s17d_response_of_which_only_the_end_is_seen_has_answered() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseDone("r1", None),
        after(ms=60_000),
    )


def test_turn_whose_follow_up_is_given_up_finishes() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        *called("r1", "c1"),
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
        openai >> Rejected("tg_request_2", "invalid_value", "No."),
        client << AgentFinished(),
        client << Report(RequestRefused("invalid_value", "No.")),
    )


def test_change_behind_a_refused_request_goes_on() -> None:
    play(
        *RUNNING,
        openai >> ResponseDone("r1", "tg_request_1"),
        *NEXT,
        client >> Reconfigure("change", {"prompt": "new"}),
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_3"),
        openai >> ResponseCreated("r2", "tg_request_3"),
        openai >> ResponseDone("r2", "tg_request_3"),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
    )


def test_transcript_of_speech_is_shown_and_its_failure_told() -> None:
    play(
        *READY,
        openai >> UserTranscribed("u1", "hi"),
        client << ShowUserText("hi"),
        openai >> TranscriptionFailed("u2", "audio_unintelligible"),
        client << Report(Untranscribed("audio_unintelligible")),
    )


def test_turn_whose_follow_up_is_given_up_is_heard_to_its_end() -> None:
    *said, done = SAID
    play(
        *said,
        *called("r1", "c1"),
        *result("c1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        done,
        openai << SendRequest("tg_request_2"),
        openai >> Rejected("tg_request_2", "invalid_value", "No."),
        client << Report(RequestRefused("invalid_value", "No.")),
        after(ms=FIRST_MS),
        client << ShowAgentText(SECOND.strip()),
        after(ms=SECOND_MS),
        client << ShowAgentText(THIRD.strip()),
        client << AgentFinished(),
    )
