"""What crosses on the way is absorbed: kept, sent again, and counted."""

from scenes import ASKED_AGAIN, READY, REQUESTED, RUNNING, SETTLED, typed
from transcript import after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    Count,
    Report,
    SendRequest,
    SendUpdate,
    ShowAgentText,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
    Updated,
)
from turngate.core.session import Policy
from turngate.errors import RequestRefused, ResponseFailed, ResponseIncomplete

SERVER = Policy(server_turns=True)
ENDLESS = ResponseIncomplete("the upstream did not say how it ended")


def test_s15a_request_that_met_another_response_is_sent_again_after_its_end() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_2", "rv"),
        itself << Count("race"),
        itself << Count("resent"),
        after(ms=300),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_s15b_refusal_without_a_name_belongs_to_the_only_request() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken(None, None),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_s15c_refusal_that_comes_before_the_holder_is_known_waits_for_its_end() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_2", None),
        after(ms=300),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_s15c_refusal_that_names_the_holder_waits_for_that_one() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("r0"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_s15c_holder_whose_end_is_all_that_is_ever_seen_frees_the_slot() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_2", None),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
        policy=SERVER,
    )


def test_s15d_request_that_is_refused_again_and_again_is_told_once_and_the_queue_goes_on() -> None:
    worn_out = RequestRefused("", "the slot was taken 3 times")
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_2", "v1"),
        openai >> ResponseDone("v1"),
        openai << SendRequest("tg_request_3"),
        openai >> SlotTaken("tg_request_3", "v2"),
        openai >> ResponseDone("v2"),
        openai << SendRequest("tg_request_4"),
        *typed("y", "tg_item_3"),
        openai >> SlotTaken("tg_request_4", "v3"),
        client << Report(worn_out),
        openai >> ItemAcknowledged("tg_item_3"),
        openai >> ResponseDone("v3"),
        openai << SendRequest("tg_request_5"),
        policy=SERVER,
    )


# -- five ways in which others lose the turn


def test_case_a_response_of_another_is_not_taken_for_ours() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
    )


def test_case_a_what_was_taken_for_ours_is_put_right_by_the_refusal() -> None:
    play(
        *READY,
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_1", None),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r1", "tg_request_2"),
        openai >> ResponseDone("r1", "tg_request_2"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_server_that_is_known_to_echo_is_understood_from_the_first_request_on() -> None:
    play(
        *READY,
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("rv"),
        client >> Reconfigure("c", {"b": 2}),
        openai >> ResponseDone("rv"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendUpdate("tg_update_2", {"b": 2}),
        openai >> Updated(),
        client << Acknowledge("c"),
        after(ms=60_000),
        policy=Policy(server_turns=True, echoes=True),
    )


def test_server_that_never_names_requests_can_be_spoken_to() -> None:
    play(
        *READY,
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1"),
        openai >> ResponseDone("r1"),
        *typed("y", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2"),
        openai >> ResponseDone(None),
        after(ms=60_000),
    )


def test_case_b_refused_request_is_not_dropped() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
    )


def test_case_c_refusal_without_a_name_does_not_keep_the_slot_for_ever() -> None:
    play(
        *REQUESTED,
        openai >> SlotTaken(None, None),
        openai >> ResponseDone("rv"),
        *ASKED_AGAIN,
    )


def test_case_d_late_end_of_an_older_response_does_not_free_the_slot() -> None:
    play(
        *REQUESTED,
        openai >> ResponseDone("r1", "tg_request_1"),
        itself << Count("stray"),
        openai >> ResponseDone("r0"),
        itself << Count("stray"),
        *typed("y", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r0"),
        itself << Count("stray"),
        openai >> ResponseDone("r2", "tg_request_2"),
        openai << SendRequest("tg_request_3"),
    )


def test_refusal_of_something_else_does_not_touch_the_slot() -> None:
    play(
        *REQUESTED,
        openai >> Rejected("tg_cut_9", "invalid_value", "No such item."),
        itself << Count("refused_aside"),
        openai >> SlotTaken("tg_request_9", None),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_request_that_is_refused_for_another_reason_is_told_and_not_sent_again() -> None:
    play(
        *REQUESTED,
        openai >> Rejected("tg_request_2", "invalid_value", "No.", "response.tools"),
        client << Report(RequestRefused("invalid_value", "No.", "response.tools")),
        *typed("y", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_3"),
    )


def test_request_that_is_refused_beside_another_response_is_told() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> Rejected("tg_request_2", "invalid_value", "No."),
        client << Report(RequestRefused("invalid_value", "No.")),
        *typed("y", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_3"),
    )


def test_request_that_fails_beside_another_response_is_told() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("r2", "tg_request_2", "failed", "server_error", "Oh."),
        client << Report(ResponseFailed("server_error", "Oh.")),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
    )


def test_request_that_outlives_the_other_response_is_still_answered() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_other_response_is_over_when_ours_begins() -> None:
    play(
        *REQUESTED,
        openai >> ResponseCreated("rv"),
        openai >> AgentTextDone("rv", "a1", "theirs"),
        client << ShowAgentText("theirs"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        client << AgentFinished(),
        client << Report(ENDLESS),
        openai >> AgentTextDone("r2", "a2", "ours"),
        client << ShowAgentText("ours"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
        openai >> ResponseDone("rv"),
    )


def test_words_and_audio_of_a_response_that_never_began_do_not_take_the_running_ones_place() -> (
    None
):
    play(
        *RUNNING,
        openai >> AudioBegan("r9", "a9"),
        itself << Count("stray"),
        openai >> AgentTextDone("r9", "a9", "not for the user"),
        itself << Count("stray"),
        openai >> AgentTextDone("r1", "a1", "y"),
        client << ShowAgentText("y"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
    )


def test_words_of_a_response_that_nobody_announced_begin_no_turn() -> None:
    play(
        *SETTLED,
        openai >> AudioBegan("ghost", "a9"),
        itself << Count("stray"),
        client >> Reconfigure("change", {"prompt": "new"}),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        openai >> AudioBegan("ghost", "a9"),
        itself << Count("stray"),
        openai >> Updated(),
        client << Acknowledge("change"),
    )
