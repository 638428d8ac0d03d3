"""What the client yields besides the protocol's own messages."""

from typing import TypeAlias

from msgspec import Struct

from turngate.wire import agent
from turngate.wire.codec import Unknown


class Audio(Struct, frozen=True):
    """A piece of the agent's speech, in the format that Settings asked for."""

    pcm: bytes


class FunctionAnswered(Struct, frozen=True, kw_only=True):
    """A function of ours has run and its result is on the way.

    - call_id, name, arguments: as the server asked; arguments is a JSON text.
    - content: the result that was sent; when `failed`, an object with `error`.
    - took_ms: how long the function ran.
    """

    call_id: str
    name: str
    arguments: str
    content: str
    failed: bool
    took_ms: float


class Unreadable(Struct, frozen=True):
    """A text frame that broke the protocol; the conversation goes on without it."""

    reason: str


Event: TypeAlias = agent.ServerMessage | Audio | FunctionAnswered | Unknown | Unreadable
"""Whatever comes out of a client, in the order in which it came or happened."""
