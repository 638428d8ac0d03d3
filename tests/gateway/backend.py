"""A plain HTTP server on loopback that answers each path as it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

ANSWERS: dict[str, tuple[int, bytes]] = {
    "/text": (200, b'{"content": "noon"}'),
    "/error": (200, b'{"error": "There is no order 7."}'),
    "/404": (404, b'{"error": {"order": "unknown"}}'),
    "/500": (500, b'{"error": "secret: password=1"}'),
    "/empty": (200, b"{}"),
    "/list": (200, b"[1]"),
    "/broken": (200, b'{"content": '),
    "/deep": (200, b'{"content": ' + b"[" * 60_000),
    "/large": (200, b'{"content": "' + b"x" * (10 * 1024 * 1024) + b'"}'),
}


@dataclass
class Backend:
    """What was asked of it, and where it is."""

    port: int = 0
    asked: list[tuple[dict[str, str], dict[str, object]]] = field(
        default_factory=list[tuple[dict[str, str], dict[str, object]]]
    )
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/echo") -> str:
        """Return the URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer by the path; `/hang` waits until it is let go."""
        body = await request.read()
        self.asked.append((dict(request.headers), msgspec.json.decode(body)))
        self.was_asked.set()
        if request.path in ANSWERS:
            status, answer = ANSWERS[request.path]
            return web.Response(status=status, body=answer, content_type="application/json")
        match request.path:
            case "/echo":
                return web.json_response({"content": msgspec.json.decode(body)})
            case "/redirect":
                raise web.HTTPTemporaryRedirect(self.url("/text"))
            case "/packed":
                return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
            case _:
                await self.let_go.wait()
                return web.json_response({"content": "late"})


@asynccontextmanager
async def serving() -> AsyncGenerator[Backend]:
    """Serve for as long as the block lasts."""
    backend = Backend()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", backend.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    backend.port = runner.addresses[0][1]
    try:
        yield backend
    finally:
        backend.let_go.set()
        await runner.cleanup()
