"""What every subcommand shares: options with their variables, errors as one sentence, stopping."""

import asyncio
import errno
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer
import uvloop
from rich.console import Console

from turngate.cli import INTERRUPTED
from turngate.client import ClientError
from turngate.errors import ConfigError, TurngateError
from turngate.gateway.config import Config, description, environment_name

T = TypeVar("T")

screen = Console(highlight=False, soft_wrap=True)
complaints = Console(highlight=False, soft_wrap=True, stderr=True)


READY = "emulator ready on "
"""What the emulator prints before its URL, and its parent waits for."""


class Failed(Exception):
    """A command cannot go on; the text is the one sentence that says why."""


def setting(field: str, switch: str = "") -> Any:
    """Make the option that sets `field` of the configuration, `switch` being how it is spelt.

    The environment is left to `loading.load`, so that a bad value is blamed on where it stands.
    """
    default = getattr(Config(), field)
    is_switch = isinstance(default, bool)
    shown = f"(env {environment_name(field)}"
    shown += f", default {default})" if default and not is_switch else ")"
    return typer.Option(
        switch or f"--{field.replace('_', '-')}",
        help=f"{description(field)} {shown}",
        show_default=False,
        metavar=None if is_switch else field.rpartition("_")[2].upper(),
    )


@contextmanager
def plain_errors() -> Generator[None]:
    """Turn what can go wrong into a sentence for each on stderr, and an exit code."""
    try:
        yield
    except ConfigError as error:
        raise _exit(2, *map(str, error.each())) from error
    except (TurngateError, ClientError, Failed) as error:
        raise _exit(1, str(error)) from error
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def plain_reason(error: OSError) -> str:
    """Say why an address cannot be listened on, as its owner would."""
    match error.errno:
        case errno.EADDRINUSE:
            return "something listens there already; choose another --port, or 0 for a free one"
        case errno.EACCES:
            return "ports below 1024 are for root; choose another --port"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        case _:
            return error.strerror or str(error)


def complain(sentence: str) -> None:
    """Write to stderr what is wrong."""
    complaints.print(f"turngate: {sentence}", markup=False, style="bold red")


def _exit(code: int, *sentences: str) -> typer.Exit:
    for sentence in sentences:
        complain(sentence)
    return typer.Exit(code)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on uvloop, with errors in plain words."""
    with plain_errors():
        return uvloop.run(main)


def program() -> str:
    """Return how to start this program again, as the caller would type it here."""
    return typed(sys.argv[0], sys.executable, Path.cwd(), os.environ.get("PATH", os.defpath))


def typed(started: str, python: str, here: Path, search: str) -> str:
    """Return the shortest that starts a program again in the folder `here`.

    - started: its file; a `__main__.py` was started as a module, by the interpreter `python`.
    - search: the folders where the shell looks, as in PATH.
    """
    file = Path(started)
    if file.name == "__main__.py":
        return f"{_from(here, python)} -m turngate"
    found = shutil.which(file.name, path=search)
    if found is not None and Path(found).resolve() == (here / file).resolve():
        return file.name
    return _from(here, started)


def _from(here: Path, path: str) -> str:
    relative = os.path.relpath(here / path, here)
    if os.sep not in relative:
        relative = f".{os.sep}{relative}"  # or the shell would search for it
    return shlex.quote(min(relative, path, key=len) if os.sep in path else relative)


def stop_on_signals() -> asyncio.Event:
    """Return an event that is set by the first SIGINT or SIGTERM; a second one ends the process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    numbers = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, first)
    return stop
