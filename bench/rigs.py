"""What is measured: relays of several kinds, each a process of its own on a core of its own."""

import asyncio
import os
import shutil
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import trustme
from callers import KEY, AgentCaller, Caller, Caller16, MulawCaller, RealtimeCaller

ROOT = Path(__file__).parent.parent
READY_S = 60.0
ALL_FROM_ONE = {"TURNGATE_LIMITS_CALLS_PER_S": "100000"}
"""All calls here are of one client, and none of them is a flood."""


class Rig(NamedTuple):
    """A process and where it listens, or no process at all."""

    name: str
    url: str
    caller: type[Caller]
    pid: int | None


class Relays(NamedTuple):
    """Where the relays find what they need: `upstream` is a URL, `folder` takes their files."""

    upstream: str
    folder: Path
    core: int | None


@asynccontextmanager
async def started(port: int, *command: str, core: int | None) -> AsyncGenerator[int]:
    """Run a relay until the block ends, once it listens; yield its pid."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, stdout=quiet, stderr=quiet, env={**os.environ, **ALL_FROM_ONE}
    )
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        deadline_s = time.monotonic() + READY_S
        while not listens(port):
            if process.returncode is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"{' '.join(command)} does not listen")
            await asyncio.sleep(0.05)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def listens(port: int) -> bool:
    """Tell whether somebody listens on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def bare(relays: Relays) -> AsyncGenerator[list[Rig]]:
    """Run the least that a relay in Python can do."""
    port = free_port()
    command = sys.executable, str(ROOT / "bench" / "relay.py"), str(port), relays.upstream
    async with started(port, *command, core=relays.core) as pid:
        yield [Rig("bare relay", f"ws://127.0.0.1:{port}/", RealtimeCaller, pid)]


@asynccontextmanager
async def turngate(relays: Relays) -> AsyncGenerator[list[Rig]]:
    """Run the gateway, with and without TLS."""
    serve = sys.executable, "-m", "turngate", "serve", "--log-level", "error"
    files = certificate(relays.folder)
    plain, secure = free_port(), free_port()
    async with (
        started(
            plain, *serve, "--upstream", relays.upstream, "--port", str(plain), core=relays.core
        ) as pid,
        started(
            secure, *serve, "--upstream", relays.upstream, "--port", str(secure), *files,
            core=relays.core,
        ) as secure_pid,
    ):  # fmt: skip
        agent = f"ws://127.0.0.1:{plain}/v1/agent/converse"
        native = f"ws://127.0.0.1:{plain}/v1/realtime?model=gpt-realtime"
        over_tls = f"wss://127.0.0.1:{secure}/v1/agent/converse"
        yield [
            Rig("turngate, agent front", agent, AgentCaller, pid),
            Rig("turngate, native front", native, RealtimeCaller, pid),
            Rig("turngate, agent, wss", over_tls, AgentCaller, secure_pid),
            Rig("turngate, agent, 16 kHz", agent, Caller16, pid),
            Rig("turngate, agent, mulaw", agent, MulawCaller, pid),
        ]


def certificate(folder: Path) -> tuple[str, ...]:
    """Write a certificate for this machine; return the flags that name it."""
    issued = trustme.CA().issue_cert("127.0.0.1")
    key, chain = folder / "key.pem", folder / "chain.pem"
    issued.private_key_pem.write_to_path(str(key))
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(chain), append=number > 0)
    return "--tls-cert", str(chain), "--tls-key", str(key)


@asynccontextmanager
async def haproxy(relays: Relays) -> AsyncGenerator[list[Rig]]:
    """Run HAProxy, which relays in C and translates nothing; no rig where it is not installed."""
    command = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if command is None:
        yield []
        return
    port = free_port()
    host = relays.upstream.split("/")[2]
    file = relays.folder / "haproxy.cfg"
    file.write_text(f"""global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 600s
frontend calls
  bind 127.0.0.1:{port}
  default_backend upstream
backend upstream
  server one {host}
""")
    async with started(port, command, "-db", "-f", str(file), core=relays.core) as pid:
        yield [Rig("HAProxy", f"ws://127.0.0.1:{port}/v1/realtime", RealtimeCaller, pid)]


@asynccontextmanager
async def litellm(relays: Relays, python: Path) -> AsyncGenerator[list[Rig]]:
    """Run LiteLLM's proxy as it is published, from an environment of its own."""
    port = free_port()
    base = relays.upstream.replace("ws://", "http://").removesuffix("/realtime")
    file = relays.folder / "litellm.yaml"
    file.write_text(f"""model_list:
  - model_name: gpt-realtime
    litellm_params:
      model: openai/gpt-realtime
      api_base: {base}
      api_key: {KEY}
    model_info:
      mode: realtime
general_settings:
  master_key: {KEY}
""")
    command = str(python.parent / "litellm"), "--config", str(file), "--port", str(port)
    async with started(port, *command, "--host", "127.0.0.1", core=relays.core) as pid:
        await lives(f"http://127.0.0.1:{port}/health/liveliness")
        url = f"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime"
        yield [Rig("LiteLLM", url, RealtimeCaller, pid)]


async def lives(url: str) -> None:
    """Wait until a URL answers: some listen before they can."""
    deadline_s = time.monotonic() + READY_S
    while time.monotonic() < deadline_s:
        try:
            await asyncio.to_thread(urllib.request.urlopen, url, timeout=2)
        except (urllib.error.URLError, OSError, ssl.SSLError):
            await asyncio.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{url} does not answer")


@asynccontextmanager
async def everything(relays: Relays, litellm_python: Path | None) -> AsyncGenerator[list[Rig]]:
    """Run all relays at once; while one is measured, the others are quiet."""
    async with AsyncExitStack() as stack:
        rigs = [Rig("direct", relays.upstream, RealtimeCaller, None)]
        for relay in (bare, haproxy, turngate):
            rigs += await stack.enter_async_context(relay(relays))
        if litellm_python is not None:
            rigs += await stack.enter_async_context(litellm(relays, litellm_python))
        yield rigs
