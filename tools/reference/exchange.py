"""What follows from a message: a call is held with it, and what was said is noted."""

from collections.abc import Iterable
from typing import NamedTuple, cast, get_args

from tools.reference.markdown import wire_name

from turngate import units
from turngate.core import effects, events
from turngate.core.session import Session
from turngate.dialects import agent as front
from turngate.dialects import realtime as back
from turngate.dialects import settings
from turngate.wire import agent

OWN = settings.own(server_turns=False, voice=None)


class Exchange(NamedTuple):
    """What followed from a message, in order."""

    upstream: list[str]
    client: list[str]


def exchange(message: agent.ClientMessage) -> Exchange:
    """Return what a call sends and tells because of `message`, with a willing upstream."""
    session, told = Session(), Exchange([], [])

    def follow(*given: events.Event) -> None:
        waiting = list(given)
        while waiting:
            for effect in session.receive(waiting.pop(0), units.Ms(0)):
                if isinstance(effect, get_args(effects.ToUpstream)):
                    told.upstream.append(wire_name(back.write(cast("effects.ToUpstream", effect))))
                    waiting += answered(cast("effects.ToUpstream", effect))
                else:
                    told.client.extend(map(wire_name, noted(effect)))

    follow(events.ClientOpened("r1"), events.UpstreamOpened())
    if not isinstance(message, agent.Settings):
        follow(events.Configure("Settings", {"instructions": "Be kind."}))
    if isinstance(message, agent.FunctionCallResponse):
        follow(
            events.UserTyped("hello"),
            events.ResponseCreated("resp_0"),
            events.CallAsked("resp_0", "call_1", "f", "{}"),
            events.ResponseDone("resp_0"),
        )
    if isinstance(message, agent.ForceEndTurn):
        follow(events.SpeechStarted("item_1"))
    told.upstream.clear()
    told.client.clear()
    follow(*front.read(message, OWN))
    return told


def noted(effect: effects.Effect) -> Iterable[agent.ServerMessage]:
    """Return what tells a client of an effect, with everything that it may ask for."""
    match effect:
        case effects.Remember(entry):
            return (front.remembered(entry),)
        case effects.RememberCall(call, output):
            return (front.remembered_call(call, output, client_side=True),)
        case effects.TurnTimed(latency):
            return (front.timed(latency),)
        case _ if isinstance(effect, get_args(effects.ToClient)):
            return front.write(cast("effects.ToClient", effect))
        case _:
            return ()


def answered(effect: effects.ToUpstream) -> list[events.Event]:
    """Return how an upstream accepts a request; a response is left running."""
    match effect:
        case effects.SendUpdate():
            return [events.Updated()]
        case effects.SendItem(item_id):
            return [events.ItemAcknowledged(item_id)]
        case _:
            return []
