"""When another upstream connection is made, and when the session ends instead."""

from scenes import CUT, LOSS, POLICY, READY, RUNNING, linked, told, typed
from transcript import Line, after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    Count,
    Hangup,
    Redial,
    Report,
    SendRequest,
    SendUpdate,
    ShowAgentText,
    UserStarted,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    Configure,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
    Updated,
    UpstreamFailed,
    UpstreamOpened,
)
from turngate.core.items import UserText
from turngate.core.limits import REDIAL_MS, REDIALS, REQUEST_MS
from turngate.errors import (
    SettingsRefused,
    UpstreamTrouble,
    UpstreamUnreachable,
    VoiceKept,
)
from turngate.units import Ms


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


def test_what_is_in_force_is_told_once_however_often_the_connection_is_lost() -> None:
    both = {"prompt": "old", "b": 2}
    play(
        *READY,
        client >> Reconfigure("c", {"b": 2}),
        openai << SendUpdate("tg_update_2", {"b": 2}),
        *CUT,
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_3", both),
        openai >> UpstreamFailed(LOSS),
        itself << Redial(REDIAL_MS),
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_4", both),
        openai >> Rejected("tg_update_4", "invalid_value", "No.", "b"),
        openai << SendUpdate("tg_update_5", {"prompt": "old"}),
        openai >> Updated(),
        openai << SendUpdate("tg_update_6", {"b": 2}),
        policy=POLICY,
    )


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


def test_greeting_of_settings_that_came_later_is_not_spoken_on_a_new_connection() -> None:
    play(
        *READY,
        client >> Configure("again", {"prompt": "old"}, greeting="Hello."),
        client << Acknowledge("again"),
        *CUT,
        *linked(),
        policy=POLICY,
    )


def test_new_connection_may_be_one_that_names_no_requests() -> None:
    play(
        *RUNNING,
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", None),
        openai >> AgentTextDone("r2", "a2", "Hello."),
        client << ShowAgentText("Hello."),
        openai >> ResponseDone("r2", None),
        client << AgentFinished(),
        policy=POLICY,
    )


def test_speech_that_is_lost_with_the_connection_is_counted() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> UpstreamFailed(LOSS),
        itself << Count("speech_without_words"),
        itself << Redial(Ms(0)),
        *linked(),
        policy=POLICY,
    )


def test_session_that_expires_is_told_of_where_nothing_follows() -> None:
    expired = openai >> Rejected(None, "session_expired", "Your session is over.")
    play(*READY, expired, itself << Count("expired"), policy=POLICY)
    play(
        *READY,
        expired,
        client << Report(UpstreamTrouble("session_expired", "Your session is over.")),
    )
