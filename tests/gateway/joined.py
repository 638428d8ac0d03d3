"""Two ends of a real connection: a far one that says anything, and a peer that is heard."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from picows import (
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from gateway.far import Far, dial
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.picows_log import PicowsLog

LIMIT_BYTES = 1000
FAULTY = "cannot be taken"


class Heard:
    """Keeps what a peer hands over: text as str, audio as bytes, and whatever else it tells.

    The text `FAULTY` cannot be taken.
    """

    def __init__(self) -> None:
        self.messages: list[str | bytes] = []
        self.faults: list[Exception] = []
        self.too_big = 0
        self.end: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.has_text, self.has_stalled = asyncio.Event(), asyncio.Event()
        self.outbox = Outbox(LIMIT_BYTES)
        self.peer = Peer(
            Reader(
                self._opened,
                self._heard_text,
                self.messages.append,
                self.faults.append,
                self._ended,
                self._heard_too_much,
                self.has_stalled.set,
            ),
            self.outbox,
            LIMIT_BYTES,
        )

    def fill(self) -> None:
        """Send until the far end's refusal to read is felt here."""
        with suppress(Overflow):
            while True:
                self.outbox.send_audio(bytes(1_000_000))

    def _opened(self) -> None:
        pass

    def _heard_text(self, message: bytes) -> None:
        self.messages.append(message.decode())
        self.has_text.set()
        if self.messages[-1] == FAULTY:
            raise ValueError(FAULTY)

    def _heard_too_much(self) -> None:
        self.too_big += 1

    def _ended(self, code: int, reason: str) -> None:
        self.end.set_result((code, reason))


@asynccontextmanager
async def joined(ping_s: float | None = None) -> AsyncGenerator[tuple[Far, Heard]]:
    """Yield the two ends of a connection."""
    heard = Heard()
    server = await ws_create_server(
        lambda _: heard.peer,
        "127.0.0.1",
        0,
        enable_auto_pong=False,
        max_frame_size=10 * LIMIT_BYTES,
        logger_name=PicowsLog(heard.peer.refused),
        enable_auto_ping=ping_s is not None,
        auto_ping_idle_timeout=ping_s or 0,
        auto_ping_reply_timeout=ping_s or 0,
    )
    far = await dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    try:
        yield far, heard
    finally:
        far.drop()
        async with asyncio.timeout(5):
            await heard.end
        server.close()
        await server.wait_closed()
    assert heard.faults == []
