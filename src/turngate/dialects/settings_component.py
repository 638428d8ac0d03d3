"""The keys that a widespread React voice component has in `Settings` beyond the agent protocol.

They name fields of the upstream's session; its keys in `agent.think` stand with the others of that.

Source: the React voice component's own proxy.
"""

from turngate.dialects.settings_rows import NULL, SPEED_RANGE, VOICES, Row, in_range
from turngate.errors import SettingsRefused
from turngate.wire import agent

IDLE_RANGE_MS = (5_000, 30_000)


def _idle_timeout(block: agent.AgentSettings) -> object:
    wanted = block.idle_timeout_ms
    if wanted is None:
        return None
    low, high = IDLE_RANGE_MS
    return NULL if wanted < 0 else min(max(wanted, low), high)


def _manual(block: agent.AgentSettings) -> object:
    return NULL if block.manual_audio_commit else None


def _output_voice(block: agent.AgentSettings) -> object:
    match block.session_audio_output:
        case None | agent.SessionAudioOutput(voice=None):
            return None
        case agent.SessionAudioOutput(voice=agent.CustomVoice(id=voice_id)):
            return {"id": voice_id}
        case agent.SessionAudioOutput(voice=str(voice)) if voice in VOICES:
            return voice
        case _:
            one_of = f"one of {', '.join(sorted(VOICES))}, or an object with an id"
            raise SettingsRefused("agent.sessionAudioOutput.voice", one_of)


def _output_speed(block: agent.AgentSettings) -> object:
    output = block.session_audio_output
    return in_range(output.speed if output else None, "agent.sessionAudioOutput.speed")


IDLE = Row[agent.AgentSettings](
    "agent.idleTimeoutMs",
    "audio.input.turn_detection.idle_timeout_ms",
    _idle_timeout,
    "ms, brought to between {} and {}; the upstream asks, by itself; -1 is null".format(
        *IDLE_RANGE_MS
    ),
)
COMPONENT: tuple[Row[agent.AgentSettings], ...] = (
    IDLE,
    Row(
        "agent.useOpenAIManualAudioCommit",
        "audio.input.turn_detection",
        _manual,
        "null where true; turngate commits the audio after a pause",
    ),
    Row(
        "agent.sessionAudioOutput.voice",
        "audio.output.voice",
        _output_voice,
        "in the place of agent.speak's; a voice of the upstream's or an object with its id",
    ),
    Row(
        "agent.sessionAudioOutput.speed",
        "audio.output.speed",
        _output_speed,
        "in the place of agent.speak's; {} to {}".format(*SPEED_RANGE),
    ),
)
