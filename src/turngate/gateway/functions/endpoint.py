"""Functions behind a URL: `POST {id, name, arguments}`, answered by `{content}` or `{error}`.

Two ways out: one for URLs of the operator, and one for URLs of clients, which connects to public
addresses only. A name is resolved once, and what was looked at is what is connected to. Neither way
follows redirects, keeps cookies, unpacks what is packed, or adds a key of ours.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any, TypeAlias

import aiohttp
import msgspec
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import UNSET, Raw, UnsetType

from turngate.functions.arguments import Check
from turngate.functions.declared import Function
from turngate.functions.endpoint import Hosts
from turngate.functions.outcome import Failure, FunctionError
from turngate.gateway import limits

Lookup: TypeAlias = Callable[[str, int], Awaitable[list[tuple[int, str]]]]
"""From a host and port to the family and address of each way there."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_VALUE = re.compile(r"[\t -~]{0,4096}")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OK = range(200, 300)
_REFUSED = range(400, 500)


class _Request(msgspec.Struct, frozen=True):
    id: str
    name: str
    arguments: dict[str, Any]


class _Answer(msgspec.Struct, frozen=True):
    content: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


class EndpointFunction:
    """A function behind a URL."""

    def __init__(
        self, function: Function, url: str, headers: Mapping[str, str], check: Check, way: "Way"
    ) -> None:
        self.function = function
        self._url = yarl.URL(url, encoded=True)
        self._headers, self._check, self._way = dict(headers), check, way

    async def run(self, call_id: str, arguments: str) -> str:
        """Ask the endpoint; see `Runnable.run`."""
        request = _Request(call_id, self.function.name, self._check(arguments))
        status, body = await self._way.post(self._url, msgspec.json.encode(request), self._headers)
        return _result(status, body)


def usable_headers(headers: Mapping[str, str]) -> bool:
    """Tell whether these headers may go with a request: well formed, and not the client's own."""
    return all(
        _TOKEN.fullmatch(name) and _VALUE.fullmatch(value) and name.lower() not in _OURS
        for name, value in headers.items()
    )


def _result(status: int, body: bytes) -> str:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, RecursionError):
        answer = _Answer()
    if answer.error is not UNSET and (status in _OK or status in _REFUSED):
        raise FunctionError(_text(answer.error))
    if status not in _OK:
        raise FunctionError(f"The endpoint answered HTTP {status}.", Failure.BAD_ANSWER)
    if answer.content is UNSET:
        raise FunctionError(
            "The endpoint's answer is no JSON object with content or error.", Failure.BAD_ANSWER
        )
    return _text(answer.content)


def _text(raw: Raw) -> str:
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        value = None
    return value if isinstance(value, str) else bytes(raw).decode()


class Way:
    """Connections to endpoints, kept open between calls. Close it in the end."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=limits.ENDPOINT_CONNECT_S),
            headers={"User-Agent": "turngate", "Accept-Encoding": "identity"},
        )

    async def post(
        self, url: yarl.URL, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Post JSON and return the status and the answer's body.

        Raises:
            FunctionError: There is no answer, it is a redirect, or it is too large.

        """
        try:
            async with self._session.post(
                url,
                data=body,
                headers={**headers, "Content-Type": "application/json"},
                allow_redirects=False,
            ) as answer:
                return answer.status, await _limited(answer.content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FunctionError(_plainly(error), Failure.UNREACHABLE) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()


async def _limited(stream: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in stream.iter_any():
        body += chunk
        if len(body) > limits.ENDPOINT_ANSWER_BYTES:
            raise FunctionError("The endpoint's answer is too large.", Failure.TOO_LARGE)
    return bytes(body)


def _plainly(error: Exception) -> str:
    match error:
        case aiohttp.ClientSSLError():
            return "The endpoint's certificate is not trusted."
        case TimeoutError():
            return "The endpoint did not accept the connection in time."
        case aiohttp.ClientConnectorError():
            return "The endpoint could not be connected to."
        case _:
            return "The endpoint did not answer as an HTTP server."


class GuardedResolver(AbstractResolver):
    """Resolves the hosts that clients name, to addresses they may name.

    One address of several that may not be connected to refuses the host: no honest name has both.
    """

    def __init__(self, hosts: Hosts, lookup: Lookup | None = None) -> None:
        self._hosts = hosts
        self._lookup = lookup or _lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return where `host` is, as aiohttp wants it.

        Raises:
            OSError: It is not known, or it may not be connected to.

        """
        del family
        found = await self._lookup(host, port)
        for _, address in found:
            if not self._hosts.admits_address(host, ip_address(address)):
                raise OSError("the host is at an address that clients may not name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=each,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for each, address in found
        ]

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


async def _lookup(host: str, port: int) -> list[tuple[int, str]]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, _scoped(address)) for family, _, _, _, address in found]


def _scoped(address: tuple[Any, ...]) -> str:
    """Return the address; a link-local one with its interface, as it is refused by."""
    scope = address[3] if len(address) > len(("host", "port", "flow")) else 0
    return f"{address[0]}%{scope}" if scope and "%" not in address[0] else str(address[0])
