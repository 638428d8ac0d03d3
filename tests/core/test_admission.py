"""Nothing flows before a configuration is in force; then everything does, in order."""

from scenes import CUT, POLICY, READY, linked, told, typed
from transcript import after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    Hangup,
    OpenMicrophone,
    Report,
    SendItem,
    SendRequest,
    SendUpdate,
    ShowUserText,
    Welcome,
)
from turngate.core.events import (
    CallResult,
    ClientFaulted,
    ClientGone,
    ClientOpened,
    Configure,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    Updated,
    UpstreamFailed,
    UpstreamOpened,
    UserTyped,
)
from turngate.core.items import AgentText, PastCall, UserText
from turngate.core.limits import HELD, UPDATE_MS
from turngate.core.session import Policy
from turngate.errors import (
    AlreadyApplied,
    ContextRefused,
    QueueFull,
    SettingsRefused,
    TooEarly,
    Undecodable,
    UpstreamLost,
    UpstreamUnreachable,
)


def test_s2_nothing_flows_before_the_configuration_is_confirmed() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        client >> Configure("settings", {"prompt": "old"}),
        client >> UserTyped("hi"),
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        after(ms=300),
        openai >> Updated(),
        client << Acknowledge("settings"),
        client << ShowUserText("hi"),
        openai << SendItem("tg_item_1", UserText("hi")),
        itself << OpenMicrophone(),
    )


def test_configuration_that_asks_for_nothing_makes_the_session_ready() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        client >> Configure("settings", {}),
        openai >> UpstreamOpened(),
        client << Acknowledge("settings"),
        itself << OpenMicrophone(),
    )


def test_s3a_upstream_that_ends_before_readiness_fails_what_waits() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        openai >> UpstreamOpened(),
        client >> Configure("settings", {"prompt": "old"}),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        client >> UserTyped("hi"),
        client >> Reconfigure("more", {"prompt": "new"}),
        openai >> UpstreamFailed(UpstreamLost("code 1005")),
        client << Report(UpstreamLost("code 1005", unanswered=1)),
        itself << Hangup(),
        openai >> Updated(),
    )


def test_s3b_upstream_that_ends_later_fails_what_is_unanswered() -> None:
    play(
        *READY,
        *typed("hi", "tg_item_1"),
        openai >> UpstreamFailed(UpstreamLost("code 1011")),
        client << Report(UpstreamLost("code 1011", unanswered=1)),
        itself << Hangup(),
    )


def test_upstream_that_cannot_be_reached_ends_the_session() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        openai >> UpstreamFailed(UpstreamUnreachable("refused")),
        client << Report(UpstreamUnreachable("refused")),
        itself << Hangup(),
    )


def test_s22_context_is_neither_shown_nor_answered_and_keeps_the_greeting_away() -> None:
    context = (UserText("hi"), AgentText("hello"), PastCall("c0", "weather", "{}"))
    play(
        openai >> UpstreamOpened(),
        client >> Configure("settings", {"prompt": "old"}, context, greeting="welcome back"),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        openai >> Updated(),
        client << Acknowledge("settings"),
        openai << SendItem("tg_item_1", context[0]),
        openai << SendItem("tg_item_2", context[1]),
        openai << SendItem("tg_item_3", context[2]),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ItemAcknowledged("tg_item_3"),
        after(ms=60_000),
    )


def test_entry_of_the_context_that_is_refused_is_told_and_the_others_stay() -> None:
    context = (UserText("hi"), PastCall("c0", "weather", "{}"), AgentText("hello"))
    play(
        openai >> UpstreamOpened(),
        client >> Configure("settings", {"prompt": "old"}, context),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        openai >> Updated(),
        client << Acknowledge("settings"),
        *(openai << SendItem(f"tg_item_{number}", item) for number, item in enumerate(context, 1)),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> Rejected("tg_item_2", "invalid_value", "No such function."),
        client << Report(ContextRefused("invalid_value", "No such function.")),
        openai >> ItemAcknowledged("tg_item_3"),
        *typed("two", "tg_item_4"),
        openai >> ItemAcknowledged("tg_item_4"),
        openai << SendRequest("tg_request_1"),
    )


def test_entry_that_another_connection_refuses_is_told_and_the_others_stay() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        *CUT,
        *linked(),
        *told(UserText("one"), first=2),
        openai << SendRequest("tg_request_1"),
        openai >> Rejected("tg_item_2", "invalid_value", "No."),
        client << Report(ContextRefused("invalid_value", "No.")),
        policy=POLICY,
    )


