"""The subcommands, put together."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from turngate import __version__
from turngate.cli.check import check
from turngate.cli.emulate import emulate
from turngate.cli.plain import complain
from turngate.cli.serve import serve
from turngate.cli.talk import talk

app = typer.Typer(
    add_completion=False,
    # Lines instead of boxes, in which a switch would be shown as taking a value.
    rich_markup_mode=None,
    # Plain tracebacks for our own faults: the fancy ones print local variables, keys among them.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def turngate(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print it.")] = False,
) -> None:
    """Keep the turn: Voice Agent clients in front, OpenAI Realtime behind."""
    if version:
        typer.echo(f"turngate {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


app.command(short_help="Run the gateway until Ctrl-C.")(serve)
app.command(short_help="Run a strict OpenAI Realtime server; no key.")(emulate)
app.command(short_help="Talk to a gateway: type, or speak.")(talk)
app.command(short_help="Validate a configuration and its upstream.")(check)


def call(words: Sequence[str]) -> int:
    """Run the command that these words are, and return its exit code."""
    try:
        return app(list(words), prog_name="turngate", standalone_mode=False) or 0
    except typer.TyperException as error:
        complain(_in_a_sentence(error, words))
        return error.exit_code


def _in_a_sentence(error: Any, words: Sequence[str]) -> str:
    """Say what was mistyped, and what was probably meant or where to read on."""
    near = getattr(error, "possibilities", None)
    if near:
        return f"{error.message}; did you mean {near[0]}?"
    told = str(error.format_message()).replace("Value error, ", "").rstrip(".")
    commands = [word for word in words[:1] if not word.startswith("-")]
    return told if told.endswith("?") else f"{told}; see {' '.join(('turngate', *commands))} --help"
