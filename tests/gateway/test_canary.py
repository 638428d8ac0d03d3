"""No key and nothing that a person said gets into a log line, an error, or /health."""

import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.far import Far, dial
from gateway.stand import SETTINGS, UPGRADE, Gateway, gateway, request
from gateway.upstreams import audio, oblige, refusing, scripted
from turngate.emulator import Call, ErrorAt, Knobs, Reply, Script, serving

UPSTREAM_KEY = "canary-upstream-key"
CLIENT_KEYS = ("canary-client-key-1", "canary-client-key-2")
WRONG_KEY = "canary-wrong-key"
SAID = "canary-said"
PROMPT = "canary-prompt"
GREETING = "canary-greeting"
ARGUMENT = "canary-argument"
RESULT = "canary-result"
ANSWER = "canary-answer"

MODES = pytest.mark.parametrize("strict", [False, True], ids=["tolerant", "strict"])
FORMS = pytest.mark.parametrize("log_format", ["console", "json"])

OPEN_TO_THE_CALLER = {"ConversationText", "History", "FunctionCallRequest"}
"""The messages that carry what was said and asked for; every other tells about the call only."""


def config(**more: Any) -> dict[str, Any]:
    keys = {"upstream_key": UPSTREAM_KEY, "client_keys": CLIENT_KEYS}
    return {**keys, "log_level": "debug", **more}


def settings(**more: Any) -> dict[str, Any]:
    function = {"name": "look_up", "description": PROMPT, "parameters": {"type": "object"}}
    agent = {
        "think": {**SETTINGS["agent"]["think"], "prompt": PROMPT, "functions": [function]},
        "greeting": GREETING,
    }
    return {**SETTINGS, "agent": agent, **more}


async def called(stand: Gateway) -> Far:
    return await dial(stand.url, {"Authorization": f"Token {CLIENT_KEYS[0]}"})


def assert_silent(written: str, callers: list[Far], health: dict[str, Any]) -> None:
    """Assert that the canary is nowhere but in the messages that are made for it."""
    assert "canary" not in str(health)
    told = [
        said
        for caller in callers
        for said in caller.heard
        if isinstance(said, dict) and said["type"] not in OPEN_TO_THE_CALLER
    ]
    assert [said for said in told if "canary" in str(said)] == []
    assert [line for line in written.splitlines() if "canary" in line] == []
    assert "call ended" in written, "the log was looked at"


