"""The port of a gateway by itself, spoken to byte by byte."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from gateway.far import DEADLINE_S
from gateway.stand import AGENT_PATH, UPGRADE
from turngate.gateway import routes
from turngate.gateway.config import Config
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.port.http import Http
from turngate.gateway.port.listener import listen
from turngate.gateway.server import Server
from turngate.gateway.target import target

PARSERS = ("h11", "httptools")

NOWHERE = "ws://127.0.0.1:9/v1/realtime"


class Port(NamedTuple):
    """An open port of this process."""

    host: str
    port: int
    server: Server


@asynccontextmanager
async def port(
    parser: Any = "h11", *, upstream: str = NOWHERE, **settings: Any
) -> AsyncGenerator[Port]:
    """Open a port with uvicorn's protocol on this parser behind it."""
    config = Config(port=0, upstream=upstream, **settings)
    server = Server(config, target(config), Catalogue())
    http = Http(routes.app(server.table({})), parser)
    listener = await listen(server.behind(http.protocol), config.host, 0, None)
    try:
        yield Port(*listener.address, server)
    finally:
        await server.drain()
        await listener.close()
        await http.close()


@asynccontextmanager
async def connected(
    place: Any, secure: ssl.SSLContext | None = None
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to what has a `host` and a `port`; everything has to happen before the deadline."""
    reader, writer = await asyncio.open_connection(place.host, place.port, ssl=secure)
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield reader, writer
    finally:
        writer.close()


def upgrade(path: str = AGENT_PATH, more: Mapping[str, str] | None = None) -> bytes:
    """Return a whole handshake."""
    fields = {"Host": "localhost", **UPGRADE, **(more or {})}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def masked(opcode: int, payload: bytes) -> bytes:
    """Return a whole short frame of a client, masked with zeros."""
    return bytes((0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload


async def head_of(reader: asyncio.StreamReader) -> str:
    """Return the head of an answer."""
    return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")


async def hears(reader: asyncio.StreamReader, payload: bytes) -> None:
    """Wait for a frame with this payload."""
    while await frame_of(reader) != payload:
        pass


async def frame_of(reader: asyncio.StreamReader) -> bytes:
    """Return the payload of a server's frame of fewer than 64 KiB."""
    _, short = await reader.readexactly(2)
    size = short if short < 126 else int.from_bytes(await reader.readexactly(2), "big")
    return await reader.readexactly(size)
