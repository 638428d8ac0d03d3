"""Settings that cannot be had are refused by the name that the client knows."""

import pytest

from dialects.configured import full, session
from turngate.dialects import settings
from turngate.errors import SettingsRefused


@pytest.mark.parametrize(
    "block, field",
    [
        ('{"audio": {"input": {"encoding": "opus"}}}', "audio.input.encoding"),
        ('{"audio": {"input": {"sample_rate": 22050}}}', "audio.input.sample_rate"),
        ('{"audio": {"output": {"encoding": "mp3"}}}', "audio.output.encoding"),
        ('{"audio": {"output": {"sample_rate": 11025}}}', "audio.output.sample_rate"),
        ('{"audio": {"output": {"container": "ogg"}}}', "audio.output.container"),
        ('{"agent": "b2c1"}', "agent"),
        (
            '{"agent": {"think": {"provider": {}, "outputModalities": ["text", "audio"]}}}',
            "agent.think.outputModalities",
        ),
        ('{"agent": {"speak": {"provider": {"speed": 2}}}}', "agent.speak.provider.speed"),
        ('{"agent": {"speak": {"provider": {"speed": 0.2}}}}', "agent.speak.provider.speed"),
        ('{"agent": {"sessionAudioOutput": {"speed": 9}}}', "agent.sessionAudioOutput.speed"),
        ('{"agent": {"sessionAudioOutput": {"voice": "bob"}}}', "agent.sessionAudioOutput.voice"),
        (
            '{"agent": {"think": {"provider": {}, "maxOutputTokens": 0}}}',
            "agent.think.maxOutputTokens",
        ),
    ],
)
def test_setting_that_cannot_be_had_is_refused_by_its_name(block: str, field: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        session(full(block))
    assert refused.value.field == field
    assert refused.value.reason


@pytest.mark.parametrize("speed", [0.25, 1, 1.5])
def test_speed_at_the_edge_is_taken(speed: float) -> None:
    assert session(full(speak={"provider": {"speed": speed}}))["audio"]["output"]["speed"] == speed


@pytest.mark.parametrize(
    "param, field",
    [
        ("session.instructions", "agent.think.prompt"),
        ("instructions", "agent.think.prompt"),
        ("session.tools", "agent.think.functions"),
        ("session.tools[0].parameters", "agent.think.functions"),
        ("session.tool_choice.name", "agent.think.toolChoice"),
        ("session.prompt.id", "agent.think.managedPrompt"),
        ("session.audio.input.format.rate", "audio.input"),
        ("session.audio.output.format", "audio.output"),
        ("session.audio.output.voice", "agent.speak.provider.voice"),
        ("session.audio.input.transcription.language", "agent.listen.provider.language"),
        ("session.audio.input.turn_detection.idle_timeout_ms", "agent.idleTimeoutMs"),
        ("session.audio.input.turn_detection", "session.audio.input.turn_detection"),
        ("session.toolset", "session.toolset"),
        ("audio.input.encoding", "audio.input.encoding"),
        ("", ""),
    ],
)
def test_refused_field_is_named_as_the_client_wrote_it(param: str, field: str) -> None:
    assert settings.client_field(param) == field
