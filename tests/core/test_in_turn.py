"""Whether a session is in a turn: the question of a gateway that wants to stop."""

import pytest

from scenes import READY, RUNNING, called, typed
from transcript import Line, client, course_of, openai
from turngate.core import order
from turngate.core.events import (
    CallResult,
    ClientOpened,
    Configure,
    ItemAcknowledged,
    Reconfigure,
    ResponseCreated,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    Updated,
    UpstreamOpened,
    UserAudio,
    UserTyped,
)
from turngate.core.native import NativeSession, TurnsKnown
from turngate.core.policy import Policy
from turngate.units import Ms

MANUAL: tuple[Line, ...] = (
    client >> ClientOpened("call"),
    openai >> UpstreamOpened(),
    client >> Configure("settings", {}, manual_turns=True),
    openai >> Updated(),
)
ANSWERED = (*RUNNING, openai >> ResponseDone("r1", "tg_request_1"))
WITH_CALL = (*RUNNING, *called("r1", "c1"), openai >> ResponseDone("r1", "tg_request_1"))
SPEAKING = (*READY, openai >> SpeechStarted("u1"))
SPOKEN = (*SPEAKING, openai >> SpeechStopped("u1"), openai >> SpeechCommitted("u1"))


@pytest.mark.parametrize(
    "script, is_in_turn",
    [
        ((client >> ClientOpened("call"),), False),
        (READY, False),
        ((*READY, client >> Reconfigure("c", {"prompt": "new"})), False),
        ((*READY, *typed("hi", "tg_item_1")), True),
        ((*READY[:4], client >> UserTyped("hi")), True),
        (RUNNING, True),
        (ANSWERED, False),
        (WITH_CALL, True),
        ((*WITH_CALL, client >> CallResult("c1", "f", "noon")), True),
        (SPEAKING, True),
        (SPOKEN, True),
        ((*SPOKEN, openai >> ItemAcknowledged("u1")), True),
        (MANUAL, False),
        ((*MANUAL, client >> UserAudio(Ms(500))), True),
    ],
)
def test_session_is_in_a_turn_until_nothing_is_owed(
    script: tuple[Line, ...], *, is_in_turn: bool
) -> None:
    assert course_of(*script).session.is_in_turn is is_in_turn


def test_speech_that_the_server_is_to_answer_is_a_turn() -> None:
    assert course_of(*SPOKEN, policy=Policy(server_turns=True)).session.is_in_turn


def test_realtime_session_is_in_a_turn_until_its_last_response_has_ended() -> None:
    session = NativeSession()
    session.receive(TurnsKnown(server_answers=False))
    assert not session.is_in_turn
    for ticket in (1, 2):
        session.receive(order.ClientSent(ticket, order.Kind.REQUEST))
    assert session.is_in_turn
    for number in (1, 2):
        asked = f"tg_request_{number}"
        session.receive(ResponseCreated(f"r{number}", asked))
        assert session.is_in_turn
        session.receive(ResponseDone(f"r{number}", asked))
    assert not session.is_in_turn


def test_realtime_user_who_speaks_is_in_a_turn() -> None:
    session = NativeSession()
    session.receive(TurnsKnown(server_answers=True))
    session.receive(SpeechStarted("u1"))
    assert session.is_in_turn


def test_server_that_answers_what_waited_before_speech_ends_the_turn() -> None:
    script = (
        *READY,
        openai >> SpeechStarted("u1"),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai >> SpeechStopped("u1"),
        openai >> SpeechCommitted("u1"),
        openai >> ItemAcknowledged("u1"),
        openai >> ResponseCreated("rv"),
        openai >> ResponseDone("rv"),
    )
    assert not course_of(*script, policy=Policy(server_turns=True)).session.is_in_turn
