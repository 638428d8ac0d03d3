"""The codes that the agent protocol documents for its `Error` and `Warning` messages.

A code is a free string, so a server may have more of its own.

Source: Deepgram Voice Agent API, errors and warnings.
"""

ERROR_CODES = (
    "INTERNAL_SERVER_ERROR",
    "CLIENT_MESSAGE_TIMEOUT",
    "UNPARSABLE_CLIENT_MESSAGE",
    "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS",
    "SETTINGS_ALREADY_APPLIED",
    "INVALID_SETTINGS",
    "FAILED_TO_START_LISTENING",
    "ASR_CONNECTION_CLOSED",
    "ASR_DRIVER_TIMEOUT",
    "USER_AUDIO_FORMAT",
    "FAILED_TO_SPEAK",
    "FAILED_TO_THINK",
    "SERVER_GOING_AWAY",
    "NON_EXISTENT_FUNCTION_CALLED",
    "AGENT_ID_NOT_SUPPORTED",
    "INVALID_AGENT_ID",
    "MAXIMUM_SESSION_LENGTH_REACHED",
)
"""Of failures that end the session, or may."""

WARNING_CODES = (
    "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH",
    "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH",
    "PROMPT_TOO_LONG",
    "THINK_REQUEST_FAILED",
    "SPEAK_REQUEST_FAILED",
    "FUNCTION_CALL_FAILED",
    "SLOW_THINK_REQUEST",
    "SLOW_SPEAK_REQUEST",
    "FORCE_END_TURN_UNSUPPORTED",
    "GPT_4O_STREAM_END_ERROR",
    "MAXIMUM_SESSION_LENGTH_APPROACHING",
)
"""Of failures after which the session goes on."""
