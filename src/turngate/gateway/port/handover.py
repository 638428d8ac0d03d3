"""Hands a connection over to picows, whose protocol class this file alone touches.

picows does not document that class, only the functions that make one; so its minor version is
pinned, and `tests/gateway/test_port.py` holds what is relied on here.
"""

import asyncio
from typing import Any

from picows import WSAutoPingStrategy, WSUpgradeResponse, WSUpgradeResponseWithListener, picows

from turngate.gateway import limits
from turngate.gateway.head import Head
from turngate.gateway.peer import Peer
from turngate.gateway.picows_log import PicowsLog

_READ_BYTES = 16 * 1024
"""What picows reads into at first; it grows with the frames."""

_LEEWAY = 2
"""How much larger than a message may be the frame is that picows refuses by its header.

What is between these is read to its end, so that its sender, who may not listen while it writes,
can hear why.
"""

_picows: Any = picows


def hand_over(
    transport: asyncio.Transport, head: Head, early: bytes, peer: Peer, subprotocol: str | None
) -> None:
    """Complete the upgrade that `head` asks for, and let `peer` have the connection.

    The request has been looked at: picows gets what it needs of it and no more, neither keys nor
    `Connection: keep-alive, Upgrade`, of which it only knows the second half. `early` is what came
    behind the head.
    """
    chosen = {"Sec-WebSocket-Protocol": subprotocol} if subprotocol else {}
    response = WSUpgradeResponse.create_101_response(chosen)
    protocol = _protocol(WSUpgradeResponseWithListener(response, peer), peer)
    protocol.connection_made(transport)
    transport.set_protocol(protocol)
    rest = memoryview(_request(head) + early)
    while rest and not transport.is_closing():
        room: memoryview = protocol.get_buffer(-1)
        size = min(len(room), len(rest))
        room[:size] = rest[:size]
        rest = rest[size:]
        protocol.buffer_updated(size)


def _request(head: Head) -> bytes:
    return (
        "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {head.one('sec-websocket-key')}\r\n\r\n"
    ).encode()


def _protocol(answer: WSUpgradeResponseWithListener, peer: Peer) -> Any:
    """Return picows' protocol for the server side, as its own `ws_create_server` makes it."""

    def door(_: object) -> WSUpgradeResponseWithListener:
        return answer

    return _picows.WSProtocol(
        None,  # host and port, of a client
        None,  # path, of a client
        False,  # is a client
        door,
        PicowsLog(peer.refused),
        True,  # disconnect on an exception
        None,  # deadline of the handshake, which is here already
        True,  # ping
        limits.PING_S,
        limits.PONG_S,
        WSAutoPingStrategy.PING_WHEN_IDLE,
        False,  # answer pings, which a peer does itself
        _LEEWAY * peer.largest_bytes,
        None,  # further headers, of a client
        _READ_BYTES,
    )