def test_greeting_is_spoken_first_and_by_itself() -> None:
    play(
        openai >> UpstreamOpened(),
        client >> Configure("settings", {"prompt": "old"}, greeting="welcome"),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        client >> UserTyped("hi"),
        openai >> Updated(),
        client << Acknowledge("settings"),
        client << ShowUserText("hi"),
        openai << SendItem("tg_item_1", UserText("hi")),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1", say="welcome"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
    )


def test_s24_slow_upstream_changes_nothing_of_the_order() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        client >> Configure("settings", {"prompt": "old"}),
        client >> UserTyped("hi"),
        client >> UserTyped("ho"),
        after(ms=2_000),
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        openai >> Updated(),
        client << Acknowledge("settings"),
        client << ShowUserText("hi"),
        openai << SendItem("tg_item_1", UserText("hi")),
        client << ShowUserText("ho"),
        openai << SendItem("tg_item_2", UserText("ho")),
        itself << OpenMicrophone(),
    )


def test_s25_refused_settings_name_the_field_and_corrected_ones_are_accepted() -> None:
    play(
        openai >> UpstreamOpened(),
        client >> Configure("bad", {"voice": "nobody"}),
        openai << SendUpdate("tg_update_1", {"voice": "nobody"}),
        openai >> Rejected("tg_update_1", "invalid_value", "No such voice.", "session.voice"),
        client << Report(SettingsRefused("session.voice", "No such voice.")),
        client >> UserTyped("hi"),
        client >> Configure("good", {"voice": "ash"}),
        openai << SendUpdate("tg_update_2", {"voice": "ash"}),
        openai >> Updated(),
        client << Acknowledge("good"),
        client << ShowUserText("hi"),
        openai << SendItem("tg_item_1", UserText("hi")),
        itself << OpenMicrophone(),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
    )


def test_s25_settings_corrected_before_the_refusal_came_are_accepted_too() -> None:
    play(
        openai >> UpstreamOpened(),
        client >> Configure("bad", {"voice": "nobody"}, greeting="wrong"),
        openai << SendUpdate("tg_update_1", {"voice": "nobody"}),
        client >> Configure("good", {"voice": "ash"}, greeting="right"),
        openai >> Rejected("tg_update_1", "invalid_value", "No such voice.", "session.voice"),
        client << Report(SettingsRefused("session.voice", "No such voice.")),
        openai << SendUpdate("tg_update_2", {"voice": "ash"}),
        openai >> Updated(),
        client << Acknowledge("good"),
        itself << OpenMicrophone(),
        openai << SendRequest("tg_request_1", say="right"),
    )


def test_settings_that_are_never_answered_are_refused_and_may_be_sent_again() -> None:
    late = SettingsRefused("", "the upstream did not confirm them in time")
    play(
        openai >> UpstreamOpened(),
        client >> Configure("first", {"voice": "ash"}),
        openai << SendUpdate("tg_update_1", {"voice": "ash"}),
        after(ms=UPDATE_MS),
        client << Report(late),
        client >> Configure("second", {"voice": "ash"}),
        openai << SendUpdate("tg_update_2", {"voice": "ash"}),
        openai >> Updated(),
        client << Acknowledge("second"),
    )


def test_message_before_settings_is_refused() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        client >> UserTyped("hi"),
        client << Report(TooEarly()),
        openai >> UpstreamOpened(),
        client >> CallResult("c1", "weather", "sunny"),
        client << Report(TooEarly()),
    )


def test_second_settings_are_refused_in_strict_mode_only() -> None:
    play(
        *READY,
        client >> Configure("again", {"prompt": "new"}),
        client << Report(AlreadyApplied()),
        policy=Policy(strict=True),
    )
    play(
        *READY,
        client >> Configure("again", {"prompt": "new"}, greeting="not again"),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        openai >> Updated(),
        client << Acknowledge("again"),
    )


def test_no_more_is_held_than_may_be() -> None:
    play(
        client >> ClientOpened("call"),
        client << Welcome("call"),
        client >> Configure("settings", {"prompt": "old"}),
        *(client >> UserTyped("hi") for _ in range(HELD)),
        client >> UserTyped("too much"),
        client << Report(QueueFull("messages before Settings", HELD)),
    )


def test_what_the_client_does_wrong_is_told() -> None:
    play(
        *READY,
        client >> ClientFaulted(Undecodable("not JSON")),
        client << Report(Undecodable("not JSON")),
    )


def test_client_that_leaves_before_anything_happened_ends_the_session() -> None:
    play(client >> ClientGone(), itself << Hangup(), after(ms=60_000), openai >> UpstreamOpened())
