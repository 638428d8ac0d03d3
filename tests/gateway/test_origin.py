"""Whose page may call: a table of what browsers send, and of what would pass for it."""

from typing import NamedTuple

import pytest

from gateway.ports import NOWHERE
from gateway.stand import UPGRADE, gateway, request
from turngate.errors import ConfigError
from turngate.gateway.config import Config
from turngate.gateway.guard import Guard
from turngate.gateway.head import head
from turngate.gateway.loading import load

PUBLIC = Config(host="0.0.0.0", client_keys=("k",), origins=("https://app.example.com",))  # noqa: S104 - where a gateway listens that has keys
LOCAL = Config()
LISTING = Config(
    origins=("https://app.example.com", "http://localhost:5173", "capacitor://localhost")
)


class Place(NamedTuple):
    """Where a request arrives: how it is configured, what `Host` says, and whether over TLS."""

    config: Config
    host: str
    is_secure: bool = False


def lets_in(place: Place, *origins: str) -> bool:
    fields = [("Host", place.host), ("Authorization", "Token k")]
    fields += [("Origin", origin) for origin in origins]
    asked = head(
        "GET",
        "/v1/realtime",
        [(name.encode(), value.encode("utf-8")) for name, value in fields],
        is_secure=place.is_secure,
    )
    return Guard(place.config).refusal(asked) is None


OPEN = Place(PUBLIC, "voice.example.com")
SECURE = Place(PUBLIC, "voice.example.com", is_secure=True)
WITH_PORT = Place(PUBLIC, "voice.example.com:8443", is_secure=True)
LOOPBACK = Place(LOCAL, "localhost:8080")
NUMERIC = Place(LOCAL, "127.0.0.1:8080")
SIX = Place(LOCAL, "[::1]:8080")
PROXIED = Place(LOCAL, "voice.example.com")
LISTED = Place(LISTING, "127.0.0.1:8080")

WELCOME = [
    (OPEN, "https://voice.example.com"),  # a proxy before us ended TLS
    (OPEN, "http://voice.example.com"),
    (OPEN, "https://VOICE.Example.COM"),
    (OPEN, "HTTPS://voice.example.com"),
    (OPEN, "https://voice.example.com:443"),
    (OPEN, "http://voice.example.com:80"),
    (OPEN, "https://app.example.com"),
    (OPEN, "https://app.example.com:443"),
    (OPEN, "https://APP.example.com"),
    (Place(PUBLIC, "VOICE.example.com"), "https://voice.example.com"),
    (Place(PUBLIC, "voice.example.com:443"), "https://voice.example.com"),
    (Place(PUBLIC, "voice.example.com:80"), "http://voice.example.com"),
    (Place(PUBLIC, "xn--bcher-kva.example"), "https://xn--bcher-kva.example"),
    (SECURE, "https://voice.example.com"),
    (SECURE, "https://app.example.com"),
    (WITH_PORT, "https://voice.example.com:8443"),
    (LOOPBACK, "http://localhost:8080"),
    (LOOPBACK, "http://LOCALHOST:8080"),
    (NUMERIC, "http://127.0.0.1:8080"),
    (SIX, "http://[::1]:8080"),
    (Place(LOCAL, "127.0.0.53:8080"), "http://127.0.0.53:8080"),
    (Place(LOCAL, "localhost"), "http://localhost"),
    (LISTED, "https://app.example.com"),
    (LISTED, "http://localhost:5173"),
    (LISTED, "http://127.0.0.1:8080"),
    (LISTED, "capacitor://localhost"),  # an app's own pages
    (Place(LISTING, "evil.example"), "https://app.example.com"),
]

STRANGE = (
    *("null", "", " ", "*", "file://", "about:blank", "data:text/html,x", "blob:https://{host}"),
    *("//{host}", "{host}", "https:/{host}", "https:{host}", "https//{host}", "https:///{host}"),
    *("ftp://{host}", "ws://{host}", "wss://{host}", "chrome-extension://{name}", "javascript:1"),
    *("https://{host}/", "https://{host}/x", "https://{host}?", "https://{host}#", "https://{host} "),
    *(" https://{host}", "https://{host}\t", "https://{host},https://{host}", "https://{host} https://evil"),
    *("https://user@{host}", "https://user:word@{host}", "https://evil.example@{host}", "https://{host}@evil.example"),
    *("https://{name}.", "https://.{name}", "https://{name}..", "https://{name}.evil.example"),
    *("https://evil{name}", "https://evil-{name}", "https://evil.{name}", "https://{name}evil"),
    *("https://{name}-evil", "https://{name}:", "https://{name}:0", "https://{name}:65536"),
    *("https://{name}:99999", "https://{name}:-1", "https://{name}:+443", "https://{name}:0443"),
    *("https://{name}:4 43", "https://{name}:443:443", "https://{name}:443x", "https://{name}:1"),
    *("https://{name}:8081", "https://{name}\\@evil.example", "https://evil.example\\{name}", "https://{name}%00"),
    *("https://{name}%2eevil.example", "https://{name}\u3002evil.example", "https://{fullwidth}", "https://*.example.com"),
    *("https://*", "https://localhost.evil.example", "https://127.0.0.1.evil.example", "https://2130706433"),
    *("https://0x7f.1", "https://127.1", "https://0177.0.0.1", "https://[::ffff:7f00:1]", "https://[::1]"),
    *("https://[::1", "https://::1", "https://[{name}]", "https://0.0.0.0", "https://b\u00fccher.example"),
)  # fmt: skip
"""What is no origin at all, or another's, wherever it arrives."""


