"""What each failure leads to, wherever it occurs: a code, a severity, a close, a status, a log level.

Source: Deepgram Voice Agent API, errors and warnings, for the codes it documents.
"""

from enum import StrEnum
from typing import NamedTuple

from turngate.errors import (
    AgentHasFloor,
    AlreadyApplied,
    BadField,
    CallEnding,
    CallerIdle,
    CallOverdue,
    CallTooLong,
    ClientSilent,
    ConfigError,
    ContextRefused,
    EndpointRefused,
    FieldsIgnored,
    Flooding,
    FunctionFailed,
    FunctionIgnored,
    GoingAway,
    InternalFault,
    ListenFailed,
    MessageTooBig,
    NoStoredAgents,
    PromptTooLong,
    QueueFull,
    ReaderStalled,
    RepeatedResult,
    RequestRefused,
    ResponseFailed,
    ResponseIncomplete,
    SettingsRefused,
    SlowReader,
    TooEarly,
    TooFast,
    TranscriptionFailed,
    TurngateError,
    Undecodable,
    UnknownAgent,
    UnknownCall,
    UnknownMessage,
    Unsupported,
    UpstreamExhausted,
    UpstreamLost,
    UpstreamSilent,
    UpstreamTrouble,
    UpstreamUnreachable,
    UserHasFloor,
    VoiceKept,
    WithoutEffect,
)


class Severity(StrEnum):
    """How a failure is told to an agent client."""

    WARNING = "Warning"
    ERROR = "Error"


class Answer(NamedTuple):
    """What a failure leads to, wherever it occurs."""

    code: str
    """The agent protocol's code."""
    severity: Severity = Severity.ERROR
    close: int | None = None
    """The WebSocket close code, or None where the session goes on.

    Stock clients stay away after 1000 and come back after any other code: so it is for those who
    would come back only to be silent again.
    """
    http: int = 500
    """The HTTP status where the failure meets an HTTP request."""
    log: str = "warning"


_WARN = Severity.WARNING

ANSWERS: dict[type[TurngateError], Answer] = {
    ConfigError: Answer("INTERNAL_SERVER_ERROR", close=1011, http=500, log="error"),
    ListenFailed: Answer("INTERNAL_SERVER_ERROR", close=1011, http=500, log="error"),
    Undecodable: Answer("UNPARSABLE_CLIENT_MESSAGE", http=400),
    UnknownMessage: Answer("UNPARSABLE_CLIENT_MESSAGE", http=400),
    BadField: Answer("UNPARSABLE_CLIENT_MESSAGE", http=400),
    TooEarly: Answer("NON_SETTINGS_MESSAGE_BEFORE_SETTINGS", http=409),
    AlreadyApplied: Answer("SETTINGS_ALREADY_APPLIED", http=409),
    SettingsRefused: Answer("INVALID_SETTINGS", http=422),
    NoStoredAgents: Answer("AGENT_ID_NOT_SUPPORTED", http=501),
    UnknownAgent: Answer("INVALID_AGENT_ID", http=404),
    PromptTooLong: Answer("PROMPT_TOO_LONG", _WARN, http=413, log="info"),
    WithoutEffect: Answer("SETTINGS_FIELDS_IGNORED", _WARN, http=400, log="info"),
    Unsupported: Answer("UNSUPPORTED", _WARN, http=501),
    FieldsIgnored: Answer("SETTINGS_FIELDS_IGNORED", _WARN, http=400, log="info"),
    UnknownCall: Answer("UNKNOWN_FUNCTION_CALL", _WARN, http=404),
    RepeatedResult: Answer("REPEATED_FUNCTION_CALL_RESPONSE", _WARN, http=409),
    EndpointRefused: Answer("FUNCTION_ENDPOINT_REFUSED", _WARN, http=403, log="info"),
    FunctionIgnored: Answer("FUNCTION_IGNORED", _WARN, http=409, log="info"),
    UserHasFloor: Answer("INJECT_AGENT_MESSAGE_DURING_USER_SPEECH", _WARN, http=409, log="info"),
    AgentHasFloor: Answer("INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH", _WARN, http=409, log="info"),
    UpstreamUnreachable: Answer("FAILED_TO_THINK", close=1011, http=502, log="error"),
    UpstreamLost: Answer("FAILED_TO_THINK", close=1011, http=502, log="error"),
    UpstreamSilent: Answer("FAILED_TO_THINK", close=1011, http=504, log="error"),
    UpstreamTrouble: Answer("FAILED_TO_THINK", http=502),
    UpstreamExhausted: Answer("FAILED_TO_THINK", http=503, log="error"),
    RequestRefused: Answer("FAILED_TO_THINK", http=502),
    ContextRefused: Answer("THINK_REQUEST_FAILED", _WARN, http=502),
    ResponseFailed: Answer("THINK_REQUEST_FAILED", _WARN, http=502),
    ResponseIncomplete: Answer("THINK_REQUEST_FAILED", _WARN, http=502),
    TranscriptionFailed: Answer("ASR_FAILED", _WARN, http=502),
    QueueFull: Answer("QUEUE_FULL", http=429),
    SlowReader: Answer("SLOW_CLIENT", close=1013, http=503),
    ReaderStalled: Answer("SLOW_CLIENT", close=1013, http=503),
    MessageTooBig: Answer("MESSAGE_TOO_BIG", close=1009, http=413),
    TooFast: Answer("CLIENT_TOO_FAST", _WARN, http=429),
    Flooding: Answer("CLIENT_TOO_FAST", close=1008, http=429),
    CallerIdle: Answer("CLIENT_SILENT", close=1000, http=408, log="info"),
    ClientSilent: Answer("CLIENT_MESSAGE_TIMEOUT", close=1000, http=408, log="info"),
    CallEnding: Answer("MAXIMUM_SESSION_LENGTH_APPROACHING", _WARN, http=429, log="info"),
    CallTooLong: Answer("MAXIMUM_SESSION_LENGTH_REACHED", close=1000, http=429, log="info"),
    CallOverdue: Answer("FUNCTION_CALL_FAILED", _WARN, http=504),
    FunctionFailed: Answer("FUNCTION_CALL_FAILED", _WARN, http=502),
    VoiceKept: Answer("SPEAK_REQUEST_FAILED", _WARN, http=409, log="info"),
    GoingAway: Answer("SERVER_GOING_AWAY", close=1001, http=503, log="info"),
    InternalFault: Answer("INTERNAL_SERVER_ERROR", close=1011, http=500, log="error"),
}
"""One row a leaf; a test keeps it complete."""


def answer_to(error: TurngateError) -> Answer:
    """Return the row of `error`'s class."""
    return ANSWERS[type(error)]
