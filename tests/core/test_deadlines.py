"""A deadline asks a question or gives up. It never sends a request blindly."""

from scenes import READY, RUNNING, called, result, typed
from transcript import Line, after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    Hangup,
    Report,
    SendCancel,
    SendItem,
    SendRequest,
    SendUpdate,
    ShowAgentText,
)
from turngate.core.events import (
    AgentText,
    AudioBegan,
    CallAsked,
    CancelMissed,
    ClientGone,
    ItemAcknowledged,
    Reconfigure,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
    Timer,
    TimerFired,
    Updated,
    UserTyped,
)
from turngate.core.items import CallOutput
from turngate.core.limits import (
    CANCEL_MS,
    ENDING_MS,
    REQUEST_MS,
    RESPONSE_MS,
    SILENCE_MS,
    UPDATE_MS,
)
from turngate.core.tools import CANCELLED
from turngate.errors import ResponseIncomplete, SettingsRefused, UpstreamSilent
from turngate.units import Ms

SILENT = ResponseIncomplete("the upstream fell silent, or did not come to an end")
ENDLESS = ResponseIncomplete("the upstream did not say how it ended")
WAITING: tuple[Line, ...] = (
    *RUNNING,
    *typed("two", "tg_item_2"),
    openai >> ItemAcknowledged("tg_item_2"),
)


def test_silent_response_is_cancelled_by_its_id_and_its_end_is_waited_for() -> None:
    play(
        *WAITING,
        after(ms=SILENCE_MS - 1),
        after(ms=1),
        openai << SendCancel("tg_cancel_1", "r1"),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "client_cancelled"),
        client << Report(SILENT),
        openai << SendRequest("tg_request_2"),
    )


def test_response_that_talks_is_left_alone() -> None:
    play(
        *WAITING,
        after(ms=SILENCE_MS - 1),
        openai >> AgentText("r1", "a1", "I am "),
        after(ms=SILENCE_MS - 1),
        openai >> AgentText("r1", "a1", "slow."),
        after(ms=SILENCE_MS - 1),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << ShowAgentText("I am slow."),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
    )


def test_response_without_an_end_is_cancelled_although_it_talks() -> None:
    talk = (after(ms=SILENCE_MS - 1_000), openai >> AgentText("r1", "a1", "la "))
    play(
        *RUNNING,
        *(line for _ in range(6) for line in talk),
        after(ms=RESPONSE_MS - 6 * (SILENCE_MS - 1_000)),
        openai << SendCancel("tg_cancel_1", "r1"),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "client_cancelled"),
        client << ShowAgentText("la la la la la la"),
        client << AgentFinished(),
        client << Report(SILENT),
    )


def test_missed_cancel_means_that_the_end_is_on_its_way() -> None:
    play(
        *WAITING,
        after(ms=SILENCE_MS),
        openai << SendCancel("tg_cancel_1", "r1"),
        openai >> CancelMissed(),
        after(ms=300),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << Report(SILENT),
        openai << SendRequest("tg_request_2"),
    )


