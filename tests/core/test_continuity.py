"""One conversation over several upstream connections: nothing is lost, told twice or made up."""

from scenes import READY, RUNNING, called, typed
from transcript import Line, after, client, itself, openai, play, sounds
from turngate.core.agent import LOST
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    AgentThinks,
    Hangup,
    Redial,
    Report,
    SendItem,
    SendRequest,
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
    Configure,
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
    UpstreamOpened,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import AgentText, CallOutput, PastCall, UserText
from turngate.core.limits import REDIAL_MS, REDIALS, REQUEST_MS
from turngate.core.policy import Policy
from turngate.errors import (
    RequestRefused,
    SettingsRefused,
    UpstreamLost,
    UpstreamUnreachable,
    VoiceKept,
)
from turngate.units import Ms

POLICY = Policy(redials=True, locked=(("voice",),))
LOSS = UpstreamLost("code 1011")
CUT: tuple[Line, ...] = (openai >> UpstreamFailed(LOSS), itself << Redial(Ms(0)))


def linked(update: str = "tg_update_2", **more: object) -> tuple[Line, ...]:
    """Another connection is there, and has confirmed what is in force."""
    return (
        openai >> UpstreamOpened(),
        openai << SendUpdate(update, {"prompt": "old", **more}),
        openai >> Updated(),
    )


def told(*items: UserText | AgentText | PastCall | CallOutput, first: int = 1) -> tuple[Line, ...]:
    return tuple(
        openai << SendItem(f"tg_item_{number}", item) for number, item in enumerate(items, first)
    )


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


# -- when it cannot be done


def test_s3b_connection_that_cannot_be_made_anew_ends_the_session() -> None:
    unreachable = UpstreamFailed(UpstreamUnreachable("refused"))
    play(
        *READY,
        *CUT,
        openai >> unreachable,
        itself << Redial(REDIAL_MS),
        openai >> unreachable,
        itself << Redial(Ms(2 * REDIAL_MS)),
        openai >> unreachable,
        client << Report(UpstreamUnreachable("refused")),
        itself << Hangup(),
        policy=POLICY,
    )
    assert REDIALS == 3


def test_connection_that_is_lost_before_all_was_told_is_made_anew_too() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        *CUT,
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_2", {"prompt": "old"}),
        openai >> UpstreamFailed(LOSS),
        itself << Redial(REDIAL_MS),
        *linked("tg_update_3"),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_1"),
        policy=POLICY,
    )


def test_server_that_ends_each_connection_is_not_dialled_for_ever() -> None:
    tries: tuple[Line, ...] = ()
    for number in range(1, REDIALS):
        redial = itself << Redial(Ms(REDIAL_MS * number))
        tries += (*linked(f"tg_update_{number + 1}"), openai >> UpstreamFailed(LOSS), redial)
    play(
        *READY,
        *CUT,
        *tries,
        *linked(f"tg_update_{REDIALS + 1}"),
        openai >> UpstreamFailed(LOSS),
        client << Report(LOSS),
        itself << Hangup(),
        policy=POLICY,
    )


def test_connection_that_has_answered_counts_for_new() -> None:
    answered: tuple[Line, ...] = (
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        openai >> UpstreamFailed(LOSS),
        itself << Redial(Ms(0)),
    )
    again = [linked(f"tg_update_{number + 2}") for number in range(4)]
    play(*READY, *CUT, *(line for each in again for line in (*each, *answered)), policy=POLICY)


def test_connection_that_refuses_what_was_in_force_ends_the_session() -> None:
    refused = SettingsRefused("session.prompt", "No.")
    play(
        *READY,
        *CUT,
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_2", {"prompt": "old"}),
        openai >> Rejected("tg_update_2", "invalid_value", "No.", "session.prompt"),
        client << Report(refused),
        itself << Hangup(),
        policy=POLICY,
    )


def test_without_the_policy_a_loss_is_the_end() -> None:
    play(*READY, openai >> UpstreamFailed(LOSS), client << Report(LOSS), itself << Hangup())


def test_s3a_loss_before_the_first_confirmation_is_the_end() -> None:
    *before, _, _ = READY
    play(
        *before,
        openai >> UpstreamFailed(LOSS),
        client << Report(LOSS),
        itself << Hangup(),
        policy=POLICY,
    )


# -- when the connection stands, and is of no use


def test_upstream_that_answers_nothing_is_replaced() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        after(ms=REQUEST_MS),
        itself << Redial(Ms(0)),
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_2"),
        policy=POLICY,
    )


VOICED: tuple[Line, ...] = (
    *READY[:3],
    client >> Configure("settings", {"prompt": "old", "voice": "ash"}),
    openai << SendUpdate("tg_update_1", {"prompt": "old", "voice": "ash"}),
    *READY[5:],
    *typed("one", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
    openai << SendRequest("tg_request_1"),
    openai >> ResponseCreated("r1", "tg_request_1"),
    openai >> AudioBegan("r1", "a1"),
    client << AgentStarted(Ms(0)),
    openai >> ResponseDone("r1", "tg_request_1"),
    client << AgentFinished(),
)


def test_voice_changes_with_the_connection_after_the_agent_has_spoken() -> None:
    play(
        *VOICED,
        client >> Reconfigure("speak", {"voice": "sage", "speed": 1.1}),
        itself << Redial(Ms(0)),
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_3", {"prompt": "old", "voice": "sage", "speed": 1.1}),
        openai >> Updated(),
        client << Acknowledge("speak"),
        *told(UserText("one"), first=2),
        policy=POLICY,
    )


def test_change_that_needs_no_other_connection_gets_none() -> None:
    play(
        *VOICED,
        client >> Reconfigure("speak", {"voice": "ash", "speed": 1.1}),
        openai << SendUpdate("tg_update_2", {"speed": 1.1}),
        policy=POLICY,
    )


def test_voice_is_kept_while_the_user_speaks() -> None:
    play(
        *VOICED,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client >> Reconfigure("speak", {"voice": "sage", "speed": 1.1}),
        client << Report(VoiceKept("voice")),
        openai << SendUpdate("tg_update_2", {"speed": 1.1}),
        policy=POLICY,
    )
