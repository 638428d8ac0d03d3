"""What every error is."""

from dataclasses import dataclass


@dataclass(eq=True, unsafe_hash=True)
class TurngateError(Exception):
    """The root: whatever turngate itself raises or reports."""

    def __str__(self) -> str:
        """Return one sentence for the person who reads it."""
        return type(self).__name__
