"""A running gateway, callers before it, and plain HTTP requests to it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from gateway import hosts
from gateway.far import DEADLINE_S, Far, Said, dial
from official import misfits
from turngate.gateway.config import Config
from turngate.gateway.mounted import Mounted
from turngate.gateway.routes import Page
from turngate.gateway.server import serve
from turngate.gateway.target import target

AGENT_PATH = "/v1/agent/converse"

SETTINGS: dict[str, Any] = {
    "type": "Settings",
    "audio": {
        "input": {"encoding": "linear16", "sample_rate": 24000},
        "output": {"encoding": "linear16", "sample_rate": 24000, "container": "none"},
    },
    "agent": {"think": {"provider": {"type": "open_ai", "model": "gpt-realtime"}}},
}

SECOND = bytes(48_000)
"""A second of s16le silence at 24 kHz."""


@dataclass
class Gateway:
    """A gateway in this process; `url` is its agent front."""

    host: str
    port: int
    stop: asyncio.Event
    ended: asyncio.Task[None]
    root: str = ""
    callers: list[Far] = field(default_factory=list[Far])

    @property
    def url(self) -> str:
        return f"ws://{self.host}:{self.port}{self.root}{AGENT_PATH}"

    async def called(self, headers: Mapping[str, str] | None = None) -> Far:
        """Return a caller who has been welcomed."""
        caller = await dial(self.url, headers)
        self.callers.append(caller)
        await caller.hears("Welcome")
        return caller

    async def configured(self, **more: Any) -> Far:
        """Return a caller whose settings have been applied."""
        caller = await self.called()
        caller.say({**SETTINGS, **more})
        await caller.hears("SettingsApplied")
        return caller

    def hang_up(self) -> None:
        """Have the callers leave who are still there: a gateway that stops lets them finish."""
        for caller in self.callers:
            if not caller.is_gone:
                caller.drop()

    async def health(self) -> dict[str, Any]:
        return msgspec.json.decode((await request(self, "/health")).body)

    async def is_empty(self) -> None:
        """Wait until no call is left."""
        async with asyncio.timeout(DEADLINE_S):
            while (await self.health())["calls"]:
                pass


@asynccontextmanager
async def gateway(
    upstream_url: str, *, pages: Mapping[str, Page] | None = None, **settings: Any
) -> AsyncGenerator[Gateway]:
    """Run a gateway before this upstream, with these fields of its configuration."""
    chosen: dict[str, Any] = {"log_level": "error", **settings}
    config = Config(port=0, upstream=upstream_url, **chosen)
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ended = asyncio.create_task(
        serve(config, target(config), pages=pages, ready=ready.set_result, stop=stop),
        name="gateway",
    )
    await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
    host, _, port = ready.result().partition("://")[2].rpartition(":")
    stand = Gateway(host, int(port), stop, ended)
    try:
        yield stand
    finally:
        stand.hang_up()
        stop.set()
        await ended
    for caller in stand.callers:
        assert misfits(said for said in caller.heard if not _is_pong(said)) == []


def _is_pong(said: Said) -> bool:
    return isinstance(said, dict) and said.get("type") == "pong"


@asynccontextmanager
async def mounted(
    upstream_url: str, *, pages: Mapping[str, Page] | None = None, **settings: Any
) -> AsyncGenerator[Gateway]:
    """Run the same inside another application, as its server uvicorn."""
    chosen: dict[str, Any] = {"log_level": "error", **settings}
    voice = Mounted(Config(upstream=upstream_url, **chosen), pages or {})
    app = Starlette(routes=[Mount("/voice", voice)], lifespan=voice.lifespan)
    stop = asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    ended = asyncio.create_task(hosts.uvicorn(app, port, stop), name="host")
    await asyncio.wait({port, ended}, return_when=asyncio.FIRST_COMPLETED)
    stand = Gateway("127.0.0.1", port.result(), stop, ended, root="/voice")
    try:
        yield stand
    finally:
        stand.hang_up()
        stop.set()
        await ended


Stood: TypeAlias = Callable[..., AbstractAsyncContextManager[Gateway]]

over_both = pytest.mark.parametrize("gateway", [gateway, mounted], ids=["port", "mounted"])
"""The test takes `gateway` as an argument, and runs over our own port and inside another app."""


class Response(NamedTuple):
    """Names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def request(
    gateway: Gateway,
    path: str = AGENT_PATH,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    body: bytes = b"",
) -> Response:
    """Ask over a connection of its own and return what comes before its end, or the 101."""
    reader, writer = await asyncio.open_connection(gateway.host, gateway.port)
    fields = {"Host": "localhost", "Connection": "close", **(headers or {})}
    if body:
        fields.setdefault("Content-Length", str(len(body)))
    lines = [f"{method} {gateway.root}{path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    try:
        async with asyncio.timeout(DEADLINE_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split(" ")[1])
            switched = status == 101
            answer = b"" if switched else await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    told = (each.split(": ", 1) for each in head[1:] if each)
    return Response(status, {name.lower(): value for name, value in told}, answer)
