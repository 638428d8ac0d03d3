"""A Realtime client's requests that meet the server's own responses, and refusals of any kind."""

import pytest

from core.native_script import (
    PASS,
    REQUEST,
    RESENT,
    UPDATE,
    Line,
    came,
    created,
    done,
    fired,
    play,
    sent,
    speech,
)
from turngate.core import effects, events
from turngate.core.limits import (
    SILENCE_MS,
)
from turngate.core.native import (
    Blame,
    Forward,
    ForwardAs,
    Hold,
    Lost,
    NativeSession,
    Swallow,
    TurnsKnown,
    Withdraw,
)
from turngate.core.order import ClientSent, Kind, Why
from turngate.errors import UpstreamSilent


def test_case_a_a_request_that_crossed_the_servers_response_is_sent_again() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(done("r1", 1)),
        *speech("item_a"),
        fired("slot"),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
        came(created("rv")),
        came(events.SlotTaken("tg_request_2", "rv"), *RESENT),
        came(done("rv"), ForwardAs(2, "tg_request_3")),
        came(created("r2", 3)),
        came(done("r2", 3)),
        server_answers=True,
    )


def test_a_server_that_is_known_to_echo_is_understood_from_the_first_request_on() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("rv")),
        sent(2, REQUEST),
        came(done("rv")),
        came(created("r1", 1)),
        came(done("r1", 1), ForwardAs(2, "tg_request_2")),
        echoes=True,
    )


def test_a_request_without_room_for_a_mark_is_told_by_the_order() -> None:
    play(
        Line(ClientSent(1, REQUEST, unmarked=True), (ForwardAs(1, "tg_request_1"),)),
        came(created("r1")),
        came(done("r1")),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
        came(created("r2", 2)),
        came(done("r2", 2)),
        echoes=True,
    )


def test_case_b_a_request_that_was_refused_is_kept() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, REQUEST),
        came(events.SlotTaken("tg_request_1", "rv"), *RESENT),
        came(created("rv")),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
        came(created("r1", 2)),
        came(done("r1", 2), ForwardAs(2, "tg_request_3")),
        server_answers=True,
    )


def test_case_c_a_refusal_that_names_nobody_belongs_to_the_only_request() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("rv")),
        came(events.SlotTaken(None, "rv"), *RESENT),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
        came(created("r1", 2)),
        came(done("r1", 2)),
        server_answers=True,
    )


def test_case_d_the_end_of_an_older_response_frees_nothing() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(done("r1", 1)),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
        sent(3, REQUEST),
        came(done("r1", 1), effects.Count("stray")),
        came(created("r2", 2)),
        came(done("r1", 1), effects.Count("stray")),
        came(done("r2", 2), ForwardAs(3, "tg_request_3")),
    )


def test_a_request_refused_too_often_is_shown_to_its_client() -> None:
    refused = events.SlotTaken("tg_request_1", "rv")
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(refused, *RESENT),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
        came(events.SlotTaken("tg_request_2", "rw"), *RESENT),
        came(done("rw"), ForwardAs(1, "tg_request_3")),
        came(events.SlotTaken("tg_request_3", "rx"), effects.Count("race"), Blame(1)),
    )


def test_a_refusal_of_the_clients_own_making_is_shown_and_frees_the_slot() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        sent(2, REQUEST),
        came(
            events.Rejected("tg_update_1", "unknown_parameter", "no"),
            Blame(1),
            ForwardAs(2, "tg_request_1"),
        ),
        came(events.Rejected("tg_request_1", "invalid_value", "no"), Blame(2)),
        came(events.Rejected("theirs", "invalid_value", "passed on as it is")),
        came(events.Rejected("tg_cancel_9", "", "an event of ours"), Swallow()),
    )


def test_case_e_an_upstream_that_answers_nothing_ends_the_call() -> None:
    silent = Lost(1), effects.Report(UpstreamSilent("requested")), effects.Hangup()
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        fired("slot", "", SILENCE_MS, *silent),
    )
    assert session.receive(ClientSent(2, PASS)) == []


