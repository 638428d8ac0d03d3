"""Writes the generated pages of docs/reference/ from the code that they describe.

`python tools/reference.py` writes them all; a test compares them with what it would write. Nothing
on these pages is typed by hand: texts are the docstrings, notes and reasons of the code itself.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Literal, NamedTuple, cast, get_args, get_origin

import client_reference
import msgspec
import typer
from msgspec.inspect import Metadata, StructType, type_info
from prometheus_client.core import Metric

from turngate import answers, cli, errors, units
from turngate.cli.commands import app
from turngate.core import effects, events, items
from turngate.core import limits as core_limits
from turngate.core.latency import Latency
from turngate.core.session import Session
from turngate.core.tools import Call
from turngate.dialects import agent as front
from turngate.dialects import (
    component,
    settings,
    settings_component,
    settings_kept,
    settings_rows,
    unsaid,
)
from turngate.dialects import realtime as back
from turngate.dialects.profiles import PROFILES
from turngate.emulator import audit, knobs, script, server
from turngate.gateway import allowed, config
from turngate.gateway import limits as gateway_limits
from turngate.gateway.metrics import Metrics
from turngate.gateway.totals import CALLS_MS, WAITS_MS
from turngate.wire import agent, agent_codes, realtime
from turngate.wire.codec import Unknown, decode_client_message

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
MADE = "Made from the code by `make reference`; changes here are overwritten."

OWN = settings.own(server_turns=False, voice=None)

# -- Markdown


def page(title: str, *parts: str) -> str:
    """Return a page of these parts."""
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def code(text: object) -> str:
    """Return a text as code; nothing for nothing."""
    return f"`{text}`" if text not in ("", None) else ""


def listed(names: Iterable[str]) -> str:
    """Return names as code, repeated ones once."""
    return ", ".join(map(code, dict.fromkeys(names)))


def first_paragraph(documented: object) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


def written(value: object) -> str:
    """Return a value as JSON, as it stands on the wire."""
    return code(json.dumps(value))


def wire_name(message: object) -> str:
    """Return the `type` on the wire of a message or its class."""
    return str(cast("type[msgspec.Struct]", message).__struct_config__.tag)


# -- settings


def settings_page() -> str:
    """Return how each field of the agent's configuration reaches the upstream."""
    groups: tuple[tuple[str, tuple[settings_rows.Row[Any], ...]], ...] = (
        ("Settings only", settings_rows.AUDIO),
        ("Settings, UpdateThink", settings_rows.THINK),
        ("Settings, UpdateSpeak", settings_rows.SPEAK),
        ("Settings, UpdateListen", settings_rows.LISTEN),
        ("Settings only", settings_component.COMPONENT),
    )
    rows = [
        (code(row.source), code(row.target), row.note, left_out(row), where)
        for where, group in groups
        for row in group
    ]
    head = ("field of the client", "field of `session`", "how", "an update without it", "where")
    kept = ((listed(each.source.split(", ")), each.note) for each in settings_kept.KEPT)
    return page(
        "Settings",
        "What becomes of each field of `Settings` and of the blocks that the `Update...` messages "
        "replace. A value that cannot be had is refused by the field's name, and the session stays "
        "as it was. The voices that are known: " + listed(sorted(settings_rows.VOICES)) + ".",
        "## What is passed on",
        table(head, rows),
        "`UpdatePrompt` adds its text to `instructions`, on a line of its own.",
        "## What has no counterpart",
        table(("field of the client", "what happens"), kept),
        "## What turngate sets itself",
        table(
            ("field of `session`", "`--turns gateway`", "`--turns server`"),
            (
                (code(path), written(value), written(dict(flat(own(server_turns=True)))[path]))
                for path, value in flat(own(server_turns=False))
            ),
        ),
        f"A voice in the configuration becomes {code('.'.join(settings_rows.VOICE_PATH))}, unless the "
        "client names one that is known. The upstream fixes the voice with its first audio: a "
        "change after that takes another connection, on which the conversation is told again; "
        "without `reconnect`, and while the user speaks, the old voice is kept, with a warning.",
    )


