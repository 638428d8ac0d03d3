"""Who may come in: from which page, and with which key.

Source: Deepgram Voice Agent API, authentication; OpenAI Realtime API, WebSocket from a browser;
Azure OpenAI Realtime API, connection and authentication; RFC 6750 section 2.3 for the query.
"""

import hmac
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import parse_qs

from turngate.gateway import origin
from turngate.gateway.answer import Answer, refused
from turngate.gateway.config import Config
from turngate.gateway.head import Head
from turngate.gateway.hosts import is_loopback

SUBPROTOCOLS = "sec-websocket-protocol"
_SCHEMES = frozenset({"token", "bearer"})
_ECHOED = _SCHEMES | {"realtime"}
_NATIVE_KEY = "openai-insecure-api-key."
_AZURES = "api-key"
_QUERY_KEYS = ("access_token", "token", _AZURES)


class Guard:
    """Compares what a request brings with what the configuration says."""

    def __init__(self, config: Config) -> None:
        self._keys = tuple(key.encode() for key in config.client_keys)
        self._listed = frozenset(filter(None, map(origin.parsed, config.origins)))
        # A name that DNS gave to a page's owner may lead to our loopback address. Where anybody
        # there may come in, only names that DNS has no say in are the same host.
        self._local_names_only = is_loopback(config.host) and not config.client_keys

    def refusal(self, head: Head) -> Answer | None:
        """Return why a request may not come in, or None where it may."""
        if not self._is_our_page(head):
            return self.wrong_page()
        if not self._has_key(head):
            return refused(
                HTTPStatus.UNAUTHORIZED,
                "unauthorized",
                "a client key is needed, and this is none",
                {"www-authenticate": "Bearer"},
            )
        return None

    def wrong_page(self) -> Answer:
        """Return what a page is told that is not ours."""
        return refused(
            HTTPStatus.FORBIDDEN,
            "origin_not_allowed",
            "this page may not call the gateway; list its origin in `origins`",
        )

    def page(self, head: Head) -> str | None:
        """Return the origin of the page that asks, or None where it is none, or none of ours."""
        return head.one("origin") or None if self._is_our_page(head) else None

    def client(self, head: Head) -> str:
        """Return whose calls a request's call counts among: its key's, else its address'.

        Where no key is asked for, the one that is brought says nothing.
        """
        return presented_key(head) if self._keys else head.address

    def _is_our_page(self, head: Head) -> bool:
        told = head.headers.get("origin")
        if told is None:
            return True
        page = origin.parsed(told[0]) if len(told) == 1 else None
        if page is None:
            return False
        if page in self._listed:
            return True
        if self._local_names_only and not origin.is_local(page):
            return False
        return origin.is_same_host(page, head.one("host"), is_secure=head.is_secure)

    def _has_key(self, head: Head) -> bool:
        if not self._keys:
            return True
        # what is not ASCII came as surrogates; as bytes again it is compared like anything else
        presented = presented_key(head).encode(errors="surrogateescape")
        matches = [hmac.compare_digest(presented, key) for key in self._keys]
        return any(matches)


def presented_key(head: Head) -> str:
    """Return the key from the headers, from the subprotocols, or from the query, in this order.

    The first style that is used counts; a wrong key is not made good by a second one.
    """
    told = head.headers.get("authorization", ())
    scheme, _, key = "".join(told[:1]).partition(" ")
    if scheme.lower() in _SCHEMES:
        return key.strip() if len(told) == 1 else ""
    if named := head.headers.get(_AZURES):
        return named[0] if len(named) == 1 else ""
    offered = head.words(SUBPROTOCOLS)
    for word in offered:
        if word.startswith(_NATIVE_KEY):
            return word.removeprefix(_NATIVE_KEY)
    for word, following in pairwise(offered):
        if word.lower() in _SCHEMES:
            return following
    query = parse_qs(head.query)
    return next((query[name][0] for name in _QUERY_KEYS if name in query), "")


def echoed(head: Head) -> str | None:
    """Return the subprotocol to choose of those offered: the scheme's word, never the key."""
    return next((word for word in head.words(SUBPROTOCOLS) if word.lower() in _ECHOED), None)
