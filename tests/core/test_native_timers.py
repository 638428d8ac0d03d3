"""Which deadlines of a Realtime client's session run at a moment, and what is told beside them."""

import pytest

from core.native_script import (
    REQUEST,
    RESENT,
    asked,
    came,
    created,
    done,
    play,
    sent,
    speech,
)
from turngate import errors
from turngate.core import effects, events, limits
from turngate.core.events import Timer, TimerFired
from turngate.core.native import (
    Blame,
    Event,
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
from turngate.units import Ms

OPEN, SLOT, FLOOR, PATIENCE = (Timer(name) for name in ("open", "slot", "floor", "patience"))
STARTED, STOPPED, COMMITTED = (line.event for line in speech("u1"))
ASKED = ClientSent(1, REQUEST)
ANSWERED = (ASKED, created("r1", 1), done("r1", 1))
CALLED = (ASKED, created("r1", 1), asked("r1", "c1"), done("r1", 1), ClientSent(2, REQUEST))
HOLD = Timer("hold", "2")


def running(*heard: Event, server_answers: bool = False) -> dict[Timer, Ms]:
    """Return the deadlines that run after these events, but for that of the greeting."""
    session, deadlines = NativeSession(), dict[Timer, Ms]()
    for event in (TurnsKnown(server_answers), *heard):
        for effect in session.receive(event):
            match effect:
                case effects.SetTimer(timer, ms):
                    deadlines[timer] = ms
                case effects.CancelTimer(timer):
                    deadlines.pop(timer, None)
                case _:
                    pass
    return deadlines


@pytest.mark.parametrize(
    "heard, deadlines",
    [
        ((), {}),
        ((ASKED,), {SLOT: limits.REQUEST_MS}),
        ((ASKED, created("r1", 1)), {SLOT: limits.SILENCE_MS}),
        (ANSWERED, {}),
        ((ASKED, ClientSent(2, REQUEST)), {SLOT: limits.REQUEST_MS, HOLD: limits.HOLD_MS}),
        ((ASKED, ClientSent(2, REQUEST), *ANSWERED[1:]), {SLOT: limits.REQUEST_MS}),
        ((STARTED,), {FLOOR: limits.SPEAKING_MS}),
        ((STARTED, STOPPED), {FLOOR: limits.COMMIT_MS}),
        ((STARTED, STOPPED, COMMITTED), {}),
        (CALLED, {HOLD: limits.HOLD_MS, PATIENCE: limits.PATIENCE_MS}),
        ((*CALLED, TimerFired(PATIENCE)), {PATIENCE: limits.PATIENCE_MS, SLOT: limits.REQUEST_MS}),
    ],
)
def test_each_thing_that_is_waited_for_has_its_deadline(
    heard: tuple[Event, ...], deadlines: dict[Timer, Ms]
) -> None:
    assert running(*heard) == deadlines


def test_speech_is_waited_for_anew_each_time() -> None:
    both = (*speech("u1"), *speech("u2"))
    session = NativeSession()
    session.receive(TurnsKnown(server_answers=True))
    *_, last = [session.receive(line.event) for line in both]
    assert effects.SetTimer(SLOT, limits.RESERVED_MS) in last


def test_server_that_greets_is_waited_for() -> None:
    session = NativeSession()
    assert session.receive(events.UpstreamOpened()) == [effects.SetTimer(OPEN, limits.GREETING_MS)]


def test_deadline_runs_on_beside_what_does_not_concern_it_and_is_not_cancelled_when_it_passed() -> (
    None
):
    session = NativeSession()
    session.receive(TurnsKnown(server_answers=False))
    session.receive(STARTED)
    assert session.receive(events.ItemAcknowledged("i1")) == []
    assert session.receive(TimerFired(FLOOR)) == []


def test_speech_before_it_is_known_who_answers_reserves_nothing() -> None:
    session = NativeSession()
    for line in speech("u1"):
        session.receive(line.event)
    session.receive(TurnsKnown(server_answers=True))
    assert ForwardAs(1, "tg_request_1") in session.receive(ASKED)


def test_event_that_waits_is_told_of_by_its_ticket() -> None:
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")))
    held = session.receive(ClientSent(2, REQUEST))
    assert held == [effects.SetTimer(HOLD, limits.HOLD_MS), Hold(2, Why.REQUEST)]


def test_waiting_request_that_is_cancelled_is_waited_for_no_more() -> None:
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        sent(2, REQUEST),
    )
    told = session.receive(ClientSent(3, Kind.CANCEL))
    assert told == [effects.CancelTimer(HOLD), Withdraw(2), Forward(3)]


def test_end_of_the_session_stops_every_deadline_and_tells_of_all_that_waits() -> None:
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")), sent(2, REQUEST))
    lost = errors.UpstreamLost("code 1011")
    told = session.receive(events.UpstreamFailed(lost))
    assert told == [Lost(1), Lost(2), effects.Report(lost), effects.Hangup()]


def test_refusal_names_the_response_whose_end_is_waited_for() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(events.SlotTaken("tg_request_1", "rv"), *RESENT),
        came(done("r9"), effects.Count("stray")),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
    )


def test_end_of_a_request_is_known_by_its_name_alone() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, REQUEST),
        came(done("r1", 1), Blame(1), ForwardAs(2, "tg_request_2")),
        echoes=True,
    )


def test_request_whose_early_cancel_met_another_response_is_waited_for_no_more() -> None:
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")), sent(2, Kind.CANCEL))
    told = session.receive(events.SlotTaken("tg_request_1", "rv"))
    assert told == [
        effects.Count("race"),
        Swallow(),
        Withdraw(1),
        effects.CancelTimer(Timer("hold", "1")),
        Forward(2),
        effects.SetTimer(SLOT, limits.SILENCE_MS),
    ]