def left_out(row: settings_rows.Row[Any]) -> str:
    """Return what an update does with a field that its new block does not have."""
    if row in (*settings_rows.AUDIO, *settings_component.COMPONENT):
        return ""
    if row.otherwise is msgspec.UNSET:
        empty = (
            row.read(agent.ThinkSettings(provider=agent.ThinkProvider()))
            if row in (settings_rows.THINK)
            else None
        )
        return "keeps the old value" if empty is None else f"sets {written(empty)}"
    return f"sets {written(row.otherwise)}"


def own(*, server_turns: bool) -> Mapping[str, Any]:
    """Return what turngate sets itself."""
    return settings.own(server_turns=server_turns, voice=None)


def flat(patch: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, object]]:
    """Yield the leaves of a nested mapping by their dotted paths."""
    for key, value in patch.items():
        if isinstance(value, Mapping):
            yield from flat(cast("Mapping[str, Any]", value), f"{path}{key}.")
        else:
            yield f"{path}{key}", value


# -- messages

THINK = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}}
SAID: dict[str, dict[str, Any]] = {
    "Settings": {"audio": {}, "agent": {"think": THINK}},
    "UpdatePrompt": {"prompt": "Be brief."},
    "UpdateThink": {"think": THINK | {"prompt": "Be brief."}},
    "UpdateSpeak": {"speak": {"provider": {"voice": "ash"}}},
    "UpdateListen": {"listen": {"provider": {"language": "de"}}},
    "UpdateThink_Live": {"think_live": {"provider": {}}},
    "InjectUserMessage": {"content": "hello"},
    "InjectAgentMessage": {"message": "Hello."},
    "FunctionCallResponse": {"id": "call_1", "name": "f", "content": "noon"},
    "KeepAlive": {},
    "ForceEndTurn": {},
    "__customToThinkProvider": {"content": {}},
}
"""A sample of each message of the agent front; the tables show what became of it."""


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


def client_rows() -> Iterable[tuple[str, str, str, str]]:
    """Yield what each message of a client leads to."""
    for kind in get_args(agent.ClientMessage):
        name = wire_name(kind)
        message = decode_client_message(json.dumps({"type": name} | SAID[name]))
        told = exchange(message)
        reason = front.IGNORED.get(kind, "")
        sent = listed(told.upstream) or (f"nothing: {reason}" if reason else "nothing")
        yield code(name), first_paragraph(kind), sent, listed(told.client)


PARTS: dict[str, Any] = {
    "response_id": "resp_1",
    "item_id": "item_1",
    "call_id": "call_1",
    "name": "f",
    "arguments": "{}",
    "delta": "a",
    "text": "a",
    "transcript": "a",
    "item": realtime.Item(
        type="function_call", id="item_1", call_id="call_1", name="f", arguments="{}"
    ),
}
"""Fields of which a sample of each upstream event is made."""

OUTPUT = realtime.Response(id="resp_1", status="completed", output=(PARTS["item"],))
ERRORS = (
    realtime.ErrorBody(code="invalid_value"),
    realtime.ErrorBody(code="conversation_already_has_active_response"),
    realtime.ErrorBody(code="response_cancel_not_active"),
)


def upstream_samples(kind: type[msgspec.Struct]) -> Iterable[realtime.ServerEvent]:
    """Yield samples of an event, one for each way in which it is read."""
    fields = {name: PARTS[name] for name in kind.__struct_fields__ if name in PARTS}
    make = cast("Callable[..., realtime.ServerEvent]", kind)
    if kind is realtime.ErrorEvent:
        yield from (make(error=body) for body in ERRORS)
    elif "response" in kind.__struct_fields__:
        yield make(response=OUTPUT)
    else:
        yield make(**fields)


