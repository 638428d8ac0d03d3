"""What the tests of a Realtime client's session are written in: lines, each with what it leads to."""

from msgspec import Struct

from turngate.core import effects, events
from turngate.core.events import Timer
from turngate.core.native import (
    Effect,
    Event,
    Forward,
    Hold,
    NativeSession,
    Swallow,
    TurnsKnown,
)
from turngate.core.order import ClientSent, Kind, Why
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


def play(
    *lines: Line,
    server_answers: bool = False,
    hold_updates: bool = True,
    echoes: bool = False,
) -> NativeSession:
    session = NativeSession(hold_updates=hold_updates, echoes=echoes)
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


RESENT = (effects.Count("race"), effects.Count("resent"), Swallow())


def asked(response_id: str, call_id: str) -> events.CallAsked:
    return events.CallAsked(response_id, call_id, "get_time", "{}")


def output(ticket: int, call_id: str) -> Line:
    return Line(ClientSent(ticket, PASS, about=(call_id,)), (Forward(ticket),))


def output_that_releases(ticket: int, call_id: str, *then: Effect) -> Line:
    return Line(ClientSent(ticket, PASS, about=(call_id,)), (Forward(ticket), *then))


def why(session: NativeSession, ticket: int, kind: Kind) -> Why | None:
    produced = session.receive(ClientSent(ticket, kind))
    held = [each.why for each in produced if isinstance(each, Hold)]
    return held[0] if held else None
