"""URLs that clients name, and the hosts that an operator lets them name.

A URL that two programs could read differently is refused: what is not written in the plainest form
is no endpoint. So the host that is looked at here is the host that is connected to.
"""

import re
from ipaddress import IPv4Address, IPv6Address

from msgspec import Struct

from turngate.functions.address import Address, is_public

URL_CHARACTERS = 2048
HTTPS_PORT, HTTP_PORT = 443, 80

_HOST = r"(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])"
_PORT = r"(?::(?P<port>[1-9][0-9]{0,4}))?"
_VISIBLE = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(rf"(?P<scheme>https?)://{_HOST}{_PORT}(?:/{_VISIBLE}*)?(?:\?(?:{_VISIBLE}|\?)*)?")
_LISTED = re.compile(rf"{_HOST}{_PORT}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT_MAX = 65_535


class Refused(Exception):
    """The URL is none that may be called; the text says why."""


class Place(Struct, frozen=True):
    """A host and port. `address` where the host is written as one, else None."""

    host: str
    port: int
    address: Address | None = None


class Endpoint(Struct, frozen=True):
    """A URL, as it was written, and the place that it names."""

    url: str
    is_encrypted: bool
    place: Place


def read(url: str) -> Endpoint:
    """Read a URL in its plainest form: lower case host, no user, no fragment.

    Raises:
        Refused: It is written otherwise, or is none.

    """
    if len(url) > URL_CHARACTERS:
        raise Refused(f"the URL is longer than {URL_CHARACTERS} characters")
    found = _URL.fullmatch(url)
    if found is None:
        raise Refused(
            "the URL is not a plain http:// or https:// one, in lower case up to the path"
        )
    is_encrypted = found["scheme"] == "https"
    place = _place(found["host"], found["port"], HTTPS_PORT if is_encrypted else HTTP_PORT)
    return Endpoint(url, is_encrypted, place)


def _place(host: str, port: str | None, default: int) -> Place:
    number = int(port) if port else default
    if number > _PORT_MAX:
        raise Refused(f"there is no port {number}")
    if host.startswith("["):
        return Place(host, number, _address(IPv6Address, host[1:-1]))
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return Place(host, number, _address(IPv4Address, host))
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("the host is not a plain name")
    return Place(host, number)


def _address(kind: type[IPv4Address] | type[IPv6Address], text: str) -> Address:
    try:
        address = kind(text)
    except ValueError as error:
        raise Refused("the host is not an address in its usual form") from error
    if str(address) != text:
        raise Refused("the host is not an address in its usual form")
    return address


class Hosts:
    """The places that an operator lets clients name, each a host or a host with a port.

    A host without a port is meant with that of https. An address that is not public may be
    connected to only if it is itself on the list; `localhost` stands for this machine's.
    """

    def __init__(self, listed: tuple[str, ...] = ()) -> None:
        self._places = frozenset(map(_listed, listed))
        self._addresses = frozenset(
            place.address for place in self._places if place.address is not None
        )

    def __bool__(self) -> bool:
        """Tell whether any is listed."""
        return bool(self._places)

    def admit(self, url: str) -> Endpoint:
        """Return the endpoint that a client may name by `url`.

        Raises:
            Refused: It may not; the text says why.

        """
        endpoint = read(url)
        place = endpoint.place
        if place not in self._places:
            raise Refused(f"{place.host}:{place.port} is not among the operator's function_hosts")
        if not endpoint.is_encrypted and not is_loopback(place):
            raise Refused("the URL has to start with https://")
        return endpoint

    def admits_address(self, host: str, address: Address) -> bool:
        """Tell whether a host that is on the list may be connected to at `address`."""
        if host == "localhost":
            return address.is_loopback
        return address in self._addresses or is_public(address)


def _listed(text: str) -> Place:
    found = _LISTED.fullmatch(text.lower())
    if found is None:
        raise Refused(f"{text!r} is neither a host nor a host with a port")
    return _place(found["host"], found["port"], HTTPS_PORT)


def is_loopback(place: Place) -> bool:
    """Tell whether only this machine answers there."""
    if place.address is None:
        return place.host == "localhost"
    return place.address.is_loopback
