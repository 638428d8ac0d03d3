"""ASGI servers of other people, with an app of theirs, in this process."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias, cast

import hypercorn.asyncio
import uvicorn as uvicorn_
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from hypercorn.config import Config as HypercornConfig
from starlette.types import ASGIApp

Port: TypeAlias = "asyncio.Future[int]"
Host: TypeAlias = Callable[[ASGIApp, Port, asyncio.Event], Coroutine[Any, Any, None]]
"""Serves an app until the event is set; the port is told once somebody listens."""


async def uvicorn(app: ASGIApp, port: Port, stop: asyncio.Event) -> None:
    config = uvicorn_.Config(app, port=0, log_config=None, log_level="error")
    config.load()
    server = uvicorn_.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port.set_result(server.servers[0].sockets[0].getsockname()[1])
    await stop.wait()
    await server.shutdown()


async def hypercorn_(app: ASGIApp, port: Port, stop: asyncio.Event) -> None:
    config = HypercornConfig()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config.bind = [f"fd://{listening.fileno()}"]
        config.errorlog = None
        config.graceful_timeout = 0.5

        async def until() -> None:
            await stop.wait()

        port.set_result(listening.getsockname()[1])
        await cast("Any", hypercorn.asyncio).serve(app, config, shutdown_trigger=until)
        listening.detach()


def _own_port() -> int:
    """Return a port that nobody is given who asks for any, as the tests beside this one do."""
    start = 20_000 + os.getpid() % 10_000
    for port in range(start, start + 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("a hundred ports in a row are taken")


async def granian(app: ASGIApp, port: Port, stop: asyncio.Event) -> None:
    free = _own_port()
    server = Granian(cast("Any", app), port=free, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", free)
        except OSError:
            await asyncio.sleep(0.01)  # it does not tell when it listens
        else:
            writer.close()
            break
    port.set_result(free)
    await stop.wait()
    server.stop()
    await serving
