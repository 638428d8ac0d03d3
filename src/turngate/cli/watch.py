"""What the emulator shows while it runs: a table that updates on a terminal, lines elsewhere."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from turngate.emulator import Emulator, Record

EVERY_S = 0.25
CALLS_SHOWN = 12
BREACHES_SHOWN = 8

Call = Mapping[str, Any]


async def watch(emulator: Emulator, console: Console) -> None:
    """Show calls, turns and breaches until cancelled."""
    news = News(emulator)
    if not console.is_terminal:
        while True:
            for line in news.lines():
                console.print(line, markup=False)
            await asyncio.sleep(EVERY_S)
    breaches: list[str] = []
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            breaches = [*breaches, *news.breaches()][-BREACHES_SHOWN:]
            live.update(picture(emulator, breaches), refresh=True)
            await asyncio.sleep(EVERY_S)


class News:
    """What happened in the calls of an emulator since it was last asked."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._open: set[int] = set()
        self._ended: set[int] = set()
        self._read: dict[int, int] = {}

    def lines(self) -> Iterator[str]:
        """Yield a line for each call that began or ended, and for each breach."""
        calls: list[Call] = sorted(self._emulator.sessions, key=lambda call: str(call["id"]))
        calls.sort(key=lambda call: int(call["number"]))
        for call in calls:
            if call["number"] not in self._open:
                self._open.add(call["number"])
                yield f"call {call['number']} begins: {call['model']}"
        yield from self.breaches()
        for call in calls:
            if not call["is_open"] and call["number"] not in self._ended:
                self._ended.add(call["number"])
                yield f"call {call['number']} ends: {counted(call)}"

    def breaches(self) -> Iterator[str]:
        """Yield a line for each client event that broke a rule or was refused."""
        for ledger in self._emulator.ledgers:
            seen = self._read.get(ledger.connection, 0)
            self._read[ledger.connection] = len(ledger.records)
            for record in islice(ledger.records, seen, None):
                if record.verdict != "accepted":
                    yield breach(record)


def breach(record: Record) -> str:
    """Return one refused or rule-breaking event as a line."""
    during = f" during {record.active_id}" if record.active_id else ""
    return (
        f"call {record.connection} at {record.at_ms / 1000:.1f} s: "
        f"{record.type}{during}: {record.verdict}"
    )


def counted(call: Call) -> str:
    """Return the counts of a call as words."""
    return ", ".join(f"{call[name]} {name}" for name in ("turns", "responses", "violations"))


def picture(emulator: Emulator, breaches: list[str]) -> Group:
    """Return the table of the last calls with the last breaches below it."""
    table = Table(title=emulator.url, title_justify="left", title_style="bold")
    for name in ("call", "model", "for", "turns", "responses", "now", "violations", "races"):
        is_count = name in ("call", "for", "turns", "responses", "violations", "races")
        table.add_column(name, justify="right" if is_count else "left")
    calls = sorted(emulator.sessions, key=lambda call: int(str(call["number"])))
    for call in calls[-CALLS_SHOWN:]:
        table.add_row(*_cells(call), style=None if call["is_open"] else "dim")
    if not calls:
        table.caption = "no call yet"
    return Group(table, *(Text(line, style="red") for line in breaches))


def _cells(call: Call) -> Iterator[str]:
    yield str(call["number"])
    yield str(call["model"])
    yield f"{call['lasted_ms'] / 1000:.0f} s"
    yield str(call["turns"])
    yield str(call["responses"])
    yield _now(call)
    violations: int = call["violations"]
    yield f"[bold red]{violations}[/]" if violations else "0"
    yield str(call["races"])


def _now(call: Call) -> str:
    if not call["is_open"]:
        return "ended"
    return "answers" if call["active_response"] else "listens"
