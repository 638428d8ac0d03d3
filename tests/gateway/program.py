"""The gateway as its operator runs it: a process that gets signals."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.far import DEADLINE_S
from gateway.stand import Gateway

START_S = 30.0
"""An interpreter and everything that is imported, on a machine that is busy."""

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Program:
    """The gateway as its operator runs it."""

    stand: Gateway
    process: asyncio.subprocess.Process

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def code(self) -> int:
        async with asyncio.timeout(2 * DEADLINE_S):
            return await self.process.wait()


@asynccontextmanager
async def program(upstream_url: str) -> AsyncGenerator[Program]:
    """Run `turngate serve` before this upstream."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "turngate", "serve", "--port", "0", "--upstream", upstream_url),
        *("--log-level", "error"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            while b"agent" not in (said := await process.stdout.readline()):
                assert said, "it ended before it was ready"
        address = said.decode().split("ws://")[1].split("/")[0]
        host, _, port = address.partition(":")
        nothing: asyncio.Task[None] = asyncio.create_task(asyncio.sleep(0))
        yield Program(Gateway(host, int(port), asyncio.Event(), nothing), process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
