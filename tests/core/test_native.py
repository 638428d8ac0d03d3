"""A Realtime client's own requests: held, sent in the client's order, each with its own response."""

import pytest
from msgspec import Struct

from turngate.core import effects, events
from turngate.core.events import Timer
from turngate.core.limits import (
    AUDIO_WAITING,
    HOLD_MS,
    PATIENCE_MS,
    SILENCE_MS,
    WAITING,
    WAITING_BYTES,
)
from turngate.core.native import (
    Blame,
    Effect,
    Event,
    Forward,
    ForwardAs,
    Hold,
    Lapse,
    Lost,
    NativeSession,
    Offered,
    OwnAnswered,
    OwnRequest,
    Refuse,
    Swallow,
    TurnsKnown,
    Unanswered,
    Withdraw,
)
from turngate.core.order import ClientSent, Kind, Why
from turngate.errors import UpstreamLost, UpstreamSilent
from turngate.units import Ms

REQUEST, UPDATE, FOLLOW, PASS = Kind.REQUEST, Kind.UPDATE, Kind.FOLLOW, Kind.PASS


class Line(Struct):
    """One event and what it leads to, deadlines and reasons left out."""

    event: Event
    leads_to: tuple[Effect, ...] = ()


def sent(ticket: int, kind: Kind, *leads_to: Effect) -> Line:
    return Line(ClientSent(ticket, kind), leads_to)


def came(event: events.UpstreamEvent, *leads_to: Effect) -> Line:
    return Line(event, leads_to)


def fired(name: str, of: str = "", quiet_ms: int = 0, *leads_to: Effect) -> Line:
    return Line(events.TimerFired(Timer(name, of), Ms(quiet_ms)), leads_to)


def is_aside(effect: Effect) -> bool:
    return isinstance(effect, effects.SetTimer | effects.CancelTimer | Hold)


def play(*lines: Line, server_answers: bool = False, hold_updates: bool = True) -> NativeSession:
    session = NativeSession(hold_updates=hold_updates)
    session.receive(events.UpstreamOpened())
    session.receive(TurnsKnown(server_answers))
    for number, line in enumerate(lines):
        produced = tuple(e for e in session.receive(line.event) if not is_aside(e))
        assert produced == line.leads_to, (number, line.event)
    return session


def created(response_id: str, request: int | None = None) -> events.ResponseCreated:
    return events.ResponseCreated(response_id, f"tg_request_{request}" if request else None)


def done(response_id: str, request: int | None = None) -> events.ResponseDone:
    return events.ResponseDone(response_id, f"tg_request_{request}" if request else None)


def speech(item_id: str, *, then: tuple[Effect, ...] = ()) -> tuple[Line, ...]:
    return (
        came(events.SpeechStarted(item_id)),
        came(events.SpeechStopped(item_id)),
        came(events.SpeechCommitted(item_id), *then),
    )


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


def test_case_a_a_request_that_crossed_the_servers_response_is_sent_again() -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(done("r1", 1)),
        *speech("item_a"),
        fired("slot"),
        sent(2, REQUEST, ForwardAs(2, "tg_request_2")),
        came(created("rv")),
        came(
            events.SlotTaken("tg_request_2", "rv"),
            effects.Count("race"),
            effects.Count("resent"),
            Swallow(),
        ),
        came(done("rv"), ForwardAs(2, "tg_request_3")),
        came(created("r2", 3)),
        came(done("r2", 3)),
        server_answers=True,
    )


RESENT = (effects.Count("race"), effects.Count("resent"), Swallow())


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


def test_a_request_refused_too_often_is_shown_to_its_client() -> None:
    refused = events.SlotTaken("tg_request_1", "rv")
    again = (effects.Count("race"), effects.Count("resent"), Swallow())
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(refused, *again),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
        came(events.SlotTaken("tg_request_2", "rw"), *again),
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
    again = (effects.Count("race"), effects.Count("resent"), Swallow())
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(events.SlotTaken("tg_request_1", "rv"), *again),
        came(done("rv"), ForwardAs(1, "tg_request_2")),
        came(events.SlotTaken("tg_request_2", "rw"), *again),
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


def test_case_e_an_upstream_that_answers_nothing_ends_the_call() -> None:
    silent = Lost(1), effects.Report(UpstreamSilent("requested")), effects.Hangup()
    session = play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        fired("slot", "", SILENCE_MS, *silent),
    )
    assert session.receive(ClientSent(2, PASS)) == []


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


@pytest.mark.parametrize("stray", [events.Updated(), done("r9"), created("r9")])
def test_what_belongs_to_nobody_is_survived(stray: events.UpstreamEvent) -> None:
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        came(created("r1", 1)),
        came(events.AgentText("r1", "a1", "words concern the client alone")),
        came(done("r1", 1)),
        Line(events.ItemAcknowledged("item_x")),
    ).receive(stray)


def why(session: NativeSession, ticket: int, kind: Kind) -> Why | None:
    produced = session.receive(ClientSent(ticket, kind))
    held = [each.why for each in produced if isinstance(each, Hold)]
    return held[0] if held else None


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


def test_what_was_refused_waits_again() -> None:
    session = play(sent(1, REQUEST, ForwardAs(1, "tg_request_1")))
    assert Hold(1, Why.RACE) in session.receive(events.SlotTaken("tg_request_1", "rv"))


def asked(response_id: str, call_id: str) -> events.CallAsked:
    return events.CallAsked(response_id, call_id, "get_time", "{}")


def output(ticket: int, call_id: str) -> Line:
    return Line(ClientSent(ticket, PASS, about=(call_id,)), (Forward(ticket),))


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


def output_that_releases(ticket: int, call_id: str, *then: Effect) -> Line:
    return Line(ClientSent(ticket, PASS, about=(call_id,)), (Forward(ticket), *then))


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


def test_an_update_that_met_the_servers_response_is_sent_again() -> None:
    play(
        sent(1, UPDATE, ForwardAs(1, "tg_update_1")),
        came(
            events.SlotTaken("tg_update_1", "rv"),
            effects.Count("race"),
            effects.Count("resent"),
            Swallow(),
        ),
        came(created("rv")),
        came(done("rv"), ForwardAs(1, "tg_update_2")),
        came(created("rw")),
        came(
            events.SlotTaken("tg_update_2", "rw"),
            effects.Count("race"),
            effects.Count("resent"),
            Swallow(),
        ),
        came(done("rw"), ForwardAs(1, "tg_update_3")),
        came(events.SlotTaken("tg_update_3", "rx"), effects.Count("race"), Blame(1)),
    )


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


def test_a_request_that_another_response_was_taken_for_ends_with_its_cancel() -> None:
    # Nothing has shown yet that this server names requests, so its own response is taken for ours.
    play(
        sent(1, REQUEST, ForwardAs(1, "tg_request_1")),
        sent(2, Kind.CANCEL),
        came(created("rv"), Forward(2)),
        came(events.SlotTaken("tg_request_1", "rv"), effects.Count("race"), Swallow(), Withdraw(1)),
        came(events.SlotTaken("tg_request_1", "rv"), effects.Count("stray")),
        came(events.ResponseDone("rv")),
    )
