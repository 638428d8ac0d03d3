"""Who comes in, and where to: everything that is decided before the connection is a WebSocket.

Source: Deepgram Voice Agent API, authentication; OpenAI Realtime API, WebSocket from a browser; RFC 6455 section 4.2.2 for the subprotocol.
"""

import hmac
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import parse_qs

import msgspec
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener

from turngate.gateway.peer import Peer

AGENT_PATHS = frozenset({"/v1/agent/converse", "/openai"})
NATIVE_PATH = "/v1/realtime"
HEALTH_PATH = "/health"

_SCHEMES = frozenset({"token", "bearer"})
_ECHOED = _SCHEMES | {"realtime"}
_NATIVE_KEY = "openai-insecure-api-key."


class Door:
    """Answers each request: a session, a small HTTP answer, or a refusal."""

    def __init__(
        self,
        client_keys: tuple[str, ...],
        open_agent: Callable[[str], Peer],
        open_native: Callable[[str], Peer],
        health: Callable[[], dict[str, object]],
    ) -> None:
        self._client_keys = tuple(key.encode() for key in client_keys)
        self._open_agent = open_agent
        self._open_native = open_native
        self._health = health
        self.is_closed = False

    def answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        """Return what the client gets; nothing is allocated for one that is refused."""
        path, _, query = request.path.decode("ascii", "replace").partition("?")
        if path == HEALTH_PATH:
            return _told(HTTPStatus.OK, self._health())
        if path not in AGENT_PATHS and path != NATIVE_PATH:
            return _refused(HTTPStatus.NOT_FOUND, f"there is nothing at {path[:64]}")
        if self.is_closed:
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "the gateway is shutting down")
        offered = _subprotocols(request)
        if not self._lets_in(request, offered):
            return _refused(
                HTTPStatus.UNAUTHORIZED,
                "a client key is needed, and this is none",
                {"WWW-Authenticate": "Bearer"},
            )
        if "websocket" not in request.headers.get("Upgrade", "").lower():
            return _refused(
                HTTPStatus.UPGRADE_REQUIRED,
                f"{path} speaks WebSocket only",
                {"Upgrade": "websocket"},
            )
        chosen = next((word for word in offered if word.lower() in _ECHOED), None)
        headers = {"Sec-WebSocket-Protocol": chosen} if chosen else {}
        response = WSUpgradeResponse.create_101_response(headers)
        return WSUpgradeResponseWithListener(response, self._open(path, query))

    def _open(self, path: str, query: str) -> Peer:
        if path in AGENT_PATHS:
            return self._open_agent(query)
        return self._open_native(parse_qs(query).get("model", [""])[0])

    def _lets_in(self, request: WSUpgradeRequest, offered: list[str]) -> bool:
        if not self._client_keys:
            return True
        # picows reads what is not ASCII this way; as bytes again it is compared like anything else
        presented = _presented_key(request, offered).encode(errors="surrogateescape")
        matches = [hmac.compare_digest(presented, key) for key in self._client_keys]
        return any(matches)


def _presented_key(request: WSUpgradeRequest, offered: list[str]) -> str:
    """Return the key from the header, or from behind the scheme in the subprotocols."""
    scheme, _, key = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() in _SCHEMES:
        return key.strip()
    for word in offered:
        if word.startswith(_NATIVE_KEY):
            return word.removeprefix(_NATIVE_KEY)
    for word, following in pairwise(offered):
        if word.lower() in _SCHEMES:
            return following
    return ""


def _subprotocols(request: WSUpgradeRequest) -> list[str]:
    """Return what the client offers, in order. The scheme's word is echoed, never the key."""
    lines = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [word.strip() for line in lines for word in line.split(",") if word.strip()]


def _told(
    status: HTTPStatus, body: Mapping[str, object], more: Mapping[str, str] | None = None
) -> WSUpgradeResponseWithListener:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", **(more or {})}
    text = msgspec.json.encode(body) + b"\n"
    if status < HTTPStatus.BAD_REQUEST:
        response = WSUpgradeResponse.create_ok_response(text, headers)
    else:
        response = WSUpgradeResponse.create_error_response(status, text, headers)
    return WSUpgradeResponseWithListener(response, None)


def _refused(
    status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None
) -> WSUpgradeResponseWithListener:
    """Answer with what RFC 9110 wants beside the status."""
    return _told(status, {"error": reason}, headers)
