"""A row of a golden table."""

from pathlib import Path
from typing import NamedTuple

TABLES = Path(__file__).parents[2] / "tests" / "tables"


class Row(NamedTuple):
    """A phase and an event, as the table writes them."""

    machine: str
    phase: str
    event: str

    def __str__(self) -> str:
        return f"{self.machine}: {self.phase} {self.event}"
