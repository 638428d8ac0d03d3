"""Which deadlines run at a moment: one for each thing that is waited for, and none besides."""

import pytest

from scenes import AUDIBLE, CUT, POLICY, READY, RUNNING, called, result, typed
from transcript import Line, after, client, course_of, openai, sounds
from turngate.core import limits
from turngate.core.events import (
    AgentText,
    AudioBegan,
    CallAsked,
    CallResult,
    Rejected,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    Timer,
    UserTranscribed,
)
from turngate.core.manners import Manners
from turngate.core.policy import Policy
from turngate.units import Ms

SLOT, ITEM, CALL = Timer("slot"), Timer("ask", "tg_item_1"), Timer("call", "c1")
FILLER, RESULTS = Timer("filler"), Timer("ask", "tg_results_1")
TALKS = Policy(manners={"weather": Manners(filler="One moment.", filler_after_ms=Ms(900))})

SENT = (*READY, *typed("one", "tg_item_1"))
ANSWERED = (*RUNNING, openai >> ResponseDone("r1", "tg_request_1"))
CALLED = (*RUNNING, *called("r1", "c1"))
RETURNED = (*CALLED, *result("c1", "tg_item_2"))
SPEAKING = (*READY, openai >> SpeechStarted("u1"))
HEARING = (*SPEAKING, openai >> SpeechStopped("u1"))
SPOKEN = (*HEARING, openai >> SpeechCommitted("u1"))


@pytest.mark.parametrize(
    "script, deadlines",
    [
        (READY, {}),
        (SENT, {ITEM: limits.ITEM_MS}),
        ((*SENT, after(ms=50)), {ITEM: limits.ITEM_MS - 50}),
        ((*SENT, openai >> Rejected("tg_item_1", "too_long", "It is too long.")), {}),
        (RUNNING, {SLOT: limits.SILENCE_MS}),
        (ANSWERED, {}),
        (CALLED, {SLOT: limits.SILENCE_MS, CALL: limits.CALL_MS}),
        (RETURNED, {SLOT: limits.SILENCE_MS}),
        ((*RETURNED, openai >> ResponseDone("r1", None)), {RESULTS: limits.OUTPUT_MS}),
        ((*CALLED, openai >> ResponseDone("r1", None, "cancelled")), {}),
        (SPEAKING, {Timer("floor"): limits.SPEAKING_MS}),
        (
            SPOKEN,
            {Timer("ask", "u1"): limits.ITEM_MS, Timer("transcript", "u1"): limits.TRANSCRIPT_MS},
        ),
        (
            (*HEARING, openai >> UserTranscribed("u1", "one"), openai >> SpeechCommitted("u1")),
            {Timer("ask", "u1"): limits.ITEM_MS},
        ),
        ((*SPOKEN, openai >> UserTranscribed("u1", "one")), {Timer("ask", "u1"): limits.ITEM_MS}),
    ],
)
def test_each_thing_that_is_waited_for_has_its_deadline(
    script: tuple[Line, ...], deadlines: dict[Timer, int]
) -> None:
    course = course_of(*script)
    assert {timer: at - course.now_ms for timer, at in course.deadlines.items()} == deadlines


def test_a_silence_beside_a_function_that_has_a_filler_is_a_deadline_too() -> None:
    course = course_of(*CALLED, openai >> ResponseDone("r1", "tg_request_1"), policy=TALKS)
    assert course.deadlines == {CALL: limits.CALL_MS, FILLER: 900}
    course.say(client >> CallResult("c1", "weather", "sunny"))
    assert course.deadlines == {RESULTS: limits.OUTPUT_MS}


def test_a_call_that_nobody_waits_for_has_none() -> None:
    course = course_of(
        *RUNNING, openai >> SpeechStarted("u1"), openai >> CallAsked("r1", "c1", "f", "{}")
    )
    assert CALL not in course.deadlines


def test_words_wait_for_all_the_audio_before_them() -> None:
    course = course_of(
        *AUDIBLE,
        sounds("a1", ms=1_000),
        openai >> AudioBegan("r1", "a2"),
        sounds("a2", ms=500),
        openai >> AudioBegan("r1", "a3"),
        openai >> AgentText("r1", "a3", "Three. ", is_spoken=True),
        openai >> AgentText("r1", "a3", "Four.", is_spoken=True),
    )
    assert course.deadlines[Timer("caption")] == 1_500


def test_nothing_of_a_connection_is_waited_for_that_is_gone() -> None:
    course = course_of(*SPOKEN, *CUT, policy=POLICY)
    assert course.deadlines == {}
