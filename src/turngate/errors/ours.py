"""What the gateway itself failed in."""

from dataclasses import dataclass

from turngate.errors.root import TurngateError


class ServerFault(TurngateError):
    """The gateway's own."""


@dataclass(eq=True, unsafe_hash=True)
class GoingAway(ServerFault):
    """The gateway stops."""

    def __str__(self) -> str:
        return "The gateway is shutting down; connect again."


@dataclass(eq=True, unsafe_hash=True)
class InternalFault(ServerFault):
    """A bug. The session ends, the others do not notice."""

    def __str__(self) -> str:
        return "The gateway failed; this session ends."
