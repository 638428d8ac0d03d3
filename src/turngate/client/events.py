"""What the client yields besides the protocol's own messages."""

from typing import TypeAlias

from msgspec import Struct

from turngate.client.failures import Closed
from turngate.wire import agent
from turngate.wire.codec import Unknown


class Audio(Struct, frozen=True):
    """A piece of the agent's speech, in the format that Settings asked for."""

    pcm: bytes


class Flushed(Struct, frozen=True):
    """Throw away what you have of the agent's speech: nobody is to hear it any more."""


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


class Lost(Struct, frozen=True):
    """The connection was lost, and another one is tried; what is sent meanwhile waits for it."""

    end: Closed


class Reconnected(Struct, frozen=True):
    """There is a connection again, and the agent knows what was said before."""

    after_ms: float


class Slept(Struct, frozen=True):
    """Nothing is heard or spoken until `wake`; `idle` when nobody had said anything for long."""

    idle: bool


class Woke(Struct, frozen=True):
    """Hearing and speaking again."""


class Unreadable(Struct, frozen=True):
    """A text frame that broke the protocol; the conversation goes on without it."""

    reason: str


Own: TypeAlias = Audio | Flushed | FunctionAnswered | Lost | Reconnected | Slept | Woke | Unreadable
Event: TypeAlias = agent.ServerMessage | Unknown | Own
"""Whatever comes out of a client, in the order in which it came or happened."""
