"""The connection to the upstream, and its failures in plain words."""

import asyncio
import socket
import ssl
from http import HTTPStatus

from picows import (
    WSError,
    WSHandshakeError,
    WSInvalidURL,
    WSUpgradeResponse,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from turngate.errors import UpstreamUnreachable
from turngate.gateway import limits
from turngate.gateway.peer import Peer
from turngate.gateway.picows_log import PicowsLog
from turngate.gateway.target import Target

_MEANINGS = {
    401: "the key was not accepted",
    403: "the key may not use this service",
    404: "the path or the model is not known there",
    429: "too many requests or no quota left",
}


async def connect(target: Target, peer: Peer) -> None:
    """Open the upstream connection; `peer` is told of everything that follows.

    Redirects are not followed: the key is for this host only.

    Raises:
        UpstreamUnreachable: There is no connection; the reason is for people and holds no key.

    """
    try:
        async with asyncio.timeout(limits.CONNECT_S):
            _, reached = await ws_connect(
                lambda: peer,
                target.url,
                logger_name=PicowsLog(peer.refused),
                extra_headers=dict(target.headers),
                max_redirects=0,
                max_frame_size=limits.UPSTREAM_MESSAGE_BYTES,
                websocket_handshake_timeout=limits.CONNECT_S,
                enable_auto_pong=False,
                enable_auto_ping=True,
                auto_ping_idle_timeout=limits.PING_S,
                auto_ping_reply_timeout=limits.PONG_S,
            )
    except (OSError, WSError, TimeoutError) as error:
        raise UpstreamUnreachable(f"{target.place}: {_plainly(error)}") from error
    # picows returns without a listener where the server hangs up during the handshake
    if reached is not peer:
        raise UpstreamUnreachable(f"{target.place}: it hung up during the handshake")


def _plainly(error: Exception) -> str:  # noqa: PLR0911 - one row an exception
    match error:
        case WSInvalidURL():
            return "its URL is not valid"
        case WSHandshakeError(response=WSUpgradeResponse() as response):
            return _status(response.status)
        case WSHandshakeError():
            return "it does not answer as a WebSocket server"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return "the TLS handshake failed; it may not speak TLS there"
        case TimeoutError():
            return f"no answer within {limits.CONNECT_S:g} s"
        case socket.gaierror():
            return "its name is not known"
        case ConnectionRefusedError():
            return "the connection was refused; nothing listens there"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return "the handshake failed"


def _status(status: HTTPStatus) -> str:
    fallback = (
        "it has trouble of its own" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "it refuses"
    )
    return f"it answered HTTP {status.value}: {_MEANINGS.get(status.value, fallback)}"
