"""The emulated server: WebSockets on any path ending in /realtime, its pages, and its control.

GET /sessions and GET /audit tell what is going on; POST /control turns knobs while it runs.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec
from picows import (
    WSListener,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)

from turngate.emulator.audit import Audit, Ledger
from turngate.emulator.connection import Connection
from turngate.emulator.ears.supply import Ears
from turngate.emulator.front import Answer, House, Posted, listening, refused
from turngate.emulator.knobs import DIALECTS, Knobs, overridden
from turngate.emulator.peer import Socket
from turngate.emulator.refusal import Json
from turngate.emulator.script import Script, decode, decode_header
from turngate.emulator.voice import Voice

if TYPE_CHECKING:
    from turngate.emulator.llm import LanguageModel

AZURE_PATHS = {"/openai/v1/realtime": "azure", "/openai/realtime": "older"}
"""Where Azure serves the protocol, and its preview's; who comes there meets this dialect."""


@dataclass(frozen=True, slots=True)
class Llm:
    """A chat completions server for the mind `llm`: URL before /chat/completions, model, key."""

    url: str
    model: str
    key: str = ""


class Emulator:
    """A running emulated server, as tests see it."""

    def __init__(
        self,
        knobs: Knobs,
        script: Script,
        voice: Voice,
        model: "LanguageModel | None" = None,
    ) -> None:
        self.host = ""
        self.port = 0
        self.script = script
        """What is said to clients that connect from now on and bring no script of their own."""
        self.ears = Ears()
        self._knobs = knobs
        self._voice = voice
        self._model = model
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
        """What the answers sound like and who hears the questions, in one line."""
        return f"{self._voice.description}; {self.ears.description}"

    @property
    def audit(self) -> Audit:
        """What all clients did so far, judged."""
        return Audit(self._ledgers)

    @property
    def ledgers(self) -> tuple[Ledger, ...]:
        """The audit connection by connection, in the order they came."""
        return tuple(self._ledgers)

    @property
    def sessions(self) -> list[dict[str, object]]:
        """A line about every connection: first those that ended, in the order of their ends."""
        return [*self._past, *(socket.summary() for socket in self._sockets)]

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return sum(1 for socket in self._sockets if socket.is_open)

    @property
    def knobs(self) -> Knobs:
        """The knobs of this server: those of the connections to come."""
        return self._knobs

    def control(self, knobs: Knobs) -> None:
        """Turn the knobs of this server and of every open connection."""
        self._knobs = knobs
        for socket in self._sockets:
            socket.connection.knobs = knobs

    def turn(self, changes: bytes, session_id: str | None = None) -> Knobs:
        """Lay the knobs of a JSON object over those of all connections, or of one; return them.

        What a connection has of its own, by its query, stays.

        Raises:
            LookupError: No such session is open.
            msgspec.DecodeError: These are no knobs.

        """
        turned = overridden(self._knobs, changes)
        chosen = [
            socket.connection
            for socket in self._sockets
            if session_id in (None, socket.connection.session.effective["id"])
        ]
        if session_id is None:
            self._knobs = turned
        elif not chosen:
            raise LookupError(session_id)
        for connection in chosen:
            connection.knobs = turned = overridden(connection.knobs, changes)
        return self._knobs if session_id is None else turned

    def post(self, posted: Posted) -> Answer:
        """Answer POST /control."""
        target = urlsplit(posted.path)
        if target.path != "/control":
            return refused(HTTPStatus.NOT_FOUND, "POST goes to /control.")
        origin = posted.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != posted.headers.get("host"):
            return refused(HTTPStatus.FORBIDDEN, "A page of another origin has no control.")
        session_id = parse_qs(target.query).get("session", [None])[-1]
        try:
            knobs = self.turn(posted.body, session_id)
        except LookupError:
            return refused(HTTPStatus.NOT_FOUND, "No such session is open.")
        except msgspec.DecodeError as error:
            return Answer(HTTPStatus.BAD_REQUEST, _error(str(error)))
        return Answer(HTTPStatus.OK, msgspec.json.encode(knobs))

    def upgrade_ms(self) -> float | None:
        """Return how long an upgrade waits for its answer; None is for ever."""
        return None if self._knobs.hang_upgrade else self._knobs.upgrade_ms

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
            case "/control":
                return _page(self._knobs)
            case path if path.endswith("/realtime"):
                knobs = self._knobs
                if path in AZURE_PATHS:
                    azures = DIALECTS[AZURE_PATHS[path]]
                    knobs = msgspec.convert({**msgspec.to_builtins(knobs), **azures}, Knobs)
                return self._client(request, target.query, knobs, is_azure=path in AZURE_PATHS)
            case _:
                return None

    def _client(
        self, request: WSUpgradeRequest, target_query: str, knobs: Knobs, *, is_azure: bool
    ) -> WSListener | WSUpgradeResponseWithListener:
        headers = request.headers
        query = {name: values[-1] for name, values in parse_qs(target_query).items()}
        if is_azure and "deployment" in query:
            query = {"model": query["deployment"], **query}
        try:
            knobs = overridden(knobs, query["emu"]) if "emu" in query else knobs
            script = self._script(query, headers)
        except (ValueError, msgspec.MsgspecError) as error:
            return _refused(HTTPStatus.BAD_REQUEST, f"emu or script: {error}")
        refusal = _refusal(query, headers, knobs, is_azure=is_azure)
        if refusal is not None:
            return refusal
        connection = Connection(
            knobs=knobs,
            script=script,
            model=query.get("model", "gpt-realtime"),
            number=len(self._ledgers) + 1,
            started_s=time.time(),
            ear=self.ears.ear(knobs),
        )
        is_beta = knobs.beta == "reject" and "realtime=v1" in headers.get("OpenAI-Beta", "")
        socket = Socket(connection, self._voice, self._model, self._forget, is_beta=is_beta)
        self._sockets.append(socket)
        self._ledgers.append(connection.ledger)
        if "realtime" not in _protocols(headers):
            return socket
        accepted = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": "realtime"})
        return WSUpgradeResponseWithListener(accepted, socket)

    def _script(self, query: Mapping[str, str], headers: Mapping[str, str]) -> Script:
        """Return what is said to a client: what it brings itself, or what everybody is told.

        Raises:
            ValueError, msgspec.MsgspecError: It brings what is no script.

        """
        if "script" in query:
            return decode(query["script"])
        if "X-Emulator-Script" in headers:
            return decode_header(headers["X-Emulator-Script"])
        return self.script