def test_missed_cancel_without_an_end_closes_the_response_and_its_turn() -> None:
    play(
        *WAITING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        *called("r1", "c1"),
        *result("c1", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
        after(ms=SILENCE_MS),
        openai << SendCancel("tg_cancel_1", "r1"),
        openai >> CallAsked("r1", "c2", "weather", "{}"),
        openai << SendItem("tg_item_4", CallOutput("c2", CANCELLED)),
        openai >> CancelMissed(),
        openai >> AgentText("r1", "a1", "never read"),
        after(ms=ENDING_MS),
        client << Report(ENDLESS),
        client << Report(SILENT),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        client << AgentFinished(),
    )


def test_cancel_that_nothing_answers_ends_the_session() -> None:
    play(
        *WAITING,
        after(ms=SILENCE_MS),
        openai << SendCancel("tg_cancel_1", "r1"),
        after(ms=2_000),
        client << Report(SILENT),
        after(ms=CANCEL_MS - 2_000),
        client << Report(UpstreamSilent("cancelling")),
        itself << Hangup(),
        openai >> ResponseDone("r1", "tg_request_1"),
    )


def test_case_e_request_that_nothing_answers_ends_the_session() -> None:
    play(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        after(ms=REQUEST_MS - 1),
        after(ms=1),
        client << Report(UpstreamSilent("requested")),
        itself << Hangup(),
    )


REFUSED: tuple[Line, ...] = (
    *RUNNING,
    openai >> ResponseDone("r1", "tg_request_1"),
    *typed("two", "tg_item_2"),
    openai >> ItemAcknowledged("tg_item_2"),
    openai << SendRequest("tg_request_2"),
)


def test_unknown_holder_of_the_slot_is_asked_after_before_anything_is_sent() -> None:
    play(
        *REFUSED,
        openai >> SlotTaken("tg_request_2", None),
        after(ms=SILENCE_MS),
        openai << SendCancel("tg_cancel_1", None),
        openai >> CancelMissed(),
        openai << SendRequest("tg_request_3"),
    )


def test_unknown_holder_that_is_stopped_frees_the_slot() -> None:
    play(
        *REFUSED,
        openai >> SlotTaken("tg_request_2", None),
        after(ms=SILENCE_MS),
        openai << SendCancel("tg_cancel_1", None),
        openai >> ResponseDone("rv", None, "cancelled", "client_cancelled"),
        openai << SendRequest("tg_request_3"),
    )


def test_holder_that_begins_after_it_was_asked_after_is_waited_for() -> None:
    play(
        *REFUSED,
        openai >> SlotTaken("tg_request_2", None),
        after(ms=SILENCE_MS),
        openai << SendCancel("tg_cancel_1", None),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv", None, "cancelled", "client_cancelled"),
        openai << SendRequest("tg_request_3"),
    )


def test_holder_that_talks_is_left_alone() -> None:
    play(
        *REFUSED,
        openai >> SlotTaken("tg_request_2", "rv"),
        after(ms=SILENCE_MS - 1),
        openai >> AgentText("rv", "a9", "la"),
        after(ms=1),
        openai >> ResponseDone("rv"),
        client << ShowAgentText("la"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_3"),
    )


# -- a server that is not asked to, and responds during an update

UPDATING: tuple[Line, ...] = (
    *READY,
    client >> Reconfigure("change", {"prompt": "new"}),
    openai << SendUpdate("tg_update_2", {"prompt": "new"}),
    *typed("one", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
    openai >> ResponseCreated("rv"),
)


def test_response_that_begins_during_an_update_is_waited_for() -> None:
    play(
        *UPDATING,
        openai >> Updated(),
        client << Acknowledge("change"),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_1"),
    )


def test_response_that_ends_during_an_update_leaves_it_unanswered() -> None:
    play(
        *UPDATING,
        openai >> ResponseDone("rv"),
        openai >> ResponseCreated("rw"),
        openai >> ResponseCreated("rx"),
        client << Report(ENDLESS),
        openai >> ResponseDone(None),
        openai >> Updated(),
        client << Acknowledge("change"),
        openai << SendRequest("tg_request_1"),
    )


def test_update_that_is_refused_or_forgotten_beside_a_response_leaves_that_alone() -> None:
    play(
        *UPDATING,
        openai >> Rejected("tg_update_2", "invalid_value", "No.", "session.prompt"),
        client << Report(SettingsRefused("session.prompt", "No.")),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_1"),
    )
    play(
        *UPDATING,
        after(ms=UPDATE_MS),
        client << Report(SettingsRefused("", "the upstream did not confirm them in time")),
        openai >> ResponseDone("rv"),
        openai << SendRequest("tg_request_1"),
    )


def test_s27_client_that_leaves_while_busy_ends_everything() -> None:
    play(
        *WAITING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        client >> ClientGone(),
        itself << Hangup(),
        openai >> ResponseDone("r1", "tg_request_1"),
        client >> UserTyped("hello?"),
        after(ms=600_000),
    )


def test_deadline_that_fires_although_it_was_cancelled_changes_nothing() -> None:
    play(
        *RUNNING,
        itself >> TimerFired(Timer("ask", "tg_item_1")),
        itself >> TimerFired(Timer("interrupt", "r0")),
        itself >> TimerFired(Timer("floor")),
        itself >> TimerFired(Timer("patience")),
        itself >> TimerFired(Timer("filler")),
        openai >> ResponseDone("r1", "tg_request_1"),
        itself >> TimerFired(Timer("slot")),
    )


def test_response_that_has_talked_is_cancelled_when_it_falls_silent_however_old_the_call_is() -> (
    None
):
    play(
        *READY,
        after(ms=RESPONSE_MS),
        *RUNNING[len(READY) :],
        after(ms=SILENCE_MS - 1),
        openai >> AgentText("r1", "a1", "I am "),
        after(ms=SILENCE_MS - 1),
        after(ms=1),
        openai << SendCancel("tg_cancel_1", "r1"),
    )
