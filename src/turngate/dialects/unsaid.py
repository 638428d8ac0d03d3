"""What the agent protocol has and turngate never says, and why.

Source: Deepgram Voice Agent API, server messages, errors and warnings.
"""

from turngate.wire import agent

MESSAGES: dict[type, str] = {
    agent.ThinkLiveUpdated: "there is no companion model",
    agent.FrustrationDetected: "there is no companion model",
    agent.CustomFromThinkProvider: "the upstream says nothing of the kind",
}

CODES: dict[str, str] = {
    "FAILED_TO_START_LISTENING": "`INVALID_SETTINGS` names the field that the upstream refused",
    "ASR_CONNECTION_CLOSED": "`ASR_FAILED`, a warning, since the answer goes on",
    "ASR_DRIVER_TIMEOUT": "`ASR_FAILED`, a warning, since the answer goes on",
    "USER_AUDIO_FORMAT": "every format that `Settings` can agree on can be read, whatever comes",
    "FAILED_TO_SPEAK": "the upstream thinks and speaks in one: `FAILED_TO_THINK`",
    "NON_EXISTENT_FUNCTION_CALLED": "the client is asked for whatever the model calls",
    "SLOW_THINK_REQUEST": "`LatencyReport` tells how long a turn took",
    "SLOW_SPEAK_REQUEST": "`LatencyReport` tells how long a turn took",
    "FORCE_END_TURN_UNSUPPORTED": "`ForceEndTurn` is acted on whichever recognition is asked for",
    "GPT_4O_STREAM_END_ERROR": "`THINK_REQUEST_FAILED`, whatever the model",
}