def upstream_rows() -> Iterable[tuple[str, str, str]]:
    """Yield what each event of the upstream means, and why the others mean nothing."""
    for kind in back.READS:
        meant = [type(each) for event in upstream_samples(kind) for each in back.read(event)]
        yield code(wire_name(kind)), first_paragraph(kind), listed(x.__name__ for x in meant)
    for kind, reason in back.IGNORED.items():
        name = "any other" if kind is Unknown else code(wire_name(kind))
        yield name, first_paragraph(kind), f"nothing: {reason}"


CALLS = (Call("call_1", "f", "{}"),)
TOLD: tuple[effects.ToClient, ...] = (
    effects.Welcome("r1"),
    *map(effects.Acknowledge, ("Settings", "UpdatePrompt", "UpdateThink")),
    *map(effects.Acknowledge, ("UpdateSpeak", "UpdateListen")),
    effects.ShowUserText("a"),
    effects.ShowAgentText("a"),
    effects.AgentStarted(units.Ms(0)),
    effects.AgentThinks(),
    effects.AgentFinished(),
    effects.UserStarted(),
    effects.AskFunctions(CALLS),
    effects.CancelFunctions(CALLS),
    effects.Report(errors.TooEarly()),
    effects.Report(errors.ResponseIncomplete("")),
)
ASKED: tuple[effects.ToUpstream, ...] = (
    effects.SendUpdate("id", {}),
    effects.SendItem("id", items.UserText("a")),
    effects.SendRequest("id"),
    effects.SendCancel("id", "resp_1"),
    effects.SendTruncate("id", "item_1", 0),
    effects.SendDelete("id", "item_1"),
    effects.SendCommit("id"),
)
"""A sample of each effect."""


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


# -- compatibility with the agent protocol


def bullets(documented: object) -> dict[str, str]:
    """Return what a docstring's list says of each field."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n- ", "\n" + inspect.cleandoc(inspect.getdoc(documented) or ""))[1:]:
        names, _, meaning = entry.partition("\n\n")[0].partition(":")
        told = " ".join(meaning.split())
        found |= dict.fromkeys((name.strip() for name in names.split(",")), told)
    return found


class Field(NamedTuple):
    """A field of a message: its dotted path, the block that has it, and its name there."""

    path: str
    block: type[msgspec.Struct]
    name: str


def fields(kind: type[msgspec.Struct], path: str = "") -> Iterable[Field]:
    """Yield the fields of a message, and those of the blocks in it."""
    for name, each in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True):
        here = f"{path}{each}"
        inner, suffix = block_of(kind, name)
        if inner is None:
            yield Field(here, kind, name)
        else:
            yield from fields(inner, f"{here}{suffix}.")


def block_of(kind: type[msgspec.Struct], name: str) -> tuple[type[msgspec.Struct] | None, str]:
    """Return the block that a field holds, and `[]` where it holds several."""
    inside = next(each for each in msgspec.structs.fields(kind) if each.name == name)
    shape: Any = type_info(inside.type)
    kinds: list[Any] = [*getattr(shape, "types", (shape,))]
    own = [each.cls for each in kinds if isinstance(each, StructType)]
    items: list[Any] = [getattr(each, "item_type", None) for each in kinds]
    several = [item.cls for item in items if isinstance(item, StructType)]
    return (own[0], "") if own else (several[0], "[]") if several else (None, "")


ROWS: tuple[settings_rows.Row[Any], ...] = (
    *settings_rows.AUDIO,
    *settings_rows.THINK,
    *settings_rows.SPEAK,
    *settings_rows.LISTEN,
    *settings_component.COMPONENT,
)


def becomes(path: str) -> str:
    """Return what becomes of a field of the configuration, as the rows of the dialect say."""
    told = {row.source: f"becomes {code(row.target)}" + _aside(row.note) for row in ROWS}
    told |= {
        each: row.note + (" (in the warning `SETTINGS_FIELDS_IGNORED`)" if row.is_missed else "")
        for row in settings_kept.KEPT
        for each in row.source.split(", ")
    }
    fits = [each for each in told if path == each or path.startswith((f"{each}.", f"{each}["))]
    if not fits:
        return ""
    return told[max(fits, key=len)]


def _aside(note: str) -> str:
    return f"; {note}" if note else ""


VALUES: dict[str, Any] = {
    "is_dynamic": True,
    "behavior": "queue",
    "id": "call_2",
    "content": "other words",
    "message": "other words",
    "prompt": "other words",
    "name": "g",
    "error": "no",
    "result": 7,
}
"""Another value for each field of the messages that are no configuration."""


def heeded(kind: str, field: str) -> str:
    """Return whether a field of a message makes a difference: it is set to something else, or alone."""
    said = SAID[kind]
    alone = {name: value for name, value in said.items() if name in ("name", "id")}
    meanings = [meaning(kind, each | {field: VALUES[field]}) for each in (said, alone)]
    told = [each for each in meanings if each not in ((), meaning(kind, said))]
    is_refused = not told or isinstance(told[-1][0], events.ClientFaulted)
    return "answered by the warning `UNSUPPORTED`" if is_refused else "heeded"


def meaning(kind: str, parts: Mapping[str, Any]) -> tuple[events.ClientEvent, ...]:
    """Return what such a message means; nothing where it cannot be read."""
    try:
        message = decode_client_message(json.dumps({"type": kind, **parts}))
    except errors.ProtocolError:
        return ()
    return front.read(message, OWN)


def field_rows() -> Iterable[tuple[str, str, str, str]]:
    """Yield every field of a client's messages with what happens; one of several messages once."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for kind in get_args(agent.ClientMessage):
        name = wire_name(kind)
        for field in fields(kind):
            about = bullets(field.block).get(field.name, "")
            path = field.path if name == "Settings" else f"agent.{field.path}"
            happens = becomes(path)
            if name != "UpdateThink_Live" and happens:
                row = path, about, happens
            elif field.name in VALUES:
                row = field.path, about, heeded(name, field.name)
            else:
                row = field.path, about, "answered by the warning `UNSUPPORTED`"
            found.setdefault(row, []).append(name)
    for (path, about, happens), names in found.items():
        yield code(path), listed(names), about, happens


