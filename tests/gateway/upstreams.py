"""Upstreams that misbehave, over real sockets. For one that behaves there is the emulator."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pybase64
import trustme
from picows import (
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from gateway.far import DEADLINE_S, FRAME_BYTES, Far


class Upstream:
    """A scripted Realtime server: the test speaks for it."""

    def __init__(self, answers: Callable[[Far, dict[str, Any]], None] | None) -> None:
        self.url = ""
        self.requests: list[WSUpgradeRequest] = []
        self._answers = answers
        self._arrived: asyncio.Queue[Far] = asyncio.Queue()

    def door(self, request: WSUpgradeRequest) -> Far:
        self.requests.append(request)
        far = Far(self._answers)
        self._arrived.put_nowait(far)
        return far

    async def accepts(self) -> Far:
        """Return the gateway's next connection."""
        async with asyncio.timeout(DEADLINE_S):
            return await self._arrived.get()


@asynccontextmanager
async def scripted(
    answers: Callable[[Far, dict[str, Any]], None] | None = None,
) -> AsyncGenerator[Upstream]:
    """Serve an upstream that says only what `answers` and the test say."""
    upstream = Upstream(answers)
    async with _listening(upstream.door) as url:
        upstream.url = url
        yield upstream


@asynccontextmanager
async def refusing(status: int) -> AsyncGenerator[str]:
    """Serve an upstream that answers every handshake with this status; yield its URL."""

    def door(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        del request
        body = b'{"error":{"message":"the refusal in the words of the upstream"}}'
        response = WSUpgradeResponse.create_error_response(status, body)
        return WSUpgradeResponseWithListener(response, None)

    async with _listening(door) as url:
        yield url


@asynccontextmanager
async def certified(name: str) -> AsyncGenerator[str]:
    """Serve an upstream whose certificate is for `name`, by an authority that nobody knows."""
    issued = trustme.CA().issue_cert(name)
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued.configure_cert(secure)  # pyright: ignore[reportUnknownMemberType] - it takes pyOpenSSL's contexts too
    async with _listening(lambda _: Far(), secure) as url:
        yield url


@asynccontextmanager
async def _listening(
    door: Callable[[WSUpgradeRequest], Any], secure: ssl.SSLContext | None = None
) -> AsyncGenerator[str]:
    server = await ws_create_server(door, "127.0.0.1", 0, max_frame_size=FRAME_BYTES, ssl=secure)
    scheme = "ws" if secure is None else "wss"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
    finally:
        server.close()
        await server.wait_closed()


Doorstep = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(doorstep: Doorstep) -> AsyncGenerator[str]:
    """Accept TCP connections and do with each what `doorstep` does; yield a URL."""
    at_work: set[asyncio.Task[None]] = set()

    async def received(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await doorstep(reader, writer)
        writer.close()

    server = await asyncio.start_server(received, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
    finally:
        server.close()
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


@asynccontextmanager
async def nobody() -> AsyncGenerator[str]:
    """Yield the URL of a port where nobody listens."""
    server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    yield f"ws://127.0.0.1:{port}/v1/realtime"


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read for ever and say nothing."""
    del writer
    while await reader.read(65536):
        pass


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and close without an answer."""
    del writer
    await reader.readuntil(b"\r\n\r\n")


async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with something that is not HTTP."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
    await writer.drain()


# -- what a server says

SPOKEN = "resp_1", "item_1"


def oblige(far: Far, event: dict[str, Any]) -> None:
    """Answer as a server does, up to `response.created`; how the response goes on is the test's."""
    match event["type"]:
        case "session.update":
            far.say({"type": "session.updated", "event_id": "e1", "session": event["session"]})
        case "conversation.item.create":
            item = {**event["item"], "status": "completed"}
            said = {"event_id": "e2", "previous_item_id": None, "item": item}
            far.say({"type": "conversation.item.added", **said})
            far.say({"type": "conversation.item.done", **said})
        case "response.create":
            response: dict[str, Any] = {
                "id": SPOKEN[0],
                "object": "realtime.response",
                "status": "in_progress",
                "output": [],
                "conversation_id": "conv_1",
                "metadata": event.get("response", {}).get("metadata"),
            }
            far.say({"type": "response.created", "event_id": "e3", "response": response})
        case _:
            pass


def audio(pcm: bytes, response_id: str = SPOKEN[0], item_id: str = SPOKEN[1]) -> str:
    """Return an audio delta as the service writes it, without spaces."""
    return (
        '{"type":"response.output_audio.delta","event_id":"e4",'
        f'"response_id":"{response_id}","item_id":"{item_id}","output_index":0,"content_index":0,'
        f'"delta":"{pybase64.b64encode(pcm).decode()}"}}'
    )


def line(text: str) -> dict[str, Any]:
    """Return the end of the spoken text of the response."""
    return {
        "type": "response.output_audio_transcript.done",
        "event_id": "e5",
        "response_id": SPOKEN[0],
        "item_id": SPOKEN[1],
        "output_index": 0,
        "content_index": 0,
        "transcript": text,
    }


def done(metadata: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the end of the response."""
    response: dict[str, Any] = {
        "id": SPOKEN[0],
        "object": "realtime.response",
        "status": "completed",
        "output": [],
        "conversation_id": "conv_1",
        "metadata": metadata,
    }
    return {"type": "response.done", "event_id": "e6", "response": response}
