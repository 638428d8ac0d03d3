"""Pages, tables and the words in them, as Markdown."""

import inspect
import json
from collections.abc import Iterable
from typing import cast

import msgspec

MADE = "Made from the code by `make reference`; changes here are overwritten."


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
