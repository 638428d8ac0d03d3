"""What a session is told at its beginning and keeps to."""

from collections.abc import Mapping

from msgspec import Struct

from turngate.core.manners import Manners
from turngate.core.patch import Path


class Policy(Struct, frozen=True):
    """What differs between sessions. `locked` are settings that the agent's first audio fixes.

    `manners` are those of functions by name; of others the usual ones are expected.
    """

    server_turns: bool = False
    strict: bool = False
    locked: tuple[Path, ...] = ()
    manners: Mapping[str, Manners] = {}
