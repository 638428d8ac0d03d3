"""The Deepgram Voice Agent v1 protocol: every message of both directions, as typed values.

A class bears its wire type's name; the exceptions are `AgentWarning` (`Warning` is Python's own),
`UpdateThinkLive` (`UpdateThink_Live`), and the two whose wire names begin with `__custom`. Which
message may come when is not known here. The objects inside `Settings` are in `agent_settings`,
re-exported from here.

Source: Deepgram Voice Agent API.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from turngate.wire.agent_settings import (
    AgentSettings,
    AudioInput,
    AudioOutput,
    AudioSettings,
    Context,
    Endpoint,
    Flags,
    Function,
    History,
    HistoryCall,
    ListenProvider,
    ListenSettings,
    ManagedPrompt,
    OneOrMoreSpeak,
    OneOrMoreThink,
    Part,
    Role,
    Settings,
    SpeakProvider,
    SpeakSettings,
    ThinkLiveProvider,
    ThinkLiveSettings,
    ThinkProvider,
    ThinkSettings,
)

Behavior: TypeAlias = Literal["default", "queue", "interrupt"]
"""How an injected line treats a turn in progress."""


class Message(Struct, frozen=True, omit_defaults=True, tag=True):
    """Base of every message; the class's name is the wire's `type` unless a tag says otherwise."""


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


class Welcome(Message, frozen=True):
    """The server's first message.

    Source: Deepgram Voice Agent API, server messages.
    """

    request_id: str


class SettingsApplied(Message, frozen=True):
    """The session is configured.

    Source: Deepgram Voice Agent API, server messages.
    """


class PromptUpdated(Message, frozen=True):
    """`UpdatePrompt` has taken effect.

    Source: Deepgram Voice Agent API, server messages.
    """


class ThinkUpdated(Message, frozen=True):
    """`UpdateThink` has taken effect.

    Source: Deepgram Voice Agent API, server messages.
    """


class SpeakUpdated(Message, frozen=True):
    """`UpdateSpeak` has taken effect.

    Source: Deepgram Voice Agent API, server messages.
    """


class ListenUpdated(Message, frozen=True):
    """`UpdateListen` has taken effect.

    Source: Deepgram Voice Agent API, server messages.
    """


class ThinkLiveUpdated(Message, frozen=True):
    """`UpdateThink_Live` has taken effect.

    Source: Deepgram Voice Agent API, server messages (early access).
    """


class UserStartedSpeaking(Message, frozen=True):
    """The user took the floor; the client drops what it has not played yet.

    Source: Deepgram Voice Agent API, server messages.
    """


class AgentAudioDone(Message, frozen=True):
    """The last byte of the turn's audio was sent, which is not to say played.

    Source: Deepgram Voice Agent API, server messages.
    """


class ConversationText(Message, frozen=True):
    """A line of the conversation: what the user said, or what the agent says.

    - conversational_behavior: `default`, `backchannel`, `presence_check` or `filler`.
    - languages_hinted, languages: expected and heard, for user lines of multilingual recognition.

    Source: Deepgram Voice Agent API, server messages.
    """

    role: Role
    content: str
    conversational_behavior: str | None = None
    languages_hinted: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None


class AgentThinking(Message, frozen=True):
    """The agent works on an answer; `content` is what it lets on, possibly nothing.

    Source: Deepgram Voice Agent API, server messages.
    """

    content: str


class AgentStartedSpeaking(Message, frozen=True, kw_only=True):
    """The turn's first audio follows; all latencies in seconds, 0.0 where not measured.

    Source: Deepgram Voice Agent API, server messages.
    """

    total_latency: float
    tts_latency: float
    ttt_latency: float


class LatencyReport(Message, frozen=True, kw_only=True):
    """How long the turn's parts took, in seconds.

    - stt_latency: from audio to transcript.
    - ttt_token_latency, ttt_text_latency, ttt_tool_latency, ttt_thinking_latency: to the model's
      first token of any kind, of text, of a call, of thought.
    - tts_latency: from the first text to the first audio byte.
    - total_latency: from the end of the utterance to the first audio byte.

    Source: Deepgram Voice Agent API, server messages.
    """

    stt_latency: float | None = None
    ttt_token_latency: float | None = None
    ttt_text_latency: float | None = None
    ttt_tool_latency: float | None = None
    ttt_thinking_latency: float | None = None
    tts_latency: float | None = None
    total_latency: float | None = None


class FunctionCall(Part, frozen=True, kw_only=True):
    """One call that the model asks for.

    - arguments: a JSON text, as the model wrote it.
    - client_side: whether the client is to run it and answer.
    - thought_signature: an opaque mark that some models want back.

    Source: Deepgram Voice Agent API, server messages.
    """

    id: str
    name: str
    arguments: str
    client_side: bool
    thought_signature: str | None = None


class FunctionCallRequest(Message, frozen=True):
    """Every call of one response.

    Source: Deepgram Voice Agent API, server messages.
    """

    functions: tuple[FunctionCall, ...]


class CancelledCall(Part, frozen=True, kw_only=True):
    """A call that needs no answer any more.

    Source: Deepgram Voice Agent API, server messages.
    """

    id: str
    name: str


class FunctionCallCancelled(Message, frozen=True):
    """Calls announced to the client that are no longer wanted.

    Source: Deepgram Voice Agent API, server messages.
    """

    functions: tuple[CancelledCall, ...]


class InjectionRefused(Message, frozen=True):
    """`InjectAgentMessage` came in the middle of a turn.

    Source: Deepgram Voice Agent API, server messages.
    """

    message: str


class FrustrationDetected(Message, frozen=True):
    """The companion model noticed frustration; `count` is of this session, from 1.

    Source: Deepgram Voice Agent API, server messages (early access).
    """

    count: int
    escalated: bool


class AgentWarning(Message, frozen=True, tag="Warning"):
    """Something went wrong and the session goes on; the code is for programs.

    Source: Deepgram Voice Agent API, errors and warnings.
    """

    code: str
    description: str


class Error(Message, frozen=True):
    """Something went wrong and the session ends; the code is for programs.

    Source: Deepgram Voice Agent API, errors and warnings.
    """

    code: str
    description: str


class CustomFromThinkProvider(Message, frozen=True, tag="__customFromThinkProvider"):
    """Something from the language model's provider, passed on unread.

    Source: Deepgram Python SDK, Voice Agent types.
    """

    content: Any


ClientMessage: TypeAlias = (
    Settings
    | UpdatePrompt
    | UpdateThink
    | UpdateSpeak
    | UpdateListen
    | UpdateThinkLive
    | InjectUserMessage
    | InjectAgentMessage
    | FunctionCallResponse
    | KeepAlive
    | ForceEndTurn
    | CustomToThinkProvider
)
"""Whatever a client may say as text."""

ServerMessage: TypeAlias = (
    Welcome
    | SettingsApplied
    | PromptUpdated
    | ThinkUpdated
    | SpeakUpdated
    | ListenUpdated
    | ThinkLiveUpdated
    | UserStartedSpeaking
    | AgentAudioDone
    | ConversationText
    | History
    | AgentThinking
    | AgentStartedSpeaking
    | LatencyReport
    | FunctionCallRequest
    | FunctionCallCancelled
    | FunctionCallResponse
    | InjectionRefused
    | FrustrationDetected
    | AgentWarning
    | Error
    | CustomFromThinkProvider
)
"""Whatever a server may say as text."""

__all__ = [
    "AgentAudioDone",
    "AgentSettings",
    "AgentStartedSpeaking",
    "AgentThinking",
    "AgentWarning",
    "AudioInput",
    "AudioOutput",
    "AudioSettings",
    "Behavior",
    "CancelledCall",
    "ClientMessage",
    "Context",
    "ConversationText",
    "CustomFromThinkProvider",
    "CustomToThinkProvider",
    "Endpoint",
    "Error",
    "Flags",
    "ForceEndTurn",
    "FrustrationDetected",
    "Function",
    "FunctionCall",
    "FunctionCallCancelled",
    "FunctionCallRequest",
    "FunctionCallResponse",
    "History",
    "HistoryCall",
    "InjectAgentMessage",
    "InjectUserMessage",
    "InjectionRefused",
    "KeepAlive",
    "LatencyReport",
    "ListenProvider",
    "ListenSettings",
    "ListenUpdated",
    "ManagedPrompt",
    "Message",
    "OneOrMoreSpeak",
    "OneOrMoreThink",
    "Part",
    "PromptUpdated",
    "Role",
    "ServerMessage",
    "Settings",
    "SettingsApplied",
    "SpeakProvider",
    "SpeakSettings",
    "SpeakUpdated",
    "ThinkLiveProvider",
    "ThinkLiveSettings",
    "ThinkLiveUpdated",
    "ThinkProvider",
    "ThinkSettings",
    "ThinkUpdated",
    "UpdateListen",
    "UpdatePrompt",
    "UpdateSpeak",
    "UpdateThink",
    "UpdateThinkLive",
    "UserStartedSpeaking",
    "Welcome",
]
