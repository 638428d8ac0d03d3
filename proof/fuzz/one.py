"""One target under libFuzzer: `python -m proof.fuzz.one TARGET RUNS FIGURES CORPUS...`.

libFuzzer ends the process, so the figures are written as it goes.
"""

import gc
import sys
import time
from pathlib import Path
from typing import Any

import atheris
import msgspec

with atheris.instrument_imports(include=["turngate"]):  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - it has no types
    from proof.fuzz.lines import changed
    from proof.fuzz.targets import TARGETS

EVERY = 1_000
LONGEST_BYTES = 8_192
OF_LINES = frozenset({"agent_call", "native_call", "agent", "native", "upstream"})
"""Targets whose inputs are lines: what matters is which is there and when, as much as what it says."""


class Fuzzed:
    """Counts the inputs, and how long the slowest took."""

    def __init__(self, name: str, figures: Path) -> None:
        self._target, self._figures = TARGETS[name], figures
        self.runs = 0
        self.slowest_ms = 0.0

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        began = time.thread_time_ns()
        self._target(data)
        took_ms = (time.thread_time_ns() - began) / 1e6
        self.runs += 1
        # the first of all pays for what is made once
        if self.runs > 1 and took_ms > self.slowest_ms:
            self.slowest_ms = took_ms
            self._figures.with_suffix(".slowest").write_bytes(data)
        if self.runs % EVERY == 0:
            self.write()

    def write(self) -> None:
        """Write down how far it is."""
        figures = {"runs": self.runs, "slowest_ms": round(self.slowest_ms, 2)}
        self._figures.write_bytes(msgspec.json.encode(figures))


def by_bytes(line: bytes) -> bytes:
    """Change a line as libFuzzer would: only while it runs, since it crashes before."""
    mutated: bytes = atheris.Mutate(line, LONGEST_BYTES)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - it has no types
    return mutated


def by_line(data: bytes, most: int, seed: int) -> bytes:
    """Change an input, as libFuzzer asks for it."""
    return changed(data, most, seed, by_bytes)


def main() -> None:
    """Run until libFuzzer has had enough, which ends the process."""
    name, runs, figures, *corpus = sys.argv[1:]
    crashes = Path(figures).with_suffix("")
    options = [
        f"-runs={runs}",
        f"-max_len={LONGEST_BYTES}",
        "-verbosity=0",
        f"-artifact_prefix={crashes}-",
    ]
    mutator: dict[str, Any] = {"custom_mutator": by_line} if name in OF_LINES else {}
    atheris.Setup([sys.argv[0], *options, *corpus], Fuzzed(name, Path(figures)), **mutator)
    gc.freeze()  # else the collector's rounds through all modules count as an input's time
    atheris.Fuzz()


if __name__ == "__main__":
    main()
