"""The gateway as an ASGI app, inside somebody else's server and behind somebody else's middleware.

Both fronts and the routes over HTTP, from the same table and before the same door as on a port of
our own. The host application owns the server, the process and its log.
"""

import asyncio
import os
import weakref
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from turngate.errors import ConfigError
from turngate.gateway import log, routes
from turngate.gateway.answer import Answer
from turngate.gateway.asgi_peer import AsgiPeer
from turngate.gateway.config import Config
from turngate.gateway.functions.catalogue import opened
from turngate.gateway.head import scoped
from turngate.gateway.loading import load
from turngate.gateway.outside import REAL
from turngate.gateway.routes import Page
from turngate.gateway.server import Server
from turngate.gateway.target import target

_REFUSED = 1008
"""Closes a WebSocket that is not one yet where a server knows no other way; it answers 403."""


class _Running:
    """The gateway on one event loop, from its start until it is told to stop."""

    def __init__(self, config: Config, pages: Mapping[str, Page]) -> None:
        self._config, self._pages = config, pages
        self._stop = asyncio.Event()
        self._started: asyncio.Future[tuple[Server, ASGIApp]]
        self._started = asyncio.get_running_loop().create_future()
        # one task from end to end: what functions open has to be closed where it was opened
        self._keeper = asyncio.create_task(self._keep(), name="turngate")

    async def _keep(self) -> None:
        outside = REAL._replace(client=AsgiPeer)
        try:
            async with opened(self._config) as catalogue:
                server = Server(self._config, target(self._config), catalogue, outside)
                self._started.set_result((server, routes.app(server.table(self._pages))))
                await self._stop.wait()
                await server.drain()
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def parts(self) -> tuple[Server, ASGIApp]:
        """Return what answers, once it has started.

        Raises:
            ConfigError: A function cannot be offered.

        """
        return await asyncio.shield(self._started)

    async def stop(self) -> None:
        """Tell every caller, and wait until they are gone, or no longer."""
        self._stop.set()
        await self._keeper


class Mounted:
    """An ASGI app. It starts with its first request, or with `lifespan` where the host has that."""

    def __init__(self, config: Config, pages: Mapping[str, Page]) -> None:
        target(config)  # refuses what cannot be reached before anybody asks
        self._config, self._pages = config, pages
        self._running: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Running]
        self._running = weakref.WeakKeyDictionary()
        if not structlog.is_configured():
            log.configure(config.log_level, config.log_format)

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncGenerator[None]:
        """Run the gateway for as long as the host runs: `FastAPI(lifespan=voice.lifespan)`.

        A mounted app is not told when the host starts and stops. With this, mistakes stop the host's
        start, and what functions have opened is closed at its end. Calls end when the server hangs up,
        which most do before they say so.

        Raises:
            ConfigError: A function cannot be offered.

        """
        del app
        running = self._here()
        await running.parts()
        try:
            yield
        finally:
            self._running.pop(asyncio.get_running_loop(), None)
            await running.stop()

    def _here(self) -> _Running:
        loop = asyncio.get_running_loop()
        if loop not in self._running:
            self._running[loop] = _Running(self._config, self._pages)
        return self._running[loop]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (called by the server, or by the host's router)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        server, http = await self._here().parts()
        if scope["type"] == "websocket":
            await _call(server, scope, receive, send)
        else:
            await http(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Run as the server's own app, which is told when to start and to stop."""
        await receive()
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


def configured(settings: Mapping[str, object]) -> Config:
    """Return the configuration of settings by their names, then the environment, then the file.

    Raises:
        ConfigError: There is no such setting, or its value is not acceptable.

    """
    try:
        return load(settings, os.environ)
    except ConfigError as error:  # which calls what it was given a flag
        raise ConfigError.of(map(_as_setting, error.each())) from error


def _as_setting(error: ConfigError) -> ConfigError:
    if not error.field.startswith("--"):
        return error
    return ConfigError(error.field.removeprefix("--").replace("-", "_"), error.reason)


async def _call(server: Server, scope: Scope, receive: Receive, send: Send) -> None:
    decided = server.answer(scoped(scope), has_shaken=True)
    if isinstance(decided, Answer):
        await _refuse(decided, scope, receive, send)
        return
    peer = cast("AsgiPeer", decided.open())  # as the calls of this server make them
    await peer.run(receive, send, decided.subprotocol)


async def _refuse(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a status where the server can, and with its 403 where it cannot."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _REFUSED, "reason": answer.code})
        return
    headers = [(name.encode(), value.encode()) for name, value in answer.headers().items()]
    start = "websocket.http.response.start"
    await send({"type": start, "status": answer.status.value, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": answer.body})
