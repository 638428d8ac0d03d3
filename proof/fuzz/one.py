"""One target under libFuzzer: `python -m proof.fuzz.one TARGET RUNS FIGURES CORPUS...`.

libFuzzer ends the process, so the figures are written as it goes.
"""

import sys
import time
from pathlib import Path

import atheris
import msgspec

with atheris.instrument_imports(include=["turngate"]):  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - it has no types
    from proof.fuzz.targets import TARGETS

EVERY = 1_000


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
        if self.runs > 1:
            self.slowest_ms = max(self.slowest_ms, took_ms)
        if self.runs % EVERY == 0:
            self.write()

    def write(self) -> None:
        """Write down how far it is."""
        figures = {"runs": self.runs, "slowest_ms": round(self.slowest_ms, 2)}
        self._figures.write_bytes(msgspec.json.encode(figures))


def main() -> None:
    """Run until libFuzzer has had enough, which ends the process."""
    name, runs, figures, *corpus = sys.argv[1:]
    crashes = Path(figures).with_suffix("")
    options = [f"-runs={runs}", "-max_len=4096", "-verbosity=0", f"-artifact_prefix={crashes}-"]
    atheris.Setup([sys.argv[0], *options, *corpus], Fuzzed(name, Path(figures)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