LATENCY = Latency(*(units.Ms(1),) * len(Latency.__struct_fields__))
CALL = CALLS[0]


def told_messages() -> list[msgspec.Struct]:
    """Return a sample of each message that is ever told, as full as it gets."""
    present = component.Component()
    heard: realtime.ServerEvent = realtime.ConversationItemInputAudioTranscriptionDelta(
        event_id="e", item_id="item_1", content_index=0, delta="a"
    )
    stopped = realtime.InputAudioBufferSpeechStopped(event_id="e", item_id="item_1")
    refused = effects.Report(errors.UserHasFloor())
    return [
        *(message for effect in (*TOLD, refused) for message in front.write(effect)),
        front.running(CALLS),
        front.ran(CALL, "noon"),
        front.remembered(items.UserText("a")),
        front.remembered_call(CALL, "noon", client_side=True),
        front.timed(LATENCY),
        *(message for event in (heard, stopped) for message in present.told_of(event)),
        present.turn_ended(),
    ]


def told_rows() -> Iterable[tuple[str, str, str, str]]:
    """Yield every message of a server, the fields that turngate fills, and those it never does."""
    samples = told_messages()
    for kind in get_args(agent.ServerMessage):
        filled = {
            name
            for each in samples
            if type(each) is kind
            for name in msgspec.to_builtins(each)
            if name != "type"
        }
        never = [name for name in kind.__struct_encode_fields__ if name not in filled]
        reason = unsaid.MESSAGES.get(kind)
        shown = [name for name in kind.__struct_encode_fields__ if name in filled]
        yield (
            code(wire_name(kind)),
            first_paragraph(kind),
            f"never: {reason}" if reason else listed(shown) or "sent",
            "" if reason else listed(never),
        )


