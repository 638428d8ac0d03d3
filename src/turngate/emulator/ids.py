"""Ids in the form of the real service, drawn from a seed.

`event_`, `item_`, `resp_`, `sess_` and `conv_` are followed by 21 characters of 0-9A-Za-z of which
the first five are base-62 seconds since 2019-12-20; `call_` by 16 random ones.
"""

import random
import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
EPOCH_S = 1_576_800_000
"""2019-12-20T00:00Z, from which the ids of the real service count their seconds."""

_SECOND_CHARACTERS = 5
_RANDOM_CHARACTERS = 16


def base62_seconds(unix_s: float) -> str:
    """Return the five characters that an id of `unix_s` begins with."""
    number = max(0, int(unix_s) - EPOCH_S)
    digits: list[str] = []
    for _ in range(_SECOND_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


class Ids:
    """A stream of ids of one connection: the same seed and times give the same ids."""

    def __init__(self, seed: int, started_s: float) -> None:
        self._random = random.Random(seed)
        self._started_s = started_s
        self._at_ms = 0.0

    def at(self, at_ms: float) -> None:
        """Let the ids that follow carry the second of `at_ms` after the start."""
        self._at_ms = at_ms

    @property
    def unix_s(self) -> int:
        """The current second, as the ids carry it."""
        return int(self._started_s + self._at_ms / 1000)

    def new(self, prefix: str) -> str:
        """Return a new id such as `item_E6U0wB3eiENYwSnJIBpFN`."""
        return f"{prefix}_{base62_seconds(self.unix_s)}{self.noise(_RANDOM_CHARACTERS)}"

    def call(self) -> str:
        """Return a new call id: 16 random characters without a time."""
        return f"call_{self.noise(_RANDOM_CHARACTERS)}"

    def noise(self, length: int) -> str:
        """Return `length` random characters of the id alphabet."""
        return "".join(self._random.choices(ALPHABET, k=length))

    def jitter(self, widest_ms: float) -> float:
        """Return a delay between 0 and `widest_ms`."""
        return self._random.uniform(0, widest_ms) if widest_ms else 0.0
