"""The gateway's frame layer as the Autobahn suite wants to meet it: it echoes every message.

`echo.py listen` prints its port, the gateway's own, and echoes to whoever connects there.
`echo.py dial URL` runs every case of a fuzzing server over the gateway's upstream connection.
"""

import asyncio
import sys
from urllib.parse import quote

import uvloop

from turngate.gateway import upstream
from turngate.gateway.door import Admitted
from turngate.gateway.head import Head
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.port.front import Behind
from turngate.gateway.port.listener import listen as open_port
from turngate.gateway.target import Target
from turngate.gateway.turnstile import Turnstile

AGENT = "turngate"
MESSAGE_BYTES = 16 * 1024 * 1024
"""More than a caller may send: what is tried here is the framing, not the limits of the fronts."""


class Echo:
    """Sends back what it hears."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.heard = b""
        self._outbox = Outbox(4 * MESSAGE_BYTES)
        self.peer = Peer(
            Reader(self._opened, self._said, self._outbox.send_audio, self._failed, self._ended),
            self._outbox,
            MESSAGE_BYTES,
        )

    def _opened(self) -> None:
        pass

    def _failed(self, fault: Exception) -> None:
        raise AssertionError from fault

    def _said(self, text: bytes) -> None:
        self.heard = text
        self._outbox.send_text(text)

    def _ended(self, code: int, reason: str) -> None:
        del code, reason
        self.ended.set()


async def listen() -> None:
    """Echo until cancelled."""

    def door(_: Head) -> Admitted:
        return Admitted(lambda: Echo().peer, None)

    behind = Behind(door, asyncio.Protocol, Turnstile(1))
    listener = await open_port(behind, "127.0.0.1", 0, None)
    print(listener.address[1], flush=True)
    await asyncio.Event().wait()


async def dial(url: str) -> None:
    """Run every case that the server at `url` has, then have it write its report."""
    count = int((await _dialled(f"{url}/getCaseCount")).heard)
    for case in range(1, count + 1):
        await _dialled(f"{url}/runCase?case={case}&agent={quote(AGENT)}")
    await _dialled(f"{url}/updateReports?agent={quote(AGENT)}")


async def _dialled(url: str) -> Echo:
    echo = Echo()
    await upstream.connect(Target(url=url, name="the suite"), echo.peer)
    await echo.ended.wait()
    return echo


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["listen"]:
            uvloop.run(listen())
        case ["dial", where]:
            uvloop.run(dial(where))
        case _:
            sys.exit(__doc__)