def code_rows() -> Iterable[tuple[str, str, str]]:
    """Yield the documented codes, and turngate's own, with the failures that they are sent for."""
    sent: dict[str, list[str]] = {}
    for kind, answer in answers.ANSWERS.items():
        sent.setdefault(answer.code, []).append(first_paragraph(kind))
    documented = dict.fromkeys(agent_codes.ERROR_CODES, "`Error`")
    documented |= dict.fromkeys(agent_codes.WARNING_CODES, "`Warning`")
    own = {
        answer.code: f"`{answer.severity.value}`, turngate's own"
        for answer in answers.ANSWERS.values()
        if answer.code not in documented
    }
    for each, where in (documented | own).items():
        when = " ".join(sent.get(each, ())) or f"never: {unsaid.CODES[each]}"
        yield code(each), where, when


def compatibility_page() -> str:
    """Return the agent protocol message by message and field by field, and what happens."""
    return page(
        "Compatibility with the Deepgram Voice Agent protocol",
        "Every message and every field of version 1 of the protocol, and what turngate makes of it. "
        "The messages as a conversation: [API](api.md); which upstream event becomes which of them: "
        "[message maps](messages.md).",
        "## What a client sends",
        table(("message", "what it is", "upstream is sent", "the client is told"), client_rows()),
        "Binary frames are audio, in the format of `audio.input`; text frames are JSON. A field that "
        "is not listed here is ignored, and named in the warning `SETTINGS_FIELDS_IGNORED`, once a "
        "call; with `--strict` it is refused.",
        "## Field by field",
        "Paths are those in `Settings`; an `Update...` message has the same block without `agent`. "
        f"`agent` may be a text: {becomes('agent as a text')}. `agent.think` and `agent.speak` may be "
        f"lists; of `think` another entry is {becomes('agent.think[1:]')}, of `speak` "
        f"{becomes('agent.speak[1:]')}.",
        table(("field", "in", "what it is", "what happens"), field_rows()),
        "## What a client is sent",
        "Required fields are always filled. The last three messages are only for a React voice "
        "component that showed itself by its own keys.",
        table(("message", "what it is", "fields that are sent", "never sent"), told_rows()),
        "## Codes",
        "After which of them the connection is closed, and how: [errors](errors.md).",
        table(("code", "in", "when"), code_rows()),
    )


# -- errors

FAULT: dict[type, str] = {
    errors.ProtocolError: "the peer that spoke",
    errors.UpstreamError: "the upstream",
    errors.LimitReached: "a bound of turngate's",
    errors.ServerFault: "turngate",
    errors.TurngateError: "the operator",
}


def errors_page() -> str:
    """Return every failure with its answer."""
    rows = (
        (
            code(kind.__name__),
            first_paragraph(kind),
            next(FAULT[base] for base in kind.__mro__[1:] if base in FAULT),
            code(answer.code),
            answer.severity.value,
            str(answer.close or "goes on"),
            str(answer.http),
            answer.log,
        )
        for kind, answer in answers.ANSWERS.items()
    )
    head = ("failure", "when", "whose", "code", "message", "close code", "HTTP", "log")
    return page(
        "Errors",
        "A failure reaches the client as `Error` or `Warning` with a `code` and a `description`. "
        "Where a close code stands, the connection is closed with it right behind the message; "
        "else the session goes on. After 1000 stock clients stay away, so only those failures close "
        "with it after which coming back by itself would be of no use. The HTTP status is what the failure means to an HTTP request.",
        table(head, rows),
        "These upstream codes make a failure `UpstreamExhausted`: "
        + listed(sorted(errors.EXHAUSTED_CODES))
        + ".",
    )


# -- limits

UNITS = {"MS": "ms", "S": "s", "BYTES": "bytes"}


def limit_rows(module: ModuleType) -> Iterable[tuple[str, str, str, str]]:
    """Yield each constant of a module with the docstring below it."""
    body = ast.parse(inspect.getsource(module)).body
    for statement, note in pairwise(body):
        match statement, note:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(why))),
            ):
                unit = UNITS.get(name.rpartition("_")[2], "")
                yield code(name), f"{getattr(module, name):,}", unit, " ".join(why.split())
            case _:
                pass


