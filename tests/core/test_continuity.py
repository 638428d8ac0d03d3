"""One conversation over several upstream connections: nothing is lost, told twice or made up."""

from scenes import CUT, LOSS, POLICY, READY, RUNNING, called, linked, told, typed
from transcript import after, client, itself, openai, play, sounds
from turngate.core.agent import LOST
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    AgentThinks,
    Redial,
    Report,
    SendDelete,
    SendItem,
    SendRequest,
    SendTruncate,
    SendUpdate,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import AgentText as Said
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    AudioEnded,
    CallResult,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    Updated,
    UpstreamFailed,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import AgentText, CallOutput, PastCall, UserText
from turngate.core.limits import CALL_MS
from turngate.core.policy import Policy
from turngate.core.tools import NO_RESULT
from turngate.errors import CallOverdue, RequestRefused
from turngate.units import Ms


def test_connection_that_is_lost_between_turns_is_made_anew() -> None:
    play(
        *RUNNING,
        openai >> AgentTextDone("r1", "a1", "Hello."),
        client << ShowAgentText("Hello."),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        *CUT,
        *linked(),
        *told(UserText("one"), AgentText("Hello."), first=2),
        *typed("two", "tg_item_4"),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_2"),
        policy=POLICY,
    )


def test_session_that_expires_is_continued_without_a_word() -> None:
    play(
        *READY,
        openai >> Rejected(None, "session_expired", "Your session hit the maximum duration."),
        *CUT,
        *linked(),
        policy=POLICY,
    )


def test_what_comes_meanwhile_waits() -> None:
    play(
        *READY,
        *CUT,
        client >> UserTyped("one"),
        client >> Reconfigure("prompt", {"prompt": "new"}),
        *linked(),
        client << ShowUserText("one"),
        openai << SendItem("tg_item_1", UserText("one")),
        openai << SendUpdate("tg_update_3", {"prompt": "new"}),
        openai >> Updated(),
        client << Acknowledge("prompt"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        policy=POLICY,
    )


def test_request_that_was_not_answered_is_asked_again() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r1", "tg_request_2"),
        policy=POLICY,
    )


def test_message_whose_item_was_not_acknowledged_is_told_again_and_answered() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_1"),
        policy=POLICY,
    )


def test_response_of_which_nothing_was_heard_is_asked_for_again() -> None:
    play(
        *RUNNING,
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r1", "tg_request_2"),
        policy=POLICY,
    )


def test_words_that_came_without_their_audio_are_forgotten() -> None:
    play(
        *RUNNING,
        openai >> Said("r1", "a1", "One. Tw", is_spoken=True),
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> AgentTextDone("r2", "a1", "Two.", is_spoken=True),
        openai >> AudioBegan("r2", "a1"),
        client << AgentStarted(Ms(0)),
        client << ShowAgentText("Two."),
        policy=POLICY,
    )


def test_item_that_was_refused_is_not_told_again() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> Rejected("tg_item_1", "invalid_value", "No."),
        client << Report(RequestRefused("invalid_value", "No.")),
        *CUT,
        *linked(),
        policy=POLICY,
    )


def test_response_that_was_being_heard_ends_and_is_told_as_far_as_it_was_heard() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=1_300),
        openai >> AgentTextDone("r1", "a1", "It is noon. ", is_spoken=True),
        client << ShowAgentText("It is noon."),
        after(ms=100),
        openai >> UpstreamFailed(LOSS),
        client << AgentFinished(),
        client << Report(LOST),
        itself << Redial(Ms(0)),
        *linked(),
        *told(UserText("one"), first=2),
        after(ms=1_300),
        *told(AgentText("It is noon."), first=3),
        policy=POLICY,
    )


def test_answer_that_the_user_cut_off_is_not_given_again() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=2_000),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "It is noon, or just after.", is_spoken=True),
        client << ShowAgentText("It is noon, or just after."),
        after(ms=1_000),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", Ms(1_000)),
        *CUT,
        *linked(),
        *told(UserText("one"), AgentText("It is noon,"), first=2),
        after(ms=60_000),
        policy=POLICY,
    )


def test_response_that_lacked_nothing_but_its_end_is_no_failure() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=500),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "It is noon.", is_spoken=True),
        client << ShowAgentText("It is noon."),
        openai >> UpstreamFailed(LOSS),
        client << AgentFinished(),
        *linked(),
        *told(UserText("one"), first=2),
        after(ms=500),
        *told(AgentText("It is noon."), first=3),
        policy=POLICY,
    )


