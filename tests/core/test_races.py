"""What crosses on the way is absorbed: kept, sent again, and counted."""

from scenes import READY, RUNNING, called, result, spoken, typed
from transcript import Line, after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    Count,
    Report,
    SendRequest,
    SendUpdate,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentLine,
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SilenceTold,
    SlotTaken,
    SpeechCleared,
    SpeechCommitted,
    SpeechStarted,
    Updated,
    UserTranscribed,
)
from turngate.core.limits import ITEM_MS, OUTPUT_MS, RESERVED_MS
from turngate.core.session import Policy
from turngate.errors import RequestRefused, ResponseFailed, ResponseIncomplete

SERVER = Policy(server_turns=True)
ENDLESS = ResponseIncomplete("the upstream did not say how it ended")

# The server is known to echo the names of requests: one exchange lies behind.
SETTLED: tuple[Line, ...] = (*RUNNING, openai >> ResponseDone("r1", "tg_request_1"))
ASKED: tuple[Line, ...] = (
    *SETTLED,
    *typed("x", "tg_item_2"),
    openai >> ItemAcknowledged("tg_item_2"),
    openai << SendRequest("tg_request_2"),
)
ANSWERED: tuple[Line, ...] = (
    openai << SendRequest("tg_request_3"),
    openai >> ResponseCreated("r2", "tg_request_3"),
    openai >> AgentTextDone("r2", "a2", "y"),
    client << ShowAgentText("y"),
    openai >> ResponseDone("r2", "tg_request_3"),
    client << AgentFinished(),
    after(ms=60_000),
)
HEARD: tuple[Line, ...] = (
    openai >> SpeechCommitted("u1"),
    openai >> UserTranscribed("u1", "well"),
    client << ShowUserText("well"),
)
CUT_OFF: tuple[Line, ...] = (
    openai >> SpeechStarted("u2"),
    client << UserStarted(),
    openai >> ResponseDone("rv", None, "cancelled", "turn_detected"),
)
"""The user cuts a response of the server's off before its first word."""


def test_s15a_request_that_met_another_response_is_sent_again_after_its_end() -> None:
    play(
        *ASKED,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_2", "rv"),
        itself << Count("race"),
        itself << Count("resent"),
        after(ms=300),
        openai >> ResponseDone("rv"),
        *ANSWERED,
        policy=SERVER,
    )


def test_s15b_refusal_without_a_name_belongs_to_the_only_request() -> None:
    play(
        *ASKED,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken(None, None),
        openai >> ResponseDone("rv"),
        *ANSWERED,
        policy=SERVER,
    )


def test_s15c_refusal_that_comes_before_the_holder_is_known_waits_for_its_end() -> None:
    play(
        *ASKED,
        openai >> SlotTaken("tg_request_2", None),
        after(ms=300),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        *ANSWERED,
        policy=SERVER,
    )


