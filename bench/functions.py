"""What calls notice while functions sleep: `python bench/functions.py [--rounds N] [--calls N] [--json]`.

A gateway, a mock upstream, and callers who speak, are spoken to and interrupt: three processes, and an
MCP server. For each place where a function may run, rounds in which half of the calls wait for one that
sleeps for 10 s take turns with rounds in which nobody does.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import programs
import uvloop
from callers import AgentCaller, speak
from meter import quantile
from picows import (
    WSFrame,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "performance" / "functions.md"
PLACES = {
    "in_a_coroutine": "an `async` function in the gateway",
    "in_a_thread": "a function in the gateway that blocks its thread",
    "at_an_endpoint": "an HTTP endpoint",
    "on_an_mcp_server": "an MCP server",
}
LISTEN_S = 4.0
LOUD = b"\x01\x7f" * 480
DEADLINE_S = 20.0

console = Console(highlight=False)


class Interrupter(AgentCaller):
    """A caller who knows which functions run, and how long it takes to be heard."""

    def __init__(self) -> None:
        super().__init__()
        self.interrupted_ms: float | None = None
        self.waits = asyncio.Event()
        self._is_loud_since = 0.0

    def interrupt(self) -> None:
        """Say 20 ms that are speech."""
        self._is_loud_since = time.monotonic()
        self._send(WSMsgType.BINARY, LOUD)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take what is told of speech and functions, and the rest."""
        if frame.msg_type is WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            if b'"UserStartedSpeaking"' in text:
                self.interrupted_ms = (time.monotonic() - self._is_loud_since) * 1000
            elif b'"FunctionCallRequest"' in text:
                self.waits.set()
            elif b'"FunctionCallResponse"' in text:
                self.waits.clear()
        super().on_ws_frame(transport, frame)


class Noticed(NamedTuple):
    """What some calls noticed in one round: delays of deltas and of interruptions, in ms."""

    deltas: list[float]
    interruptions: list[float]


class Beside(NamedTuple):
    """One place: rounds in which nobody waits, the calls that wait, and those beside them."""

    quiet: list[Noticed]
    waiting: list[Noticed]
    others: list[Noticed]


@asynccontextmanager
async def gateway() -> AsyncGenerator[str]:
    """Run a mock upstream and a gateway that offers the functions; yield the agent front's address."""
    with tempfile.TemporaryDirectory() as directory:
        async with programs.running("spoken_to.py") as (_, (upstream, endpoint)):
            config = _config(Path(directory), endpoint)
            async with programs.gateway(upstream, "--config", str(config)) as (_, url):
                yield f"{url}/v1/agent/converse"


def _config(folder: Path, endpoint: str) -> Path:
    command = json.dumps([sys.executable, str(HERE / "sleepers.py"), "--mcp"])
    config = folder / "turngate.toml"
    config.write_text(
        f"""\
functions = "sleepers"

[[function]]
name = "at_an_endpoint"
url = "{endpoint}"
on_turn = "keep"

[[mcp]]
name = "sleepers"
command = {command}
on_turn = "keep"
""",
        encoding="utf-8",
    )
    return config


async def _connect(caller: Interrupter, url: str) -> None:
    await ws_connect(lambda: caller, url)
    await caller.start()


