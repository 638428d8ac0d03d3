"""Which cells of the two tables of the native front's order the worlds have been through.

A cell is what becomes of an event of the client's while something of a kind waits. It is passed
when that event comes and what is named in its column, and nothing else of the client's, waits.
"""

# pyright: reportPrivateUsage=false
# what waits in a session is nobody else's, and here it is to be known exactly

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from proof.simulation.row import TABLES, Row

from turngate.core.native import NativeSession
from turngate.core.order import Kind
from turngate.dialects.native import Sent, look_at
from turngate.gateway.appends import Appends

NAME = {True: "native_order", False: "native_order_updates_pass"}
"""The tables, by whether updates are held."""

HELD = "held"
"""The id of the item that waits."""

_NAMED = 36
"""So wide is the column of the events' names."""

_COLUMNS: dict[frozenset[Kind], str] = {
    frozenset(): "nothing",
    frozenset({Kind.REQUEST}): "request",
    frozenset({Kind.UPDATE}): "update",
    frozenset({Kind.UPDATE_INPUT}): "input",
    frozenset({Kind.REQUEST, Kind.FOLLOW}): "item",
    frozenset({Kind.REQUEST, Kind.COMMIT}): "commit",
}


_NAMES = {
    ("session.update", Kind.UPDATE_INPUT): "session.update audio.input",
    ("response.create", Kind.PASS): "response.create conversation none",
    ("conversation.item.create", Kind.PASS): "the same, a function output",
    ("response.cancel", Kind.PASS): "response.cancel with an id",
    ("brand.new", Kind.PASS): "what is not known",
}
"""Events that are not in the tables by their type."""


def read() -> Iterator[Row]:
    """Yield a row for each cell of both tables."""
    for name in NAME.values():
        head, *lines = (TABLES / f"{name}.txt").read_text().splitlines()
        for line in filter(None, lines):
            yield from (Row(name, column, line[:_NAMED].strip()) for column in head.split())


def row_of(session: NativeSession, text: bytes) -> Row | None:
    """Return the row that an event passes which comes now, if it is in a table."""
    held = session._order._held
    if held and not session._sequencer.waiting:
        return None  # it has left, and is not answered
    column = _COLUMNS.get(frozenset(each.kind for each in held.values()))
    event = _named(look_at(text))
    return None if column is None else Row(NAME[session._hold_updates], column, event)


def _named(sent: Sent) -> str:
    if sent.type == "conversation.item.retrieve" and sent.item_id == HELD:
        return "the same, of an item that waits"
    return _NAMES.get((sent.type, sent.kind), sent.type)


@contextmanager
def observed(note: Callable[[Row], None]) -> Generator[None]:
    """Watch every event that a Realtime client sends."""
    before = Appends.take

    def take(self: Appends, text: bytes) -> None:
        call: Any = self._held.__self__  # pyright: ignore[reportFunctionMemberAccess] - a call's own
        row = row_of(call._session, text)
        if row is not None:
            note(row)
        before(self, text)

    Appends.take = take
    try:
        yield
    finally:
        Appends.take = before