def test_s15c_refusal_that_names_the_holder_waits_for_that_one() -> None:
    play(
        *ASKED,
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("r0"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        *ANSWERED,
        policy=SERVER,
    )


def test_s15c_holder_whose_end_is_all_that_is_ever_seen_frees_the_slot() -> None:
    play(
        *ASKED,
        openai >> SlotTaken("tg_request_2", None),
        openai >> ResponseDone("rv"),
        *ANSWERED,
        policy=SERVER,
    )


def test_s15d_request_that_is_refused_again_and_again_is_told_once_and_the_queue_goes_on() -> None:
    worn_out = RequestRefused("", "the slot was taken 3 times")
    play(
        *ASKED,
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


def test_s16a_message_waits_for_the_response_that_the_server_owes_to_speech() -> None:
    play(
        *SETTLED,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        *typed("x", "tg_item_2"),
        openai >> ItemAcknowledged("u1"),
        openai >> ResponseCreated("rv"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> AgentTextDone("rv", "a1", "to speech"),
        client << ShowAgentText("to speech"),
        openai >> ResponseDone("rv"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
        policy=SERVER,
    )


def test_s16b_gateway_asks_for_the_spoken_turn_and_then_for_the_message() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> ItemAcknowledged("u1"),
        openai << SendRequest("tg_request_1"),
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_speech_that_the_server_does_not_answer_is_asked_for() -> None:
    play(
        *SETTLED,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> SpeechCommitted("u2"),
        after(ms=RESERVED_MS - 1),
        after(ms=1),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_one_response_of_the_server_answers_all_speech_before_it() -> None:
    play(
        *SETTLED,
        openai >> SpeechCommitted("u1"),
        openai >> SpeechCommitted("u2"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_speech_that_ends_during_a_response_is_the_servers_to_answer_next() -> None:
    play(
        *RUNNING,
        *typed("x", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> SpeechCommitted("u1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=SERVER,
    )


def test_holder_that_was_named_before_the_speech_cannot_answer_it() -> None:
    play(
        *ASKED,
        openai >> SlotTaken("tg_request_2", "rv"),
        *HEARD,
        openai >> ResponseCreated("rv"),
        openai >> AgentTextDone("rv", "a1", "unasked"),
        client << ShowAgentText("unasked"),
        openai >> ResponseDone("rv"),
        client << AgentFinished(),
        after(ms=RESERVED_MS),
        *ANSWERED,
        policy=SERVER,
    )


def test_holder_that_is_named_after_the_speech_answers_it() -> None:
    play(
        *ASKED,
        *HEARD,
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        *ANSWERED,
        policy=SERVER,
    )


def test_speech_whose_answer_is_cut_off_unheard_is_due_though_a_change_had_met_that_answer() -> (
    None
):
    play(
        *SETTLED,
        client >> Reconfigure("change", {"b": 2}),
        openai << SendUpdate("tg_update_2", {"b": 2}),
        *HEARD,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_update_2", "rv"),
        *CUT_OFF,
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        openai << SendUpdate("tg_update_3", {"b": 2}),
        policy=SERVER,
    )


def test_speech_whose_answer_is_cut_off_unheard_is_due_though_a_line_had_met_that_answer() -> None:
    play(
        *SETTLED,
        client >> AgentLine("hi"),
        openai << SendRequest("tg_request_2", "hi"),
        *HEARD,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_2", "rv"),
        *CUT_OFF,
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_3"),
        openai >> ResponseCreated("r3", "tg_request_3"),
        openai >> ResponseDone("r3", "tg_request_3"),
        openai << SendRequest("tg_request_4", "hi"),
        policy=SERVER,
    )


def test_long_silence_is_the_servers_to_answer_whoever_answers_speech() -> None:
    play(
        *SETTLED,
        openai >> SilenceTold("u1"),
        openai >> SpeechCommitted("u1"),
        *typed("x", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_long_silence_that_the_server_does_not_answer_is_asked_about() -> None:
    play(
        *SETTLED,
        openai >> SilenceTold("u1"),
        openai >> SpeechCommitted("u1"),
        after(ms=RESERVED_MS),
        openai << SendRequest("tg_request_2"),
    )


# -- five ways in which others lose the turn


def test_case_a_response_of_another_is_not_taken_for_ours() -> None:
    play(
        *ASKED,
        openai >> ResponseCreated("rv"),
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("rv"),
        *ANSWERED,
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
        *ASKED,
        openai >> SlotTaken("tg_request_2", "rv"),
        openai >> ResponseDone("rv"),
        *ANSWERED,
    )


def test_case_c_refusal_without_a_name_does_not_keep_the_slot_for_ever() -> None:
    play(
        *ASKED,
        openai >> SlotTaken(None, None),
        openai >> ResponseDone("rv"),
        *ANSWERED,
    )


def test_case_d_late_end_of_an_older_response_does_not_free_the_slot() -> None:
    play(
        *ASKED,
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
        *ASKED,
        openai >> Rejected("tg_cut_9", "invalid_value", "No such item."),
        itself << Count("refused_aside"),
        openai >> SlotTaken("tg_request_9", None),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_request_that_is_refused_for_another_reason_is_told_and_not_sent_again() -> None:
    play(
        *ASKED,
        openai >> Rejected("tg_request_2", "invalid_value", "No.", "response.tools"),
        client << Report(RequestRefused("invalid_value", "No.", "response.tools")),
        *typed("y", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        openai << SendRequest("tg_request_3"),
    )


def test_request_that_is_refused_beside_another_response_is_told() -> None:
    play(
        *ASKED,
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
        *ASKED,
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("r2", "tg_request_2", "failed", "server_error", "Oh."),
        client << Report(ResponseFailed("server_error", "Oh.")),
        openai >> ResponseDone("rv"),
        after(ms=60_000),
    )


def test_request_that_outlives_the_other_response_is_still_answered() -> None:
    play(
        *ASKED,
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        after(ms=60_000),
    )


def test_other_response_is_over_when_ours_begins() -> None:
    play(
        *ASKED,
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


def test_the_servers_response_does_not_answer_what_it_cannot_have_seen() -> None:
    # The item is late, so that its wish goes on without it; the server has begun before it came.
    play(
        *SETTLED,
        client >> Reconfigure("change", {"prompt": "new"}),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        *typed("x", "tg_item_2"),
        after(ms=ITEM_MS),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        *spoken("u1"),
        openai >> ResponseCreated("rv"),
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> Updated(),
        client << Acknowledge("change"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        policy=SERVER,
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


RESULTS_WAIT: tuple[Line, ...] = (
    *RUNNING,
    *called("r1", "c1"),
    openai >> ResponseDone("r1", "tg_request_1"),
    *result("c1", "tg_item_2"),
    openai >> SpeechStarted("u1"),
    client << UserStarted(),
    after(ms=OUTPUT_MS),
)
ANSWERED_BY_SERVER: tuple[Line, ...] = (
    *spoken("u1"),
    openai >> ItemAcknowledged("u1"),
    openai >> ResponseCreated("rv"),
)


def test_results_that_the_server_may_have_begun_without_are_asked_for_after_it() -> None:
    play(
        *RESULTS_WAIT,
        *ANSWERED_BY_SERVER,
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_2"),
        policy=SERVER,
    )


def test_results_that_were_there_before_are_answered_with_the_speech() -> None:
    play(
        *RESULTS_WAIT,
        openai >> ItemAcknowledged("tg_item_2"),
        *ANSWERED_BY_SERVER,
        openai >> ResponseDone("rv"),
        after(ms=60_000),
        policy=SERVER,
    )
