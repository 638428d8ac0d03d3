"""What clients of the agent protocol say, `Settings` apart.

Source: Deepgram Voice Agent API, client messages.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from turngate.wire.agent_objects import Message
from turngate.wire.agent_settings import (
    ListenSettings,
    OneOrMoreSpeak,
    OneOrMoreThink,
    ThinkLiveSettings,
)

Behavior: TypeAlias = Literal["default", "queue", "interrupt"]
"""How an injected line treats a turn in progress."""


class UpdatePrompt(Message, frozen=True):
    """Adds to the agent's prompt; answered by `PromptUpdated`.

    Source: Deepgram Voice Agent API, client messages.
    """

    prompt: str


class UpdateThink(Message, frozen=True):
    """Replaces the whole think block: provider, prompt, functions; answered by `ThinkUpdated`.

    Source: Deepgram Voice Agent API, client messages.
    """

    think: OneOrMoreThink


class UpdateSpeak(Message, frozen=True):
    """Replaces the voice; answered by `SpeakUpdated`.

    Source: Deepgram Voice Agent API, client messages.
    """

    speak: OneOrMoreSpeak


class UpdateListen(Message, frozen=True):
    """Replaces the speech recognition; answered by `ListenUpdated`.

    Source: Deepgram Voice Agent API, client messages.
    """

    listen: ListenSettings


class UpdateThinkLive(Message, frozen=True, tag="UpdateThink_Live"):
    """Changes the companion model; answered by `ThinkLiveUpdated`.

    Source: Deepgram Voice Agent API, client messages (early access).
    """

    think_live: ThinkLiveSettings


class InjectUserMessage(Message, frozen=True):
    """A typed line of the user; answered by a turn.

    Source: Deepgram Voice Agent API, client messages.
    """

    content: str


class InjectAgentMessage(Message, frozen=True):
    """A line for the agent to say; spoken, or answered by `InjectionRefused`.

    - message: what to say, word for word.
    - behavior: `default` speaks only between turns, `queue` waits, `interrupt` cuts in.
    - is_dynamic: the model finds the words; then there is no message.
    - content: what some clients call `message`; read `text`, which is either.

    Source: Deepgram Voice Agent API, client messages.
    """

    message: str | None = None
    behavior: Behavior | None = None
    is_dynamic: bool | None = None
    content: str | None = None

    def __post_init__(self) -> None:
        """Refuse a message that says nothing."""
        if self.message is None and self.content is None and not self.is_dynamic:
            raise ValueError("Object missing required field `message`")

    @property
    def text(self) -> str | None:
        """What to say, under either name; None for a dynamic message."""
        return self.message if self.message is not None else self.content


class FunctionCallResponse(Message, frozen=True):
    """A function's result: from the client for its own calls, from the server for the others.

    - name: the function.
    - content: the result, as text.
    - id: the call, as `FunctionCallRequest` named it; clients should send it.
    - error, result: what some clients send instead of content; read `output`, which is any.

    Source: Deepgram Voice Agent API, client and server messages.
    """

    name: str
    content: str | None = None
    id: str | None = None
    error: Any = None
    result: Any | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a response that holds no result at all."""
        if self.content is None and self.error is None and self.result is UNSET:
            raise ValueError("Object missing required field `content`")

    @property
    def output(self) -> str:
        """The result as text: `content`, else the error in an object, else the result as JSON."""
        if self.content is not None:
            return self.content
        spare = self.result if self.error is None else {"error": self.error}
        return msgspec.json.encode(spare).decode()


class KeepAlive(Message, frozen=True):
    """Says that the client is there while it sends no audio; not answered.

    Source: Deepgram Voice Agent API, client messages.
    """


class ForceEndTurn(Message, frozen=True):
    """Ends the user's turn now.

    Source: Deepgram Voice Agent API, client messages.
    """


class CustomToThinkProvider(Message, frozen=True, tag="__customToThinkProvider"):
    """Something for the language model's provider, passed on unread.

    Source: Deepgram Python SDK, Voice Agent types.
    """

    content: Any
