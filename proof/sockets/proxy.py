"""A TCP relay whose weather can change while connections are open.

It knows nothing of what passes. Its chances come from a seed; its delays are real.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import AsyncGenerator
from random import Random

from msgspec import Struct

READ_BYTES = 64 * 1024
TURN_S = 0.02
"""How often a pipe that may not pass anything looks whether it may again."""
_LINGER_NOT = struct.pack("ii", 1, 0)


class Weather(Struct, frozen=True, kw_only=True):
    """What befalls every piece of data, in both directions.

    - latency_ms: later by so much, and up to `jitter_ms` more; order is kept.
    - bytes_per_s: no faster than this; 0 is as fast as it goes.
    - slice_bytes: in pieces of at most this size; 0 leaves them as they come.
    - is_black_hole: it is swallowed.
    """

    latency_ms: float = 0.0
    jitter_ms: float = 0.0
    bytes_per_s: float = 0.0
    slice_bytes: int = 0
    is_black_hole: bool = False


FINE = Weather()


class Pipe:
    """One direction of one connection."""

    def __init__(
        self, proxy: "Proxy", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._proxy, self._reader, self.writer = proxy, reader, writer
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._last_s = 0.0
        self._news = asyncio.Event()
        self._is_read = self._is_ended = False
        self.is_swallowed = False

    async def read(self) -> None:
        """Take what comes and give it its time of arrival."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(READ_BYTES):
                weather = self._proxy.weather
                if weather.is_black_hole or self.is_swallowed:
                    continue
                for piece in self._sliced(data, weather.slice_bytes):
                    late_ms = weather.latency_ms + self._proxy.chance.uniform(0, weather.jitter_ms)
                    self._last_s = max(self._last_s, loop.time() + late_ms / 1000)
                    self._waiting.append((self._last_s, piece))
                self._news.set()
        self._is_read = True
        self._news.set()

    def _sliced(self, data: bytes, size: int) -> list[bytes]:
        size = size or len(data)
        return [data[at : at + size] for at in range(0, len(data), size)]

    async def write(self) -> None:
        """Let it arrive, and then the end."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while not (self._is_read and not self._waiting):
                if not self._waiting:
                    self._news.clear()
                    await self._news.wait()
                    continue
                due_s, piece = self._waiting.popleft()
                await asyncio.sleep(max(0.0, due_s - loop.time()))
                if self._is_ended:
                    continue
                self.writer.write(piece)
                await self.writer.drain()
                if self._proxy.weather.bytes_per_s:
                    await asyncio.sleep(len(piece) / self._proxy.weather.bytes_per_s)
            while self._proxy.weather.is_black_hole or self.is_swallowed:
                await asyncio.sleep(TURN_S)
            self.end()

    def end(self) -> None:
        """Tell the reader that nothing follows, once."""
        if not self._is_ended and not self.writer.is_closing():
            self._is_ended = True
            self.writer.write_eof()


class Proxy:
    """Listens for one place; see `proxied`."""

    def __init__(self, host: str, port: int, seed: int) -> None:
        self._to = host, port
        self.chance = Random(seed)
        self.weather = FINE
        self.port = 0
        self._connections: dict[asyncio.Task[None], tuple[Pipe, Pipe]] = {}

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection until both directions have ended."""
        task = asyncio.create_task(self._relay(reader, writer))
        task.add_done_callback(lambda done: self._connections.pop(done, None))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        up, down = Pipe(self, reader, far_writer), Pipe(self, far_reader, writer)
        task = asyncio.current_task()
        if task is not None:
            self._connections[task] = up, down
        try:
            await asyncio.gather(up.read(), up.write(), down.read(), down.write())
        finally:
            far_writer.close()
            writer.close()

    def reset(self) -> None:
        """Cut every connection, so that both sides are told at once."""
        for pipes in self._connections.values():
            for pipe in pipes:
                channel: socket.socket = pipe.writer.get_extra_info("socket")
                channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
                pipe.writer.transport.abort()

    def swallow(self) -> None:
        """Let nothing more pass on any connection, and tell nobody; new ones are spared."""
        for pipes in self._connections.values():
            for pipe in pipes:
                pipe.is_swallowed = True

    def half_close(self) -> None:
        """End the way to the listener of every connection, and leave the way back."""
        for up, _ in self._connections.values():
            up.end()

    async def drop(self) -> None:
        """End whatever is left."""
        tasks = tuple(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def proxied(host: str, port: int, seed: int = 0) -> AsyncGenerator[Proxy]:
    """Relay to a place until the block ends."""
    proxy = Proxy(host, port, seed)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.drop()
