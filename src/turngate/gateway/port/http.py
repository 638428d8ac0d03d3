"""HTTP behind the port: uvicorn's protocol class, for one request a connection.

Of uvicorn only the protocol is used: the listener, signals, logs and the order of the end are ours.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Literal, TypeAlias, cast

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from turngate.gateway import limits
from turngate.gateway.answer import refused
from turngate.gateway.port import connection_headers

Parser: TypeAlias = Literal["h11", "httptools"]


class _Bounded(asyncio.Protocol):
    """What uvicorn's protocol lacks: an end for a peer that neither sends nor reads.

    It is mixed in before that protocol.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock (called by the front)."""
        abort = cast("asyncio.Transport", transport).abort
        self._bound = asyncio.get_running_loop().call_later(limits.HTTP_S, abort)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop it (called by asyncio)."""
        self._bound.cancel()
        super().connection_lost(exc)


_told = refused(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "busy",
    "too many requests at once; try again",
    {"retry-after": "1"},
)
_busy = Response(_told.body, _told.status, _told.headers())


class Http:
    """Makes the protocol of each connection, and knows the ones that are open."""

    def __init__(self, app: ASGIApp, parser: Parser) -> None:
        self._app = app
        self._config = Config(
            self._answered,
            http=parser,
            ws="none",  # an upgrade is the first request of its connection, or none
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self._config.load()
        self._state = ServerState()
        self._protocol: Any = type("Bounded", (_Bounded, self._config.http_protocol_class), {})

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the app answer, unless too many wait for that, and say that there is no next request."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = connection_headers().items()
                more = [(name.encode(), value.encode()) for name, value in own]
                message["headers"] = [*more, *message["headers"]]
            await send(message)

        is_full = len(self._state.connections) > limits.HTTP_AT_ONCE
        await (_busy if is_full else self._app)(scope, receive, answer)

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol for a new connection, as uvicorn's own server makes it."""
        return self._protocol(config=self._config, server_state=self._state, app_state={})

    async def close(self) -> None:
        """Let what was asked be answered, for as long as that may take, and cut the rest."""
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=limits.CLOSE_S)
        for connection in tuple(self._state.connections):
            connection.transport.abort()
