"""How long and how much of a Realtime client's may wait, what it is told, and how a session ends."""

from core.native_script import (
    FOLLOW,
    REQUEST,
    UPDATE,
    asked,
    came,
    created,
    done,
    fired,
    play,
    sent,
    speech,
    why,
)
from turngate.core import effects, events
from turngate.core.events import Timer
from turngate.core.limits import (
    AUDIO_WAITING,
    HOLD_MS,
    SILENCE_MS,
    WAITING,
    WAITING_BYTES,
)
from turngate.core.native import (
    Forward,
    ForwardAs,
    Lapse,
    Lost,
    NativeSession,
    Refuse,
    Swallow,
    Unanswered,
)
from turngate.core.order import ClientSent, Kind, Why
from turngate.errors import UpstreamLost
from turngate.units import Ms


def test_audio_that_waits_has_a_bound_of_its_own() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")), sent(2, REQUEST), sent(3, Kind.COMMIT)
    )
    frames = range(4, 4 + AUDIO_WAITING)
    for ticket in frames:
        assert Refuse(ticket) not in session.receive(ClientSent(ticket, Kind.AUDIO))
    assert Refuse(9_999) in session.receive(ClientSent(9_999, Kind.AUDIO))
    assert Refuse(10_000) not in session.receive(ClientSent(10_000, REQUEST))


def test_an_event_that_waits_too_long_fails_and_is_never_sent() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        sent(2, REQUEST),
        fired("hold", "2", 0, Lapse(2, Why.RESPONSE, "r1")),
        fired("hold", "2"),
        sent(3, UPDATE),
        fired("hold", "3", 0, Lapse(3, Why.RESPONSE, "r1")),
        came(done("r1", 1)),
    )
    held = session.receive(ClientSent(4, REQUEST)) + session.receive(ClientSent(5, FOLLOW))
    assert effects.SetTimer(Timer("hold", "4"), HOLD_MS) in held


def test_more_than_may_wait_is_refused() -> None:
    session = play(sent(0, REQUEST, ForwardAs(0, "tg_request_1")))
    for ticket in range(1, WAITING):
        assert Refuse(ticket) not in session.receive(ClientSent(ticket, REQUEST))
    assert Refuse(99) in session.receive(ClientSent(99, REQUEST)), "with the one on its way"


def test_a_silent_response_is_asked_after_and_a_talking_one_is_not() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        fired("slot", "", 10),
        fired("slot", "", SILENCE_MS, effects.SendCancel("tg_cancel_1", "r1")),
        came(events.CancelMissed("tg_cancel_1"), Swallow()),
        fired("slot"),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
    )


def test_what_has_no_answer_when_the_upstream_goes_is_told_to_its_client() -> None:
    lost = UpstreamLost("code 1001")
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, FOLLOW, Forward(2)),
        sent(3, UPDATE),
        came(events.UpstreamFailed(lost), Lost(1), Lost(3), effects.Report(lost), effects.Hangup()),
    )


def test_a_lost_upstream_ends_the_call() -> None:
    lost = UpstreamLost("code 1006")
    play(came(events.UpstreamFailed(lost), effects.Report(lost), effects.Hangup()))


def test_what_waits_is_told_why() -> None:
    session = NativeSession()
    assert why(session, 1, REQUEST) is Why.SESSION
    session = play(sent(1, UPDATE, ForwardAs(1, "tg_update_1")))
    assert why(session, 2, REQUEST) is Why.UPDATE
    assert why(session, 3, FOLLOW) is Why.ORDER
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")))
    assert why(session, 2, FOLLOW) is None
    assert why(session, 3, REQUEST) is Why.REQUEST
    session = play(came(created("r1")))
    assert why(session, 1, UPDATE) is Why.RESPONSE
    session = play(came(events.SpeechStarted("a")))
    assert why(session, 1, REQUEST) is Why.SPEECH
    session = play(*speech("a"), server_answers=True)
    assert why(session, 1, REQUEST) is Why.RESERVED
    session = play(came(created("r1")), came(asked("r1", "c1")), came(done("r1")))
    assert why(session, 1, REQUEST) is Why.CALLS


def test_audio_stays_behind_audio_that_waits_whatever_held_it_first() -> None:
    play(
        came(created("r1")),
        sent(1, REQUEST),
        sent(2, Kind.COMMIT),
        sent(3, Kind.AUDIO),
        fired("hold", "2", 0, Lapse(2, Why.ORDER, "r1")),
        sent(4, Kind.AUDIO),
        came(done("r1"), ForwardAs(1, "tg_request_1"), Forward(3), Forward(4)),
    )


def test_what_waits_is_bounded_in_bytes_too() -> None:
    session = play(came(created("r1")))
    half = WAITING_BYTES // 2
    for ticket in (1, 2):
        assert Refuse(ticket) not in session.receive(ClientSent(ticket, REQUEST, half))
    assert Refuse(3) in session.receive(ClientSent(3, REQUEST, 1))
    session.receive(ClientSent(4, Kind.CANCEL))
    assert Refuse(5) not in session.receive(ClientSent(5, REQUEST, half))


def test_an_update_that_nobody_answers_ends_with_a_word_to_its_client() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        sent(2, REQUEST),
        fired("slot", "", 0, Unanswered(1), ForwardAs(2, "tg_request_1")),
    )


def test_a_session_that_has_ended_sets_no_deadline() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, UPDATE),
        sent(3, Kind.CANCEL),
    )
    slot = events.TimerFired(Timer("slot"), Ms(0))
    assert session.receive(slot)[-1] == effects.Hangup()


def test_a_silent_response_is_asked_after_when_its_silence_is_over() -> None:
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")), came(created("r1", 1)))
    talks = events.TimerFired(Timer("slot"), Ms(SILENCE_MS - 5))
    assert session.receive(talks) == [effects.SetTimer(Timer("slot"), Ms(5))]
