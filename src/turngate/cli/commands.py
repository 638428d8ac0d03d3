"""The subcommands, put together."""

from typing import Annotated

import typer

from turngate import __version__
from turngate.cli.check import check
from turngate.cli.emulate import emulate
from turngate.cli.serve import serve
from turngate.cli.talk import talk

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Plain tracebacks for our own faults: the fancy ones print local variables, keys among them.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"turngate {__version__}")
        raise typer.Exit


@app.callback()
def turngate(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Keep the turn: Voice Agent clients in front, OpenAI Realtime behind."""


app.command()(serve)
app.command()(emulate)
app.command()(talk)
app.command()(check)