def allowed_rows() -> Iterable[tuple[str, str, str, str, str, str]]:
    """Yield each limit that can be set, with what happens at it."""
    for field in allowed.Allowed.__struct_fields__:
        said = allowed.notes(field)
        unit = {"s": "s", "bytes": "bytes", "speed": "times real time"}.get(
            field.rpartition("_")[2], ""
        )
        yield (
            code(field),
            f"{getattr(allowed.USUAL, field):,}",
            "messages/s" if field == "messages_per_s" else unit,
            f"{said.ge:,} to {said.le:,}",
            str(said.description),
            str((said.extra or {})["then"]),
        )


def limits_page() -> str:
    """Return every bound and deadline."""
    head = ("name", "value", "unit", "why")
    return page(
        "Limits",
        "## That you may set",
        "In the table `[limits]` of the configuration file, or by a variable such as "
        f"`{allowed.variable('connections')}`. A code is that of an `Error` or `Warning` of the "
        "agent protocol, or of an `error` event, in small letters, of the Realtime protocol; what "
        "closes the connection comes right behind it. Only a frame that announces more than twice "
        "the size of a message is closed over without a word, since it is not read. How long agent "
        "clients may be silent, and a call may last, stands on the page of "
        "[configuration](configuration.md).",
        table(("limit", "usual", "unit", "may be", "why", "what happens there"), allowed_rows()),
        "## Of the turn",
        first_paragraph(core_limits),
        table(head, limit_rows(core_limits)),
        "## Of the connections",
        first_paragraph(gateway_limits),
        table(head, limit_rows(gateway_limits)),
    )


# -- metrics


def metric_row(family: Metric) -> tuple[str, str, str, str]:
    """Return a family by its name on the page, its kind, its labels with their values, its help."""
    suffix = "_total" if family.type == "counter" else ""
    values: dict[str, dict[str, None]] = {}
    for sample in family.samples:
        for label, value in sample.labels.items():
            if label != "le":
                values.setdefault(label, {})[value] = None
    shown = (
        f"{code(label)}: " + (listed(each) if len(each) <= SHOWN else f"{len(each)} values")
        for label, each in values.items()
    )
    return code(f"{family.name}{suffix}"), family.type, "; ".join(shown), family.documentation


SHOWN = 12
"""How many values of a label are written out."""


def metrics_page() -> str:
    """Return every family that `GET /metrics` shows."""
    ends = (listed(str(ms / 1000) for ms in bounds) for bounds in (WAITS_MS, CALLS_MS))
    waits, calls = ends
    return page(
        "Metrics",
        "What `GET /metrics` tells in Prometheus' text format. All label values are known from the "
        "start, so that nothing a client sends adds a series. Beside these stand the usual "
        "`process_*` and `python_info`.",
        table(("name", "kind", "labels", "what"), map(metric_row, Metrics(tuple).collect())),
        f"The buckets of a wait end at {waits} seconds, those of a call at {calls}.",
    )


# -- configuration and commands


