"""The emulated server on a socket: WebSockets on any path ending in /realtime, and its audit.

Each connection lives in the callbacks of its socket and one timer, so all its state changes
happen one after the other.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType]  picows leaves host untyped
)

from turngate.emulator.audit import Audit, Ledger
from turngate.emulator.connection import Connection
from turngate.emulator.doorstep import doorstep
from turngate.emulator.knobs import STANDALONE, Knobs, overridden
from turngate.emulator.outbox import Close, Drop, Effect, Freeze, Send, Speak
from turngate.emulator.refusal import Json
from turngate.emulator.script import Script, decode, decode_header
from turngate.emulator.voice import Voice

MAX_FRAME_BYTES = 32 * 1024 * 1024
"""An append of 15 MiB is 20 MiB in base64."""
LAST_WORDS_S = 1.0
"""A client that does not read gets this long for what is still to be written."""


class Socket(WSListener):
    """Performs the effects of one connection and brings it frames and time."""

    def __init__(
        self,
        connection: Connection,
        voice: Voice,
        ended: Callable[["Socket"], None],
        *,
        is_beta: bool,
    ) -> None:
        self.connection = connection
        self._ended = ended
        self.is_open = False
        self._voice = voice
        self._is_beta = is_beta
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._speaking: set[asyncio.Task[None]] = set()
        self._fragments = bytearray()
        self._transport: WSTransport | None = None

    @property
    def _now_ms(self) -> float:
        return (self._loop.time() - self._began_s) * 1000

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Greet the client."""
        self._transport = transport
        self.is_open = True
        connection = self.connection
        self._perform(connection.open_beta() if self._is_beta else connection.open(self._now_ms))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Hand a whole message to the connection."""
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.CONTINUATION:
                payload = frame.get_payload_as_bytes()
                if not frame.fin or self._fragments:
                    self._fragments += payload
                    if not frame.fin:
                        return
                    payload = bytes(self._fragments)
                    self._fragments.clear()
                is_binary = frame.msg_type is WSMsgType.BINARY
                self._perform(self.connection.receive(payload, self._now_ms, is_binary=is_binary))
            case WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code(), frame.get_close_message())
                transport.disconnect()
            case WSMsgType.PING | WSMsgType.PONG:
                pass

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002  picows' signature
        """Stop the clock of the connection."""
        self.is_open = False
        if self._timer:
            self._timer.cancel()
        for task in self._speaking:
            task.cancel()
        self._ended(self)

    def summary(self) -> dict[str, object]:
        """Return a line about this connection."""
        return {
            "id": self.connection.session.effective["id"],
            "model": self.connection.session.model,
            "is_open": self.is_open,
            "items": len(self.connection.conversation.items),
            "active_response": self.connection.responder.active_id,
        }

    async def hang_up(self) -> None:
        """Close the connection, as a server that goes away, and wait for its end."""
        if not self.is_open or self._transport is None:
            return
        self._transport.send_close(WSCloseCode.GOING_AWAY)
        self._transport.disconnect()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await self._transport.wait_disconnected()
        except TimeoutError:
            self._transport.disconnect(graceful=False)

    def _tick(self) -> None:
        self._timer = None
        self._perform(self.connection.advance(self._now_ms))

    def _perform(self, effects: list[Effect]) -> None:
        transport = self._transport
        if transport is None or not self.is_open:
            return
        for effect in effects:
            match effect:
                case Send(frame, is_binary):
                    transport.send(WSMsgType.BINARY if is_binary else WSMsgType.TEXT, frame)
                case Close(code, reason):
                    # picows' enumeration lacks the codes of applications; it only needs the number.
                    transport.send_close(_close_code(code), reason.encode())
                    transport.disconnect()
                case Drop():
                    transport.disconnect(graceful=False)
                case Freeze():
                    transport.underlying_transport.pause_reading()
                case Speak():
                    task = self._loop.create_task(self._speak(effect))
                    self._speaking.add(task)
                    task.add_done_callback(self._speaking.discard)
        self._wind()

    def _wind(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due_ms = self.connection.next_ms
        if due_ms is not None and self.is_open:
            self._timer = self._loop.call_at(self._began_s + due_ms / 1000, self._tick)

    async def _speak(self, wish: Speak) -> None:
        audio = [await self._voice.speak(text, wish.audio_format) for text in wish.texts]
        self._perform(self.connection.spoken(wish.response_id, audio, self._now_ms))


def _close_code(code: int) -> Any:
    try:
        return WSCloseCode(code)
    except ValueError:
        return code


class Emulator:
    """A running emulated server, as tests see it."""

    def __init__(self, knobs: Knobs, script: Script, voice: Voice) -> None:
        self.host = ""
        self.port = 0
        self._knobs = knobs
        self._script = script
        self._voice = voice
        self._sockets: list[Socket] = []
        self._past: list[dict[str, object]] = []
        self._ledgers: list[Ledger] = []

    @property
    def url(self) -> str:
        """Where clients connect: ws://HOST:PORT/v1/realtime."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ws://{host}:{self.port}/v1/realtime"

    @property
    def voice_description(self) -> str:
        """What the answers sound like, in one line."""
        return self._voice.description

    @property
    def audit(self) -> Audit:
        """What all clients did so far, judged."""
        return Audit(self._ledgers)

    @property
    def sessions(self) -> list[dict[str, object]]:
        """A line about every connection: first those that ended, in the order of their ends."""
        return [*self._past, *(socket.summary() for socket in self._sockets)]

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return sum(1 for socket in self._sockets if socket.is_open)

    def control(self, knobs: Knobs) -> None:
        """Turn the knobs of this server and of every open connection."""
        self._knobs = knobs
        for socket in self._sockets:
            socket.connection.knobs = knobs

    def _forget(self, socket: Socket) -> None:
        """Keep of an ended connection what the audit and the list of sessions need."""
        self._sockets.remove(socket)
        self._past.append(socket.summary())

    async def hang_up(self) -> None:
        """Close every open connection."""
        await asyncio.gather(*(socket.hang_up() for socket in tuple(self._sockets)))

    def door(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener | None:
        """Answer an HTTP request: a listener for a client, or a plain response."""
        target = urlsplit(request.path.decode("latin-1"))
        match target.path:
            case "/audit":
                return _page(self.audit.as_dict())
            case "/sessions":
                return _page(self.sessions)
            case path if path.endswith("/realtime"):
                return self._client(request, target.query)
            case _:
                return None

    def _client(
        self, request: WSUpgradeRequest, target_query: str
    ) -> WSListener | WSUpgradeResponseWithListener:
        query = {name: values[-1] for name, values in parse_qs(target_query).items()}
        headers = request.headers
        try:
            knobs = overridden(self._knobs, query["emu"]) if "emu" in query else self._knobs
            script = self._script
            if "script" in query:
                script = decode(query["script"])
            elif "X-Emulator-Script" in headers:
                script = decode_header(headers["X-Emulator-Script"])
        except (ValueError, msgspec.MsgspecError) as error:
            return _refused(400, f"emu or script: {error}")
        if knobs.http_status:
            return _refused(knobs.http_status, "emulated refusal")
        offered = headers.get("Sec-WebSocket-Protocol", "")
        if knobs.key and not _has_key(headers.get("Authorization", ""), offered, knobs.key):
            return _refused(401, "Incorrect API key provided.")
        if "model" not in query and "call_id" not in query:
            return _refused(400, "You must provide a model parameter.")
        connection = Connection(
            knobs=knobs,
            script=script,
            model=query.get("model", "gpt-realtime"),
            number=len(self._ledgers) + 1,
            started_s=time.time(),
        )
        is_beta = knobs.beta == "reject" and "realtime=v1" in headers.get("OpenAI-Beta", "")
        socket = Socket(connection, self._voice, self._forget, is_beta=is_beta)
        self._sockets.append(socket)
        self._ledgers.append(connection.ledger)
        if "realtime" not in [name.strip() for name in offered.split(",")]:
            return socket
        accepted = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": "realtime"})
        return WSUpgradeResponseWithListener(accepted, socket)


def _has_key(authorization: str, offered: str, key: str) -> bool:
    protocols = [name.strip() for name in offered.split(",")]
    return authorization == f"Bearer {key}" or f"openai-insecure-api-key.{key}" in protocols


def _page(content: object) -> WSUpgradeResponseWithListener:
    body = msgspec.json.encode(content)
    page = WSUpgradeResponse.create_ok_response(body, {"Content-Type": "application/json"})
    return WSUpgradeResponseWithListener(page, None)


def _refused(status: int, message: str) -> WSUpgradeResponseWithListener:
    error: Json = {"error": {"message": message, "type": "invalid_request_error"}}
    answer = WSUpgradeResponse.create_error_response(
        status, msgspec.json.encode(error), {"Content-Type": "application/json"}
    )
    return WSUpgradeResponseWithListener(answer, None)


@contextlib.asynccontextmanager
async def serving(
    *,
    knobs: Knobs | None = None,
    script: Script | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncGenerator[Emulator]:
    """Serve an emulator until the block ends; port 0 takes a free one.

    Raises OSError when the address cannot be listened on.
    """
    knobs = knobs or Knobs()
    voice = Voice()
    if knobs.voice == "espeak":
        await voice.start()
    emulator = Emulator(knobs, script or Script(), voice)
    async with contextlib.AsyncExitStack() as stack:
        is_behind_door = bool(knobs.upgrade_ms or knobs.hang_upgrade)
        server = await ws_create_server(
            emulator.door,
            "127.0.0.1" if is_behind_door else host,
            0 if is_behind_door else port,
            max_frame_size=MAX_FRAME_BYTES,
            websocket_handshake_timeout=None,
        )
        stack.push_async_callback(_stopped, server)
        emulator.host, emulator.port = host, server.sockets[0].getsockname()[1]
        if is_behind_door:
            emulator.port = await stack.enter_async_context(
                doorstep(host, port, emulator.port, knobs.upgrade_ms, hangs=knobs.hang_upgrade)
            )
        stack.push_async_callback(emulator.hang_up)
        yield emulator


async def _stopped(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


async def run(
    host: str,
    port: int,
    knobs: Knobs = STANDALONE,
    announce: Callable[[str], None] = print,
    script: Script | None = None,
) -> None:
    """Serve until cancelled, and `announce` the URL and what the voice is, a line each."""
    async with serving(knobs=knobs, script=script, host=host, port=port) as emulator:
        announce(emulator.url)
        announce(emulator.voice_description)
        await asyncio.get_running_loop().create_future()
