"""The Deepgram Voice Agent v1 protocol: every message of both directions, as typed values.

A class bears its wire type's name; the exceptions are `AgentWarning` (`Warning` is Python's own),
`UpdateThinkLive` (`UpdateThink_Live`), and the two whose wire names begin with `__custom`. Which
message may come when is not known here. Everything is re-exported from here.

Source: Deepgram Voice Agent API.
"""

from typing import TypeAlias

from turngate.wire.agent_client import (
    Behavior,
    CustomToThinkProvider,
    ForceEndTurn,
    FunctionCallResponse,
    InjectAgentMessage,
    InjectUserMessage,
    KeepAlive,
    UpdateListen,
    UpdatePrompt,
    UpdateSpeak,
    UpdateThink,
    UpdateThinkLive,
)
from turngate.wire.agent_component import AgentDone, Alternative, Transcript, UtteranceEnd
from turngate.wire.agent_objects import History, HistoryCall, Message, Part, Role
from turngate.wire.agent_server import (
    AgentAudioDone,
    AgentStartedSpeaking,
    AgentThinking,
    AgentWarning,
    CancelledCall,
    ConversationText,
    CustomFromThinkProvider,
    Error,
    FrustrationDetected,
    FunctionCall,
    FunctionCallCancelled,
    FunctionCallRequest,
    InjectionRefused,
    LatencyReport,
    ListenUpdated,
    PromptUpdated,
    SettingsApplied,
    SpeakUpdated,
    ThinkLiveUpdated,
    ThinkUpdated,
    UserStartedSpeaking,
    Welcome,
)
from turngate.wire.agent_settings import (
    AgentSettings,
    AudioInput,
    AudioOutput,
    AudioSettings,
    Context,
    CustomVoice,
    Endpoint,
    Flags,
    Function,
    ListenProvider,
    ListenSettings,
    ManagedPrompt,
    OneOrMoreSpeak,
    OneOrMoreThink,
    SessionAudioOutput,
    SessionFormat,
    Settings,
    SpeakProvider,
    SpeakSettings,
    ThinkLiveProvider,
    ThinkLiveSettings,
    ThinkProvider,
    ThinkSettings,
)

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
    | Transcript
    | UtteranceEnd
    | AgentDone
)
"""Whatever a server may say as text; the last three only to a React voice component."""

__all__ = [
    "AgentAudioDone",
    "AgentDone",
    "AgentSettings",
    "AgentStartedSpeaking",
    "AgentThinking",
    "AgentWarning",
    "Alternative",
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
    "CustomVoice",
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
    "SessionAudioOutput",
    "SessionFormat",
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
    "Transcript",
    "UpdateListen",
    "UpdatePrompt",
    "UpdateSpeak",
    "UpdateThink",
    "UpdateThinkLive",
    "UserStartedSpeaking",
    "UtteranceEnd",
    "Welcome",
]
