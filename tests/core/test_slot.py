"""What the slot knows of the response that holds it: its id, from the first moment it can."""

import pytest

from turngate.core import reservation, slot


@pytest.mark.parametrize(
    "phase, event, after, effects",
    [
        # an update that met a response waits for that one's end, and for no other's
        (
            slot.Updating("e1"),
            slot.Taken("e1", "r1"),
            slot.Occupied("r1"),
            (slot.Returned(), slot.Foreign("r1")),
        ),
        # what is stopped is stopped by name, so that only its own end frees the slot
        (
            slot.Active("r1", "e1"),
            slot.Cancel(),
            slot.Cancelling("r1"),
            (slot.SendCancel("r1"),),
        ),
        (
            slot.Withdrawn("e1"),
            slot.Created("r1", "e1"),
            slot.Cancelling("r1"),
            (slot.Returned(), slot.SendCancel("r1")),
        ),
        # another's response is told by its id, for somebody may have been promised it
        (
            slot.Requested("e1"),
            slot.Created("r1", None),
            slot.Crossed("r1", "e1"),
            (slot.Foreign("r1"),),
        ),
        (
            slot.Updating("e1"),
            slot.Created("r1", None),
            slot.Updating("e1", "r1"),
            (slot.Foreign("r1"),),
        ),
        (
            slot.Updating("e1", "r1"),
            slot.Created("r2", None),
            slot.Updating("e1", "r2"),
            (slot.Ended("r1"), slot.Foreign("r2")),
        ),
        (
            slot.Idle(),
            slot.Created("r1", None),
            slot.Active("r1", None),
            (slot.Foreign("r1"),),
        ),
        #    once, when it is first named: what is said after that is not what it answers
        (
            slot.Requested("e1"),
            slot.Taken("e1", "r1"),
            slot.Occupied("r1"),
            (slot.Returned(), slot.Foreign("r1")),
        ),
        (
            slot.Occupied("r1"),
            slot.Created("r1", None),
            slot.Active("r1", None),
            (),
        ),
        #    and a holder without a name is nobody's until it has one
        (
            slot.Requested("e1"),
            slot.Taken("e1", None),
            slot.Occupied(None),
            (slot.Returned(),),
        ),
        (
            slot.Occupied(None),
            slot.Created("r1", None),
            slot.Active("r1", None),
            (slot.Foreign("r1"),),
        ),
        # an end is told of the response that ended, and what is unanswered stays so
        (
            slot.Crossed("r1", "e1"),
            slot.Done("r1", None),
            slot.Requested("e1"),
            (slot.Ended("r1"),),
        ),
        (
            slot.Updating("e1", "r1"),
            slot.Done("r1", None),
            slot.Updating("e1"),
            (slot.Ended("r1"),),
        ),
        (
            slot.Occupied(None),
            slot.Done("r1", None),
            slot.Idle(),
            (slot.Ended("r1"),),
        ),
    ],
)
def test_the_response_that_holds_the_slot_is_known_by_its_id(
    phase: slot.Phase, event: slot.Event, after: slot.Phase, effects: tuple[slot.Effect, ...]
) -> None:
    assert slot.advance(phase, event) == (after, effects)


@pytest.mark.parametrize(
    "event, effect",
    [
        (reservation.Claimed("r1"), reservation.Adopted("u2", "r1")),
        (reservation.Overdue(), reservation.Unclaimed("u2")),
    ],
)
def test_the_server_s_right_is_to_answer_the_speech_that_was_committed_last(
    event: reservation.Event, effect: reservation.Effect
) -> None:
    phase: reservation.Phase = reservation.Free()
    for item_id in ("u1", "u2"):
        phase, _ = reservation.advance(phase, reservation.Committed(item_id))
    assert reservation.advance(phase, event) == (reservation.Free(), (effect,))
