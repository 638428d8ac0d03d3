"""`turngate check`: whether the configuration is right, and its upstream lets us in.

It connects and waits for the first event. It asks for nothing, so it costs nothing.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Annotated

import msgspec
import typer

from turngate.cli.held import look_on
from turngate.cli.local import LocalEmulator
from turngate.cli.plain import Failed, run, screen, setting
from turngate.client.connection import connect
from turngate.client.failures import Closed, ConnectFailed
from turngate.emulator.ears.selftest import SENTENCE, self_test
from turngate.gateway.config import Config, load, schema
from turngate.gateway.functions.catalogue import opened
from turngate.gateway.target import Target, target

DEADLINE_S = 10.0

HINTS = {
    401: "the key is not accepted",
    403: "the key is not allowed to use this service",
    404: "the path or the model is not known there",
    429: "too many requests, or no quota left",
    500: "the service has trouble of its own",
    502: "the service has trouble of its own",
    503: "the service has trouble of its own",
}
"""What a status at the handshake means for whoever has to mend it."""


def check(
    upstream: Annotated[str | None, setting("upstream")] = None,
    config: Annotated[
        str | None, typer.Option(help="TOML file of the configuration. (env TURNGATE_CONFIG)")
    ] = None,
    *,
    print_schema: Annotated[
        bool, typer.Option("--print-schema", help="Print the JSON schema of the TOML file.")
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
    run(look_on(load(flags, os.environ), screen) if watch else _check(flags))


async def _check(flags: Mapping[str, object]) -> None:
    config = load(flags, os.environ)
    async with AsyncExitStack() as stack:
        local_url = None
        if config.upstream == "local":
            local_url = (await stack.enter_async_context(LocalEmulator())).url
        goal = target(config, local_url)
        screen.print("configuration: right", style="green")
        await _offer(config)
        begins_with = "Welcome" if config.upstream == "deepgram" else "session.created"
        took_ms = await _greeted(goal, begins_with)
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


class _FirstEvent(msgspec.Struct):
    """What has to be known of the first thing an upstream says."""

    type: str
    error: dict[str, object] = {}


class _First:
    """Waits for the first message of a connection, or for its end."""

    def __init__(self) -> None:
        self.message: asyncio.Future[str | bytes] = asyncio.get_running_loop().create_future()

    def received(self, message: str | bytes) -> None:
        """Take a message."""
        if not self.message.done():
            self.message.set_result(message)

    def ended(self, end: Closed) -> None:
        """Take the end."""
        if not self.message.done():
            self.message.set_exception(end)


async def _greeted(goal: Target, begins_with: str) -> float:
    """Connect, and return the ms until the upstream has begun a session by this event.

    One that does not greet has begun it when it is connected.

    Raises:
        Failed: it did not; the text says why, and what to mend.

    """
    first = _First()
    started = time.perf_counter()
    try:
        connection = await connect(goal.url, first, headers=goal.headers, seconds=DEADLINE_S)
    except ConnectFailed as error:
        hint = f": {HINTS[error.status]}" if error.status in HINTS else ""
        raise Failed(f"upstream {goal.name}: {error.reason}{hint}") from error
    if not goal.profile.greets:
        await connection.close()
        return (time.perf_counter() - started) * 1000
    try:
        async with asyncio.timeout(DEADLINE_S):
            message = await first.message
        event = msgspec.json.decode(message, type=_FirstEvent)
    except TimeoutError as error:
        reason = f"it accepts connections and says nothing for {DEADLINE_S:g} s"
        raise Failed(f"upstream {goal.name}: {reason}") from error
    except Closed as error:
        raise Failed(f"upstream {goal.name}: {error}") from error
    except msgspec.DecodeError as error:
        raise Failed(f"upstream {goal.name}: it does not speak the protocol") from error
    finally:
        await connection.close()
    if event.type == "error":
        told = event.error.get("message") or event.error.get("code")
        raise Failed(f"upstream {goal.name}: it refuses us: {told}")
    if event.type != begins_with:
        raise Failed(f"upstream {goal.name}: it begins with {event.type}, not {begins_with}")
    return (time.perf_counter() - started) * 1000
