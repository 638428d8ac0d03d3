"""`turngate check --watch`: what a gateway holds just now, why, and for how long it did.

A table that updates on a terminal, lines elsewhere.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from turngate.cli.plain import Failed
from turngate.client.connection import connect
from turngate.client.failures import Closed, ConnectFailed
from turngate.gateway.config import Config
from turngate.gateway.door import WATCH_PATH
from turngate.gateway.watch import Message, Moment, Watching, read

EVERY_S = 0.1
LAST_SHOWN = 12
CALL_SHOWN = 8
DEADLINE_S = 10.0

NOTHING_HELD = "nothing is held"

REASONS = {
    "session": "the upstream session begins",
    "response": "a response runs",
    "request": "a request is unanswered",
    "update": "an update is unanswered",
    "speech": "the user speaks",
    "reserved": "the server answers speech",
    "calls": "function calls have no output",
    "order": "what came before it",
    "race": "it met a response, and goes again",
}
"""What an event waits for, in words."""


class Board:
    """What waits, what has left lately, and the figures since the beginning."""

    def __init__(self) -> None:
        self.waiting: dict[tuple[str, int], tuple[Moment, float]] = {}
        self.last: deque[Moment] = deque(maxlen=LAST_SHOWN)
        self.counts: Counter[str] = Counter()
        self.longest_ms = 0

    def take(self, moment: Moment, now_s: float) -> None:
        """Take a moment that came at `now_s`."""
        key = moment.call, moment.number
        self.counts[moment.what] += 1
        if moment.what == "held":
            self.waiting[key] = moment, now_s - moment.ms / 1000
            self.counts["races"] += moment.why == "race"
            return
        self.waiting.pop(key, None)
        self.last.append(moment)
        self.longest_ms = max(self.longest_ms, moment.ms)

    def picture(self, now_s: float, title: str) -> RenderableType:
        """Return everything as a table with the figures below it; a sentence before there is any."""
        if not self.counts:
            return Text(f"{title}: {NOTHING_HELD}")
        table = Table(title=title, title_justify="left", title_style="bold")
        for name in ("call", "event", "event_id", "waits for"):
            table.add_column(name, overflow="fold")
        table.add_column("ms", justify="right")
        table.add_column("then")
        for moment in self.last:
            style = "dim" if moment.what == "sent" else "red"
            table.add_row(*_cells(moment), str(moment.ms), moment.what, style=style)
        for moment, since_s in self.waiting.values():
            waited_ms = round((now_s - since_s) * 1000)
            table.add_row(*_cells(moment), str(waited_ms), "...", style="bold yellow")
        return Group(table, Text(self.summary()))

    def summary(self) -> str:
        """Return the figures as one line."""
        counted = (
            "held",
            "races",
            "sent",
            "withdrawn",
            "lapsed",
            "refused",
            "unanswered",
            "lost",
            "abandoned",
        )
        figures = [f"{name} {self.counts[name]}" for name in counted if self.counts[name]]
        return f"{', '.join(figures)}; waiting {len(self.waiting)}, longest {self.longest_ms} ms"


def _cells(moment: Moment) -> Iterator[str]:
    yield moment.call[:CALL_SHOWN]
    yield moment.event or "(not readable)"
    yield moment.event_id or ""
    yield REASONS.get(moment.why, moment.why)


def line(moment: Moment) -> str:
    """Return a moment as a line, for where there is no terminal."""
    named = f" {moment.event_id}" if moment.event_id else ""
    about = f"{moment.call[:CALL_SHOWN]} {moment.event}{named}"
    reason = REASONS.get(moment.why, moment.why)
    if moment.what == "held":
        before = f" for {moment.ms} ms" if moment.ms else ""
        return f"{about}: held{before}, {reason}"
    return f"{about}: {moment.what} after {moment.ms} ms, {reason}"


def begun(watching: Watching) -> str:
    """Return how many events waited already when the look began."""
    return f"{watching.held} held already" if watching.held else NOTHING_HELD


class _Reader:
    """Hands over what a gateway shows."""

    def __init__(self) -> None:
        self.news: asyncio.Queue[Message] = asyncio.Queue()
        self.end: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def received(self, message: str | bytes) -> None:
        """Take a message."""
        self.news.put_nowait(read(message))

    def ended(self, end: Closed) -> None:
        """Take the end."""
        if not self.end.done():
            self.end.set_result(end)


async def look_on(config: Config, console: Console) -> None:
    """Show what the gateway of `config` holds, until it ends or Ctrl-C.

    Raises:
        Failed: it cannot be reached, or does not let anybody look on.

    """
    scheme = "wss" if config.tls_cert else "ws"
    here = f"[{config.host}]" if ":" in config.host else config.host
    url = f"{scheme}://{here}:{config.port}{WATCH_PATH}"
    keys = config.client_keys
    headers = {"Authorization": f"Bearer {keys[0]}"} if keys else {}
    reader = _Reader()
    try:
        connection = await connect(url, reader, headers=headers, seconds=DEADLINE_S)
    except ConnectFailed as error:
        hint = "; does it run with --diagnostics?" if error.status == 404 else ""  # noqa: PLR2004 - HTTP
        raise Failed(f"gateway at {here}:{config.port}: {error.reason}{hint}") from error
    try:
        await _show(reader, console, url)
    finally:
        await connection.close()
    raise Failed(f"gateway at {here}:{config.port}: {reader.end.result()}")


async def _show(reader: _Reader, console: Console, url: str) -> None:
    board, title = Board(), f"watching {url}"
    if not console.is_terminal:
        while not reader.end.done() or not reader.news.empty():
            for told in await _news(reader):
                shown = line(told) if isinstance(told, Moment) else f"{title}: {begun(told)}"
                console.print(shown, markup=False)
        return
    with Live(console=console, auto_refresh=False) as live:
        while not reader.end.done():
            for told in await _news(reader):
                if isinstance(told, Moment):
                    board.take(told, time.monotonic())
            live.update(board.picture(time.monotonic(), title), refresh=True)


async def _news(reader: _Reader) -> list[Message]:
    """Return what came within a short while."""
    await asyncio.sleep(EVERY_S)
    return [reader.news.get_nowait() for _ in range(reader.news.qsize())]
