"""What a session is told at its beginning and keeps to."""

from collections.abc import Mapping

from msgspec import Struct

from turngate.core.manners import Manners
from turngate.core.patch import Path
from turngate.core.presence import Stay


class Policy(Struct, frozen=True):
    """What differs between sessions. `locked` are settings that the agent's first audio fixes.

    `longest` bounds texts that can be added to, in characters: what would pass the bound is not added.
    `redials` tells whether an upstream connection that is lost is made anew, with the conversation
    told again. `stay` is how long a client may keep us waiting, and how long it may stay.
    `manners` are those of functions by name; of others the usual ones are expected. A server that
    `echoes` is known to name our request in the response to it; of others that is learnt.
    """

    server_turns: bool = False
    strict: bool = False
    locked: tuple[Path, ...] = ()
    longest: Mapping[Path, int] = {}
    redials: bool = False
    stay: Stay = Stay()
    manners: Mapping[str, Manners] = {}
    echoes: bool = False
