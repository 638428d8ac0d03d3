"""Rows of the golden tables that nothing can pass: sessions that are told anything at all pass none."""

import re
from typing import get_args

import pytest
from proof.simulation import unreached
from proof.simulation.anything import pass_rows
from proof.simulation.rows import read

from turngate.core import commits, committing, floor, setup, slot

SESSIONS = 300


def test_sessions_that_are_told_anything_pass_no_row_that_is_never_sent() -> None:
    visits = pass_rows(range(SESSIONS))
    assert len(visits.passed) > 300, "they have to get about"
    assert unreached.impossible(visits.passed) == []


def test_every_group_of_rows_that_are_never_sent_has_some_and_shares_none() -> None:
    for row in read():
        found = [each for each in unreached.NEVER if re.fullmatch(each.pattern, str(row))]
        assert len(found) <= 1, row
    counted = unreached.counted(read())
    assert set(counted) == {each.why for each in unreached.NEVER}


def test_the_phases_without_a_deadline_have_none() -> None:
    gathered = (commits.Detected(), commits.Empty(is_first=True), commits.Empty(is_first=False))
    assert [slot.deadline_ms(slot.Idle()), floor.deadline_ms(floor.Quiet())] == [None, None]
    assert committing.deadline_ms(committing.Settled()) is None
    assert {commits.pause_ms(each) or commits.longest_ms(each) for each in gathered} == {None}
    found = {str(row) for row in read() if unreached.group_of(row) == unreached.NO_DEADLINE}
    phases = (
        "slot: Idle, floor: Quiet, commits: Detected, commits: Empty(True), commits: Empty(False)"
    )
    assert found == {f"{each} Overdue" for each in (*phases.split(", "), "committing: Settled")}


@pytest.mark.parametrize("phase", get_args(setup.Phase))
def test_nothing_is_answered_in_a_phase_in_which_nothing_leaves(
    phase: type[setup.Unconfigured],
) -> None:
    silent = any(
        row.phase == phase.__name__
        for row in read()
        if unreached.group_of(row) == unreached.NOTHING_SENT
    )
    assert silent != setup.may_send(phase())
