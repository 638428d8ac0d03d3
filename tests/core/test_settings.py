"""A change of the configuration is a transaction: confirmed, or refused by its field."""

import pytest

from scenes import READY, RUNNING, typed
from transcript import Line, after, client, openai, play
from turngate.core.configuration import Configuration
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    Report,
    SendRequest,
    SendUpdate,
    ShowAgentText,
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
    Updated,
)
from turngate.core.limits import UPDATE_MS, WAITING
from turngate.core.patch import Append, Patch
from turngate.core.session import Policy
from turngate.errors import (
    PromptTooLong,
    QueueFull,
    RequestRefused,
    SettingsRefused,
    UpstreamTrouble,
    VoiceKept,
)
from turngate.units import Ms

LATE = SettingsRefused("", "the upstream did not confirm them in time")
DONE: tuple[Line, ...] = (openai >> ResponseDone("r1", "tg_request_1"),)


def test_s4a_changed_settings_wait_for_the_response_to_end() -> None:
    play(
        *RUNNING,
        client >> Configure("again", {"prompt": "new"}),
        openai >> AgentTextDone("r1", "a1", "first"),
        client << ShowAgentText("first"),
        after(ms=300),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        openai >> Updated(),
        client << Acknowledge("again"),
    )


def test_s4b_identical_settings_are_acknowledged_at_once() -> None:
    play(
        *RUNNING,
        client >> Configure("same", {"prompt": "old"}),
        client << Acknowledge("same"),
        *DONE,
    )


def test_identical_settings_behind_a_waiting_change_wait_for_it() -> None:
    play(
        *RUNNING,
        client >> Reconfigure("change", {"prompt": "new"}),
        client >> Reconfigure("back", {"prompt": "old"}),
        *DONE,
        openai << SendUpdate("tg_update_2", {"prompt": "old"}),
        openai >> Updated(),
        client << Acknowledge("change"),
        client << Acknowledge("back"),
    )


def test_changes_that_wait_side_by_side_are_sent_as_one_and_acknowledged_each() -> None:
    play(
        *RUNNING,
        client >> Reconfigure("a", {"audio": {"voice": "ash"}, "tools": [1, 2]}),
        client >> Reconfigure("b", {"audio": {"speed": 2}, "tools": [3]}),
        client >> Reconfigure("c", {"audio": {"speed": None}}),
        *DONE,
        openai
        << SendUpdate("tg_update_2", {"audio": {"voice": "ash", "speed": None}, "tools": [3]}),
        openai >> Updated(),
        client << Acknowledge("a"),
        client << Acknowledge("b"),
        client << Acknowledge("c"),
    )


def test_change_keeps_its_place_between_two_requests() -> None:
    play(
        *RUNNING,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        client >> Reconfigure("change", {"prompt": "new"}),
        *typed("three", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        *DONE,
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        openai >> Updated(),
        client << Acknowledge("change"),
        openai << SendRequest("tg_request_3"),
    )


def test_request_waits_for_the_change_before_it_to_be_answered() -> None:
    play(
        *READY,
        client >> Reconfigure("change", {"prompt": "new"}),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        after(ms=300),
        openai >> Updated(),
        client << Acknowledge("change"),
        openai << SendRequest("tg_request_1"),
    )


def test_refused_part_of_a_joined_change_is_found_and_the_others_are_applied() -> None:
    play(
        *RUNNING,
        client >> Reconfigure("a", {"prompt": "new"}),
        client >> Reconfigure("b", {"voice": "nobody"}),
        client >> Reconfigure("c", {"speed": 2}),
        *DONE,
        openai << SendUpdate("tg_update_2", {"prompt": "new", "voice": "nobody", "speed": 2}),
        openai >> Rejected("tg_update_2", "invalid_value", "No such voice.", "session.voice"),
        openai << SendUpdate("tg_update_3", {"prompt": "new"}),
        openai >> Updated(),
        client << Acknowledge("a"),
        openai << SendUpdate("tg_update_4", {"voice": "nobody"}),
        openai >> Rejected("tg_update_4", "invalid_value", "No such voice.", "session.voice"),
        client << Report(SettingsRefused("session.voice", "No such voice.")),
        openai << SendUpdate("tg_update_5", {"speed": 2}),
        openai >> Updated(),
        client << Acknowledge("c"),
        client >> Reconfigure("d", {"voice": "ash"}),
        openai << SendUpdate("tg_update_6", {"voice": "ash"}),
        openai >> Updated(),
        client << Acknowledge("d"),
    )


def test_refusal_without_a_name_belongs_to_the_only_thing_unanswered() -> None:
    play(
        *READY,
        client >> Reconfigure("bad", {"voice": "nobody"}),
        openai << SendUpdate("tg_update_2", {"voice": "nobody"}),
        openai >> Rejected(None, "invalid_value", "", "session.voice"),
        client << Report(SettingsRefused("session.voice", "invalid_value")),
    )


def test_refusal_without_a_name_may_be_that_of_an_item_as_well() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        client >> Reconfigure("change", {"voice": "ash"}),
        openai << SendUpdate("tg_update_2", {"voice": "ash"}),
        openai >> Rejected(None, "invalid_value", "No.", "item.content"),
        client << Report(UpstreamTrouble("invalid_value", "No.")),
        openai >> Updated(),
        client << Acknowledge("change"),
    )


