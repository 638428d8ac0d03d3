"""`turngate serve`: the gateway, and the local upstream beside it when that is wanted."""

import gc
import os
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Annotated

import typer
from rich.text import Text

from turngate.cli.advice import AGENT_PATH, URL, agent_url
from turngate.cli.local import LocalEmulator
from turngate.cli.plain import plain_reason, program, run, screen, setting, stop_on_signals
from turngate.errors import ListenFailed
from turngate.gateway import server, tls
from turngate.gateway.config import Config
from turngate.gateway.door import NATIVE_PATH, PASSING_PATH
from turngate.gateway.functions.python import load as load_functions
from turngate.gateway.loading import load
from turngate.gateway.target import Target, target
from turngate.web import pages


def serve(  # noqa: PLR0913 - one parameter an option
    host: Annotated[str | None, setting("host")] = None,
    port: Annotated[str | None, setting("port")] = None,
    upstream: Annotated[str | None, setting("upstream")] = None,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="TOML file with any of these settings. (env TURNGATE_CONFIG)"
        ),
    ] = None,
    turns: Annotated[str | None, setting("turns")] = None,
    *,
    strict: Annotated[bool | None, setting("strict", "--strict/--tolerant")] = None,
    diagnostics: Annotated[
        bool | None, setting("diagnostics", "--diagnostics/--no-diagnostics")
    ] = None,
    log_level: Annotated[str | None, setting("log_level")] = None,
    tls_cert: Annotated[str | None, setting("tls_cert")] = None,
    tls_key: Annotated[str | None, setting("tls_key")] = None,
    functions: Annotated[str | None, setting("functions")] = None,
) -> None:
    """Run the gateway until Ctrl-C."""
    flags = {
        "host": host,
        "port": port,
        "upstream": upstream,
        "config": config,
        "turns": turns,
        "strict": strict,
        "diagnostics": diagnostics,
        "log_level": log_level,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "functions": functions,
    }
    run(_serve(flags))


async def _serve(flags: Mapping[str, object]) -> None:
    config = load(flags, os.environ)
    async with AsyncExitStack() as stack:
        local_url = None
        if config.upstream == "local":
            _check(config)
            screen.print("starting the local upstream ...", style="dim")
            local_url = (await stack.enter_async_context(LocalEmulator())).url
        upstream = target(config, local_url)

        def ready(address: str) -> None:
            screen.print(welcome(config, upstream, address, program()))
            keep_what_stands()

        await server.serve(config, upstream, pages=pages(), ready=ready, stop=stop_on_signals())
    screen.print("stopped", style="dim")


def keep_what_stands() -> None:
    """Tell the garbage collector to leave alone what is here now: it stays to the end.

    Otherwise each full collection looks at every module again. That takes tens of ms, in which no
    call is served, and comes as often as calls come and go.
    """
    gc.collect()
    gc.freeze()


def _check(config: Config) -> None:
    """Refuse what is quickly seen to be wrong, before the local upstream takes its time to start.

    Raises:
        ListenFailed: the port is taken, or not ours to take.
        ConfigError: the functions cannot be imported, or TLS cannot be served.

    """
    tls.context(config)
    if config.functions:
        load_functions(config.functions)
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the listener will
        try:
            tried.bind((config.host, config.port))
        except OSError as error:
            raise ListenFailed(config.host, config.port, plain_reason(error)) from error


def welcome(config: Config, upstream: Target, address: str, command: str) -> Text:
    """Say where it is, what is behind it, how to talk to it, and how to stop it.

    Plain lines without a frame, so that the command can be copied whole.
    """
    what = {
        "local": "local, no key needed: an emulator, not a language model",
        "deepgram": "deepgram itself, passed through",
    }
    native = ("realtime", f"{address}{NATIVE_PATH} (OpenAI clients)")
    passing = ("deepgram", f"{address}{PASSING_PATH} (passed through)")
    rows = (
        ("page", address.replace("ws", "http", 1) + "/"),
        ("agent", f"{address}{AGENT_PATH}"),
        *((native,) if config.upstream != "deepgram" else ()),
        *((passing,) if config.deepgram_key else ()),
        ("upstream", what.get(upstream.name, upstream.name)),
        ("keys", "clients need one" if config.client_keys else "none needed, loopback only"),
        ("talk", _example(config, address, command)),
        ("stop", "Ctrl-C"),
    )
    lines = (
        Text.assemble((f"  {label:<10}", "dim"), (value, "bold" if label == "agent" else ""))
        for label, value in rows
    )
    return Text("\n").join((Text("turngate is ready", "bold green"), *lines))


def _example(config: Config, address: str, command: str) -> str:
    """Return a command for this machine; the address of every interface is not one to call."""
    here = address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    where = "" if agent_url(here) == URL else f" --url {here}"
    key = " --key KEY" if config.client_keys else ""
    return f'{command} talk "what time is it in Paris?"{where}{key}'
