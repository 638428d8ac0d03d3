"""One port for all: WebSocket upgrades and GET go to picows, which knows no POST; POST ends here.

The first request of a connection is read to the end of its head. Then picows' protocol takes the
connection over, with every byte read so far; or the body is read and answered, and the connection
closed. picows does not document its protocol class; only this file touches it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, cast

from picows import (
    WSAutoPingStrategy,
    WSListener,
    WSUpgradeRequest,
    WSUpgradeResponseWithListener,
    picows,
)

HEAD_MAX_BYTES = 16 * 1024
"""picows reads no longer heads either."""
BODY_MAX_BYTES = 1024 * 1024
REQUEST_S = 10.0
"""For the whole of a request to arrive."""
FRAME_MAX_BYTES = 32 * 1024 * 1024
"""An append of 15 MiB is 20 MiB in base64."""

_READ_BYTES = 16 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_picows: Any = picows
_log = logging.getLogger("picows.server")

Door: TypeAlias = Callable[[WSUpgradeRequest], WSListener | WSUpgradeResponseWithListener | None]


@dataclass(frozen=True, slots=True)
class Posted:
    """A whole POST request. Names of headers are in small letters."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a POST is answered with, as JSON bytes."""

    status: HTTPStatus
    body: bytes


@dataclass(frozen=True, slots=True)
class House:
    """What lies behind the port.

    door: answers GET and upgrades. post: answers POST. upgrade_ms: time before an upgrade is
    answered, or None for never; asked for each of them. request_s: how long a request may take.
    """

    door: Door
    post: Callable[[Posted], Answer]
    upgrade_ms: Callable[[], float | None]
    request_s: float = REQUEST_S


class Front(asyncio.BufferedProtocol):
    """The first request of one connection."""

    def __init__(self, house: House, waiting: set["Front"]) -> None:
        self._house = house
        self._waiting = waiting
        self._loop = asyncio.get_running_loop()
        self._chunk = bytearray(_READ_BYTES)
        self._read = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_held = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock (called by asyncio)."""
        # uvloop's transport is one, but of no common class.
        self._transport = cast("asyncio.Transport", transport)
        self._waiting.add(self)
        self._timer = self._loop.call_later(self._house.request_s, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Forget it (called by asyncio)."""
        self._leave()

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002  asyncio's signature
        """Lend room for the next bytes (called by asyncio)."""
        return self._chunk

    def buffer_updated(self, nbytes: int) -> None:
        """Take the next bytes (called by asyncio)."""
        self._read += self._chunk[:nbytes]
        if self._is_held:
            if len(self._read) > BODY_MAX_BYTES:
                self.abort()
            return
        end = self._read.find(_END_OF_HEAD)
        if end < 0 and len(self._read) <= HEAD_MAX_BYTES:
            return
        if not self._read.startswith(b"POST "):
            self._pass_on()
        elif end < 0 or end > HEAD_MAX_BYTES:
            self._answer(refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head is long."))
        else:
            self._post(end)

    def abort(self) -> None:
        """Cut the connection: the server stops."""
        if self._transport:
            self._transport.abort()

    def _leave(self) -> None:
        self._waiting.discard(self)
        if self._timer:
            self._timer.cancel()
            self._timer = None

    # Upgrades and GET

    def _pass_on(self) -> None:
        """Hand the connection to picows now, after a while, or never."""
        wait_ms = 0.0
        if b"upgrade: websocket" in bytes(self._read).lower():
            wait_ms = self._house.upgrade_ms()
        if wait_ms == 0:
            self._hand_over()
            return
        self._is_held = True
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if wait_ms is not None:
            self._timer = self._loop.call_later(wait_ms / 1000, self._hand_over)

    def _hand_over(self) -> None:
        transport = self._transport
        self._leave()
        if transport is None or transport.is_closing():
            return
        protocol = _picows_protocol(self._house.door)
        protocol.connection_made(transport)
        transport.set_protocol(protocol)
        rest = memoryview(self._read)
        while rest and not transport.is_closing():
            room: memoryview = protocol.get_buffer(-1)
            size = min(len(room), len(rest))
            room[:size] = rest[:size]
            rest = rest[size:]
            protocol.buffer_updated(size)

    # POST

    def _post(self, end: int) -> None:
        try:
            path, headers = _head(bytes(self._read[:end]))
            length = int(headers["content-length"])
        except KeyError:
            self._answer(refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing."))
            return
        except ValueError:
            self._answer(refused(HTTPStatus.BAD_REQUEST, "The request cannot be read."))
            return
        if not 0 <= length <= BODY_MAX_BYTES:
            self._answer(refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too long."))
            return
        body = bytes(self._read[end + len(_END_OF_HEAD) :])
        if len(body) >= length:
            self._answer(self._house.post(Posted(path, headers, body[:length])))

    def _answer(self, answer: Answer) -> None:
        transport = self._transport
        self._leave()
        self._is_held = True
        if transport is None:
            return
        status = answer.status
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(answer.body)}\r\nConnection: close\r\n\r\n"
        )
        transport.write(head.encode() + answer.body)
        transport.close()


def refused(status: HTTPStatus, message: str) -> Answer:
    """Return an error in the form of the service. `message` is plain ASCII without quotes."""
    body = f'{{"error": {{"message": "{message}", "type": "invalid_request_error"}}}}'
    return Answer(status, body.encode())


def _head(head: bytes) -> tuple[str, dict[str, str]]:
    """Return path and headers of a request.

    Raises:
        ValueError: It is none.

    """
    first, *lines = head.decode("latin-1").split("\r\n")
    _, path, version = first.split(" ")
    if version != "HTTP/1.1":
        raise ValueError(version)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(line)
        headers[name.strip().lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise KeyError("content-length")
    return path, headers


def _picows_protocol(door: Door) -> Any:
    """Return picows' protocol for the server side, as its own ws_create_server makes it."""
    return _picows.WSProtocol(
        None,  # host and port, of a client
        None,  # path, of a client
        False,  # is a client
        door,
        _log,
        True,  # disconnect on an exception
        None,  # deadline of the handshake, which is here already
        *(False, 20, 20, WSAutoPingStrategy.PING_WHEN_IDLE),  # no pings
        True,  # answer pings
        FRAME_MAX_BYTES,
        None,  # further headers, of a client
        _READ_BYTES,
    )


async def listening(
    house: House, host: str, port: int
) -> tuple[asyncio.Server, Callable[[], None]]:
    """Listen, and return the server and what cuts the connections that are still at the front."""
    waiting: set[Front] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Front(house, waiting), host, port)

    def cut() -> None:
        for front in tuple(waiting):
            front.abort()

    return server, cut
