"""The gateway inside other people's applications, on three servers, behind the host's own rights."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any

import pytest
from fastapi import FastAPI
from picows import WSHandshakeError
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

import turngate
from gateway import hosts
from gateway.far import DEADLINE_S, dial
from gateway.ports import NOWHERE
from gateway.stand import SETTINGS, Gateway, request
from gateway.upstreams import oblige, scripted
from turngate.emulator import Call, Reply, Script, serving
from turngate.errors import ConfigError
from turngate.gateway.config import Config
from turngate.web import pages

MEMBER = {"Cookie": "session=member"}

SERVERS = [hosts.uvicorn, hosts.hypercorn_, hosts.granian]
on_each = pytest.mark.parametrize("host", SERVERS, ids=["uvicorn", "hypercorn", "granian"])


class MembersOnly:
    """What a host puts in front: who has no session gets nowhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Mapping[bytes, bytes] = dict(scope.get("headers", ()))
        session = SimpleCookie(headers.get(b"cookie", b"").decode()).get("session")
        if scope["type"] == "lifespan" or (session and session.value == "member"):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"members only"})


@asynccontextmanager
async def shop(host: hosts.Host, upstream: str, **settings: Any) -> AsyncGenerator[Gateway]:
    """Run a FastAPI application that has the gateway below /voice."""
    app = FastAPI()
    app.add_middleware(MembersOnly)

    @app.get("/price")
    async def price() -> int:
        return 7

    app.mount("/voice", turngate.asgi({"upstream": upstream, "log_level": "error", **settings}))
    stop = asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    ended = asyncio.create_task(host(app, port, stop), name="host")
    await asyncio.wait({port, ended}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield Gateway("127.0.0.1", port.result(), stop, ended, root="/voice")
    finally:
        stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await ended


@on_each
async def test_call_with_a_function(host: hosts.Host) -> None:
    called = Call("look_up", {"what": "a hat"})
    script = Script(replies=(Reply(match="hat", calls=(called,), then=Reply(text="It is blue.")),))
    function = {"name": "look_up", "parameters": {"type": "object"}}
    think = {**SETTINGS["agent"]["think"], "functions": [function]}
    async with serving(script=script) as emulator, shop(host, emulator.url) as stand:
        caller = await stand.called(MEMBER)
        caller.say({**SETTINGS, "agent": {"think": think}})
        await caller.hears("SettingsApplied")
        caller.say({"type": "InjectUserMessage", "content": "where is my hat?"})
        asked = (await caller.hears("FunctionCallRequest"))["functions"][0]
        answer = {"id": asked["id"], "name": asked["name"], "content": "here"}
        caller.say({"type": "FunctionCallResponse", **answer})
        assert len(await caller.hears_audio()) > 0
        await caller.hears("AgentAudioDone")
        assert "It is blue." in str(caller.heard)
        caller.close()
        assert emulator.audit.violations == 0


@on_each
async def test_native_front_passes_bytes_both_ways(host: hosts.Host) -> None:
    async with scripted() as upstream, shop(host, upstream.url) as stand:
        url = f"ws://{stand.host}:{stand.port}/voice/v1/realtime?model=another"
        client = await dial(url, MEMBER)
        server = await upstream.accepts()
        assert upstream.requests[0].path.endswith(b"?model=another")
        server.say('{"type":"session.created", "session":{}, "new":[1.0]}')
        assert (await client.hears("session.created"))["new"] == [1.0]
        client.say({"type": "input_audio_buffer.append", "audio": "AAAA"})
        await server.hears("input_audio_buffer.append")
        client.drop()
        await server.until(lambda: server.is_gone)


@on_each
async def test_who_the_host_does_not_know_gets_nowhere(host: hosts.Host) -> None:
    async with scripted() as upstream, shop(host, upstream.url) as stand:
        with pytest.raises(WSHandshakeError):
            await dial(stand.url)
        assert (await request(stand, "/health")).status == 403
        assert (await request(stand, "/health", MEMBER)).status == 200
        assert upstream.requests == []


@on_each
async def test_keys_and_origins_hold_behind_the_host_as_well(host: hosts.Host) -> None:
    async with scripted() as upstream, shop(host, upstream.url, client_keys=["k"]) as stand:
        for wrong in ({}, {"Authorization": "Token x"}, {"Origin": "https://evil.example"}):
            with pytest.raises(WSHandshakeError):
                await dial(stand.url, {**MEMBER, **wrong})
        with pytest.raises(WSHandshakeError):
            await dial(f"ws://{stand.host}:{stand.port}/voice/nothing", MEMBER)
        assert upstream.requests == []
        page = {"Origin": f"http://{stand.host}:{stand.port}", "Authorization": "Token k"}
        caller = await dial(stand.url, {**MEMBER, **page})
        await caller.hears("Welcome")
        caller.drop()


# granian waits for its connections, for as long as its operator lets it
@pytest.mark.parametrize("host", [hosts.uvicorn, hosts.hypercorn_])
async def test_calls_end_when_the_server_does(host: hosts.Host) -> None:
    async with scripted(oblige) as upstream, shop(host, upstream.url) as stand:
        caller = await stand.called(MEMBER)
        far = await upstream.accepts()
        stand.stop.set()
        await caller.until(lambda: caller.is_gone)
        await far.until(lambda: far.is_gone)


@on_each
async def test_pages_find_their_files_below_the_mount(host: hosts.Host) -> None:
    async with shop(host, NOWHERE) as stand:
        for path, page in pages().items():
            answer = await request(stand, path, MEMBER)
            assert (answer.status, answer.body) == (200, page.body)
            # a page does not know what it is mounted on, but for what an example in it says
            code = re.sub(rb"/\*.*?\*/", b"", page.body, flags=re.DOTALL)
            assert re.findall(rb"[\"'`]/(?:static|v1|health)", code) == [], path


async def test_websocket_over_http2_has_no_upgrade_and_no_key() -> None:
    voice = turngate.asgi({"upstream": NOWHERE, "log_level": "error"})
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told: asyncio.Queue[Any] = asyncio.Queue()
    scope = {
        "type": "websocket",
        "http_version": "2",
        "scheme": "wss",
        "path": "/v1/agent/converse",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    said.put_nowait({"type": "websocket.connect"})
    running = asyncio.create_task(voice(scope, said.get, told.put))
    async with asyncio.timeout(DEADLINE_S):
        assert (await told.get())["type"] == "websocket.accept"
        assert "Welcome" in (await told.get())["text"]
        said.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await running


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}], ids=str)
async def test_refusal_has_a_status_where_the_server_knows_how(extensions: Any) -> None:
    voice = turngate.asgi({"upstream": NOWHERE, "log_level": "error", "client_keys": ["k"]})
    told: list[Any] = []

    async def connects() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def hears(message: Any) -> None:
        told.append(message)

    path: dict[str, Any] = {
        "path": "/voice/openai",
        "root_path": "/voice",
        "query_string": b"token=x",
    }
    scope: dict[str, Any] = {"type": "websocket", **path, "headers": [], "extensions": extensions}
    await voice(scope, connects, hears)
    if extensions:
        assert [each.get("status") for each in told] == [401, None]
        assert b"unauthorized" in told[1]["body"]
    else:
        assert told == [{"type": "websocket.close", "code": 1008, "reason": "unauthorized"}]


