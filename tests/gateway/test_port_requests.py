"""Requests that two servers could read differently: none gets further than one answer."""

import re
from typing import NamedTuple

import pytest

from gateway.ports import PARSERS, connected, port

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
START = "GET /v1/agent/converse HTTP/1.1"
UPGRADE = ("Host: localhost", "Upgrade: websocket", "Connection: Upgrade")
VERSION = "Sec-WebSocket-Version: 13"
ANSWER = re.compile(rb"HTTP/1.1 \d")
HIDDEN = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Case(NamedTuple):
    """A head, line by line, and the status that it gets."""

    status: int
    lines: tuple[str, ...]


def handshake(*more: str, start: str = START) -> tuple[str, ...]:
    return (start, *UPGRADE, VERSION, KEY, *more)


def without(field: str, *more: str) -> tuple[str, ...]:
    return tuple(line for line in handshake(*more) if not line.startswith(field))


FIELDS = {
    # a body on an upgrade
    "length": ("Content-Length: 43",),
    "length with zeros before": ("Content-Length: 0043",),
    "length with a sign": ("Content-Length: +43",),
    "length below nothing": ("Content-Length: -1",),
    "length in hexadecimals": ("Content-Length: 0x2b",),
    "length with a comma": ("Content-Length: 0, 43",),
    "two lengths": ("Content-Length: 0", "Content-Length: 43"),
    "empty length": ("Content-Length:",),
    "chunked": ("Transfer-Encoding: chunked",),
    "chunked in capitals": ("TRANSFER-ENCODING: CHUNKED",),
    "chunked behind a tab": ("Transfer-Encoding:\tchunked",),
    "chunked and length": ("Content-Length: 0", "Transfer-Encoding: chunked"),
    "identity": ("Transfer-Encoding: identity",),
    "unknown coding": ("Transfer-Encoding: xchunked",),
    "two codings": ("Transfer-Encoding: gzip, chunked",),
    "coding twice": ("Transfer-Encoding: x", "Transfer-Encoding: chunked"),
    # fields that are none
    "space before the colon": ("Transfer-Encoding : chunked",),
    "space in a name": ("Content Length: 43",),
    "no colon": ("Content-Length",),
    "no name": (": 43",),
    "NUL in a value": ("X: a\0b",),
    "CR in a value": ("X: a\rTransfer-Encoding: chunked",),
    "control character in a name": ("X\x01: a",),
    "letter that is not ASCII in a name": ("X\u00e9: a",),
    "two hosts": ("Host: elsewhere",),
}
"""Fields in a handshake for which it is refused with 400."""

STARTS = {
    "HTTP/1.0": (400, "GET /v1/agent/converse HTTP/1.0"),
    "HTTP/2.0": (505, "GET /v1/agent/converse HTTP/2.0"),
    "http in small letters": (400, "GET /v1/agent/converse http/1.1"),
    "two spaces": (400, "GET  /v1/agent/converse HTTP/1.1"),
    "tab": (400, "GET\t/v1/agent/converse HTTP/1.1"),
    "space in the path": (400, "GET /v1/agent/converse x HTTP/1.1"),
    "path that is not ASCII": (400, "GET /v1/\u00e9 HTTP/1.1"),
    "POST": (400, "POST /v1/agent/converse HTTP/1.1"),
    "small get": (400, "get /v1/agent/converse HTTP/1.1"),
    "CONNECT": (404, "CONNECT localhost:80 HTTP/1.1"),
    "absolute": (404, "GET http://localhost/v1/agent/converse HTTP/1.1"),
    "fragment": (404, "GET /v1/agent/converse#x HTTP/1.1"),
    "dots": (404, "GET /v1/../v1/agent/converse HTTP/1.1"),
    "encoded slash": (404, "GET /v1/agent%2fconverse HTTP/1.1"),
}
"""Request lines that are none, or ask for something else, and their status."""

CASES = {
    **{name: Case(400, handshake(*fields)) for name, fields in FIELDS.items()},
    **{name: Case(status, handshake(start=start)) for name, (status, start) in STARTS.items()},
    # what is missing, or is no line of a head
    "folded line": Case(400, (START, " Upgrade: websocket", *UPGRADE)),
    "no host": Case(400, without("Host")),
    "HTTP/0.9": Case(400, ("GET /v1/agent/converse",)),
    "beginning of HTTP/2": Case(505, ("PRI * HTTP/2.0",)),
    # handshakes that are none
    "no upgrade": Case(426, without("Upgrade")),
    "upgrade to something like it": Case(426, (*without("Upgrade"), "Upgrade: websockets")),
    "upgrade to HTTP/2": Case(426, (*without("Upgrade"), "Upgrade: h2c")),
    "no connection": Case(400, without("Connection")),
    "connection that closes": Case(400, (*without("Connection"), "Connection: close")),
    "no version": Case(426, without("Sec-WebSocket-Version")),
    "older version": Case(426, (*without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 8")),
    "two versions": Case(426, handshake("Sec-WebSocket-Version: 8")),
    "no key": Case(400, without("Sec-WebSocket-Key")),
    "two keys": Case(400, handshake(KEY)),
    "short key": Case(400, (*without("Sec-WebSocket-Key"), "Sec-WebSocket-Key: c2hvcnQ=")),
    "key that is no base64": Case(400, (*without("Sec-WebSocket-Key"), "Sec-WebSocket-Key: ????")),
    # the same over HTTP, which uvicorn reads
    "GET with a hidden one": Case(200, ("GET /ready HTTP/1.1", "Host: localhost")),
    "GET with a length": Case(
        200, ("GET /ready HTTP/1.1", "Host: localhost", f"Content-Length: {len(HIDDEN)}")
    ),
    "two lengths over HTTP": Case(
        400, ("GET /ready HTTP/1.1", "Host: localhost", "Content-Length: 1", "Content-Length: 2")
    ),
    "length and chunked over HTTP": Case(
        400,
        ("GET /ready HTTP/1.1", "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked, x"),
    ),
}


@pytest.mark.parametrize("parser", PARSERS)
async def test_each_gets_one_answer_and_nothing_behind_it_any(parser: str) -> None:
    wrong: dict[str, bytes] = {}
    async with port(parser) as opened:
        for name, case in CASES.items():
            text = "".join(f"{line}\r\n" for line in (*case.lines, ""))
            async with connected(opened) as (reader, writer):
                writer.write(text.encode("latin-1") + HIDDEN)
                told = await reader.read()
            answers = len(ANSWER.findall(told))
            if answers != 1 or not told.startswith(b"HTTP/1.1 %d " % case.status):
                wrong[name] = told[:80]
        assert wrong == {}
        assert len(CASES) > 55
        assert opened.server.served == 0


@pytest.mark.parametrize("more", [("Content-Length: 0",), ("Content-Length: 000",), ("X: \u00e9",)])
async def test_what_is_only_unusual_is_taken(more: tuple[str, ...]) -> None:
    async with port("h11") as opened, connected(opened) as (reader, writer):
        writer.write("".join(f"{line}\r\n" for line in (*handshake(*more), "")).encode("latin-1"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")


async def test_lines_that_end_in_lf_alone_are_no_way_around() -> None:
    text = "\n".join((*handshake("Content-Length: 43"), "", ""))
    async with port("h11") as opened, connected(opened) as (reader, writer):
        writer.write(text.encode() + HIDDEN)
        told = await reader.read()
        assert (told[:13], len(ANSWER.findall(told))) == (b"HTTP/1.1 400 ", 1)
