"""What servers of the agent protocol say, `History` and `FunctionCallResponse` apart.

Source: Deepgram Voice Agent API, server messages.
"""

from typing import Any

from turngate.wire.agent_objects import Message, Part, Role


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