@FORMS
@MODES
async def test_call_that_goes_well(
    strict: bool, log_format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = Call("look_up", {"what": ARGUMENT})
    script = Script(replies=(Reply(match=SAID, calls=(asked,), then=Reply(text=ANSWER)),))
    knobs = Knobs(key=UPSTREAM_KEY)
    async with (
        serving(knobs=knobs, script=script) as emulator,
        gateway(emulator.url, **config(strict=strict, log_format=log_format)) as stand,
    ):
        caller = await called(stand)
        caller.say(settings())
        await caller.hears("SettingsApplied")
        await caller.hears("AgentAudioDone")
        caller.say(SAID.encode())
        caller.say({"type": "InjectUserMessage", "content": SAID})
        call = (await caller.hears("FunctionCallRequest"))["functions"][0]
        result = {"id": call["id"], "name": call["name"], "content": RESULT}
        caller.say({"type": "FunctionCallResponse", **result})
        await caller.hears("AgentAudioDone")
        caller.say({"type": "UpdatePrompt", "prompt": PROMPT})
        await caller.hears("PromptUpdated")
        assert ANSWER in str(caller.heard), "the canary was sung"
        health = await stand.health()
        caller.close(1000, SAID)
        await stand.is_empty()
    assert_silent(capfd.readouterr().err, [caller], health)


MISTAKES: list[Any] = [
    f"{SAID} is not json",
    {"type": SAID},
    {"type": "Settings", SAID: SAID, "agent": {"think": {"provider": {"type": [SAID]}}}},
    {"type": "InjectUserMessage", "content": [SAID]},
    {"type": "FunctionCallResponse", "id": "none", "name": "none", "content": RESULT},
    {"type": "InjectAgentMessage", "message": SAID},
]


@FORMS
@MODES
async def test_mistakes_of_the_client(
    strict: bool, log_format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with (
        serving(knobs=Knobs(key=UPSTREAM_KEY)) as emulator,
        gateway(emulator.url, **config(strict=strict, log_format=log_format)) as stand,
    ):
        caller = await called(stand)
        caller.say(settings())
        await caller.hears("SettingsApplied")
        for mistake in MISTAKES:
            caller.say(mistake)
        await caller.barrier()
        caller.say(settings(surplus=SAID))
        caller.say("end of mistakes")
        await caller.barrier()
        assert caller.count("Error") >= 4
        health = await stand.health()
        caller.say(SAID.encode() * 200_000)
        await stand.is_empty()
    written = capfd.readouterr().err
    # an unknown type is the client's own word, and told to that client alone
    told = [said for said in caller.heard if not _names_unknown_type(said)]
    caller.heard[:] = told
    assert_silent(written, [caller], health)


def _names_unknown_type(said: object) -> bool:
    return isinstance(said, dict) and "message type" in str(said)  # pyright: ignore[reportUnknownArgumentType] - any object will do


@FORMS
async def test_refused_clients(log_format: str, capfd: pytest.CaptureFixture[str]) -> None:
    async with (
        serving(knobs=Knobs(key=UPSTREAM_KEY)) as emulator,
        gateway(emulator.url, **config(log_format=log_format)) as stand,
    ):
        for headers in (
            {"Authorization": f"Token {WRONG_KEY}"},
            {"Authorization": f"{WRONG_KEY} {WRONG_KEY}"},
            {"Sec-WebSocket-Protocol": f"token, {WRONG_KEY}"},
        ):
            answer = await request(stand, f"/openai?key={WRONG_KEY}", {**UPGRADE, **headers})
            assert answer.status == 401
            assert "canary" not in str(answer)
        offered = {"Sec-WebSocket-Protocol": f"token, {CLIENT_KEYS[1]}"}
        answer = await request(stand, headers={**UPGRADE, **offered})
        assert answer.status == 101
        assert "canary" not in str(answer)
        await stand.is_empty()
        health = await stand.health()
    assert_silent(capfd.readouterr().err, [], health)


@FORMS
async def test_failures_of_the_upstream(
    log_format: str, capfd: pytest.CaptureFixture[str], unused_tcp_port: int
) -> None:
    callers: list[Far] = []
    health: dict[str, Any] = {}
    async with refusing(401) as refused:
        for url in (refused, f"ws://127.0.0.1:{unused_tcp_port}/?api_key={UPSTREAM_KEY}"):
            async with gateway(url, **config(log_format=log_format)) as stand:
                callers.append(await called(stand))
                callers[-1].say(settings())
                await callers[-1].is_closed()
                health = await stand.health()
                assert "canary" not in str(health)
                await stand.is_empty()
    async with (
        scripted(oblige) as upstream,
        gateway(upstream.url, **config(log_format=log_format), reconnect=False) as stand,
    ):
        caller = await called(stand)
        callers.append(caller)
        caller.say(settings())
        await caller.hears("SettingsApplied")
        far = await upstream.accepts()
        assert upstream.requests[0].headers["Authorization"] == f"Bearer {UPSTREAM_KEY}"
        far.say(f"{ANSWER} is not json")
        far.say({"type": ANSWER})
        far.say({"type": "response.output_audio.delta", "response_id": 1, "delta": ANSWER})
        far.say(audio(b"\x01\x02").replace("AQI=", ANSWER))
        far.say({"type": "response.output_audio_transcript.done", "transcript": [ANSWER]})
        await far.barrier()
        far.drop()
        await caller.is_closed()
        await stand.is_empty()
    assert_silent(capfd.readouterr().err, callers, health)


async def test_error_events_of_the_upstream_are_logged_without_their_text(
    capfd: pytest.CaptureFixture[str],
) -> None:
    error = ErrorAt(event="session.updated", code="server_error", message=f"about {ANSWER}")
    async with (
        serving(knobs=Knobs(key=UPSTREAM_KEY, errors=(error,))) as emulator,
        gateway(emulator.url, **config()) as stand,
    ):
        caller = await called(stand)
        caller.say(SETTINGS)
        told = await caller.hears("Error")
        assert ANSWER in told["description"], "the caller is told what the upstream said"
        caller.close()
        await stand.is_empty()
    written = capfd.readouterr().err
    assert "UpstreamTrouble" in written
    assert "canary" not in written


async def fails_or_succeeds(stand: Gateway, number: int) -> None:
    """Bring keys in every style, right and wrong ones, to every place, in one of many ways."""
    key = (*CLIENT_KEYS, WRONG_KEY)[number % 3]
    path = ("/v1/agent/converse", "/openai", "/v1/realtime", "/function-call", "/health", "/")
    page = {"Origin": f"https://{key}.example"} if number % 5 == 0 else {}
    bearer = {"Authorization": f"Bearer {key}"}
    ways: tuple[tuple[str, dict[str, str]], ...] = (
        ("", {**UPGRADE, **bearer}),
        ("", {**UPGRADE, "Sec-WebSocket-Protocol": f"token, {key}"}),
        ("", {**UPGRADE, "Sec-WebSocket-Protocol": f"realtime, openai-insecure-api-key.{key}"}),
        (f"?access_token={key}", UPGRADE),
        (f"?api-key={key}", UPGRADE),
        ("", {**UPGRADE, "api-key": key}),
        (f"?token={key}&model={key}", UPGRADE),
        ("", {**UPGRADE, **bearer, "Content-Length": key}),
        ("", {**UPGRADE, **bearer, "Sec-WebSocket-Key": key}),
        ("", {**UPGRADE, **bearer, f"{key}\0": key}),
        ("", {**UPGRADE, **bearer, "Cookie": key * 1_000}),
        ("", bearer),
        (f"/{key}?{key}", bearer),
    )
    query, headers = ways[number // 3 % len(ways)]
    method = "POST" if number % 7 == 0 else "GET"
    body = f'{{"name": "{key}"}}'.encode() if method == "POST" else b""
    answer = await request(
        stand, path[number % len(path)] + query, {**headers, **page}, method=method, body=body
    )
    head = str({**answer.headers, "access-control-allow-origin": ""})
    assert "canary" not in head, number
    # who asks for a path or a function that is not there is told its name
    assert answer.status == 404 or b"canary" not in answer.body, number


@pytest.fixture
def libraries_at_debug() -> Iterator[None]:
    """Write whatever libraries log to stderr, as an operator might who looks for a fault."""
    root, written = logging.getLogger(), logging.StreamHandler(sys.stderr)
    level = root.level
    root.addHandler(written)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(written)
    root.setLevel(level)


@pytest.mark.usefixtures("libraries_at_debug")
async def test_keys_are_nowhere_in_a_thousand_calls_at_debug(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with (
        serving(knobs=Knobs(key=UPSTREAM_KEY)) as emulator,
        gateway(emulator.url, **config()) as stand,
    ):
        for number in range(1_000):
            await fails_or_succeeds(stand, number)
        await stand.is_empty()
        health = await stand.health()
        assert health["served"] > 100, "some succeeded"
        caller = await called(stand)
        caller.close()
        await stand.is_empty()
    written = capfd.readouterr().err
    assert "code=unauthorized" in written
    assert_silent(written, [caller], health)
