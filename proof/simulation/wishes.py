"""What callers ask for, in words that the simulated model understands."""

from random import Random

WISHES = ("", "", "", "", "", "one call", "two calls", "own call")
ANSWERS_S = (0.0, 0.01, 0.5, 3.0)
"""How long a caller takes for a function."""


def wish_of(chance: Random, wish: str | None) -> str:
    """Return this wish, or any."""
    return chance.choice(WISHES) if wish is None else wish