def commands() -> dict[str, Any]:
    """Return the subcommands by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def accepted(field: str) -> str:
    """Return what a field of the configuration takes."""
    kind: Any = config.Config.__annotations__[field]
    inner = get_args(kind)[0]
    if get_origin(inner) is Literal:
        return listed(get_args(inner))
    if field in config.TABLES:
        return "table"
    shape: Any = type_info(kind)
    while isinstance(shape, Metadata):
        shape = shape.type
    kinds = {
        "IntType": "whole number",
        "BoolType": "true or false",
        "VarTupleType": "list",
        "DictType": "table",
    }
    return kinds.get(type(shape).__name__, "text")


def is_empty(default: object) -> bool:
    """Tell whether a default has nothing to show; a table has a page of its own."""
    return default is None or isinstance(default, msgspec.Struct) or default in ("", (), {})


def configuration_page() -> str:
    """Return every setting and the places where it can stand."""
    flags = {option.name: flag_of(option) for option in commands()["serve"].params}
    rows = (
        (
            code(field),
            "" if field in config.TABLES else code(config.environment_name(field)),
            flags.get(field, ""),
            accepted(field),
            "" if is_empty(default) else written(default),
            config.description(field),
        )
        for field in config.Config.__struct_fields__
        for default in [getattr(config.Config(), field)]
    )
    keys = ((code(name), code(variable)) for name, variable in config.PROVIDER_KEYS.items())
    return page(
        "Configuration",
        "A value comes from the first of these that has it: flag, environment variable, TOML file, "
        "default. The file is named by `--config` or `TURNGATE_CONFIG`; its keys are those of the "
        "first column, and `turngate check --print-schema` prints its JSON schema. A list in an "
        "environment variable is separated by commas.",
        table(("key", "environment variable", "flag", "takes", "default", "meaning"), rows),
        "Unless `TURNGATE_UPSTREAM_KEY` is set, the key of a named upstream is looked for here:",
        table(("upstream", "environment variable"), keys),
        "What `dialect` stands for, and where it is known from:",
        table(
            ("dialect", "path", "model in", "key in", "greets", "protocol", "source"),
            (
                (
                    code(name),
                    code(profile.path),
                    code(profile.asks_by),
                    code(profile.key_in),
                    "yes" if profile.greets else "no",
                    "older" if profile.is_older else "today's",
                    profile.source,
                )
                for name, profile in PROFILES.items()
            ),
        ),
        "A server of the older protocol is translated at turngate's edge, so that clients of both "
        "fronts see today's: its session is flat, events of text and audio have other names, and an "
        "item is created at once instead of added and done.",
    )


def flag_of(option: Any) -> str:
    """Return how an option is written."""
    return listed([*option.opts, *option.secondary_opts])


def option_row(option: Any) -> tuple[str, str, str]:
    """Return an option or argument with its default and its help."""
    is_argument = option.param_type_name == "argument"
    name = code(f"[{option.name.upper()}]...") if is_argument else flag_of(option)
    default = option.default if isinstance(option.default, str | int | float) else None
    shown = "" if default is None or isinstance(default, bool) else code(default)
    variable = f" (env {option.envvar})" if option.envvar else ""
    return name, shown, f"{option.help}{variable}"


def cli_page() -> str:
    """Return every subcommand with its options."""
    parts: list[str] = []
    for name, command in commands().items():
        shown = [option for option in command.params if not option.hidden]
        rows = [option_row(option) for option in shown if option.name != "help"]
        parts += [
            f"## turngate {name}",
            re.sub(r"\s*\n\s*(?=\S)", " ", command.help or ""),
            table(("option", "default", "meaning"), rows),
        ]
    codes = (inspect.getdoc(cli) or "").partition("\n\n")[2]
    return page("Commands", " ".join(codes.split()), *parts)


# -- the emulator


def knob_groups() -> Iterable[tuple[str, list[tuple[str, str, str, str]]]]:
    """Yield the knobs as they are grouped by the comments of their class, with their docstrings."""
    lines = inspect.getsource(knobs.Knobs).splitlines()
    heads = {number: line.strip("# ") for number, line in enumerate(lines, 1) if "    # " in line}
    (declared,) = ast.parse("\n".join(lines)).body
    group, rows = "Seed", list[tuple[str, str, str, str]]()
    for field, note in pairwise(cast("ast.ClassDef", declared).body):
        if not isinstance(field, ast.AnnAssign):
            continue
        begun = [head for number, head in heads.items() if number == field.lineno - 1]
        if begun:
            yield group, rows
            group, rows = begun[0], []
        rows.append(knob_row(field, note))
    yield group, rows


def knob_row(field: ast.AnnAssign, note: ast.stmt) -> tuple[str, str, str, str]:
    """Return name, type, defaults and meaning of a knob."""
    name = cast("ast.Name", field.target).id
    match note:
        case ast.Expr(value=ast.Constant(value=str(why))):
            meaning = " ".join(why.split())
        case _:
            raise ValueError(f"the knob {name} has no docstring")
    own, alone = (written(msgspec.to_builtins(getattr(of, name)))
                  for of in (knobs.Knobs(), knobs.STANDALONE))  # fmt: skip
    default = own if own == alone else f"{own}; stand-alone {alone}"
    kind = ast.unparse(field.annotation).replace("'", '"')
    return code(name), code(kind), default, meaning


def place_rows() -> Iterable[tuple[str, str, str]]:
    """Yield the places in the stream that knobs may name."""
    for place in (knobs.At, knobs.CloseAt, knobs.ErrorAt, knobs.FrameAt):
        yield code(place.__name__), listed(place.__struct_fields__), first_paragraph(place)


SCRIPT_PARTS: Mapping[type[msgspec.Struct], str] = {
    script.Script: "the file",
    script.Reply: "an entry of `replies`, and `then`",
    script.Call: "an entry of `calls`",
    script.Message: "in a list of `responses`: `type: message`",
    script.FunctionCall: "`type: function_call`",
    script.McpCall: "`type: mcp_call`",
    script.McpApprovalRequest: "`type: mcp_approval_request`",
}


def script_rows() -> Iterable[tuple[str, str, str]]:
    """Yield the fields that a script's file may have, and those of what is in them."""
    for part, where in SCRIPT_PARTS.items():
        yield where, listed(part.__struct_encode_fields__), first_paragraph(part)


