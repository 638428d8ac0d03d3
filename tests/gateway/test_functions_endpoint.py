"""Functions behind a URL: what the endpoint is asked, and what becomes of each answer."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.backend import Backend, serving
from turngate.functions import Failure, Function, FunctionError
from turngate.functions.arguments import check_by
from turngate.functions.endpoint import Hosts
from turngate.gateway.functions.endpoint import (
    EndpointFunction,
    GuardedResolver,
    Lookup,
    Way,
    usable_headers,
)

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}}


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    async with serving() as running:
        yield running


@pytest.fixture
async def way() -> AsyncIterator[Way]:
    opened = Way()
    yield opened
    await opened.close()


def at(url: str, way: Way, **headers: str) -> EndpointFunction:
    function = Function(name="weather", description="", parameters=SCHEMA)
    return EndpointFunction(function, url, headers, check_by(SCHEMA, is_own=True), way)


async def failure(url: str, way: Way, arguments: str = "{}") -> FunctionError:
    with pytest.raises(FunctionError) as caught:
        await at(url, way).run("c1", arguments)
    return caught.value


async def test_the_endpoint_is_asked_with_id_name_and_arguments(backend: Backend, way: Way) -> None:
    answer = await at(backend.url(), way, Authorization="Bearer theirs").run(
        "c1", '{"city":"Rome"}'
    )
    assert answer == '{"id": "c1", "name": "weather", "arguments": {"city": "Rome"}}'
    ((headers, body),) = backend.asked
    assert body == {"id": "c1", "name": "weather", "arguments": {"city": "Rome"}}
    assert headers["Authorization"] == "Bearer theirs"
    assert headers["Content-Type"] == "application/json"
    assert headers["Accept-Encoding"] == "identity"


async def test_nothing_of_ours_goes_with_it(
    backend: Backend, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hush")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    await at(backend.url("/text"), way).run("c1", "{}")
    ((headers, _),) = backend.asked
    assert "hush" not in str(headers)
    assert not {"Authorization", "Cookie"} & headers.keys()


async def test_a_text_is_told_as_it_is(backend: Backend, way: Way) -> None:
    assert await at(backend.url("/text"), way).run("c1", "") == "noon"


@pytest.mark.parametrize(
    "path, code, says",
    [
        ("/error", Failure.FAILED, "There is no order 7."),
        ("/404", Failure.FAILED, '{"order": "unknown"}'),
        ("/500", Failure.BAD_ANSWER, "The endpoint answered HTTP 500."),
        ("/redirect", Failure.BAD_ANSWER, "The endpoint answered HTTP 307."),
        ("/empty", Failure.BAD_ANSWER, "no JSON object with content or error"),
        ("/list", Failure.BAD_ANSWER, "no JSON object with content or error"),
        ("/broken", Failure.BAD_ANSWER, "no JSON object with content or error"),
        ("/packed", Failure.BAD_ANSWER, "no JSON object with content or error"),
        ("/large", Failure.TOO_LARGE, "too large"),
    ],
)
async def test_what_is_no_result_is_told_by_its_code(
    path: str, code: Failure, says: str, backend: Backend, way: Way
) -> None:
    wrong = await failure(backend.url(path), way)
    assert wrong.code is code
    assert says in wrong.message
    assert len(backend.asked) == 1, "a redirect was followed, or a request repeated"


async def test_what_an_endpoint_says_of_its_own_fault_stays_there(
    backend: Backend, way: Way
) -> None:
    assert "password" not in (await failure(backend.url("/500"), way)).message


async def test_a_deep_answer_does_no_harm(backend: Backend, way: Way) -> None:
    assert (await failure(backend.url("/deep"), way)).code is Failure.BAD_ANSWER


async def test_wrong_arguments_are_told_before_anybody_is_asked(backend: Backend, way: Way) -> None:
    wrong = await failure(backend.url(), way, '{"city": 5}')
    assert wrong.code is Failure.INVALID_ARGUMENTS
    assert backend.asked == []


async def test_nobody_there_is_unreachable(way: Way) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        wrong = await failure(url, way)
    assert wrong.code is Failure.UNREACHABLE
    assert "could not be connected to" in wrong.message


async def test_no_tls_there_is_unreachable(backend: Backend, way: Way) -> None:
    url = backend.url().replace("http:", "https:")
    assert (await failure(url, way)).code is Failure.UNREACHABLE


async def test_something_else_there_is_unreachable(way: Way) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        wrong = await failure(f"http://127.0.0.1:{port}/", way)
    assert wrong.code is Failure.UNREACHABLE
    assert "did not answer as an HTTP server" in wrong.message


async def test_cancelling_gives_up_the_connection(backend: Backend, way: Way) -> None:
    running = asyncio.create_task(at(backend.url("/hang"), way).run("c1", "{}"))
    await backend.was_asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


# -- where clients name the URL


def known(**addresses: list[str]) -> Lookup:
    async def lookup(host: str, port: int) -> list[tuple[int, str]]:
        del port
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in each], each) for each in addresses[host.partition(".")[0]]]

    return lookup


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["fe80::1%1"],
        ["fd00:ec2::254"],
        ["8.8.8.8", "127.0.0.1"],
        ["2606:4700::1", "fd00::1"],
    ],
    ids=str,
)
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    addresses: list[str], backend: Backend
) -> None:
    hosts = Hosts((f"shop.example:{backend.port}",))
    guarded = Way(GuardedResolver(hosts, known(shop=addresses)))
    try:
        wrong = await failure(f"https://shop.example:{backend.port}/", guarded)
    finally:
        await guarded.close()
    assert wrong.code is Failure.UNREACHABLE
    assert backend.asked == []


async def test_a_name_is_looked_up_once_and_that_address_is_connected_to(backend: Backend) -> None:
    looked_up: list[str] = []

    async def lookup(host: str, port: int) -> list[tuple[int, str]]:
        """Answer as a rebinding server does: the second answer is another one."""
        del port
        looked_up.append(host)
        return [(socket.AF_INET, "127.0.0.1" if len(looked_up) == 1 else "10.0.0.1")]

    guarded = Way(GuardedResolver(Hosts((f"localhost:{backend.port}",)), lookup))
    try:
        url = f"http://localhost:{backend.port}/text"
        assert await at(url, guarded).run("c1", "{}") == "noon"
        assert await at(url, guarded).run("c2", "{}") == "noon"
    finally:
        await guarded.close()
    assert looked_up == ["localhost"]


async def test_the_system_knows_this_machine() -> None:
    found = await GuardedResolver(Hosts(("localhost",))).resolve("localhost", 443)
    assert {each["host"] for each in found} <= {"127.0.0.1", "::1"}


async def test_a_name_that_is_not_known_is_unreachable() -> None:
    async def lookup(host: str, port: int) -> list[tuple[int, str]]:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}:{port}")

    guarded = Way(GuardedResolver(Hosts(("shop.example",)), lookup))
    try:
        assert (await failure("https://shop.example/", guarded)).code is Failure.UNREACHABLE
    finally:
        await guarded.close()


@pytest.mark.parametrize(
    "name, value",
    [
        ("Host", "evil.example"),
        ("host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "keep-alive"),
        ("Proxy-Authorization", "x"),
        ("X Y", "z"),
        ("X\r\nHost", "z"),
        ("X", "a\r\nHost: evil.example"),
        ("X", "a\n"),
        ("X", "\x00"),
        ("", "x"),
        ("X", "é"),
        ("X", "a" * 5_000),
    ],
)
def test_a_header_that_changes_the_request_is_not_sent(name: str, value: str) -> None:
    assert not usable_headers({name: value})


def test_other_headers_are() -> None:
    assert usable_headers({"Authorization": "Bearer a.b-c", "X-Tenant": "7", "X-Empty": ""})
