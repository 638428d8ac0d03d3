"""Clients that do harm, each in its way, until they are killed: `python bench/flooder.py WAY URL`."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec

PATH = "/v1/agent/converse"
AUDIO = {"encoding": "linear16", "sample_rate": 24_000}
SETTINGS: dict[str, object] = {
    "type": "Settings",
    "audio": {"input": AUDIO, "output": {**AUDIO, "container": "none"}},
    "agent": {"think": {"provider": {"type": "open_ai", "model": "gpt-realtime"}}},
}
TEXT, BINARY = 1, 2
HUGE = 16 * 1024 * 1024
SILENCE = bytes(960)
SOCKETS = 200
KEY = "flooder"
"""Its own: the gateway counts by key, and others must not pay for it."""
DEAF = 5

_chance = random.Random(1)


def frame(kind: int, payload: bytes) -> bytes:
    """Return a masked frame; the mask is zero, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:  # noqa: PLR2004 - RFC 6455 section 5.2
        head = bytes([0x80 | kind, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([0x80 | kind, 0xFE]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | kind, 0xFF]) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


def said(message: dict[str, object]) -> bytes:
    """Return a message as a frame."""
    return frame(TEXT, msgspec.json.encode(message))


class Client:
    """A connection that has got as far as a WebSocket, if it was let in."""

    def __init__(self, url: str) -> None:
        self._at = urlsplit(url)

    async def opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, and upgrade."""
        reader, writer = await asyncio.open_connection(self._at.hostname, self._at.port)
        writer.write(
            f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Authorization: Token {KEY}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        return reader, writer

    async def half(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, and ask for half of it."""
        reader, writer = await asyncio.open_connection(self._at.hostname, self._at.port)
        writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgr".encode())
        return reader, writer

    async def pour(self, frames: Callable[[], bytes]) -> None:
        """Send as fast as it goes, read what comes, and begin anew when it is over."""
        reader, writer = await self.opened()
        writer.write(said(SETTINGS))
        reading = asyncio.create_task(_read(reader))
        try:
            while not reading.done():
                writer.write(frames())
                await writer.drain()
        finally:
            reading.cancel()
            writer.close()


async def _read(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


async def messages(client: Client) -> None:
    """Send small messages."""
    keep_alive = said({"type": "KeepAlive"}) * 100
    await client.pour(lambda: keep_alive)


async def audio(client: Client) -> None:
    """Send microphone audio as fast as it goes."""
    burst = frame(BINARY, SILENCE) * 50
    await client.pour(lambda: burst)


async def huge(client: Client) -> None:
    """Send frames of 16 MiB."""
    one = frame(BINARY, bytes(HUGE))
    await client.pour(lambda: one)


async def odd(client: Client) -> None:
    """Send audio of odd sizes."""
    await client.pour(lambda: frame(BINARY, bytes(2 * _chance.randrange(700) + 1)) * 20)


async def malformed(client: Client) -> None:
    """Send what is no JSON, or no message."""
    wrong = (
        b"".join(frame(TEXT, each) for each in (b"{", b"null", b"[" * 5_000, b'{"type":7}')) * 10
    )
    await client.pour(lambda: wrong)


async def handshakes(client: Client) -> None:
    """Hold connections that never finish asking."""
    held = await asyncio.gather(*(client.half() for _ in range(SOCKETS)))
    await asyncio.gather(*(_read(reader) for reader, _ in held))


async def deaf(client: Client) -> None:
    """Ask for long answers and read nothing."""
    held = [await client.opened() for _ in range(DEAF)]
    for _, writer in held:
        writer.write(said(SETTINGS))
        writer.write(said({"type": "InjectUserMessage", "content": "blast 1500"}))
    await asyncio.Event().wait()


async def drops(client: Client) -> None:
    """Open connections at once and drop them at once."""
    held = await asyncio.gather(*(client.opened() for _ in range(SOCKETS)))
    for _, writer in held:
        writer.transport.abort()


WAYS: dict[str, Callable[[Client], Awaitable[None]]] = {
    way.__name__: way for way in (messages, audio, huge, odd, malformed, handshakes, deaf, drops)
}


async def main(way: str, url: str) -> None:
    """Do it again and again."""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            await WAYS[way](Client(url))


if __name__ == "__main__":
    # who measures beside other work gives the measured priority, and harm gets none
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(10)
    asyncio.run(main(*sys.argv[1:]))
