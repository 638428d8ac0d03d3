"""What a React voice component is told beyond the protocol, and how it is known to be there."""

from typing import Any

import msgspec
import pytest

from turngate.dialects import component
from turngate.dialects.component import UTTERANCES, Component
from turngate.errors import TooEarly, UpstreamTrouble
from turngate.wire import agent
from turngate.wire.codec import decode_server_event

TRANSCRIPTION = "conversation.item.input_audio_transcription."


def settings(block: object) -> agent.Settings:
    return msgspec.convert({"type": "Settings", "audio": {}, "agent": block}, agent.Settings)


def told(to: Component, kind: str, **fields: Any) -> tuple[agent.ServerMessage, ...]:
    return to.told_of(decode_server_event(msgspec.json.encode({"type": kind, **fields})))


def written(to: Component, item_id: str, delta: str) -> str:
    (shown,) = told(to, f"{TRANSCRIPTION}delta", item_id=item_id, content_index=0, delta=delta)
    assert isinstance(shown, agent.Transcript)
    assert not shown.is_final
    return shown.transcript


@pytest.mark.parametrize(
    "block, is_there",
    [
        ({}, False),
        ("reception", False),
        ({"greeting": "Hi.", "think": {"provider": {}, "prompt": "p"}}, False),
        ({"idleTimeoutMs": 10_000}, True),
        ({"sessionAudioOutput": {}}, True),
        ({"useOpenAIManualAudioCommit": False}, True),
        ({"think": {"provider": {}, "toolChoice": "auto"}}, True),
        ({"think": {"provider": {}, "outputModalities": ["audio"]}}, True),
        ({"think": {"provider": {}, "maxOutputTokens": 100}}, True),
        ({"think": {"provider": {}, "managedPrompt": {}}}, True),
    ],
)
def test_its_own_keys_show_that_it_is_there(block: object, is_there: bool) -> None:
    assert component.is_there(settings(block)) == is_there


def test_what_the_user_says_grows_until_it_is_written() -> None:
    to = Component()
    assert written(to, "a", "good") == "good"
    assert written(to, "b", "what") == "what"
    assert written(to, "a", " morning") == "good morning"
    (shown,) = told(
        to, f"{TRANSCRIPTION}completed", item_id="a", content_index=0, transcript="Good morning."
    )
    assert isinstance(shown, agent.Transcript)
    assert (shown.transcript, shown.is_final, shown.speech_final) == ("Good morning.", True, True)
    assert shown.alternatives[0].transcript == "Good morning."
    assert written(to, "a", "again") == "again"


def test_what_could_not_be_written_is_forgotten() -> None:
    to = Component()
    written(to, "a", "good")
    assert told(to, f"{TRANSCRIPTION}failed", item_id="a", content_index=0) == ()
    assert written(to, "a", "x") == "x"


def test_oldest_of_too_many_utterances_begins_anew() -> None:
    to = Component()
    for place in range(UTTERANCES + 1):
        written(to, f"item {place}", "one")
    assert written(to, f"item {UTTERANCES}", " two") == "one two"
    assert written(to, "item 0", " two") == " two"


@pytest.mark.parametrize("end_ms, end_s", [(1500, 1.5), (None, 0.0)])
def test_end_of_speech_is_the_end_of_an_utterance(end_ms: int | None, end_s: float) -> None:
    (shown,) = told(
        Component(), "input_audio_buffer.speech_stopped", audio_end_ms=end_ms, item_id="a"
    )
    assert shown == agent.UtteranceEnd(channel=(0, 1), last_word_end=end_s)


def test_other_events_are_nothing_to_it() -> None:
    assert told(Component(), "input_audio_buffer.speech_started", item_id="a") == ()


def test_failure_of_the_upstream_has_the_upstreams_code() -> None:
    to = Component()
    idle = to.failure(UpstreamTrouble("idle_timeout", "You were idle."))
    assert isinstance(idle, agent.Error)
    assert idle.code == "idle_timeout"
    unnamed = to.failure(UpstreamTrouble("", "Oh."))
    assert isinstance(unnamed, agent.Error)
    assert unnamed.code == "unknown"
    assert to.failure(TooEarly()) is None


def test_turn_ends_by_a_message_of_its_own() -> None:
    assert Component().turn_ended() == agent.AgentDone()
