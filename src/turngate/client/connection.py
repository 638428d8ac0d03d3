"""One WebSocket connection: whole messages in, messages out, and the end in one place.

It knows nothing of what the messages say.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSHandshakeError,
    WSInvalidURL,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from turngate.client.failures import ABNORMAL, NORMAL, Closed, ConnectFailed

CLOSE_S = 2.0
"""How long the other side may take to agree to the end before it is left without its word."""

MESSAGE_BYTES = 8 * 1024 * 1024
"""No message is larger; the longest delta of speech is a tenth of it."""


class Reader(Protocol):
    """Who gets what a connection receives. Neither function may raise."""

    def received(self, message: str | bytes) -> None:
        """Take a whole message: text or binary."""

    def ended(self, end: Closed) -> None:
        """Take the end; nothing follows."""


class Connection(WSListener):
    """An open connection, made by `connect`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._parts: list[bytes] = []
        self._kind = WSMsgType.TEXT
        self._transport: WSTransport | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    async def send(self, message: str | bytes) -> None:
        """Send a text or a binary message, once the ones before have mostly left.

        After the end it does nothing; the end itself is told to the reader.
        """
        await self._writable.wait()
        if self._transport is not None:
            kind = WSMsgType.TEXT if isinstance(message, str) else WSMsgType.BINARY
            self._transport.send(kind, message)

    def pause(self) -> None:
        """Stop reading, so that the network holds back whoever sends faster than we use it.

        Pings are not answered either: after about 20 s the connection counts as lost.
        """
        if (transport := self._open_transport()) is not None:
            transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if (transport := self._open_transport()) is not None:
            transport.resume_reading()

    async def close(self) -> None:
        """End the connection in order, with code 1000; safe to repeat."""
        transport = self._transport
        if transport is None:
            return
        self.resume()  # or the answer would never be seen
        transport.send_close(WSCloseCode.OK)
        try:
            async with asyncio.timeout(CLOSE_S):
                await transport.wait_disconnected()
        except TimeoutError:
            transport.disconnect(graceful=False)
        except WSError:
            pass  # how it ended was told to the reader

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Keep the transport (called by picows)."""
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Put fragments together and hand messages on (called by picows)."""
        match frame.msg_type:
            case WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code() or WSCloseCode.OK)
                transport.disconnect()
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.CONTINUATION as kind:
                if kind is not WSMsgType.CONTINUATION:
                    self._kind = kind
                self._parts.append(frame.get_payload_as_bytes())
                if frame.fin:
                    self._deliver()
            case _:
                pass

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell the end (called by picows)."""
        self._transport = None
        self._writable.set()
        told = transport.close_handshake
        # picows leaves the handshake None when no close frame passed in either direction.
        recv = told.recv if told is not None else None  # pyright: ignore[reportUnnecessaryComparison] - see above
        if recv is None:
            self._reader.ended(Closed(ABNORMAL))
        else:
            self._reader.ended(Closed(int(recv.code.value) or NORMAL, recv.reason or ""))

    def pause_writing(self) -> None:
        """Hold senders back (called by picows)."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let senders go on (called by picows)."""
        self._writable.set()

    def _open_transport(self) -> asyncio.Transport | None:
        transport = None if self._transport is None else self._transport.underlying_transport
        return None if transport is None or transport.is_closing() else transport

    def _deliver(self) -> None:
        payload = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        if self._kind is WSMsgType.TEXT:
            self._reader.received(payload.decode("utf-8", "replace"))
        else:
            self._reader.received(payload)


async def connect(
    url: str, reader: Reader, *, headers: Mapping[str, str], seconds: float
) -> Connection:
    """Open a connection to `url` and read from it into `reader`.

    Raises:
        ConnectFailed: there is no connection after `seconds`, or for a reason it names.

    """
    address = urlsplit(url).netloc or url
    try:
        async with asyncio.timeout(seconds):
            transport, listener = await ws_connect(
                partial(Connection, reader),
                url,
                extra_headers=dict(headers),
                max_frame_size=MESSAGE_BYTES,
                max_redirects=0,
                websocket_handshake_timeout=seconds,
                enable_auto_ping=True,
            )
    except (WSError, OSError, ValueError) as error:
        raise ConnectFailed(address, _why(error), _status(error)) from error
    if not isinstance(listener, Connection):
        transport.disconnect(graceful=False)
        raise ConnectFailed(address, "the connection was closed before the handshake ended")
    return listener


def _status(error: Exception) -> int | None:
    if isinstance(error, WSHandshakeError) and error.response is not None:
        return int(error.response.status)
    return None


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "no answer in time"),
    (ConnectionRefusedError, "nothing listens there"),
    (socket.gaierror, "the host name is not known"),
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (ssl.SSLError, "it does not speak TLS there; perhaps ws:// is meant"),
    (ConnectionError, "the connection was closed before the handshake ended"),
    (WSInvalidURL, "the address is not a ws:// or wss:// URL"),
    (WSHandshakeError, "what answers there is not a WebSocket server"),
    (ValueError, "the address is not a ws:// or wss:// URL"),
)
"""The first row that fits says why there is no connection, in plain words."""


def _why(error: Exception) -> str:
    status = _status(error)
    if status is not None and status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
        return f"the server refused with HTTP {status}{_phrase(status)}"
    if status is not None:
        return f"no WebSocket is served under this path (HTTP {status}{_phrase(status)})"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    if "Connect call failed" in str(error) or "refused" in str(error):
        return "nothing listens there"  # several addresses were tried, each refused
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