def test_trouble_that_names_neither_event_nor_field_is_no_answer_to_a_change() -> None:
    trouble = Rejected(None, "server_error", "The server had an error.")
    play(
        *READY,
        client >> Reconfigure("first", {"prompt": "one"}),
        openai << SendUpdate("tg_update_2", {"prompt": "one"}),
        client >> Reconfigure("second", {"prompt": "two"}),
        openai >> trouble,
        client << Report(UpstreamTrouble("server_error", "The server had an error.")),
        openai >> Updated(),
        client << Acknowledge("first"),
        openai << SendUpdate("tg_update_3", {"prompt": "two"}),
    )


def test_refusal_of_an_item_leaves_the_next_one_without_a_name_to_the_change() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> Rejected("tg_item_1", "too_long", "It is too long."),
        client << Report(RequestRefused("too_long", "It is too long.")),
        client >> Reconfigure("change", {"prompt": "new"}),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        openai >> Rejected(None, "invalid_value", "No such prompt.", "prompt"),
        client << Report(SettingsRefused("prompt", "No such prompt.")),
    )


def test_refused_change_does_not_keep_the_requests_behind_it() -> None:
    play(
        *READY,
        client >> Reconfigure("bad", {"voice": "nobody"}),
        openai << SendUpdate("tg_update_2", {"voice": "nobody"}),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> Rejected("tg_update_2", "invalid_value", "No.", "session.voice"),
        client << Report(SettingsRefused("session.voice", "No.")),
        openai << SendRequest("tg_request_1"),
        client >> Reconfigure("same", {"prompt": "old"}),
        client << Acknowledge("same"),
    )


def test_changes_that_nobody_answers_are_refused_each() -> None:
    play(
        *RUNNING,
        client >> Reconfigure("a", {"prompt": "new"}),
        client >> Reconfigure("b", {"speed": 2}),
        *DONE,
        openai << SendUpdate("tg_update_2", {"prompt": "new", "speed": 2}),
        after(ms=UPDATE_MS),
        client << Report(LATE),
        client << Report(LATE),
    )


def test_text_is_appended_to_what_is_in_force_when_it_leaves() -> None:
    play(
        *RUNNING,
        client >> Reconfigure("a", {"prompt": Append("Be brief.")}),
        client >> Reconfigure("b", {"prompt": Append("Be kind.")}),
        *DONE,
        openai << SendUpdate("tg_update_2", {"prompt": "old\nBe brief.\nBe kind."}),
        openai >> Updated(),
        client << Acknowledge("a"),
        client << Acknowledge("b"),
        client >> Reconfigure("c", {"prompt": "new"}),
        openai << SendUpdate("tg_update_3", {"prompt": "new"}),
        client >> Reconfigure("d", {"prompt": Append("Go on.")}),
        openai >> Updated(),
        client << Acknowledge("c"),
        openai << SendUpdate("tg_update_4", {"prompt": "new\nGo on."}),
    )


