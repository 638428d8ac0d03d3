"""Lines that the client has the agent say: between turns, in their place, or cutting in."""

import pytest

from scenes import READY, RUNNING
from transcript import Hears, Line, after, client, course_of, itself, openai, play, sounds
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    DiscardGate,
    OpenGate,
    Report,
    SendCancel,
    SendItem,
    SendRequest,
    SendTruncate,
    ShowAgentText,
    ShowUserText,
    UserStarted,
)
from turngate.core.events import (
    AgentLine,
    AgentText,
    AgentTextDone,
    AudioBegan,
    ItemAcknowledged,
    Manner,
    ResponseCreated,
    ResponseDone,
    SpeechCleared,
    SpeechStarted,
    UserTyped,
)
from turngate.core.items import UserText
from turngate.core.limits import WAITING
from turngate.errors import AgentHasFloor, QueueFull, UserHasFloor
from turngate.units import Ms


def spoken_as(request: int, response: str) -> tuple[Line, ...]:
    return (
        openai << SendRequest(f"tg_request_{request}", "Still there?"),
        openai >> ResponseCreated(response, f"tg_request_{request}"),
        openai >> AgentTextDone(response, "line", "Still there?"),
        client << ShowAgentText("Still there?"),
        openai >> ResponseDone(response, f"tg_request_{request}"),
        client << AgentFinished(),
    )


def test_a_line_between_turns_is_spoken_word_for_word() -> None:
    play(*READY, client >> AgentLine("Still there?"), *spoken_as(1, "r1"))


def test_a_polite_line_is_refused_while_the_agent_answers() -> None:
    play(*RUNNING, client >> AgentLine("Still there?"), client << Report(AgentHasFloor()))


def test_a_polite_line_is_refused_while_an_answer_is_owed() -> None:
    play(
        *READY,
        client >> UserTyped("hi"),
        client << ShowUserText("hi"),
        openai << SendItem("tg_item_1", UserText("hi")),
        client >> AgentLine("Still there?"),
        client << Report(AgentHasFloor()),
    )


def test_a_polite_line_is_refused_while_the_user_speaks() -> None:
    play(
        *READY,
        openai >> SpeechStarted("a1"),
        client << UserStarted(),
        client >> AgentLine("Still there?"),
        client << Report(UserHasFloor()),
    )


def test_a_line_that_waits_is_spoken_after_the_answer() -> None:
    play(
        *RUNNING,
        client >> AgentLine("Still there?", Manner.QUEUE),
        openai >> ResponseDone("r1", "tg_request_1"),
        *spoken_as(2, "r2"),
    )


def test_a_line_that_cuts_in_stops_the_answer_at_what_was_heard_and_goes_before_what_waits() -> (
    None
):
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        itself << OpenGate("r1", "a1"),
        openai >> AgentText("r1", "a1", "Once upon"),
        client >> UserTyped("two"),
        client << ShowUserText("two"),
        openai << SendItem("tg_item_2", UserText("two")),
        openai >> ItemAcknowledged("tg_item_2"),
        sounds("a1", ms=500),
        after(ms=400),
        client >> AgentLine("Still there?", Manner.INTERRUPT),
        client << ShowAgentText("Once"),
        itself << DiscardGate(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 400),
        openai << SendCancel("tg_cancel_1", "r1"),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "client_cancelled"),
        *spoken_as(2, "r2"),
        openai << SendRequest("tg_request_3"),
    )


def test_a_line_that_cuts_in_between_turns_is_spoken_at_once() -> None:
    play(*READY, client >> AgentLine("Still there?", Manner.INTERRUPT), *spoken_as(1, "r1"))


@pytest.mark.parametrize("manner", Manner)
def test_a_line_before_the_configuration_is_confirmed_waits_for_it(manner: Manner) -> None:
    *before, updated, applied = READY
    play(
        *before,
        client >> AgentLine("Still there?", manner),
        updated,
        applied,
        *spoken_as(1, "r1"),
    )


def test_a_line_that_finds_too_much_waiting_is_refused() -> None:
    waiting = (client >> AgentLine("Still there?", Manner.QUEUE),) * WAITING
    full = QueueFull("changes and requests", WAITING)
    play(*RUNNING, *waiting, waiting[0], client << Report(full))


def test_answer_that_a_line_cut_off_before_its_first_word_is_asked_for_again() -> None:
    course = course_of(
        *RUNNING,
        client >> AgentLine("Still there?", Manner.INTERRUPT),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "client_cancelled"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
    )
    told = [line.effect for line in course.lines if isinstance(line, Hears)]
    words = [effect.say for effect in told if isinstance(effect, SendRequest)]
    assert words == [None, "Still there?", None]


def test_answer_that_noise_cut_off_is_asked_for_again_before_a_line_that_waits_behind_it() -> None:
    play(
        *RUNNING,
        client >> AgentLine("Still there?", Manner.QUEUE),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected"),
        openai >> SpeechCleared(),
        openai << SendRequest("tg_request_2"),
        openai >> ResponseCreated("r2", "tg_request_2"),
        openai >> ResponseDone("r2", "tg_request_2"),
        *spoken_as(3, "r3"),
    )
