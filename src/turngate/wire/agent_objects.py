"""What messages of both directions of the agent protocol are made of.

Source: Deepgram Voice Agent API.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

Role: TypeAlias = Literal["user", "assistant"]
"""Who said a line of the conversation."""


class Part(Struct, frozen=True, omit_defaults=True):
    """Base of every object nested in an agent message."""


class Message(Struct, frozen=True, omit_defaults=True, tag=True):
    """Base of every message; the class's name is the wire's `type` unless a tag says otherwise."""


class HistoryCall(Part, frozen=True, kw_only=True):
    """One completed function call, as `History` tells it.

    - id, name: the call and the function.
    - client_side: whether the client ran the function.
    - arguments: a JSON text, as the model wrote it.
    - response: the function's result, as text.
    - thought_signature: an opaque mark that some models want back.

    Source: Deepgram Voice Agent API, History.
    """

    id: str
    name: str
    client_side: bool
    arguments: str
    response: str
    thought_signature: str | None = None


class History(Message, frozen=True):
    """One line of the conversation or a group of completed calls; one wire type, two shapes.

    Exactly one shape is complete: `role` with `content`, or `function_calls`. Sent by the server
    after each `ConversationText` and each completed call; sent by the client in
    `agent.context.messages` to restore a conversation.

    Source: Deepgram Voice Agent API, History.
    """

    role: Role | None = None
    content: str | None = None
    function_calls: tuple[HistoryCall, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a line without its role or its text."""
        if self.function_calls is not None:
            return
        for name in ("role", "content"):
            if getattr(self, name) is None:
                raise ValueError(f"Object missing required field `{name}`")