def test_user_who_types_beside_what_an_old_connection_said_comes_after_it() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=1_000),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "It is noon. Well.", is_spoken=True),
        client << ShowAgentText("It is noon."),
        openai >> UpstreamFailed(LOSS),
        *linked(),
        *told(UserText("one"), first=2),
        client >> UserTyped("two"),
        openai << SendItem("tg_item_3", AgentText("It is noon.")),
        client << ShowUserText("two"),
        openai << SendItem("tg_item_4", UserText("two")),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_2"),
        after(ms=1_000),
        client << ShowAgentText("Well."),
        client << AgentFinished(),
        openai << SendItem("tg_item_5", AgentText("Well.")),
        policy=POLICY,
    )


def test_user_who_interrupts_what_an_old_connection_said_cuts_nothing_there() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=2_000),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "It is noon, or just after.", is_spoken=True),
        client << ShowAgentText("It is noon, or just after."),
        openai >> UpstreamFailed(LOSS),
        client << AgentFinished(),
        *linked(),
        *told(UserText("one"), first=2),
        after(ms=1_000),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *told(AgentText("It is noon,"), first=3),
        policy=POLICY,
    )


def test_call_that_runs_goes_on() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        *CUT,
        client >> CallResult("c1", "weather", "sunny"),
        *linked(),
        *told(UserText("one"), PastCall("c1", "weather", "{}"), first=2),
        openai << SendItem("tg_item_4", CallOutput("c1", "sunny")),
        client << AgentThinks(),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_2"),
        policy=POLICY,
    )


def test_call_whose_deadline_passes_meanwhile_has_one_output() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        *CUT,
        after(ms=CALL_MS),
        *linked(),
        *told(UserText("one"), PastCall("c1", "weather", "{}"), first=2),
        openai << SendItem("tg_item_4", CallOutput("c1", NO_RESULT)),
        client << Report(CallOverdue("c1", "weather")),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_2"),
        policy=POLICY,
    )


def test_answered_call_is_told_again_with_its_output() -> None:
    play(
        *RUNNING,
        *called("r1", "c1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client >> CallResult("c1", "weather", "sunny"),
        openai << SendItem("tg_item_2", CallOutput("c1", "sunny")),
        client << AgentThinks(),
        *CUT,
        *linked(),
        *told(UserText("one"), PastCall("c1", "weather", "{}"), CallOutput("c1", "sunny"), first=3),
        openai << SendRequest("tg_request_2"),
        policy=POLICY,
    )


def test_speech_that_was_written_down_is_told_again_as_text() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> SpeechStopped("u1"),
        openai >> SpeechCommitted("u1"),
        openai >> UserTranscribed("u1", "hello"),
        client << ShowUserText("hello"),
        *CUT,
        *linked(),
        *told(UserText("hello")),
        openai << SendRequest("tg_request_1"),
        policy=POLICY,
    )


def test_typed_line_that_waited_for_the_text_of_speech_waits_no_more() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> SpeechCommitted("u1"),
        client >> UserTyped("x"),
        openai << SendItem("tg_item_1", UserText("x")),
        openai >> UpstreamFailed(LOSS),
        client << ShowUserText("x"),
        *linked(),
        *told(UserText("x"), first=2),
        openai << SendRequest("tg_request_1"),
        policy=POLICY,
    )


def test_speech_in_the_middle_of_the_loss_does_not_keep_the_floor() -> None:
    play(
        *RUNNING,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_2"),
        policy=POLICY,
    )


def test_what_the_server_owed_to_speech_is_asked_for() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> SpeechCommitted("u1"),
        openai >> UserTranscribed("u1", "hello"),
        client << ShowUserText("hello"),
        *CUT,
        *linked(),
        *told(UserText("hello")),
        openai << SendRequest("tg_request_1"),
        policy=Policy(redials=True, server_turns=True),
    )


def test_change_that_was_not_confirmed_travels_with_what_is_in_force() -> None:
    play(
        *READY,
        client >> Reconfigure("voice", {"voice": "ash"}),
        openai << SendUpdate("tg_update_2", {"voice": "ash"}),
        *CUT,
        *linked("tg_update_3", voice="ash"),
        client << Acknowledge("voice"),
        policy=POLICY,
    )


def test_user_who_interrupts_what_two_connections_said_cuts_on_the_second() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        sounds("a1", ms=2_000),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "It is noon, or just after.", is_spoken=True),
        client << ShowAgentText("It is noon, or just after."),
        openai >> UpstreamFailed(LOSS),
        client << AgentFinished(),
        *linked(),
        *told(UserText("one"), first=2),
        openai >> ResponseCreated("r2", None),
        openai >> AudioBegan("r2", "a2"),
        client << AgentStarted(Ms(0)),
        sounds("a2", ms=500),
        after(ms=1_000),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendDelete("tg_cut_1", "a2"),
        *told(AgentText("It is noon,"), first=3),
        policy=POLICY,
    )
