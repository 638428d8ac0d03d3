"""The language of the scripts can fail."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

import pytest

from transcript import after, client, itself, openai, play
from turngate.core.effects import CancelTimer, Count, Hangup, SendUpdate, SetTimer, Welcome
from turngate.core.events import (
    ClientGone,
    ClientOpened,
    Configure,
    Timer,
    Updated,
    UpstreamOpened,
)
from turngate.units import Ms

Failure = pytest.fail.Exception


def test_script_that_holds_passes() -> None:
    play(client >> ClientOpened("r"), client << Welcome("r"))


def test_missing_effect_fails() -> None:
    with pytest.raises(Failure, match=r"(?m)^- client << Welcome\(request_id='r'\)$"):
        play(openai >> Updated(), client << Welcome("r"))


def test_unexpected_effect_fails() -> None:
    with pytest.raises(Failure, match=r"(?m)^\+ client << Welcome\(request_id='r'\)$"):
        play(client >> ClientOpened("r"))


def test_effect_at_the_wrong_place_fails() -> None:
    with pytest.raises(Failure):
        play(client << Welcome("r"), client >> ClientOpened("r"))


def test_end_of_the_session_is_always_compared() -> None:
    with pytest.raises(Failure, match="Hangup"):
        play(client >> ClientGone())
    play(client >> ClientGone(), itself << Hangup())


def test_kind_that_is_named_once_has_to_be_named_always() -> None:
    stray = openai >> Updated()
    play(stray, stray)
    play(stray, itself << Count("stray"), stray, itself << Count("stray"))
    with pytest.raises(Failure):
        play(stray, itself << Count("stray"), stray)
    with pytest.raises(Failure):
        play(stray, itself << Count("race"))


def test_time_fires_the_deadlines_that_were_set() -> None:
    slot = Timer("slot")
    lines = (
        client >> Configure("c", {"a": 1}),
        openai >> UpstreamOpened(),
        openai << SendUpdate("tg_update_1", {"a": 1}),
        itself << SetTimer(slot, Ms(10_000)),
        openai >> Updated(),
    )
    with pytest.raises(Failure, match=r"\+ itself << CancelTimer|\+ client << Acknowledge"):
        play(*lines, itself << CancelTimer(slot))
    with pytest.raises(Failure, match=r"\+ client << Report"):
        play(*lines[:-1], after(ms=10_000))
    with pytest.raises(Failure, match=r"\+ client << Acknowledge"):
        play(*lines, after(ms=9_999))


def test_wrong_direction_is_a_type_error() -> None:
    # pyright reports the comments below as superfluous as soon as it accepts the lines.
    client >> Updated()  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - upstream's
    openai << Welcome("r")  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - client's
