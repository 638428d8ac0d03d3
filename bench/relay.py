"""The least that a relay in Python can do: two picows connections, frames passed on untouched.

relay.py PORT UPSTREAM_URL: what any gateway in Python is measured against.
"""

import asyncio
import sys

import uvloop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

TEXT, BINARY = WSMsgType.TEXT, WSMsgType.BINARY


class Leg(WSListener):
    """One side of a call: what it hears leaves by the other side."""

    def __init__(self, other: "Leg | None" = None) -> None:
        self.other = other
        self.transport: WSTransport | None = None
        self.waiting: list[tuple[WSMsgType, bytes]] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Send what came before there was a connection."""
        self.transport = transport
        for kind, message in self.waiting:
            transport.send(kind, message)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Pass a message on."""
        kind = frame.msg_type
        if kind is TEXT or kind is BINARY:
            if self.other is not None and self.other.transport is not None:
                self.other.transport.send(kind, frame.get_payload_as_bytes())
            elif self.other is not None:
                self.other.waiting.append((kind, frame.get_payload_as_bytes()))
        elif kind is WSMsgType.CLOSE:
            transport.disconnect()

    def pause_writing(self) -> None:
        """Let it pile up; this is no gateway."""

    def resume_writing(self) -> None:
        """See above."""

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """End the other side too."""
        del transport
        if self.other is not None and self.other.transport is not None:
            self.other.transport.disconnect()
        self.other = None


class Client(Leg):
    """The side that was called; it dials the other."""

    def __init__(self, upstream_url: str) -> None:
        super().__init__(Leg(self))
        self.upstream_url = upstream_url
        self.dialling: asyncio.Task[object] | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Dial."""
        super().on_ws_connected(transport)
        other = self.other
        if other is not None:
            self.dialling = asyncio.ensure_future(ws_connect(lambda: other, self.upstream_url))


async def main(port: int, upstream_url: str) -> None:
    """Relay until killed."""

    def door(request: WSUpgradeRequest) -> Client:
        del request
        return Client(upstream_url)

    server = await ws_create_server(door, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