@pytest.mark.parametrize("rest", [{}, {"speed": 2}])
def test_voice_that_cannot_change_any_more_does_not_spoil_the_change(rest: dict[str, int]) -> None:
    sent = (openai << SendUpdate("tg_update_2", rest), openai >> Updated()) if rest else ()
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        *DONE,
        client << AgentFinished(),
        client >> Reconfigure("change", {"audio": {"voice": "ash"}, **rest}),
        client << Report(VoiceKept("audio.voice")),
        *sent,
        client << Acknowledge("change"),
        policy=Policy(locked=(("audio", "voice"), ("audio", "language"))),
    )


def test_voice_that_is_not_named_anew_is_left_out_in_silence() -> None:
    voice = {"audio": {"voice": "ash"}}
    play(
        *READY,
        client >> Reconfigure("voice", voice),
        openai << SendUpdate("tg_update_2", voice),
        openai >> Updated(),
        client << Acknowledge("voice"),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        *DONE,
        client << AgentFinished(),
        client >> Reconfigure("both", {**voice, "prompt": "new"}),
        openai << SendUpdate("tg_update_3", {"prompt": "new"}),
        openai >> Updated(),
        client << Acknowledge("both"),
        policy=Policy(locked=(("audio", "voice"),)),
    )


def test_full_queue_refuses_the_newest_change() -> None:
    play(
        *RUNNING,
        *(client >> Reconfigure(f"c{n}", {"n": n}) for n in range(WAITING)),
        client >> Reconfigure("too much", {"n": 0}),
        client << Report(QueueFull("changes and requests", WAITING)),
    )


def test_confirmation_that_nobody_waits_for_is_not_passed_on() -> None:
    play(*READY, openai >> Updated())


BOUNDED = Policy(longest={("prompt",): 10})


def test_prompt_is_not_added_to_beyond_its_bound() -> None:
    outcome = "it was not added to"
    play(
        *READY,
        client >> Reconfigure("more", {"prompt": Append("abcdef")}),
        openai << SendUpdate("tg_update_2", {"prompt": "old\nabcdef"}),
        client >> Reconfigure("too much", {"prompt": Append("g")}),
        client << Report(PromptTooLong(12, 10, outcome)),
        openai >> Updated(),
        client << Acknowledge("more"),
        client >> Reconfigure("still", {"prompt": Append("")}),
        client << Report(PromptTooLong(11, 10, outcome)),
        client >> Reconfigure("anew", {"prompt": "a text of any length"}),
        openai << SendUpdate("tg_update_3", {"prompt": "a text of any length"}),
        client >> Reconfigure("behind it", {"prompt": Append("")}),
        client << Report(PromptTooLong(21, 10, outcome)),
        policy=BOUNDED,
    )


def test_additions_that_wait_count_too() -> None:
    play(
        *RUNNING,
        client >> Reconfigure("one", {"prompt": Append("abc")}),
        client >> Reconfigure("two", {"prompt": Append("def")}),
        client << Report(PromptTooLong(11, 10, "it was not added to")),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendUpdate("tg_update_2", {"prompt": "old\nabc"}),
        policy=BOUNDED,
    )


def test_addition_to_nothing_counts_as_it_is() -> None:
    play(
        *READY,
        client >> Reconfigure("tone", {"tone": Append("abc")}),
        client << Report(PromptTooLong(3, 2, "it was not added to")),
        policy=Policy(longest={("tone",): 2}),
    )


def test_each_setting_that_is_locked_stays_by_itself() -> None:
    configuration = Configuration((("voice",), ("language",)))
    change: Patch = {"language": "de", "speed": 2}
    left = configuration.leaving(change, agent_has_spoken=True)
    assert left == ({"speed": 2}, (("language",),))
