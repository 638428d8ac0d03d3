"""The files of examples/deploy do what they say, as far as this machine can tell."""

import asyncio
import configparser
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.far import DEADLINE_S, Far, dial
from gateway.program import program
from gateway.stand import SETTINGS, Gateway, gateway, request
from turngate.cli.commands import app
from turngate.emulator import Knobs, Reply, Script, serving
from turngate.gateway.allowed import USUAL
from turngate.gateway.config import Config, environment_name
from turngate.gateway.loading import load

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "examples" / "deploy"
HAPROXY = shutil.which("haproxy")
TYPED = {"type": "InjectUserMessage", "content": "hello"}
ANSWER = Script(replies=(Reply(text="an answer of some length that takes its time to be said"),))
PACED = Knobs(voice="tone", per_delta_ms=40)

needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")


# -- HAProxy


@needs_haproxy
def test_the_balancer_takes_its_configuration() -> None:
    tried = subprocess.run(  # noqa: S603 - a fixed command
        [str(HAPROXY), "-c", "-f", FOLDER / "haproxy.cfg"], capture_output=True, check=False
    )
    assert tried.returncode == 0, tried.stderr


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@asynccontextmanager
async def balancer(*nodes: Gateway) -> AsyncGenerator[Gateway]:
    port = free_port()
    names = {"BIND": f"127.0.0.1:{port}"}
    names |= {
        name: f"{node.host}:{node.port}"
        for name, node in zip(("NODE_A", "NODE_B"), nodes, strict=True)
    }
    process = await asyncio.create_subprocess_exec(
        *(str(HAPROXY), "-db", "-f", str(FOLDER / "haproxy.cfg")),
        env={**os.environ, **names},
        stderr=asyncio.subprocess.DEVNULL,
    )
    front = Gateway("127.0.0.1", port, nodes[0].stop, nodes[0].ended)
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not await is_ready(front):
                pass
        yield front
    finally:
        process.kill()
        await process.wait()


async def is_ready(front: Gateway) -> bool:
    try:
        return (await request(front, "/ready")).status == 200
    except (OSError, EOFError):
        return False


async def called(front: Gateway) -> Far:
    caller = await dial(front.url)
    caller.say(SETTINGS)
    await caller.hears("SettingsApplied")
    return caller


@needs_haproxy
@pytest.mark.timeout(90)
async def test_a_gateway_is_stopped_behind_the_balancer_and_no_call_notices() -> None:
    async with (
        serving(knobs=PACED, script=ANSWER) as emulator,
        program(emulator.url) as first,
        program(emulator.url) as second,
        balancer(first.stand, second.stand) as front,
    ):
        callers = [await called(front) for _ in range(8)]
        for caller in callers:
            caller.say(TYPED)
        for caller in callers:
            await caller.hears_audio()
        assert (await first.stand.health())["calls"] == 4, "least connections first"
        first.signal(signal.SIGTERM)
        newcomers = [await called(front) for _ in range(10)]
        assert (await second.stand.health())["calls"] == 14
        for caller in callers:
            await caller.hears("AgentAudioDone")
        assert await first.code() == 0
        told = [caller for caller in callers if caller.count("Error")]
        assert len(told) == 4
        for caller in told:
            assert await caller.is_closed() == (1001, "SERVER_GOING_AWAY")
        assert not any(caller.is_gone for caller in newcomers)
        assert emulator.audit.unanswered_turns == 0
        assert (await request(front, "/metrics")).status == 403


# -- systemd


def unit() -> configparser.SectionProxy:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] - as its documentation has it
    found.read(FOLDER / "turngate.service")
    return found["Service"]


def test_the_unit_waits_for_the_drain_and_starts_what_there_is() -> None:
    service = unit()
    assert int(service["TimeoutStopSec"]) > USUAL.drain_s + 10
    command, *words = shlex.split(service["ExecStart"])
    assert Path(command).name == "turngate"
    assert words[0] in {
        each.name or each.callback.__name__ for each in app.registered_commands if each.callback
    }


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    here = tmp_path / "turngate.service"
    text = (FOLDER / "turngate.service").read_text()
    here.write_text(text.replace("/opt/turngate/bin/turngate", sys.executable))
    tried = subprocess.run(  # noqa: S603 - a fixed command
        ["systemd-analyze", "verify", here],  # noqa: S607 - wherever it is installed
        capture_output=True,
        check=False,
        text=True,
    )
    assert "turngate.service" not in tried.stderr


# -- the configuration


def test_the_configuration_is_right() -> None:
    config = load({"config": str(FOLDER / "turngate.toml")}, {"OPENAI_API_KEY": "k"})
    assert (config.upstream, config.port) == ("openai", 8081)


# -- the image


def steps() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (FOLDER / "Dockerfile").read_text())
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def told(word: str) -> str:
    return next(rest for each, rest in reversed(steps()) if each == word)


def test_the_image_has_two_stages_and_runs_as_nobody_in_particular() -> None:
    stages = [place for place, (word, _) in enumerate(steps()) if word == "FROM"]
    assert len(stages) == 2
    assert steps().index(("USER", told("USER"))) > stages[1]
    assert told("USER") == "10001:10001"


def test_what_the_image_copies_is_there_and_is_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text().split()
    copied = [
        rest.split()[:-1] for word, rest in steps() if word == "COPY" and "--from" not in rest
    ]
    assert copied
    for name in (name for names in copied for name in names):
        assert (ROOT / name).exists()
        assert f"!{name}" in let_through


def test_the_image_sets_what_there_is_to_set() -> None:
    known = {environment_name(field) for field in Config.__struct_fields__}
    set_ = set(re.findall(r"(TURNGATE_\w+)=", told("ENV")))
    assert set_ <= known
    assert [*json.loads(told("ENTRYPOINT")), *json.loads(told("CMD"))] == ["turngate", "serve"]


async def healthy(port: int) -> bool:
    command = json.loads(told("HEALTHCHECK").partition("CMD ")[2])
    assert command[0] == "python"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command[1:]),
        env={**os.environ, "TURNGATE_PORT": str(port)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait() == 0


async def test_the_health_check_tells_a_gateway_from_none() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        assert await healthy(stand.port)
    assert not await healthy(free_port())
