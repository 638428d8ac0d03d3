"""A slow door: accepts TCP and lets the bytes through late, or never."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

CHUNK_BYTES = 65536


@contextlib.asynccontextmanager
async def doorstep(
    host: str, port: int, inner_port: int, delay_ms: float, *, hangs: bool
) -> AsyncGenerator[int]:
    """Listen on `host` and `port` and yield the port; pass connections on after `delay_ms`.

    hangs: accept and read, and never answer.
    """
    inside: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            inside.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            if hangs:
                await _copy(reader, None)
            else:
                await asyncio.sleep(delay_ms / 1000)
                await _join(reader, writer, inner_port)
        writer.close()

    server = await asyncio.start_server(pass_on, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in inside:
            task.cancel()
        await asyncio.gather(*inside, return_exceptions=True)


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner_port: int
) -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", inner_port)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_copy(reader, inner_writer))
            group.create_task(_copy(inner_reader, writer))
    finally:
        inner_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        if writer:
            writer.write(chunk)
            await writer.drain()
    if writer:
        writer.close()
