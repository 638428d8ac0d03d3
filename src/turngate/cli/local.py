"""The `local` upstream: `turngate emulate` as a child process that never outlives its parent.

A process of its own keeps speech work off the gateway's loop.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import structlog

from turngate.cli.plain import READY, Failed, program
from turngate.gateway.config import PROVIDER_KEYS

START_S = 20.0
"""A cold start on a slow disk takes some seconds; a start that takes longer has failed."""

STOP_S = 3.0
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits before each restart in a row; the last one repeats."""

STEADY_S = 30.0
"""A child that lived this long starts the count afresh."""

_log = structlog.get_logger("turngate.local")


class LocalEmulator:
    """The emulator while an `async with` lasts, restarted in its place whenever it ends.

    `url` stays the same; `pid` is the process of the moment.
    """

    def __init__(self) -> None:
        self.url = ""
        self._child: Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process that runs now, or ran last."""
        return 0 if self._child is None else self._child.pid

    async def __aenter__(self) -> Self:
        """Start it, and wait until it listens.

        Raises:
            Failed: it does not start.

        """
        self._child, self.url = await _started(port=0)
        self._keeper = asyncio.create_task(self._keep(self._child), name="local emulator")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])

    async def _keep(self, child: Process) -> None:
        """Restart the child on its port whenever it ends, until cancelled; then end it."""
        loop = asyncio.get_running_loop()
        port = urlsplit(self.url).port or 0
        failures = 0
        try:
            while True:
                since = loop.time()
                await _lines(child).read()  # it says nothing more: this is its end
                code = await child.wait()
                failures = 0 if loop.time() - since > STEADY_S else failures
                wait_s = BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)]
                _log.warning("emulator ended", exit_code=code, restart_in_ms=round(wait_s * 1000))
                failures += 1
                await asyncio.sleep(wait_s)
                try:
                    child, _ = await _started(port)
                except Failed:
                    continue
                self._child = child
                _log.info("emulator restarted", port=port)
        finally:
            await _stopped(child)


async def _started(port: int) -> tuple[Process, str]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "turngate", "emulate", "--port", str(port), "--until-stdin-closes"),
        stdin=PIPE,
        stdout=PIPE,
        env=_environment(),
        start_new_session=True,  # Ctrl-C is for the parent, which then ends the child in order
    )
    try:
        async with asyncio.timeout(START_S):
            line = await _lines(child).readline()
    except TimeoutError:
        line = b""
    except asyncio.CancelledError:
        await _stopped(child)
        raise
    said = line.decode(errors="replace").strip()
    if not said.startswith(READY):
        await _stopped(child)
        raise Failed(f"the local emulator did not start; `{program()} emulate` shows why")
    return child, said.removeprefix(READY)


async def _stopped(child: Process) -> None:
    """End the child: first by the word it knows, then by force."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


def _lines(child: Process) -> asyncio.StreamReader:
    if child.stdout is None:
        raise AssertionError("the child was started with a pipe for its output")
    return child.stdout


def _environment() -> dict[str, str]:
    """Return our environment without keys: the child has no use for them."""
    keys = {*PROVIDER_KEYS.values(), "TURNGATE_UPSTREAM_KEY", "TURNGATE_CLIENT_KEYS"}
    return {name: value for name, value in os.environ.items() if name not in keys}