def emulator_page() -> str:
    """Return every knob of the emulator, its dialects, its scripts and its audit."""
    head = ("knob", "type", "default", "what it does, and what that imitates")
    dialects = (
        (code(name), listed(f"{knob}={json.dumps(value)}" for knob, value in settings.items()))
        for name, settings in knobs.DIALECTS.items()
    )
    counters = (
        *((code(name), "violation") for name in audit.VIOLATIONS),
        *((code(name), "information") for name in audit.INFORMATION),
        (code("unanswered_turns"), "a promise broken"),
        (code("answered_twice"), "a promise broken"),
    )
    sections = (
        part for group, rows in knob_groups() for part in (f"### {group}", table(head, rows))
    )
    return page(
        "The emulator",
        "`turngate emulate`, or the fixtures of [test with the emulator]"
        "(../howto/test-with-the-emulator.md): a strict stand-in for the Realtime service.",
        "## Addresses",
        table(
            ("address", "what"),
            (
                ("`WS /v1/realtime?model=`", "the protocol; any path that ends in `/realtime`"),
                (f"`WS {server.AZURE_PATH}?model=`", "the same with the dialect `azure`"),
                ("`?emu=`", "knobs of this connection, as JSON"),
                ("`?script=`", "a script for this connection, as JSON"),
                ("`X-Emulator-Script`", "the same as a header, base64"),
                ("`GET /sessions`", "a line about every connection"),
                ("`GET /audit`", "every client event with its verdict, and the counters"),
                ("`GET /control`", "the knobs in force"),
                ("`POST /control`", "knobs as JSON, for every connection; `?session=` names one"),
            ),
        ),
        "## Knobs",
        "By `--knobs`, `?emu=`, `POST /control`, or `Knobs(...)` in a test. Times are ms. Where "
        "two defaults stand, the second is that of `turngate emulate`.",
        *sections,
        "## Places",
        "What a knob of the type `At` and its like names: right after the event of that type and "
        "number was sent on a connection.",
        table(("type", "fields", "what"), place_rows()),
        "## Dialects",
        "By `--dialect`, or as the field `dialect` beside other knobs.",
        table(("dialect", "knobs"), dialects),
        "## Scripts",
        "By `--script`, a YAML or JSON file, or with a connection as above, as JSON.",
        table(("part", "fields", "what"), script_rows()),
        "## Counters",
        table(("counter", "what it is"), counters),
    )  # fmt: skip


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "messages.md": messages_page,
    "compatibility.md": compatibility_page,
    "errors.md": errors_page,
    "limits.md": limits_page,
    "configuration.md": configuration_page,
    "metrics.md": metrics_page,
    "cli.md": cli_page,
    "emulator.md": emulator_page,
    "client.md": lambda: page("The Python client", *client_reference.parts()),
}


def main() -> int:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
