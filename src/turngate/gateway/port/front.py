"""The first request of a connection, and the last one here: it decides who gets the connection.

Its head is read with a deadline and within bounds. An upgrade is put before the door, and goes on
as a WebSocket or is refused; everything else goes to uvicorn, which answers and closes.

uvicorn's own way to WebSocket is not taken, for what comes behind the head of an upgrade is lost
there: docs/explanation/one-port.md.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias, cast

import h11
import structlog

from turngate.gateway import limits
from turngate.gateway.answer import Answer, refused
from turngate.gateway.door import Admitted
from turngate.gateway.head import Head, head
from turngate.gateway.peer import Peer
from turngate.gateway.port import connection_headers
from turngate.gateway.port.handover import hand_over
from turngate.gateway.turnstile import Turnstile

_log = structlog.get_logger("turngate.port")

_VERSIONS = frozenset({b"1.0", b"1.1"})

Upgrade: TypeAlias = Callable[[Head], Admitted | Answer]


class Behind(NamedTuple):
    """What lies behind the port.

    door: decides about upgrades. http: makes a protocol that answers anything else. turnstile: has
    a crowd wait.
    """

    door: Upgrade
    http: Callable[[], asyncio.Protocol]
    turnstile: Turnstile


class Front(asyncio.Protocol):
    """One connection, until somebody else has it. `connections` are all that are here, the first one first."""

    def __init__(self, behind: Behind, connections: dict["Front", None]) -> None:
        self._behind = behind
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._parser: h11.Connection | None = None
        self._read = bytearray()
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._is_answered = self._is_queueing = self._is_gone = False
        self._parsed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock (called by asyncio)."""
        # uvloop's transport is one, but of no common class
        self._transport = cast("asyncio.Transport", transport)
        if len(self._connections) >= limits.WAITING:
            next(iter(self._connections)).abort()  # the one that has waited longest
        self._connections[self] = None
        self._set_deadline(limits.HANDSHAKE_S, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget it (called by asyncio)."""
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Take the next bytes (called by asyncio)."""
        if self._is_answered:
            return
        self._read += data
        if not self._is_queueing:
            self._is_queueing = True
            self._behind.turnstile.enter(self._read_on)

    def _read_on(self) -> None:
        """Look at what has come since the last time."""
        self._is_queueing = False
        if self._is_answered or self._is_gone:
            return
        if self._parser is None:
            self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.HEAD_BYTES)
        data, self._parsed = bytes(self._read[self._parsed :]), len(self._read)
        try:
            self._parser.receive_data(data)
            event = self._parser.next_event()
        except h11.RemoteProtocolError as wrong:
            self._answer(_malformed(wrong.error_status_hint))
            return
        if isinstance(event, h11.Request):
            self._look_at(event, self._parser.trailing_data[0])

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _set_deadline(self, after_s: float, then: Callable[[], None]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(after_s, then)

    def _too_late(self) -> None:
        if self._read:
            self._answer(_malformed(HTTPStatus.REQUEST_TIMEOUT))
        else:
            self.abort()

    def _leave(self) -> None:
        self._is_gone = True
        self._connections.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _look_at(self, request: h11.Request, behind: bytes) -> None:
        size = len(self._read) - len(behind)
        if size > limits.HEAD_BYTES or len(request.headers) > limits.HEADERS:
            self._answer(_malformed(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
            return
        if request.http_version not in _VERSIONS:
            self._answer(_malformed(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED))
            return
        asked = self._head(request)
        if not asked.has("upgrade", "websocket"):
            self._pass_on()
        elif request.http_version != b"1.1":
            self._answer(_malformed(HTTPStatus.BAD_REQUEST))
        else:
            self._upgrade(asked, behind)

    def _head(self, request: h11.Request) -> Head:
        is_secure = self._transport is not None and is_tls(self._transport)
        target = request.target.decode("ascii", "surrogateescape")
        method = request.method.decode("ascii", "surrogateescape")
        return head(
            method, target, request.headers, is_secure=is_secure, address=_address(self._transport)
        )

    def _upgrade(self, asked: Head, early: bytes) -> None:
        decided = self._behind.door(asked)
        if isinstance(decided, Answer):
            _log.info("refused", code=decided.code, status=decided.status.value)
            self._answer(decided)
            return
        transport = self._transport
        self._leave()
        if transport is not None and not transport.is_closing():
            peer = cast("Peer", decided.open())  # as calls make them that are told nothing else
            hand_over(transport, asked, early, peer, decided.subprotocol)

    def _pass_on(self) -> None:
        transport = self._transport
        self._leave()
        if transport is not None and not transport.is_closing():
            protocol = self._behind.http()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            protocol.data_received(bytes(self._read))

    def _answer(self, answer: Answer) -> None:
        """Answer and hang up, but not before the peer could read why."""
        self._is_answered = True
        if self._transport is None:
            return
        self._transport.write(_bytes(answer))
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        # what still comes is read and dropped: to close over it would reset the connection,
        # and the answer with it
        try:
            self._transport.write_eof()
        except OSError:  # nobody is there any more, which the loop has not noticed yet
            self.abort()
        else:
            self._set_deadline(limits.CLOSE_S, self.abort)


def _address(transport: asyncio.BaseTransport | None) -> str:
    """Return the host at the other end."""
    name: Any = None if transport is None else transport.get_extra_info("peername")
    return str(name[0]) if name else ""


def is_tls(transport: asyncio.BaseTransport) -> bool:
    """Tell whether a connection is encrypted up to here."""
    return transport.get_extra_info("sslcontext") is not None


def _malformed(status: int) -> Answer:
    match status:
        case HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            told = f"the head may have {limits.HEADERS} fields and {limits.HEAD_BYTES} bytes"
            return refused(HTTPStatus(status), "head_too_large", told)
        case HTTPStatus.REQUEST_TIMEOUT:
            told = f"the head has not come to its end in {limits.HANDSHAKE_S:g} s"
            return refused(HTTPStatus(status), "timeout", told)
        case HTTPStatus.HTTP_VERSION_NOT_SUPPORTED:
            return refused(HTTPStatus(status), "bad_request", "HTTP/1.1 is spoken here")
        case _:
            return refused(HTTPStatus.BAD_REQUEST, "bad_request", "this is no HTTP/1.1 request")


def _bytes(answer: Answer) -> bytes:
    told = {**connection_headers(), **answer.headers()}
    fields = (f"{name}: {value}\r\n" for name, value in told.items())
    line = f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
    return "".join((line, *fields, "\r\n")).encode("latin-1") + answer.body