def strangers() -> list[tuple[Place, str]]:
    """Return each strange origin at each of some places."""
    found: list[tuple[Place, str]] = []
    for place in (OPEN, WITH_PORT, NUMERIC):
        name = place.host.rpartition(":")[0] or place.host
        wide = "".join(chr(ord(each) + 0xFEE0) if each.isalnum() else each for each in name)
        found += [(place, s.format(host=place.host, name=name, fullwidth=wide)) for s in STRANGE]
    return found


OTHERS = [
    (OPEN, "https://example.com"),
    (OPEN, "https://app.example.com:8443"),
    (OPEN, "http://app.example.com"),  # listed with TLS only
    (OPEN, "https://voice.example.com:80"),
    (SECURE, "http://voice.example.com"),
    (WITH_PORT, "https://voice.example.com"),
    (WITH_PORT, "http://voice.example.com:8443"),
    (Place(PUBLIC, "app.example.com:1"), "https://voice.example.com"),
    (Place(PUBLIC, ""), "https://voice.example.com"),
    (Place(PUBLIC, "voice.example.com, evil.example"), "https://evil.example"),
    (Place(PUBLIC, "evil.example@voice.example.com"), "https://voice.example.com"),
    (Place(PUBLIC, "voice.example.com/x"), "https://voice.example.com"),
    (Place(LISTING, "localhost"), "capacitor://localhost:1"),
    (Place(LISTING, "localhost"), "ionic://localhost"),
    # another page of this machine
    (LOOPBACK, "http://localhost"),
    (LOOPBACK, "http://localhost:3000"),
    (LOOPBACK, "http://127.0.0.1:8080"),
    (LOOPBACK, "http://[::1]:8080"),
    (NUMERIC, "http://localhost:8080"),
    (NUMERIC, "http://127.0.0.2:8080"),
    (NUMERIC, "https://evil.example"),
    # a name that was led to this machine: the browser says the same in both, and means it
    (Place(LOCAL, "evil.example:8080"), "http://evil.example:8080"),
    (Place(LOCAL, "evil.example"), "http://evil.example"),
    (Place(LOCAL, "localhost.evil.example:8080"), "http://localhost.evil.example:8080"),
    (Place(LOCAL, "127.0.0.1.nip.example:8080"), "http://127.0.0.1.nip.example:8080"),
    (Place(LOCAL, "localhost.:8080"), "http://localhost.:8080"),
    (Place(LOCAL, "sub.localhost:8080"), "http://sub.localhost:8080"),
    (Place(LOCAL, "192.168.0.7:8080"), "http://192.168.0.7:8080"),
    (Place(LOCAL, "0.0.0.0:8080"), "http://0.0.0.0:8080"),
    (Place(LISTING, "evil.example"), "http://evil.example"),
    (PROXIED, "https://voice.example.com"),  # whoever proxies without keys lists the name
]


@pytest.mark.parametrize("place, origin", WELCOME)
def test_our_own_pages_and_listed_ones_may_call(place: Place, origin: str) -> None:
    assert lets_in(place, origin)


def test_nobody_elses_may() -> None:
    refused = [*strangers(), *OTHERS]
    assert len(refused) > 240
    assert [each for each in refused if lets_in(*each)] == []


def test_a_header_that_comes_twice_is_none_of_ours() -> None:
    assert not lets_in(OPEN, "https://voice.example.com", "https://voice.example.com")
    assert not lets_in(OPEN, "https://app.example.com", "https://evil.example")


@pytest.mark.parametrize("place", [OPEN, SECURE, LOOPBACK, PROXIED, LISTED])
def test_programs_that_are_no_browsers_send_none(place: Place) -> None:
    assert lets_in(place)


@pytest.mark.parametrize("wrong", ["null", "*", "example.com", "https://a/b", "https://*.a", "x y"])
def test_what_cannot_be_an_origin_is_not_listed(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"TURNGATE_ORIGINS: .* is not an origin"):
        load({}, {"TURNGATE_ORIGINS": f"https://example.com,{wrong}"})


async def test_origin_is_looked_at_before_the_101_on_every_front() -> None:
    async with gateway(NOWHERE) as stand:
        for path in ("/v1/agent/converse", "/openai", "/v1/realtime?model=x"):
            host = f"127.0.0.1:{stand.port}"
            for origin, status in ((f"http://{host}", 101), ("http://evil.example", 403)):
                headers = {**UPGRADE, "Host": host, "Origin": origin}
                answer = await request(stand, path, headers)
                assert answer.status == status
        assert b'"code":"origin_not_allowed"' in answer.body
