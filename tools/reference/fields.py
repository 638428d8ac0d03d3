"""Every field of a client's messages, and what is found to happen with it."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec.inspect import StructType, type_info
from tools.reference.exchange import OWN
from tools.reference.markdown import code, listed, wire_name
from tools.reference.samples import SAID

from turngate import errors
from turngate.core import events
from turngate.dialects import agent as front
from turngate.dialects import settings_component, settings_kept, settings_rows
from turngate.wire import agent
from turngate.wire.codec import decode_client_message


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
