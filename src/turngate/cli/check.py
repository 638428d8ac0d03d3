"""`turngate check`: whether the configuration is right, and its upstream lets us in.

It connects and waits for the first event. It asks for nothing, so it costs nothing.
"""

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from turngate.cli.held import look_on
from turngate.cli.local import LocalEmulator
from turngate.cli.plain import Failed, plain_errors, run, screen, setting
from turngate.emulator.ears.selftest import SENTENCE, self_test
from turngate.gateway import tls
from turngate.gateway.config import Config, schema
from turngate.gateway.config_shown import shown
from turngate.gateway.functions.catalogue import opened
from turngate.gateway.greeting import greeted
from turngate.gateway.loading import load
from turngate.gateway.target import target


def check(
    upstream: Annotated[str | None, setting("upstream")] = None,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="TOML file of the configuration. (env TURNGATE_CONFIG)"),
    ] = None,
    *,
    print_schema: Annotated[
        bool, typer.Option("--print-schema", help="Print the JSON schema of the TOML file.")
    ] = False,
    print_config: Annotated[
        bool,
        typer.Option(
            "--print-config", help="Print what holds in the end, as JSON, without the keys."
        ),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Show live what the gateway of this configuration holds."),
    ] = False,
) -> None:
    """Validate a configuration and the way to its upstream."""
    if print_schema:
        typer.echo(schema().decode())
        return
    flags = {"upstream": upstream, "config": config}
    if print_config:
        with plain_errors():
            typer.echo(shown(load(flags, os.environ)).decode())
        return
    run(_watch(flags) if watch else _check(flags))


async def _watch(flags: Mapping[str, object]) -> None:
    await look_on(load(flags, os.environ), screen)


async def _check(flags: Mapping[str, object]) -> None:
    config = load(flags, os.environ)
    tls.context(config)
    async with AsyncExitStack() as stack:
        local_url = None
        if config.upstream == "local":
            local_url = (await stack.enter_async_context(LocalEmulator())).url
        goal = target(config, local_url)
        screen.print("configuration: right", style="green")
        await _offer(config)
        begins_with = "Welcome" if config.upstream == "deepgram" else "session.created"
        took_ms = await greeted(goal, begins_with)
    screen.print(
        f"upstream {goal.name}: lets us in, {took_ms:.0f} ms to its first event", style="green"
    )
    if config.upstream == "local":
        _say_whether_it_hears()


async def _offer(config: Config) -> None:
    """Reach for the functions as `serve` would, and print which there are."""
    async with opened(config) as catalogue:
        names = [str(tool["name"]) for tool in catalogue.tools()]
    if names:
        screen.print(f"functions: {', '.join(names)}", style="green", markup=False)


def _say_whether_it_hears() -> None:
    """Let the local upstream's ears listen to its own voice, and print what came of it."""
    try:
        tested = self_test()
    except (ImportError, OSError) as error:
        missing = f"ears and voice: tones and scripted transcripts, since {error}"
        screen.print(f"{missing}; install turngate[local]", markup=False)
        return
    if tested.is_passed:
        took = f"heard its own voice say a sentence, {tested.took_ms:.0f} ms"
        screen.print(f"ears and voice: {took}", style="green")
    else:
        raise Failed(f"ears and voice: said {SENTENCE!r} and heard {tested.heard!r}")
