"""Which deadlines run at a moment: one for each thing that is waited for, and none besides."""

import pytest

from scenes import AUDIBLE, CUT, POLICY, READY, RUNNING, called, result, typed
from transcript import Line, after, client, course_of, itself, openai, play, sounds
from turngate.core import limits
from turngate.core.effects import (
    AgentFinished,
    CancelTimer,
    SendTruncate,
    SetTimer,
    ShowAgentText,
    UserStarted,
)
from turngate.core.events import (
    AgentText,
    AudioBegan,
    CallAsked,
    CallResult,
    ItemAcknowledged,
    Rejected,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    Timer,
    UserTranscribed,
)
from turngate.core.limits import CAPTION_MS
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


# -- the next look at the playhead

CAPTION, SOON_MS, SLOWLY_MS = Timer("caption"), Ms(325), 1_000
TWO, TWO_MS = "One. Two. T", 2_200
"""The second sentence begins after `SOON_MS` at the usual pace; at that of so much audio, slowly."""
HEARD: tuple[Line, ...] = (
    *AUDIBLE,
    after(ms=500),
    openai >> AgentText("r1", "a1", TWO, is_spoken=True),
    client << ShowAgentText("One."),
    itself << SetTimer(CAPTION, SOON_MS),
    sounds("a1", ms=TWO_MS),
    after(ms=10),
    openai >> ItemAcknowledged("tg_item_1"),
    itself << SetTimer(CAPTION, Ms(SLOWLY_MS - 10)),
)


def test_words_whose_audio_plays_on_are_looked_at_when_they_begin_and_not_before() -> None:
    play(
        *HEARD,
        after(ms=400),
        openai >> ItemAcknowledged("tg_item_1"),
        after(ms=SLOWLY_MS - 411),
        after(ms=1),
        client << ShowAgentText("Two."),
        itself << SetTimer(CAPTION, Ms(SLOWLY_MS)),
    )


def test_words_that_are_cut_off_are_not_looked_at_any_more() -> None:
    play(
        *HEARD,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai << SendTruncate("tg_cut_1", "a1", 10),
        itself << CancelTimer(CAPTION),
    )


def test_words_whose_audio_stalls_are_looked_at_later_only_where_it_makes_a_difference() -> None:
    play(
        *AUDIBLE,
        after(ms=500),
        openai >> AgentText("r1", "a1", TWO, is_spoken=True),
        client << ShowAgentText("One."),
        itself << SetTimer(CAPTION, SOON_MS),
        after(ms=CAPTION_MS),
        openai >> ItemAcknowledged("tg_item_1"),
        after(ms=1),
        openai >> ItemAcknowledged("tg_item_1"),
        itself << SetTimer(CAPTION, SOON_MS),
    )
