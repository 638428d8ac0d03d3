"""One port for all: what it hands to picows, what to uvicorn, and what it refuses itself."""

import asyncio
import socket
import ssl
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from gateway.conftest import Bounds
from gateway.far import DEADLINE_S
from gateway.ports import NOWHERE, PARSERS, connected, head_of, hears, masked, port, upgrade
from gateway.stand import AGENT_PATH, UPGRADE, gateway, request
from gateway.upstreams import hang, raw
from turngate.errors import ConfigError
from turngate.gateway import tls
from turngate.gateway.config import Config
from turngate.web import pages

HUGE_BYTES = 4 * 1024 * 1024


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


both_parsers = pytest.mark.parametrize("parser", PARSERS)


@both_parsers
async def test_frame_in_the_segment_of_the_handshake_is_read(parser: str) -> None:
    async with (
        raw(hang) as url,
        port(parser, upstream=url) as opened,
        connected(opened) as (reader, writer),
    ):
        writer.write(upgrade() + masked(9, b"early"))
        assert (await head_of(reader)).startswith("HTTP/1.1 101 ")
        await hears(reader, b"early")


async def test_many_frames_in_the_segment_of_the_handshake_are_read_in_order() -> None:
    async with (
        raw(hang) as url,
        port(upstream=url) as opened,
        connected(opened) as (reader, writer),
    ):
        pings = [masked(9, b"%05d" % number) for number in range(2_000)]
        writer.write(upgrade() + b"".join(pings))
        await head_of(reader)
        for number in (0, 1, 1_000, 1_999):
            await hears(reader, b"%05d" % number)


@both_parsers
async def test_handshake_comes_in_segments_of_one_byte(parser: str) -> None:
    async with (
        raw(hang) as url,
        port(parser, upstream=url) as opened,
        connected(opened) as (reader, writer),
    ):
        for each in upgrade() + masked(9, b"late"):
            writer.write(bytes((each,)))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await head_of(reader)).startswith("HTTP/1.1 101 ")
        await hears(reader, b"late")


async def test_plain_request_comes_in_segments_of_one_byte() -> None:
    async with port() as opened, connected(opened) as (reader, writer):
        for each in b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n":
            writer.write(bytes((each,)))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


@both_parsers
@pytest.mark.parametrize("sent", [b"", upgrade()[:1], upgrade()[:-2]], ids=len)
async def test_head_that_never_ends_meets_its_deadline(
    parser: str, sent: bytes, bounds: Bounds
) -> None:
    bounds(HANDSHAKE_S=0.05)
    async with port(parser) as opened, connected(opened) as (reader, writer):
        writer.write(sent)
        told = await reader.read()
        assert told.startswith(b"HTTP/1.1 408 ") if sent else told == b""


async def test_head_that_trickles_meets_the_same_deadline(bounds: Bounds) -> None:
    bounds(HANDSHAKE_S=0.1)
    async with port() as opened, connected(opened) as (reader, writer):
        answer = asyncio.create_task(reader.read())
        writer.write(b"GET /ready HTTP/1.1\r\n")
        while not answer.done():
            writer.write(b"X: x\r\n")
            await asyncio.wait((answer,), timeout=0.02)
        assert answer.result().startswith(b"HTTP/1.1 408 ")


async def test_peer_that_stays_after_a_refusal_is_cut_off(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.05)
    async with port() as opened, connected(opened) as (reader, writer):
        writer.write(upgrade("/nothing"))
        await head_of(reader)
        with suppress(ConnectionError):
            while True:  # the gateway has said what it had to say, and does not listen for ever
                writer.write(b"x")
                await asyncio.wait_for(writer.drain(), DEADLINE_S)


@both_parsers
@pytest.mark.parametrize(
    "more",
    [{f"X-{number}": "x" for number in range(101)}, {"X": "x" * 17_000}, {"X": "x" * 2_000_000}],
    ids=["too many fields", "too many bytes", "far too many bytes"],
)
async def test_head_beyond_its_bounds_is_431(parser: str, more: dict[str, str]) -> None:
    async with port(parser) as opened:
        for path in ("/ready", AGENT_PATH):
            async with connected(opened) as (reader, writer):
                writer.write(upgrade(path, more))
                assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_head_within_its_bounds_is_taken() -> None:
    more = {**{f"X-{number}": "x" for number in range(90)}, "Cookie": "x" * 14_000}
    async with gateway(NOWHERE) as stand:
        assert (await request(stand, headers={**UPGRADE, **more})).status == 101


async def test_what_firefox_says_of_its_connection_is_understood() -> None:
    async with gateway(NOWHERE) as stand:
        headers = {**UPGRADE, "Connection": "keep-alive, Upgrade"}
        assert (await request(stand, headers=headers)).status == 101


@both_parsers
async def test_upgrade_behind_an_unanswered_request_is_not_taken(parser: str) -> None:
    async with port(parser) as opened, connected(opened) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + upgrade())
        told = await reader.read()
        assert told.startswith(b"HTTP/1.1 200 ")
        assert told.count(b"HTTP/1.1 ") == 1
        assert opened.server.served == 0


