"""A Realtime client's own requests: held, sent in the client's order, each with its own response."""

import pytest

from core.native_script import (
    FOLLOW,
    PASS,
    REQUEST,
    UPDATE,
    Line,
    came,
    created,
    done,
    fired,
    is_aside,
    play,
    sent,
    speech,
)
from turngate.core import events
from turngate.core.events import Timer
from turngate.core.native import (
    Forward,
    ForwardAs,
    NativeSession,
    TurnsKnown,
)
from turngate.core.order import ClientSent, Kind


def test_each_request_gets_its_own_response_one_after_the_other() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, REQUEST),
        sent(3, REQUEST),
        came(created("r1", 1)),
        came(done("r1", 1), ForwardAs(2, "tg_request_2")),
        came(created("r2", 2)),
        came(done("r2", 2), ForwardAs(3, "tg_request_3")),
    )


def test_an_update_waits_and_a_request_waits_behind_it() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        sent(2, UPDATE),
        sent(3, REQUEST),
        came(done("r1", 1), ForwardAs(2, "tg_update_1")),
        came(events.Updated(), ForwardAs(3, "tg_request_2")),
    )


def test_updates_are_never_merged() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        sent(2, UPDATE),
        sent(3, UPDATE),
        came(events.Updated(), ForwardAs(2, "tg_update_2")),
        came(events.Updated(), ForwardAs(3, "tg_update_3")),
        came(events.Updated()),
    )


def test_items_keep_their_place_behind_what_waits() -> None:
    play(
        sent(1, FOLLOW, Forward(1)),
        sent(2, REQUEST, ForwardAs(2, "tg_request_1")),
        sent(3, FOLLOW, Forward(3)),
        sent(4, REQUEST),
        sent(5, FOLLOW),
        sent(6, PASS, Forward(6)),
        came(created("r1", 1)),
        came(done("r1", 1), ForwardAs(4, "tg_request_2"), Forward(5)),
    )


def test_audio_passes_unless_what_waits_changes_its_meaning() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, UPDATE),
        sent(3, Kind.AUDIO, Forward(3)),
        sent(4, Kind.COMMIT),
        sent(5, Kind.AUDIO),
        came(created("r1", 1)),
        came(done("r1", 1), ForwardAs(2, "tg_update_1"), Forward(4), Forward(5)),
    )
    assert not session.holds_audio


def test_audio_waits_until_the_change_of_its_input_is_confirmed() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.UPDATE_INPUT),
        came(created("r1", 1)),
        came(done("r1", 1), ForwardAs(2, "tg_update_1")),
    )
    assert session.holds_audio
    session.receive(events.Updated())
    assert not session.holds_audio


def test_nothing_in_the_line_leaves_before_the_session_is_there() -> None:
    session = NativeSession()
    held = [*session.receive(ClientSent(1, UPDATE)), *session.receive(ClientSent(2, REQUEST))]
    assert all(map(is_aside, held))
    assert ForwardAs(1, "tg_update_1") in session.receive(TurnsKnown(server_answers=False))


def test_a_server_that_never_says_that_its_session_is_there_is_spoken_to_all_the_same() -> None:
    session = NativeSession()
    session.receive(events.UpstreamOpened())
    session.receive(ClientSent(1, REQUEST))
    assert ForwardAs(1, "tg_request_1") in session.receive(events.TimerFired(Timer("open")))


def test_a_server_that_does_not_greet_is_spoken_to_at_once() -> None:
    session = NativeSession(greets=False)
    session.receive(ClientSent(1, REQUEST))
    assert ForwardAs(1, "tg_request_1") in session.receive(events.UpstreamOpened())


def test_a_request_waits_for_the_response_that_the_server_owes_to_speech() -> None:
    play(
        *speech("item_a"),
        sent(1, REQUEST),
        came(created("rv")),
        came(done("rv"), ForwardAs(1, "tg_request_1")),
        server_answers=True,
    )


def test_a_request_waits_while_the_user_speaks() -> None:
    play(
        came(events.SpeechStarted("item_a")),
        sent(1, REQUEST),
        came(events.SpeechStopped("item_a")),
        came(events.SpeechCommitted("item_a"), ForwardAs(1, "tg_request_1")),
    )


def test_a_request_does_not_wait_for_the_end_of_speech_that_waits_behind_it() -> None:
    play(
        came(events.SpeechStarted("item_a")),
        sent(1, REQUEST),
        sent(2, Kind.COMMIT, ForwardAs(1, "tg_request_1"), Forward(2)),
    )


def test_a_request_that_waits_for_noise_leaves_by_deadline() -> None:
    play(
        came(events.SpeechStarted("item_a")),
        came(events.SpeechStopped("item_a")),
        sent(1, REQUEST),
        fired("floor", "", 0, ForwardAs(1, "tg_request_1")),
    )


@pytest.mark.parametrize("stray", [events.Updated(), done("r9"), created("r9")])
def test_what_belongs_to_nobody_is_survived(stray: events.UpstreamEvent) -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(events.AgentText("r1", "a1", "words concern the client alone")),
        came(done("r1", 1)),
        Line(events.ItemAcknowledged("item_x")),
    ).receive(stray)


def test_everything_waits_for_the_update_that_a_session_begins_with() -> None:
    session = play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        sent(2, FOLLOW),
        sent(3, Kind.AUDIO),
        came(events.Updated(), Forward(2), Forward(3)),
        sent(4, UPDATE, ForwardAs(4, "tg_update_2")),
        sent(5, FOLLOW, Forward(5)),
    )
    assert not session.holds_audio


@pytest.mark.parametrize(
    "end",
    [
        came(events.SpeechCleared(), ForwardAs(1, "tg_request_1")),
        Line(TurnsKnown(server_answers=False, listens=False), (ForwardAs(1, "tg_request_1"),)),
    ],
    ids=["cleared", "nobody listens"],
)
def test_speech_that_was_thrown_away_holds_nothing(end: Line) -> None:
    play(came(events.SpeechStarted("item_a")), sent(1, REQUEST), end)


def test_updates_leave_at_once_where_they_are_not_to_be_held() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        sent(2, REQUEST),
        sent(3, UPDATE, Forward(3)),
        sent(4, Kind.UPDATE_INPUT, Forward(4)),
        came(events.Updated()),
        came(events.Rejected("theirs", "invalid_value", "passed on as it is")),
        came(done("r1", 1), ForwardAs(2, "tg_request_2")),
        hold_updates=False,
    )


def test_a_change_of_the_input_keeps_its_place_behind_audio_all_the_same() -> None:
    play(
        came(created("r1")),
        sent(1, REQUEST),
        sent(2, Kind.COMMIT),
        sent(3, Kind.UPDATE_INPUT),
        came(done("r1"), ForwardAs(1, "tg_request_1"), Forward(2), Forward(3)),
        hold_updates=False,
    )


def test_what_speaks_of_an_item_that_waits_keeps_its_place_behind_it() -> None:
    play(
        came(created("r1")),
        sent(1, REQUEST),
        Line(ClientSent(2, FOLLOW, makes=("item_2",))),
        Line(ClientSent(3, PASS, about=("item_2",))),
        Line(ClientSent(4, PASS, about=("item_1",)), (Forward(4),)),
        came(done("r1"), ForwardAs(1, "tg_request_1"), Forward(2), Forward(3)),
    )
