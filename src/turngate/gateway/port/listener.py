"""The listening socket, and the connections behind it that are not WebSockets yet or never will be."""

import asyncio
import socket
import ssl

import aiofastnet

from turngate.gateway import limits
from turngate.gateway.port.front import Behind, Front


class Listener:
    """A port that is open from `listen` to `close`."""

    def __init__(self, server: asyncio.Server, fronts: dict[Front, None]) -> None:
        self._server = server
        self._fronts = fronts

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def close(self) -> None:
        """Accept nothing more, and cut the connections that have not asked for anything."""
        self._server.close()
        for front in tuple(self._fronts):
            front.abort()
        await self._server.wait_closed()


async def listen(behind: Behind, host: str, port: int, tls: ssl.SSLContext | None) -> Listener:
    """Open the port.

    Raises:
        OSError: It cannot be had.

    """
    fronts: dict[Front, None] = {}
    server = await aiofastnet.create_server(
        asyncio.get_running_loop(),
        lambda: Front(behind, fronts),
        host,
        port,
        ssl=tls,
        ssl_handshake_timeout=limits.HANDSHAKE_S if tls else None,
    )
    for each in server.sockets:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, limits.RECEIVE_BYTES)  # inherited
    return Listener(server, fronts)
