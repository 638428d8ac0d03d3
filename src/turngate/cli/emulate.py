"""`turngate emulate`: the strict stand-in for the Realtime service, on its own."""

import asyncio
import sys
from functools import partial
from typing import Annotated

import msgspec
import typer

from turngate import emulator
from turngate.cli.plain import READY, complaints, plain_reason, run, screen, stop_on_signals
from turngate.emulator import knobs as emulator_knobs
from turngate.errors import ConfigError, ListenFailed


def emulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8765,
    seed: Annotated[
        int, typer.Option(help="Seed of ids, jitter and faults: the same seed, the same bytes.")
    ] = 0,
    *,
    strict: Annotated[
        bool,
        typer.Option(help="Also refuse what the real service tolerates and good clients avoid."),
    ] = False,
    knobs: Annotated[
        str, typer.Option(metavar="JSON", help="Delays, orders and faults, as one object.")
    ] = "{}",
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", hidden=True, help="End with the parent.")
    ] = False,
) -> None:
    """Run an OpenAI Realtime server that needs no key, follows the rules and says who broke them.

    It answers at /v1/realtime; what clients did is told by GET /audit.
    """
    run(_emulate(host, port, seed, strict=strict, knobs=knobs, child=until_stdin_closes))


async def _emulate(
    host: str, port: int, seed: int, *, strict: bool, knobs: str, child: bool
) -> None:
    chosen = msgspec.structs.replace(
        emulator_knobs.STANDALONE, seed=seed, strict_session_update=strict
    )
    try:
        chosen = emulator_knobs.overridden(chosen, knobs)
    except msgspec.DecodeError as error:
        raise ConfigError("--knobs", str(error)) from error
    serving = asyncio.create_task(
        emulator.run(host, port, chosen, partial(_announce, is_child=child))
    )
    ending = asyncio.create_task(_end(with_parent=child))
    ending.add_done_callback(lambda _: serving.cancel())
    try:
        await serving
    except asyncio.CancelledError:
        return
    except OSError as error:
        raise ListenFailed(host, port, plain_reason(error)) from error
    finally:
        ending.cancel()


def _announce(line: str, *, is_child: bool) -> None:
    """Print the URL as the one line on stdout that a parent waits for, the rest for people."""
    if line.startswith("ws"):
        screen.print(f"{READY}{line}", markup=False)
        sys.stdout.flush()
    elif not is_child:
        complaints.print(line, markup=False)


async def _end(*, with_parent: bool) -> None:
    """Wait for a signal, or until the parent is gone: its end of the pipe closes however it ended."""
    stop = stop_on_signals()
    if with_parent:
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: _Parent(stop), sys.stdin)
    await stop.wait()


class _Parent(asyncio.Protocol):
    """The other end of our stdin."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - any end is one
        """Stop (called by asyncio)."""
        self._stop.set()
