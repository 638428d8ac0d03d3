"""The page of commands: every subcommand with its options."""

import inspect
import re
from typing import Any

import typer
from tools.reference.markdown import code, listed, page, table

from turngate import cli
from turngate.cli.commands import app


def commands() -> dict[str, Any]:
    """Return the subcommands by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def flag_of(option: Any) -> str:
    """Return how an option is written."""
    return listed([*option.opts, *option.secondary_opts])


def option_row(option: Any) -> tuple[str, str, str]:
    """Return an option or argument with its default and its help."""
    is_argument = option.param_type_name == "argument"
    name = code(f"[{option.name.upper()}]...") if is_argument else flag_of(option)
    default = option.default if isinstance(option.default, str | int | float) else None
    shown = "" if default is None or isinstance(default, bool) else code(default)
    variable = f" (env {option.envvar})" if option.envvar else ""
    return name, shown, f"{option.help}{variable}"


def cli_page() -> str:
    """Return every subcommand with its options."""
    parts: list[str] = []
    for name, command in commands().items():
        shown = [option for option in command.params if not option.hidden]
        rows = [option_row(option) for option in shown if option.name != "help"]
        parts += [
            f"## turngate {name}",
            re.sub(r"\s*\n\s*(?=\S)", " ", command.help or ""),
            table(("option", "default", "meaning"), rows),
        ]
    codes = (inspect.getdoc(cli) or "").partition("\n\n")[2]
    return page("Commands", " ".join(codes.split()), *parts)
