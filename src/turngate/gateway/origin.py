"""Whether the page behind a request is ours: pure, and the same for WebSocket and POST.

A browser lets any page open a WebSocket to any host, loopback too, and says in `Origin` whose page
it is; a page cannot forge that. Programs that are no browsers send none and are let through here.

Source: RFC 6454 section 6.2 for the form; RFC 6455 section 10.2 for the check.
"""

import re
from typing import NamedTuple

from turngate.gateway.hosts import is_loopback

_PORTS = {"http": 80, "https": 443}
_LABEL = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
_HOST = rf"(?P<host>{_LABEL}(\.{_LABEL})*|\[[0-9a-f:.]+\])"
_PORT = r"(:(?P<port>[1-9][0-9]{0,4}))?"
_SCHEME = r"(?P<scheme>[a-z][a-z0-9+.-]*)"
_ORIGIN = re.compile(rf"{_SCHEME}://{_HOST}{_PORT}", re.IGNORECASE | re.ASCII)
_AUTHORITY = re.compile(rf"{_HOST}{_PORT}", re.IGNORECASE | re.ASCII)


class Origin(NamedTuple):
    """A page's scheme, host and port, in small letters, the usual port never left out.

    Apps have schemes of their own, such as `capacitor://localhost`, and no usual port, which is 0.
    """

    scheme: str
    host: str
    port: int


def parsed(text: str) -> Origin | None:
    """Return what an `Origin` header says, or None where it has not exactly that form."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return None
    scheme = found["scheme"].lower()
    return Origin(scheme, found["host"].lower(), int(found["port"] or _PORTS.get(scheme, 0)))


def is_same_host(origin: Origin, authority: str, *, is_secure: bool) -> bool:
    """Tell whether a page comes from where its request goes to, as its `Host` header has it.

    Before a proxy that ends TLS the scheme cannot be compared; but a request over our own TLS does
    not come from a page that came without.
    """
    found = _AUTHORITY.fullmatch(authority)
    if found is None or origin.scheme not in _PORTS or (is_secure and origin.scheme != "https"):
        return False
    port = int(found["port"] or _PORTS[origin.scheme])
    return (found["host"].lower(), port) == (origin.host, origin.port)


def is_local(origin: Origin) -> bool:
    """Tell whether a page's host is this machine by its name, so that no DNS was asked for it."""
    return is_loopback(origin.host.strip("[]"))
