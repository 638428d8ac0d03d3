"""A Realtime client's cancels: of what runs, of what waits, and of what is not answered yet."""

from core.native_script import FOLLOW, REQUEST, RESENT, UPDATE, came, created, done, play, sent
from turngate.core import effects, events
from turngate.core.native import (
    Blame,
    Forward,
    ForwardAs,
    Swallow,
    Withdraw,
)
from turngate.core.order import Kind


def test_a_cancel_ends_what_waits_and_what_runs() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        sent(2, REQUEST),
        sent(3, FOLLOW),
        sent(4, Kind.CANCEL, Withdraw(2), Forward(4), Forward(3)),
        came(done("r1", 1)),
    )


def test_a_cancel_of_what_only_waits_does_not_go_upstream() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        sent(2, REQUEST),
        sent(3, Kind.CANCEL, Withdraw(2)),
        came(events.Updated()),
    )


def test_a_cancel_with_nothing_to_cancel_is_upstreams_to_judge() -> None:
    play(
        sent(1, Kind.CANCEL, Forward(1)),
        came(events.CancelMissed("theirs")),
        came(events.CancelMissed("tg_cancel_1"), Swallow()),
    )


def test_a_cancel_before_created_leaves_when_there_is_something_to_cancel() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(created("r1", 1), Forward(2)),
        sent(3, REQUEST),
        came(done("r1", 1), ForwardAs(3, "tg_request_2")),
    )


def test_a_cancelled_request_that_is_refused_is_not_sent_again() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(
            events.SlotTaken("tg_request_1", "rv"),
            effects.Count("race"),
            Swallow(),
            Withdraw(1),
            Forward(2),
        ),
        came(done("rv")),
    )


def test_a_cancelled_request_that_is_refused_for_the_last_time_ends_the_same_way() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(events.SlotTaken("tg_request_1", "rv"), *RESENT),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
        came(events.SlotTaken("tg_request_2", "rw"), *RESENT),
        came(done("rw"), ForwardAs(1, "tg_request_3")),
        sent(2, Kind.CANCEL),
        came(
            events.SlotTaken("tg_request_3", "rx"),
            effects.Count("race"),
            Swallow(),
            Withdraw(1),
            Forward(2),
        ),
        came(done("rx")),
    )


def test_a_cancelled_request_that_ends_before_it_began_is_not_asked_again() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(events.SlotTaken("somebody_else", "r9"), effects.Count("stray")),
        came(done("r1", 1), Forward(2)),
        sent(3, REQUEST, ForwardAs(3, "tg_request_2")),
    )


def test_a_cancelled_request_that_is_rejected_lets_its_cancel_go() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(events.Rejected("tg_request_1", "invalid_value", "no"), Blame(1), Forward(2)),
        sent(3, REQUEST, ForwardAs(3, "tg_request_2")),
    )


def test_a_refusal_of_something_else_is_none_of_a_request_that_is_being_cancelled() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(created("r1", 1), Forward(2)),
        came(events.SlotTaken("somebody_else", "r1"), effects.Count("stray")),
        came(done("r1", 1)),
    )