async def test_app_starts_with_the_host_where_that_is_wanted() -> None:
    voice = turngate.asgi({"upstream": NOWHERE})
    with TestClient(FastAPI(lifespan=voice.lifespan)) as _:
        pass
    broken = turngate.asgi({"upstream": NOWHERE, "functions": "no_such_module"})
    with (
        pytest.raises(ConfigError, match="cannot import no_such_module"),
        TestClient(FastAPI(lifespan=broken.lifespan)),
    ):
        pass


async def test_app_serves_by_itself_and_each_loop_has_its_own() -> None:
    voice = turngate.asgi(Config(upstream=NOWHERE))
    for _ in range(2):
        with TestClient(voice) as client:
            assert client.get("/ready").json() == {"status": "ready"}
    assert TestClient(voice).get("/health").json()["calls"] == 0


def test_mistakes_in_settings_are_told_at_once() -> None:
    for settings, told in (
        ({"colour": "blue"}, "colour: unknown key; known are host"),
        ({"upstream": "http://x"}, "upstream: a URL here starts with ws:// or wss://"),
        ({"upstream": "local"}, "upstream: local needs the emulator"),
        ({"upstream": NOWHERE, "log_level": "loud"}, "log_level: 'loud' is not one of"),
    ):
        with pytest.raises(ConfigError, match=told):
            turngate.asgi(settings)
