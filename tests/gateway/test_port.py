"""One port for all: what it hands to picows, what to uvicorn, and what it refuses itself."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from gateway.conftest import Bounds
from gateway.far import DEADLINE_S
from gateway.stand import AGENT_PATH, UPGRADE, Gateway, gateway, request
from gateway.upstreams import hang, raw
from turngate.errors import ConfigError
from turngate.gateway import tls
from turngate.gateway.config import Config
from turngate.web import pages

NOWHERE = "ws://127.0.0.1:9/v1/realtime"


class Files(NamedTuple):
    cert: str
    key: str
    authority: trustme.CA


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Return a certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return Files(str(cert), str(key), authority)


def upgrade(path: str = AGENT_PATH, more: Mapping[str, str] | None = None) -> bytes:
    fields = {"Host": "localhost", **UPGRADE, **(more or {})}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def masked(opcode: int, payload: bytes) -> bytes:
    """Return a whole short frame of a client, masked with zeros."""
    return bytes((0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload


@asynccontextmanager
async def connected(
    stand: Gateway, secure: ssl.SSLContext | None = None
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(stand.host, stand.port, ssl=secure)
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield reader, writer
    finally:
        writer.close()


async def head_of(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")


async def hears(reader: asyncio.StreamReader, payload: bytes) -> None:
    """Wait for a frame with this payload."""
    while await frame_of(reader) != payload:
        pass


async def frame_of(reader: asyncio.StreamReader) -> bytes:
    """Return the payload of a server's frame of fewer than 64 KiB."""
    _, short = await reader.readexactly(2)
    size = short if short < 126 else int.from_bytes(await reader.readexactly(2), "big")
    return await reader.readexactly(size)


async def test_frame_in_the_segment_of_the_handshake_is_read() -> None:
    async with gateway(NOWHERE) as stand, connected(stand) as (reader, writer):
        writer.write(upgrade() + masked(9, b"early"))
        assert (await head_of(reader)).startswith("HTTP/1.1 101 ")
        await hears(reader, b"early")


async def test_handshake_comes_in_segments_of_one_byte() -> None:
    async with raw(hang) as url, gateway(url) as stand, connected(stand) as (reader, writer):
        for each in upgrade() + masked(9, b"late"):
            writer.write(bytes((each,)))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await head_of(reader)).startswith("HTTP/1.1 101 ")
        await hears(reader, b"late")


async def test_head_that_never_ends_is_cut_off_at_its_deadline(bounds: Bounds) -> None:
    bounds(HANDSHAKE_S=0.05)
    async with gateway(NOWHERE) as stand, connected(stand) as (reader, writer):
        writer.write(upgrade()[:-2])
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    async with gateway(NOWHERE) as stand, connected(stand) as (reader, writer):
        assert await reader.read() == b""


@pytest.mark.parametrize(
    "more",
    [{f"X-{number}": "x" for number in range(101)}, {"X": "x" * 17_000}],
    ids=["too many fields", "too many bytes"],
)
async def test_head_beyond_its_bounds_is_431(more: dict[str, str]) -> None:
    async with gateway(NOWHERE) as stand:
        for headers in (more, {**UPGRADE, **more}):
            assert (await request(stand, headers=headers)).status == 431


async def test_what_firefox_says_of_its_connection_is_understood() -> None:
    async with gateway(NOWHERE) as stand:
        headers = {**UPGRADE, "Connection": "keep-alive, Upgrade"}
        assert (await request(stand, headers=headers)).status == 101


async def test_upgrade_behind_an_unanswered_request_is_not_taken() -> None:
    async with gateway(NOWHERE) as stand, connected(stand) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + upgrade())
        told = await reader.read()
        assert told.startswith(b"HTTP/1.1 200 ")
        assert told.count(b"HTTP/1.1 ") == 1
        assert (await stand.health())["served"] == 0


async def test_tls_listener_serves_both(files: Files) -> None:
    trusting = ssl.create_default_context()
    trusting.load_verify_locations(cadata=files.authority.cert_pem.bytes().decode())
    async with gateway(NOWHERE, tls_cert=files.cert, tls_key=files.key) as stand:
        async with connected(stand, trusting) as (reader, writer):
            writer.write(upgrade() + masked(9, b"early"))
            assert (await head_of(reader)).startswith("HTTP/1.1 101 ")
            await hears(reader, b"early")
        async with connected(stand, trusting) as (reader, writer):
            writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        async with connected(stand, trusting) as (reader, writer):
            writer.write(upgrade("/nothing"))
            assert (await reader.read()).startswith(b"HTTP/1.1 404 ")


def test_wrong_files_for_tls_are_told_plainly(files: Files, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().issue_cert("x").private_key_pem.bytes())
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    for cert, key, told in (
        (files.cert, None, "tls_cert: a certificate needs its key"),
        (None, files.key, "tls_key: a key needs its certificate"),
        ("/no/such", files.key, "tls_cert: cannot read /no/such: No such file"),
        (files.cert, "/no/such", "tls_key: cannot read /no/such: No such file"),
        (files.cert, str(other), "tls_key: the key in .* is not that of the certificate"),
        (str(nothing), files.key, "tls_cert: there is no certificate in"),
        (files.cert, str(nothing), "tls_key: there is no private key in"),
    ):
        with pytest.raises(ConfigError, match=told):
            tls.context(Config(tls_cert=cert, tls_key=key))
    assert tls.context(Config()) is None


async def test_pages_allow_no_inline_script_and_nothing_from_elsewhere() -> None:
    async with gateway(NOWHERE, pages=pages()) as stand:
        for path, page in pages().items():
            answer = await request(stand, path)
            assert (answer.status, answer.body) == (200, page.body)
            assert answer.headers["content-type"] == page.kind
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert b"<script>" not in page.body
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../index.html", "/static/%2e%2e/index.html", "/index.html", "//"]
)
async def test_only_listed_files_are_there(path: str) -> None:
    async with gateway(NOWHERE, pages=pages()) as stand:
        assert (await request(stand, path)).status == 404


async def test_ready_says_no_while_the_gateway_drains() -> None:
    async with gateway(NOWHERE) as stand:
        assert (await request(stand, "/ready")).status == 200
        caller = await stand.called()
        caller.answers_close = False
        stand.stop.set()
        await caller.until(lambda: caller.closed is not None)
        answer = await request(stand, "/ready")
        assert (answer.status, answer.body) == (503, b'{"status":"draining"}\n')
        assert (await request(stand, "/health")).status == 200
        caller.drop()
