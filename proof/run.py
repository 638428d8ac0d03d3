"""Runs every piece of the proof, one after the other, and in the long form writes docs/proof.md.

python -m proof.run              the short form, which is part of make test
python -m proof.run --long       what make proof runs; under an hour on two cores
python -m proof.run model        one piece; with --long, its section is renewed and the others stay

Each piece has both cores to itself. What it found is on the page as soon as it has ended, so that a
run that is interrupted leaves what it has shown so far.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from proof.machine import commit, machine, today
from proof.pieces import PIECES, Piece
from rich.console import Console
from tools.reference import bars

from proof import page

ROOT = Path(__file__).parent.parent
GRACE = 2.0
"""A piece is ended at so many times its minutes: shared machines differ that much among themselves."""
LAST_LINES = 30
"""So many of what a piece that failed said last are on the page."""
KEPT_BYTES = 16 * 1024

console = Console(stderr=True, highlight=False)


def run(command: Sequence[str], limit_s: float) -> dict[str, Any]:
    """Run a piece to its end; return its figures, with what it took."""
    start, of = time.monotonic(), commit()
    # A group of its own, so that a piece can be ended with all that it has started.
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(
            command, cwd=ROOT, stdout=told, stderr=subprocess.PIPE, process_group=0
        ) as process,
    ):
        said = Overheard(process.stderr)
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            said.add(f"\nended after {limit_s / 60:.0f} minutes\n".encode())
        finally:
            _end(process)
        last_words = said.last_lines()
        told.seek(0)
        lines = told.read().splitlines()
    figures: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    # A piece that dies has proven nothing, whatever it printed before.
    figures["ok"] = bool(figures.get("ok")) and process.returncode == 0
    if not figures["ok"]:
        figures["last_words"] = last_words.replace(str(ROOT), ".")
    took_s = round(time.monotonic() - start, 1)
    return figures | {"took_s": took_s, "commit": of, "day": today(), "machine": machine()}


class Overheard:
    """What a piece says: shown as it says it, and the end of it kept."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._kept = b""
        self._reader = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._reader.start()

    def add(self, piece: bytes) -> None:
        """Take what was said."""
        self._kept = (self._kept + piece)[-KEPT_BYTES:]
        sys.stderr.write(piece.decode(errors="replace"))
        sys.stderr.flush()

    def last_lines(self) -> str:
        """Return them when there are no more to come; of one that was written over, its end."""
        self._reader.join(timeout=5)
        lines = self._kept.decode(errors="replace").rstrip().split("\n")
        return "\n".join(line.rpartition("\r")[2] for line in lines[-LAST_LINES:])

    def _read(self, pipe: IO[bytes] | None) -> None:
        while pipe is not None and (piece := os.read(pipe.fileno(), 1 << 16)):
            self.add(piece)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a piece with all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _stop(signum: int, frame: object) -> NoReturn:
    """End with what runs, as if interrupted."""
    del frame
    sys.exit(128 + signum)


def run_all(pieces: Sequence[Piece], form: str) -> dict[str, dict[str, Any]]:
    """Run these pieces, showing how far it is; in the long form, write the page as each ends."""
    found: dict[str, dict[str, Any]] = {}
    start, planned = time.monotonic(), sum(piece.minutes for piece in pieces)
    for number, piece in enumerate(pieces, 1):
        so_far = f"{(time.monotonic() - start) / 60:.0f} of about {planned} min" * (form == "long")
        console.rule(f"[{number}/{len(pieces)}] {piece.name}: {piece.shows} {so_far}", align="left")
        command = [sys.executable, "-m", f"proof.{piece.name}", *["--long"] * (form == "long")]
        found[piece.name] = run(command, GRACE * piece.minutes * 60)
        if form == "long":
            page.save(piece.name, found[piece.name])
            bars.renew()
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line names; returns 1 if any piece failed."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--long", action="store_true", help="the long form; writes docs/proof.md")
    parser.add_argument("pieces", nargs="*", metavar="PIECE", help="the pieces to run; else all")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.pieces) - {piece.name for piece in PIECES}:
        known = ", ".join(piece.name for piece in PIECES)
        parser.error(f"no such piece: {', '.join(sorted(unknown))}. There are: {known}.")
    form = "long" if asked.long else "short"
    wanted = [piece for piece in PIECES if piece.name in asked.pieces or not asked.pieces]
    chosen = [piece for piece in wanted if piece.is_short or asked.long or asked.pieces]
    found = run_all(chosen, form)
    for name, figures in found.items():
        verdict = "ok" if figures["ok"] else "FAILED"
        console.print(f"{name:<12} {figures['took_s']:>8.1f} s  {verdict}")
    if asked.long:
        console.print("written: docs/proof.md, and the bars in README.md")
    print(json.dumps({name: figures["ok"] for name, figures in found.items()}))
    return 0 if all(figures["ok"] for figures in found.values()) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