def test_an_upstream_that_answers_no_request_beside_a_silent_response_ends_the_call() -> None:
    silent = Lost(2), effects.Report(UpstreamSilent("crossed")), effects.Hangup()
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(done("r1", 1)),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
        came(created("rv")),
        fired("slot", "", 10),
        fired("slot", "", SILENCE_MS, *silent),
    )


def test_what_was_refused_waits_again() -> None:
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")))
    assert Hold(1, Why.RACE) in session.receive(events.SlotTaken("tg_request_1", "rv"))


def test_an_update_that_met_the_servers_response_is_sent_again() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        came(events.SlotTaken("tg_update_1", "rv"), *RESENT),
        came(created("rv")),
        came(done("rv"), ForwardAs(1, "tg_update_2")),
        came(created("rw")),
        came(events.SlotTaken("tg_update_2", "rw"), *RESENT),
        came(done("rw"), ForwardAs(1, "tg_update_3")),
        came(events.SlotTaken("tg_update_3", "rx"), effects.Count("race"), Blame(1)),
    )


def test_a_refusal_that_names_nobody_is_told_by_its_field() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        came(events.Rejected(None, "unknown_parameter", "no", "session.audio.new"), Blame(1)),
        sent(2, REQUEST, ForwardAs(2, "tg_request_1")),
        came(events.Rejected(None, "invalid_value", "the client's other event", "item.role")),
        came(events.Rejected(None, "unknown_parameter", "no", "session.x")),
        came(events.Rejected(None, "invalid_value", "no", "response.tools"), Blame(2)),
        came(events.Rejected(None, "invalid_value", "nothing is on its way", "response.tools")),
        sent(3, REQUEST, ForwardAs(3, "tg_request_2")),
    )


@pytest.mark.parametrize("name", ["tg_request_1", None], ids=["named", "unnamed"])
def test_a_request_that_another_response_was_taken_for_ends_with_its_cancel(
    name: str | None,
) -> None:
    # Nothing has shown yet that this server names requests, so its own response is taken for ours.
    refused = events.SlotTaken(name, "rv")
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(created("rv"), Forward(2)),
        came(refused, effects.Count("race"), Swallow(), Withdraw(1)),
        came(events.ResponseDone("rv")),
        sent(3, REQUEST, ForwardAs(3, "tg_request_2")),
    )


def test_a_cancelled_request_that_turns_out_refused_is_not_asked_again() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(done("r1", 1)),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
        sent(3, Kind.CANCEL),
        came(created("rv")),
        came(done("rv"), Forward(3)),
        came(events.SlotTaken("tg_request_2", None), effects.Count("race"), Swallow(), Withdraw(2)),
        came(events.ResponseDone("rw")),
        server_answers=True,
    )


@pytest.mark.parametrize("name", ["tg_request_1", "tg_update_1", "tg_cancel_1", "tg_output_1"])
def test_a_late_refusal_of_ours_is_seen_by_nobody(name: str) -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(done("r1", 1)),
        sent(2, UPDATE, ForwardAs(2, "tg_update_1")),
        came(events.Updated()),
    )
    assert Swallow() in session.receive(events.SlotTaken(name, None))
    assert Swallow() in session.receive(events.CancelMissed(name))
    assert Swallow() in session.receive(events.Rejected(name, "invalid_value", "no"))


def test_a_client_may_name_its_events_almost_as_we_name_ours() -> None:
    play(
        came(events.Rejected("tg_1", "invalid_value", "passed on as it is")),
        came(events.CancelMissed("tg_cancel_x")),
    )


def test_a_server_of_which_nothing_is_known_need_not_name_the_request() -> None:
    session = NativeSession()
    for event in (events.UpstreamOpened(), TurnsKnown(server_answers=False)):
        session.receive(event)
    assert ForwardAs(1, "tg_request_1") in session.receive(ClientSent(1, REQUEST))
    session.receive(created("r1"))
    session.receive(ClientSent(2, REQUEST))
    assert ForwardAs(2, "tg_request_2") in session.receive(done("r1"))
