"""Runs every piece of the proof, one after the other, and in the long form writes docs/proof.md.

python -m proof.run              the short form, which is part of make test
python -m proof.run --long       what make proof runs; under an hour
python -m proof.run model        one piece

A piece is a module that runs for itself: `python -m proof.<piece> [--long]`. Progress goes to
standard error, and the last line of standard output is its figures as JSON, `ok` among them.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from proof import page

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "proof.md"

console = Console(stderr=True, highlight=False)


class Piece(NamedTuple):
    """A module of this package, and what it is to show."""

    name: str
    shows: str
    is_short: bool = True
    """Whether the short form has it, or it takes too long."""


PIECES = (
    Piece(
        "model", "No promise is broken in any state of the model, and the code does what it does."
    ),
    Piece(
        "mutation",
        "The tests notice what is changed in the code, one place at a time.",
        is_short=False,
    ),
    Piece("simulation", "Whatever breaks, each turn is answered once or its author is told."),
    Piece("sockets", "In bad weather on real sockets, calls go on or end with a reason."),
    Piece("leaks", "When calls are gone, nothing of them is left."),
    Piece("fuzz", "Whatever arrives is survived, and quickly."),
)


def run(piece: Piece, form: str) -> dict[str, Any]:
    """Run one piece to its end; return its figures, with what it took."""
    console.rule(f"{piece.name}: {piece.shows}", align="left")
    start, commit = time.monotonic(), page.commit()
    command = [sys.executable, "-m", f"proof.{piece.name}", *["--long"] * (form == "long")]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    figures: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    # A piece that dies has proven nothing, whatever it printed before.
    figures["ok"] = bool(figures.get("ok")) and done.returncode == 0
    figures |= {"took_s": round(time.monotonic() - start, 1), "commit": commit}
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line names; returns 1 if any piece failed."""
    parser = argparse.ArgumentParser(prog="python -m proof.run", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the long form; writes docs/proof.md")
    parser.add_argument("pieces", nargs="*", metavar="PIECE", help="the pieces to run; else all")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.pieces) - {piece.name for piece in PIECES}:
        parser.error(f"no such piece: {', '.join(sorted(unknown))}")
    form = "long" if asked.long else "short"
    wanted = [piece for piece in PIECES if piece.name in asked.pieces or not asked.pieces]
    chosen = [piece for piece in wanted if piece.is_short or asked.long or asked.pieces]
    found = {piece.name: run(piece, form) for piece in chosen}
    for name, figures in found.items():
        verdict = "ok" if figures["ok"] else "FAILED"
        console.print(f"{name:<12} {figures['took_s']:>8.1f} s  {verdict}")
    if asked.long:
        PAGE.write_text(page.written(PAGE, {piece.name: piece.shows for piece in PIECES}, found))
        console.print(f"written: {PAGE.relative_to(ROOT)}")
    print(json.dumps({name: figures["ok"] for name, figures in found.items()}))
    return 0 if all(figures["ok"] for figures in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
