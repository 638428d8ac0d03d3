"""`turngate serve`: the gateway, and the local upstream beside it when that is wanted."""

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Annotated

import typer
from rich.text import Text

from turngate.cli.local import LocalEmulator
from turngate.cli.plain import run, screen, setting, stop_on_signals
from turngate.gateway import server
from turngate.gateway.config import Config, load
from turngate.gateway.target import Target, target


def serve(  # noqa: PLR0913 - one parameter an option
    host: Annotated[str | None, setting("host")] = None,
    port: Annotated[str | None, setting("port")] = None,
    upstream: Annotated[str | None, setting("upstream")] = None,
    config: Annotated[
        str | None,
        typer.Option(help="TOML file with any of these settings. (env TURNGATE_CONFIG)"),
    ] = None,
    turns: Annotated[str | None, setting("turns")] = None,
    *,
    strict: Annotated[bool | None, setting("strict", "--strict/--tolerant")] = None,
    log_level: Annotated[str | None, setting("log_level")] = None,
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
        "log_level": log_level,
        "functions": functions,
    }
    run(_serve(flags))


async def _serve(flags: Mapping[str, object]) -> None:
    config = load(flags, os.environ)
    async with AsyncExitStack() as stack:
        local_url = None
        if config.upstream == "local":
            screen.print("starting the local upstream ...", style="dim")
            local_url = (await stack.enter_async_context(LocalEmulator())).url
        upstream = target(config, local_url)
        await server.serve(
            config,
            upstream,
            ready=lambda address: screen.print(_welcome(config, upstream, address)),
            stop=stop_on_signals(),
        )
    screen.print("stopped", style="dim")


def _welcome(config: Config, upstream: Target, address: str) -> Text:
    """Say where it is, what is behind it, how to talk to it, and how to stop it.

    Plain lines without a frame, so that the command can be copied whole.
    """
    url = f"{address.rstrip('/')}/v1/agent/converse"
    default = url == "ws://127.0.0.1:8080/v1/agent/converse"
    what = {"local": "local, no key needed: an emulator, not a language model"}
    rows = (
        ("agent", url),
        ("upstream", what.get(upstream.name, upstream.name)),
        ("keys", "clients need one" if config.client_keys else "none needed, loopback only"),
        (
            "talk",
            'turngate talk "what time is it in Paris?"' + ("" if default else f" --url {url}"),
        ),
        ("stop", "Ctrl-C"),
    )
    lines = (
        Text.assemble((f"  {label:<10}", "dim"), (value, "bold" if label == "agent" else ""))
        for label, value in rows
    )
    return Text("\n").join((Text("turngate is ready", "bold green"), *lines))
