"""What the machines do with events that a well-behaved upstream never causes: nothing."""

import pytest

from turngate.core import continuity, floor, playback, slot, tools
from turngate.units import Ms


@pytest.mark.parametrize(
    "phase, event",
    [
        (slot.Active("r1", "e1"), slot.UpdateSent("e2")),
        (slot.Requested("e1"), slot.RequestSent("e2")),
        (slot.Active("r1", "e1"), slot.Updated()),
        (slot.Requested("e1"), slot.Rejected("e2")),
        (slot.Requested("e1"), slot.Taken("e2", None)),
        (slot.Active("r1", "e1"), slot.Created("r1", "e1")),
        (slot.Active("r1", "e1"), slot.Done("r2", None)),
        (slot.Idle(), slot.Done("r1", "e1")),
    ],
)
def test_event_out_of_turn_is_counted_and_survived(phase: slot.Phase, event: slot.Event) -> None:
    assert slot.advance(phase, event) == (phase, (slot.Stray(),))


@pytest.mark.parametrize("event", [slot.Cancel(), slot.CancelMissed(), slot.Overdue()])
def test_idle_slot_has_nothing_to_stop(event: slot.Event) -> None:
    assert slot.advance(slot.Idle(), event) == (slot.Idle(), ())
    assert slot.deadline_ms(slot.Idle()) is None


def test_response_that_begins_twice_is_not_its_own_predecessor() -> None:
    crossed = slot.Crossed("r1", "e1")
    after, effects = slot.advance(crossed, slot.Created("r1", "e1"))
    assert (after, effects) == (slot.Active("r1", "e1"), (slot.Answered("r1"),))


def test_response_that_should_have_ended_before_the_next_has() -> None:
    after, effects = slot.advance(slot.Active("r1", "e1"), slot.Created("r2", None))
    assert after == slot.Active("r2", None)
    assert effects == (slot.Ended("r1"), slot.Foreign("r2"), slot.Stray())


def test_deadline_of_a_quiet_floor_changes_nothing() -> None:
    assert floor.advance(floor.Quiet(), floor.Overdue()) == (floor.Quiet(), ())


@pytest.mark.parametrize(
    "phase, event",
    [
        (playback.Cut("r1", unheard=True), playback.AudioBegan("r1", "a1")),
        (playback.Cut("r1", unheard=True), playback.TextShown("r1")),
        (playback.Shown("r1"), playback.Over("r2")),
        (playback.Audible("r1"), playback.Over("r2")),
        (playback.Shown("r1"), playback.Continued("r2")),
        (playback.Shown("r1"), playback.Abandoned()),
    ],
)
def test_playback_is_not_moved_by_what_is_not_its_own(
    phase: playback.Phase, event: playback.Event
) -> None:
    assert playback.advance(phase, event) == (phase, ())


def test_user_who_interrupts_the_playout_of_a_response_that_is_over_cuts_no_other() -> None:
    stopped = (playback.Silent(), (playback.Discard(), playback.Finish()))
    assert playback.advance(playback.Draining(), playback.Interrupted(None)) == stopped


def test_turn_that_begins_to_be_heard_finishes_the_one_before() -> None:
    after, effects = playback.advance(playback.Draining(), playback.AudioBegan("r2", "a2"))
    assert after == playback.Audible("r2")
    assert effects == (playback.Finish(), playback.Start(), playback.Open("r2", "a2"))


def test_connection_that_is_replaced_before_it_has_answered_does_not_count_for_new() -> None:
    after, effects = continuity.advance(continuity.Proving(2), continuity.Unfit())
    assert after == continuity.Relinking(2)
    assert effects == (continuity.Suspend(), continuity.Redial(Ms(0)))


@pytest.mark.parametrize("event", [tools.Announce(), tools.Overdue(), tools.Park(), tools.Cancel()])
@pytest.mark.parametrize("phase", [tools.Answered(), tools.Cancelled()])
def test_settled_call_stays_as_it_is(phase: tools.Phase, event: tools.Event) -> None:
    assert tools.advance(phase, event) == (phase, ())


def test_parked_call_is_withdrawn_without_a_second_output() -> None:
    assert tools.advance(tools.Parked(), tools.Cancel()) == (tools.Cancelled(), (tools.Withdraw(),))
