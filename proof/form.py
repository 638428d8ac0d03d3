"""What each piece of the proof is as a program: in a short form or a long one, it prints its figures."""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import msgspec

Form: TypeAlias = Literal["short", "long"]


def asked(
    name: str, about: str | None, long: str, run: Callable[[Form], Mapping[str, object]]
) -> int:
    """Run the form that the command line asks for; `long` says what that one does more.

    Returns 0 where the figures are `ok`.
    """
    parser = argparse.ArgumentParser(prog=f"python -m proof.{name}", description=about)
    parser.add_argument("--long", action="store_true", help=long)
    figures = run("long" if parser.parse_args().long else "short")
    sys.stdout.write(f"{msgspec.json.encode(figures).decode()}\n")
    return 0 if figures["ok"] else 1
