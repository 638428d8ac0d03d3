"""Where a WebSocket leads to: everything that is decided before the connection is one.

Source: RFC 6455 section 4.2.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from turngate.gateway import guard
from turngate.gateway.answer import Answer, refused
from turngate.gateway.guard import Guard
from turngate.gateway.head import Head
from turngate.gateway.outside import ClientPeer
from turngate.gateway.places import Places

AGENT_PATHS = frozenset({"/v1/agent/converse", "/openai"})
NATIVE_PATH = "/v1/realtime"
PASSING_PATH = "/deepgram-proxy"
PATHS = AGENT_PATHS | {NATIVE_PATH, PASSING_PATH}
WATCH_PATH = "/watch"

_VERSION = "13"
_KEY_BYTES = 16


class Admitted(NamedTuple):
    """A request that may become a WebSocket; `subprotocol` is chosen of those offered."""

    open: Callable[[], ClientPeer]
    subprotocol: str | None


class Fronts(NamedTuple):
    """What opens a session, by what the client speaks; None where that cannot be had here."""

    agent: Callable[[Head], ClientPeer]
    native: Callable[[Head], ClientPeer] | None
    passing: Callable[[Head], ClientPeer] | None = None
    watch: Callable[[], ClientPeer] | None = None


class Door:
    """Answers each upgrade: a session or a refusal."""

    def __init__(self, guard: Guard, places: Places, fronts: Fronts) -> None:
        self._guard, self._places = guard, places
        self._fronts = fronts
        self.is_closed = False

    def answer(self, head: Head, *, has_shaken: bool = False) -> Admitted | Answer:
        """Return what the client gets; nothing is allocated for one that is refused.

        `has_shaken` tells that somebody else has seen to the handshake.
        """
        if head.path not in PATHS and (head.path != WATCH_PATH or self._fronts.watch is None):
            return refused(
                HTTPStatus.NOT_FOUND, "not_found", f"there is nothing at {head.path[:64]}"
            )
        if self.is_closed:
            return refused(
                HTTPStatus.SERVICE_UNAVAILABLE, "going_away", "the gateway is shutting down"
            )
        return (
            self._guard.refusal(head)
            or (None if has_shaken else _malformed(head))
            or self._places.refusal(self._guard.client(head))
            or self._admitted(head)
        )

    def _admitted(self, head: Head) -> Admitted | Answer:
        chosen = guard.echoed(head)
        fronts = self._fronts
        if head.path == WATCH_PATH and fronts.watch is not None:
            return Admitted(fronts.watch, chosen)
        if head.path in AGENT_PATHS:
            return Admitted(lambda: fronts.agent(head), chosen)
        if head.path == PASSING_PATH:
            passing = fronts.passing
            return Admitted(lambda: passing(head), chosen) if passing else _NO_DEEPGRAM
        native = fronts.native
        return Admitted(lambda: native(head), chosen) if native else _NOT_REALTIME


_NO_DEEPGRAM = refused(
    HTTPStatus.NOT_FOUND,
    "not_configured",
    "nothing is passed through to Deepgram here: no DEEPGRAM_API_KEY is set",
)
_NOT_REALTIME = refused(
    HTTPStatus.NOT_FOUND,
    "not_configured",
    "the upstream here is Deepgram itself, which does not speak the Realtime protocol",
)


def _malformed(head: Head) -> Answer | None:
    """Return what is wrong with an upgrade, or None. The body of one could hide another request."""
    if not head.has("upgrade", "websocket"):
        return refused(
            HTTPStatus.UPGRADE_REQUIRED,
            "upgrade_required",
            f"{head.path} speaks WebSocket only",
            {"upgrade": "websocket"},
        )
    if "transfer-encoding" in head.headers or head.one("content-length").strip("0"):
        return _bad_request("a WebSocket upgrade has no body")
    if head.method != "GET" or not head.has("connection", "upgrade"):
        return _bad_request("a WebSocket upgrade is a GET with Connection: Upgrade")
    if head.headers.get("sec-websocket-version") != (_VERSION,):
        return refused(
            HTTPStatus.UPGRADE_REQUIRED,
            "upgrade_required",
            f"only version {_VERSION} of WebSocket is spoken here",
            {"upgrade": "websocket", "sec-websocket-version": _VERSION},
        )
    keys = head.headers.get("sec-websocket-key", ())
    if len(keys) != 1 or not _is_handshake_key(keys[0]):
        return _bad_request("Sec-WebSocket-Key must be 16 bytes in base64, once")
    return None


def _bad_request(reason: str) -> Answer:
    return refused(HTTPStatus.BAD_REQUEST, "bad_request", reason)


def _is_handshake_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False
