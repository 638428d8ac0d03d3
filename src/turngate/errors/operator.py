"""What the operator has to mend before the program can start."""

from collections.abc import Iterable
from dataclasses import dataclass

from turngate.errors.root import TurngateError


@dataclass(eq=True, unsafe_hash=True)
class ConfigError(TurngateError):
    """A setting is wrong. `field` is the flag, variable or key that the operator wrote.

    `others` are wrong beside it.
    """

    field: str
    reason: str
    others: "tuple[ConfigError, ...]" = ()

    @classmethod
    def of(cls, errors: Iterable["ConfigError"]) -> "ConfigError":
        """Return all of these as one."""
        first, *others = errors
        return cls(first.field, first.reason, tuple(others))

    def each(self) -> "tuple[ConfigError, ...]":
        """Return all that is wrong, one by one."""
        return (ConfigError(self.field, self.reason), *self.others)

    def __str__(self) -> str:
        return "; ".join((f"{self.field}: {self.reason}", *map(str, self.others)))


@dataclass(eq=True, unsafe_hash=True)
class ListenFailed(TurngateError):
    """The address cannot be listened on."""

    host: str
    port: int
    reason: str

    def __str__(self) -> str:
        return f"cannot listen on {self.host}:{self.port}: {self.reason}"