async def _round(url: str, place: str | None, calls: int) -> tuple[Noticed, Noticed]:
    """Have calls talk and be interrupted; return what each half of them noticed.

    The first half waits for a function at `place`, if there is one.
    """
    callers = [Interrupter() for _ in range(calls)]
    waiting, others = callers[: calls // 2], callers[calls // 2 :]
    for caller in callers:
        await _connect(caller, url)
    if place is not None:
        for caller in waiting:
            caller.ask(f"call {place}")
        async with asyncio.timeout(DEADLINE_S):
            for caller in waiting:
                await caller.waits.wait()
    speaking = asyncio.create_task(speak(callers))
    for caller in callers:
        caller.ask(f"talk {int(LISTEN_S * 10) * 2}")
    await asyncio.sleep(LISTEN_S)
    for caller in callers:
        caller.interrupt()
        await asyncio.sleep(0.02)
    await asyncio.sleep(1)
    speaking.cancel()
    if place is not None and not all(caller.waits.is_set() for caller in waiting):
        raise RuntimeError(f"{place}: a function did not sleep for as long as was measured")
    for caller in callers:
        caller.hang_up()
    return _noticed(waiting), _noticed(others)


def _noticed(callers: list[Interrupter]) -> Noticed:
    told = [caller.interrupted_ms for caller in callers]
    if None in told or any(len(caller.added_ns) < LISTEN_S * 10 / 2 for caller in callers):
        raise RuntimeError("a call was not spoken to, or its interruption not noticed")
    deltas = [ns / 1e6 for caller in callers for ns in caller.added_ns]
    return Noticed(deltas, [ms for ms in told if ms is not None])


async def measured(places: list[str], rounds: int, calls: int) -> dict[str, Beside]:
    """Measure each place; which round of a pair comes first changes from pair to pair."""
    found = {place: Beside([], [], []) for place in places}
    async with gateway() as url:
        for number in range(rounds):
            for place, beside in found.items():
                for chosen in (None, place) if number % 2 else (place, None):
                    first, second = await _round(url, chosen, calls)
                    if chosen is None:
                        beside.quiet.extend((first, second))
                    else:
                        beside.waiting.append(first)
                        beside.others.append(second)
    return found


COLUMNS = ("delta p50", "delta p99", "interruption p50", "interruption worst")


def figures(rounds: list[Noticed]) -> tuple[float, ...]:
    """Return the columns, in ms: each the median of the rounds."""
    return (
        median(quantile(each.deltas, 0.5) for each in rounds),
        median(quantile(each.deltas, 0.99) for each in rounds),
        median(quantile(each.interruptions, 0.5) for each in rounds),
        median(max(each.interruptions) for each in rounds),
    )


def rows(found: dict[str, Beside]) -> list[tuple[str, ...]]:
    """Return a row for each place and kind of call: the figures, and their ratio to quiet ones."""
    shown: list[tuple[str, ...]] = []
    for place, beside in found.items():
        quiet = figures(beside.quiet)
        shown.append((PLACES[place], "nobody waits", *(f"{ms:.2f} ms" for ms in quiet)))
        for who, noticed in (("waits", beside.waiting), ("others", beside.others)):
            pairs = zip(figures(noticed), quiet, strict=True)
            shown.append(("", who, *(f"{ms:.2f} ms ({ms / calm:.2f} x)" for ms, calm in pairs)))
    return shown


def page(found: dict[str, Beside], rounds: int, calls: int) -> str:
    """Write what was found."""
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows(found))
    return f"""# While a function sleeps

Made by `python bench/functions.py`; changes here are overwritten.

{calls} calls speak and are spoken to, ten audio deltas of 100 ms a second each. In every other round half of them ("waits")
have asked for something whose function sleeps for 10 s, and go on talking beside it (`on_turn = "keep"`); the other half
("others") have not. Then everybody interrupts. A delta's time is from the upstream's writing it to the caller's reading it, an
interruption's from the caller's first loud frame to `UserStartedSpeaking`, with an upstream that hears speech at once. Medians
of {rounds} rounds of {LISTEN_S:g} s, and in brackets the ratio to the rounds between them in which nobody waits; {os.cpu_count()} cores,
shared by the gateway, the mock upstream, the MCP server, the callers and whatever else ran there.

| the function runs in | calls | {" | ".join(COLUMNS)} |
|---|---|---|---|---|---|
{table}
"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print JSON and write no page")
    parser.add_argument("places", nargs="*", help=f"of {', '.join(PLACES)}; all by default")
    chosen = parser.parse_args()
    found = uvloop.run(measured(chosen.places or [*PLACES], chosen.rounds, chosen.calls))
    if chosen.json:
        kinds = {place: beside._asdict() for place, beside in found.items()}
        told = {
            place: {who: dict(zip(COLUMNS, figures(each), strict=True)) for who, each in by.items()}
            for place, by in kinds.items()
        }
        print(json.dumps(told))
        return
    table = Table("the function runs in", "calls", *COLUMNS, box=None)
    for row in rows(found):
        table.add_row(*row)
    console.print(table)
    PAGE.write_text(page(found, chosen.rounds, chosen.calls), encoding="utf-8")


if __name__ == "__main__":
    main()
