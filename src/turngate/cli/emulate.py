"""`turngate emulate`: the strict stand-in for the Realtime service, on its own."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from turngate import emulator
from turngate.cli.plain import READY, complaints, plain_reason, run, screen, stop_on_signals
from turngate.cli.watch import watch
from turngate.emulator import DIALECTS, STANDALONE, Emulator, Knobs, Llm, Script
from turngate.emulator.knobs import changes_of, overridden
from turngate.emulator.script import load
from turngate.errors import ConfigError, ListenFailed

Dialect = StrEnum("Dialect", list(DIALECTS))
OPENAI = Dialect("openai")


class Mind(StrEnum):
    """Who answers where the script has nothing."""

    echo = "echo"
    rules = "rules"
    script = "script"
    llm = "llm"


def emulate(  # noqa: PLR0913 - one parameter an option
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Port to listen on; 0 takes a free one."
        ),
    ] = 8765,
    seed: Annotated[
        int,
        typer.Option(
            metavar="SEED", help="Seed of ids, jitter and faults: the same seed, the same bytes."
        ),
    ] = 0,
    *,
    strict: Annotated[
        bool,
        typer.Option(help="Also refuse what the real service tolerates and good clients avoid."),
    ] = False,
    dialect: Annotated[Dialect, typer.Option(help="The server whose ways are imitated.")] = OPENAI,
    knobs: Annotated[
        str,
        typer.Option(metavar="JSON|FILE", help="Delays, orders and faults, as one JSON object."),
    ] = "{}",
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What is said: YAML, or JSON in a file named .json."),
    ] = None,
    mind: Annotated[
        Mind | None,
        typer.Option(
            help="Who answers where the script has nothing; the default is rules, or llm with a URL.",
            show_default=False,
        ),
    ] = None,
    llm_url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="A chat completions server, such as http://localhost:11434/v1.",
            show_default=False,
        ),
    ] = "",
    llm_model: Annotated[
        str, typer.Option(metavar="NAME", help="Its model.", show_default=False)
    ] = "",
    llm_key: Annotated[
        str,
        typer.Option(
            envvar="TURNGATE_LLM_KEY", metavar="KEY", help="Its key, if any.", show_default=False
        ),
    ] = "",
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", hidden=True, help="End with the parent.")
    ] = False,
) -> None:
    """Run an OpenAI Realtime server that needs no key, follows the rules and says who broke them.

    It answers at /v1/realtime; GET /sessions and GET /audit tell what clients did, and POST
    /control turns knobs while it runs.
    """
    llm = Llm(llm_url, llm_model, llm_key) if llm_url else None

    async def serve() -> None:
        chosen = _chosen(_base(seed, dialect, mind, llm, strict=strict), knobs)
        if chosen.mind == "llm" and llm is None:
            raise ConfigError("--mind", "llm needs --llm-url, the server that thinks")
        if chosen.mind == "script" and script is None:
            raise ConfigError("--mind", "script needs --script, the file that says what to say")
        said = _script(script) if script else Script()
        await _serve(host, port, chosen, said, llm, is_child=until_stdin_closes)

    run(serve())


def _base(
    seed: int, dialect: Dialect, mind: Mind | None, llm: Llm | None, *, strict: bool
) -> Knobs:
    """Return what the other flags say of the knobs."""
    fallback = Mind.rules if llm is None else Mind.llm
    given = {
        "seed": seed,
        "dialect": dialect.value,
        "strict_session_update": strict,
        "mind": (mind or fallback).value,
    }
    return overridden(STANDALONE, msgspec.json.encode(given))


def _chosen(base: Knobs, told: str) -> Knobs:
    try:
        return overridden(base, changes_of(told))
    except msgspec.DecodeError as error:
        raise ConfigError("--knobs", str(error)) from error
    except OSError as error:
        raise ConfigError("--knobs", f"cannot read {told}: {error.strerror}") from error


def _script(path: Path) -> Script:
    try:
        return load(path)
    except msgspec.DecodeError as error:
        raise ConfigError("--script", str(error)) from error
    except ImportError as error:
        needs = "YAML needs turngate[emulator]; JSON, in a file named .json, needs nothing"
        raise ConfigError("--script", needs) from error
    except OSError as error:
        raise ConfigError("--script", f"cannot read {path}: {error.strerror}") from error


async def _serve(
    host: str, port: int, knobs: Knobs, script: Script, llm: Llm | None, *, is_child: bool
) -> None:
    """Serve until the end, and show what happens unless it is for a parent."""
    stop = await _stop(with_parent=is_child)
    serving = emulator.serving(knobs=knobs, script=script, host=host, port=port, llm=llm)
    try:
        async with serving as running:
            _announce(running, is_child=is_child)
            watching = None if is_child else asyncio.create_task(watch(running, complaints))
            await stop.wait()
            if watching:
                watching.cancel()
                await asyncio.wait([watching])
                complaints.print(running.audit.summary, markup=False)
    except OSError as error:
        raise ListenFailed(host, port, plain_reason(error)) from error


def _announce(running: Emulator, *, is_child: bool) -> None:
    """Print the URL as the one line on stdout that a parent waits for, the rest for people."""
    screen.print(f"{READY}{running.url}", markup=False)
    sys.stdout.flush()
    if not is_child:
        complaints.print(running.voice_description, markup=False)


async def _stop(*, with_parent: bool) -> asyncio.Event:
    """Return what a signal sets, or the parent's end: its side of the pipe closes in any case."""
    stop = stop_on_signals()
    if with_parent:
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: _Parent(stop), sys.stdin)
    return stop


class _Parent(asyncio.Protocol):
    """The other end of our stdin."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - any end is one
        """Stop (called by asyncio)."""
        self._stop.set()
