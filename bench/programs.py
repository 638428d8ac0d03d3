"""The programs that a bench measures or needs: each says where it listens, and ends with its block."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

HERE = Path(__file__).parent


@asynccontextmanager
async def running(*command: str, **environ: str) -> AsyncGenerator[tuple[int, list[str]]]:
    """Run Python with these arguments until the block ends; yield its pid and its addresses.

    These are the URLs on the first line that names a WebSocket.

    Raises:
        RuntimeError: It ended before it was ready.

    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        stdout=asyncio.subprocess.PIPE,
        cwd=HERE,
        env={**os.environ, **environ},
    )
    if process.stdout is None:
        raise AssertionError("stdout was asked for")
    try:
        while b"ws://" not in (line := await process.stdout.readline()):
            if not line:
                raise RuntimeError(f"{command} ended before it was ready")
        yield process.pid, [word for word in line.decode().split() if "://" in word]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def gateway(upstream: str, *options: str, **environ: str) -> AsyncGenerator[tuple[int, str]]:
    """Run a gateway before this upstream; yield its pid and its address, `ws://host:port`."""
    serve = ("-m", "turngate", "serve", "--port", "0", "--log-level", "error")
    async with running(*serve, "--upstream", upstream, *options, **environ) as (pid, (url, *_)):
        yield pid, url.removesuffix("/v1/agent/converse")
