"""The page of limits: every bound and deadline."""

import ast
import inspect
from collections.abc import Iterable
from itertools import pairwise
from types import ModuleType

from tools.reference.markdown import code, first_paragraph, page, table

from turngate.core import limits as core_limits
from turngate.gateway import allowed
from turngate.gateway import limits as gateway_limits

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
        "closes the connection comes right behind it. A frame that announces more than twice the "
        "size of a message is answered and not read. How long agent "
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