@pytest.mark.parametrize(
    "path, headers, status",
    [
        ("/nothing", {}, 404),
        ("/health", {}, 404),
        (AGENT_PATH, {"Authorization": "Token wrong"}, 401),
        (AGENT_PATH, {"Authorization": "Token right", "Origin": "https://evil.example"}, 403),
    ],
)
async def test_refusal_comes_before_the_101_and_no_frame_is_read(
    path: str, headers: dict[str, str], status: int
) -> None:
    async with port(client_keys=("right",)) as opened, connected(opened) as (reader, writer):
        writer.write(upgrade(path, headers) + masked(9, b"early"))
        told = await reader.read()
        assert told.startswith(b"HTTP/1.1 %d " % status)
        assert b"early" not in told
        assert opened.server.served == 0


async def test_upgraded_connection_is_known_when_the_gateway_stops(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.1)
    async with raw(hang) as url, gateway(url) as stand, connected(stand) as (reader, writer):
        writer.write(upgrade())
        await head_of(reader)
        stand.stop.set()
        await hears(reader, (1001).to_bytes(2) + b"SERVER_GOING_AWAY")
        await stand.ended


async def test_connections_that_ask_for_nothing_do_not_keep_the_gateway_from_stopping() -> None:
    async with (
        gateway(NOWHERE) as stand,
        connected(stand) as (idle, _),
        connected(stand) as (reader, writer),
    ):
        writer.write(upgrade()[:-2])
        await stand.health()  # so that those before it have been accepted
        stand.stop.set()
        await stand.ended
        assert await idle.read() == b""
        with suppress(ConnectionResetError):
            assert await reader.read() == b""


async def test_connections_that_ask_for_nothing_take_nobodys_place(bounds: Bounds) -> None:
    bounds(WAITING=3)
    async with port() as opened, AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(connected(opened)) for _ in range(5)]
        async with connected(opened) as (reader, writer):
            writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        assert [await each.read() for each, _ in idle[:3]] == [b"", b"", b""]
        _, writer = idle[4]
        writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await idle[4][0].read()).startswith(b"HTTP/1.1 200 ")


@both_parsers
async def test_too_many_requests_at_once_are_told_to_come_again(
    parser: str, bounds: Bounds
) -> None:
    bounds(HTTP_AT_ONCE=2)
    slow = b"POST /function-call HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    async with port(parser) as opened, AsyncExitStack() as stack:
        for _ in range(2):
            _, writer = await stack.enter_async_context(connected(opened))
            writer.write(slow)
        async with connected(opened) as (reader, writer):
            writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
            told = await reader.read()
        assert told.startswith(b"HTTP/1.1 503 ")
        assert b'"code":"busy"' in told
        async with connected(opened) as (reader, writer):
            writer.write(upgrade())
            assert (await head_of(reader)).startswith("HTTP/1.1 101 "), "calls are not held up"


async def test_tls_listener_serves_both(files: Files) -> None:
    trusting = ssl.create_default_context()
    trusting.load_verify_locations(cadata=files.authority.cert_pem.bytes().decode())
    async with raw(hang) as url, gateway(url, tls_cert=files.cert, tls_key=files.key) as stand:
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


async def test_handshake_in_pieces_over_tls_and_frames_after_it(files: Files) -> None:
    trusting = ssl.create_default_context()
    trusting.load_verify_locations(cadata=files.authority.cert_pem.bytes().decode())
    async with (
        raw(hang) as url,
        gateway(url, tls_cert=files.cert, tls_key=files.key) as stand,
        connected(stand, trusting) as (reader, writer),
    ):
        for piece in (upgrade()[:70], upgrade()[70:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await head_of(reader)
        for number in range(100):
            writer.write(masked(9, b"%03d" % number))
            await hears(reader, b"%03d" % number)


async def test_tls_handshake_that_never_comes_meets_its_deadline(
    files: Files, bounds: Bounds
) -> None:
    bounds(HANDSHAKE_S=0.05)
    async with (
        gateway(NOWHERE, tls_cert=files.cert, tls_key=files.key) as stand,
        connected(stand) as (reader, _),
    ):
        assert await reader.read() == b""


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
async def test_who_writes_far_too_much_before_it_reads_is_told_all_the_same(
    files: Files, *, is_secure: bool
) -> None:
    def write_then_read(host: str, at: int) -> bytes:
        with ExitStack() as stack:
            client = stack.enter_context(socket.create_connection((host, at), DEADLINE_S))
            if is_secure:
                context = ssl.create_default_context(
                    cadata=files.authority.cert_pem.bytes().decode()
                )
                client = stack.enter_context(context.wrap_socket(client, server_hostname=host))
            client.sendall(upgrade())
            client.sendall(b"\x82\xff" + HUGE_BYTES.to_bytes(8, "big") + bytes(4 + HUGE_BYTES))
            told = b""
            while chunk := client.recv(65_536):
                told += chunk
            return told

    secure: dict[str, Any] = {"tls_cert": files.cert, "tls_key": files.key} if is_secure else {}
    async with raw(hang) as url, gateway(url, **secure) as stand:
        told = await asyncio.to_thread(write_then_read, stand.host, stand.port)
        assert b'"code":"MESSAGE_TOO_BIG"' in told
        assert told.endswith(b"\x88\x11\x03\xf1MESSAGE_TOO_BIG")


async def test_plain_request_to_a_tls_listener_is_no_way_in(files: Files) -> None:
    async with (
        gateway(NOWHERE, tls_cert=files.cert, tls_key=files.key) as stand,
        connected(stand) as (reader, writer),
    ):
        writer.write(upgrade())
        with suppress(ConnectionResetError):
            assert b"HTTP/1.1 101" not in await reader.read()


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
