"""A Realtime client's requests beside function calls, its own and the gateway's."""

from core.native_script import (
    REQUEST,
    UPDATE,
    Line,
    asked,
    came,
    created,
    done,
    fired,
    output,
    output_that_releases,
    play,
    sent,
)
from turngate.core import effects, events
from turngate.core.events import Timer
from turngate.core.limits import (
    PATIENCE_MS,
)
from turngate.core.native import (
    ForwardAs,
    Lost,
    Offered,
    OwnAnswered,
    OwnRequest,
)
from turngate.core.order import ClientSent
from turngate.errors import UpstreamLost


def test_a_request_waits_for_the_outputs_of_all_calls() -> None:
    play(
        came(created("r1")),
        came(asked("r1", "c1")),
        came(asked("r1", "c2")),
        output(1, "c1"),
        came(asked("r1", "c1")),
        came(done("r1")),
        sent(2, REQUEST),
        output_that_releases(3, "c2", ForwardAs(2, "tg_request_1")),
    )


def test_a_request_waits_no_longer_than_patience_lasts_for_an_output() -> None:
    session = play(came(created("r1")), came(asked("r1", "c1")), came(done("r1")))
    held = session.receive(ClientSent(1, REQUEST))
    assert effects.SetTimer(Timer("patience"), PATIENCE_MS) in held
    assert ForwardAs(1, "tg_request_1") in session.receive(events.TimerFired(Timer("patience")))


def test_our_own_request_goes_before_what_waits_once_our_call_has_its_output() -> None:
    session = play(
        Line(Offered(frozenset({"get_time"}))),
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(asked("r1", "c1")),
        sent(2, UPDATE),
        sent(3, REQUEST),
        came(done("r1", 1)),
        fired("patience"),
        Line(OwnRequest(4)),
        Line(OwnAnswered("c1"), (ForwardAs(4, "tg_request_2"),)),
        came(created("r2", 2)),
        came(done("r2", 2), ForwardAs(2, "tg_update_1")),
        came(events.Updated(), ForwardAs(3, "tg_request_3")),
    )
    assert session.holds_audio is False


def test_a_mixed_round_waits_for_our_output_and_for_the_clients() -> None:
    play(
        Line(Offered(frozenset({"ours"}))),
        came(created("r1")),
        came(events.CallAsked("r1", "c1", "ours", "{}")),
        came(asked("r1", "c2")),
        came(done("r1")),
        output(1, "c2"),
        sent(2, REQUEST),
        Line(OwnAnswered("c1"), (ForwardAs(2, "tg_request_1"),)),
    )


def test_a_call_beside_the_conversation_takes_no_output_and_holds_nothing() -> None:
    play(
        came(created("r1")),
        came(asked("beside", "c1")),
        came(done("r1")),
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
    )


def test_each_request_of_our_own_has_a_response_of_its_own() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        Line(OwnRequest(2)),
        Line(OwnRequest(3)),
        came(done("r1", 1), ForwardAs(3, "tg_request_2")),
        came(created("r2", 2)),
        came(done("r2", 2), ForwardAs(2, "tg_request_3")),
    )


def test_a_request_of_our_own_that_waits_when_the_upstream_goes_is_told_lost() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        Line(OwnRequest(2)),
    )
    assert Lost(2) in session.receive(events.UpstreamFailed(UpstreamLost("code 1001")))