def _refusal(
    query: Mapping[str, str], headers: Mapping[str, str], knobs: Knobs, *, is_azure: bool
) -> WSUpgradeResponseWithListener | None:
    """Return why a client may not come in, or None where it may."""
    if knobs.http_status:
        return _refused(knobs.http_status, "emulated refusal")
    is_azures_key = is_azure and headers.get("api-key") == knobs.key
    if knobs.key and not (is_azures_key or _has_key(headers, knobs.key)):
        return _refused(HTTPStatus.UNAUTHORIZED, "Incorrect API key provided.")
    if "model" not in query and "call_id" not in query:
        return _refused(HTTPStatus.BAD_REQUEST, "You must provide a model parameter.")
    return None


def _has_key(headers: Mapping[str, str], key: str) -> bool:
    is_bearer = headers.get("Authorization") == f"Bearer {key}"
    return is_bearer or f"openai-insecure-api-key.{key}" in _protocols(headers)


def _protocols(headers: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in headers.get("Sec-WebSocket-Protocol", "").split(",")]


def _page(content: object) -> WSUpgradeResponseWithListener:
    body = msgspec.json.encode(content)
    page = WSUpgradeResponse.create_ok_response(body, {"Content-Type": "application/json"})
    return WSUpgradeResponseWithListener(page, None)


def _refused(status: int, message: str) -> WSUpgradeResponseWithListener:
    answer = WSUpgradeResponse.create_error_response(
        status, _error(message), {"Content-Type": "application/json"}
    )
    return WSUpgradeResponseWithListener(answer, None)


def _error(message: str) -> bytes:
    error: Json = {"error": {"message": message, "type": "invalid_request_error"}}
    return msgspec.json.encode(error)


@contextlib.asynccontextmanager
async def serving(
    *,
    knobs: Knobs | None = None,
    script: Script | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    llm: Llm | None = None,
) -> AsyncGenerator[Emulator]:
    """Serve an emulator until the block ends; port 0 takes a free one.

    Raises:
        OSError: The address cannot be listened on.

    """
    knobs = knobs or Knobs()
    voice = Voice()
    if knobs.voice == "espeak":
        await voice.start()
    async with contextlib.AsyncExitStack() as stack:
        model = await stack.enter_async_context(_model(llm)) if llm else None
        emulator = Emulator(knobs, script or Script(), voice, model)
        if knobs.ears == "auto":
            await emulator.ears.start()
        house = House(door=emulator.door, post=emulator.post, upgrade_ms=emulator.upgrade_ms)
        server, cut = await listening(house, host, port)
        stack.push_async_callback(_stopped, server)
        stack.callback(cut)
        emulator.host, emulator.port = host, server.sockets[0].getsockname()[1]
        stack.push_async_callback(emulator.hang_up)
        yield emulator


@contextlib.asynccontextmanager
async def _model(llm: Llm) -> AsyncGenerator["LanguageModel"]:
    from turngate.emulator.llm import LanguageModel  # noqa: PLC0415  few need its HTTP library

    model = LanguageModel(llm.url, llm.model, llm.key)
    try:
        yield model
    finally:
        await model.close()


async def _stopped(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
