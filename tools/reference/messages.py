"""The page of the message maps, both ways."""

import json
from collections.abc import Callable, Iterable
from types import UnionType
from typing import Any, get_args

from tools.reference.exchange import exchange
from tools.reference.markdown import code, first_paragraph, listed, page, table, wire_name
from tools.reference.samples import ASKED, SAID, TOLD, upstream_samples

from turngate.core import effects
from turngate.dialects import agent as front
from turngate.dialects import realtime as back
from turngate.wire import agent
from turngate.wire.codec import Unknown, decode_client_message


def client_rows() -> Iterable[tuple[str, str, str, str]]:
    """Yield what each message of a client leads to."""
    for kind in get_args(agent.ClientMessage):
        name = wire_name(kind)
        message = decode_client_message(json.dumps({"type": name} | SAID[name]))
        told = exchange(message)
        reason = front.IGNORED.get(kind, "")
        sent = listed(told.upstream) or (f"nothing: {reason}" if reason else "nothing")
        yield code(name), first_paragraph(kind), sent, listed(told.client)


def upstream_rows() -> Iterable[tuple[str, str, str]]:
    """Yield what each event of the upstream means, and why the others mean nothing."""
    for kind in back.READS:
        meant = [type(each) for event in upstream_samples(kind) for each in back.read(event)]
        yield code(wire_name(kind)), first_paragraph(kind), listed(x.__name__ for x in meant)
    for kind, reason in back.IGNORED.items():
        name = "any other" if kind is Unknown else code(wire_name(kind))
        yield name, first_paragraph(kind), f"nothing: {reason}"


def effect_rows(union: UnionType, written_as: Callable[[Any], Iterable[str]], samples: Any) -> Any:
    """Yield each effect with the messages that it becomes."""
    for kind in get_args(union):
        named = [name for each in samples if type(each) is kind for name in written_as(each)]
        yield code(kind.__name__), first_paragraph(kind), listed(named)


def messages_page() -> str:
    """Return the message maps, both ways."""
    told = effect_rows(effects.ToClient, lambda x: map(wire_name, front.write(x)), TOLD)
    asked = effect_rows(effects.ToUpstream, lambda x: [wire_name(back.write(x))], ASKED)
    return page(
        "Message maps",
        "Between the two protocols stand neutral words, so each map has two halves: what a message "
        "means, and what is said because of it. [Ordering](ordering.md) tells when.",
        "## Client to upstream",
        "Each message was given to a configured call whose upstream accepts everything. A message "
        "with two answers upstream sends the second when the first is acknowledged.",
        table(("message", "what it is", "upstream is sent", "the client is told"), client_rows()),
        "Binary frames become `input_audio_buffer.append`, from the first confirmed `Settings` on.",
        "What the upstream is asked, and by which event:",
        table(("effect", "what it is", "upstream is sent"), asked),
        "## Upstream to client",
        table(("event", "what it is", "what it means"), upstream_rows()),
        "The audio of `response.output_audio.delta` goes to the client as binary frames. What the "
        "client is told, and by which message:",
        table(("effect", "what it is", "the client is told"), told),
    )
