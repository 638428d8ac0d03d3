"""Hearing out a peer to whom everything has been said, so that it arrives.

A connection that is closed while its peer still writes is reset, and what the peer has not read by
then is lost: the reason, above all. Source: RFC 9112 section 9.6, which knows the same of HTTP.
"""

import asyncio
import socket
from contextlib import suppress

from turngate.gateway import limits

_heard_out: set[asyncio.Task[None]] = set()
"""A task that nobody holds may vanish in the middle."""


def linger(transport: asyncio.Transport) -> None:
    """Keep a connection until its peer has gone, is quiet, or goes on for too long.

    `transport` itself may be closed meanwhile, by whom ever.
    """
    if transport.is_closing():
        return
    try:
        connection: socket.socket = transport.get_extra_info("socket").dup()
    except OSError:  # no descriptor is left, and nobody is worth the last one
        return
    task = asyncio.create_task(_hear_out(connection), name="linger")
    _heard_out.add(task)
    task.add_done_callback(_heard_out.discard)


async def _hear_out(connection: socket.socket) -> None:
    """Read and drop what still comes."""
    loop = asyncio.get_running_loop()
    room, left = bytearray(limits.RECEIVE_BYTES), limits.LINGER_BYTES
    with connection, suppress(OSError, TimeoutError):
        async with asyncio.timeout(limits.CLOSE_S):
            while left > 0:
                async with asyncio.timeout(limits.LINGER_S):
                    size = await loop.sock_recv_into(connection, room)
                left = left - size if size else 0
