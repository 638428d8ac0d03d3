"""The page of the emulator: its knobs, dialects, scripts and counters."""

import ast
import inspect
import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import cast

import msgspec
from tools.reference.markdown import code, first_paragraph, listed, page, table, written

from turngate.emulator import audit, knobs, script, server


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
                *(
                (f"`WS {path}`", f"the same with the dialect `{dialect}`; the key may be in `api-key`")
                for path, dialect in server.AZURE_PATHS.items()
            ),
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
