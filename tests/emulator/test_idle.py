"""The idle timeout of server turn detection."""

from turngate.audio.tone import silence, tone
from turngate.emulator import Knobs
from turngate.emulator.audit import Audit
from turngate.emulator.memory import MemoryClient

TIMEOUT_MS = 5000


def idle_client(**detection: object) -> MemoryClient:
    """A client whose first answer is over and will have been played in about a second."""
    client = MemoryClient(Knobs())
    chosen = {"type": "server_vad", "idle_timeout_ms": TIMEOUT_MS, **detection}
    client.update(audio={"input": {"turn_detection": chosen}})
    client.say("hi")
    client.send("response.create")
    client.until("response.done")
    return client


def played_ms(client: MemoryClient) -> int:
    """How long the first answer plays."""
    return 100 * len(client.of("response.output_audio.delta"))


def test_silence_is_committed_and_answered() -> None:
    client = idle_client()
    before = len(client.events)
    client.wait(played_ms(client) + TIMEOUT_MS + 100)
    kinds = [kind for kind in client.types[before:] if not kind.endswith(".delta")]
    assert kinds[:5] == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    timed_out = client.of("input_audio_buffer.timeout_triggered")[0]
    assert timed_out["audio_end_ms"] - timed_out["audio_start_ms"] == TIMEOUT_MS
    item = client.of("conversation.item.added")[-2]["item"]
    assert item["id"] == timed_out["item_id"]
    assert item["content"] == [{"type": "input_audio", "transcript": None}]
    judged = Audit([client.connection.ledger])
    assert (judged.violations, judged.unanswered_turns, judged.answered_twice) == (0, 0, 0)


def test_it_waits_for_the_playback() -> None:
    client = idle_client()
    client.wait(TIMEOUT_MS)
    assert client.of("input_audio_buffer.timeout_triggered") == []


def test_speech_keeps_it_away() -> None:
    client = idle_client()
    client.wait(played_ms(client) + TIMEOUT_MS - 100)
    client.hear(tone(200) + silence(100))
    client.wait(1000)
    assert client.of("input_audio_buffer.timeout_triggered") == []


def test_without_the_setting_nothing_happens() -> None:
    client = idle_client(idle_timeout_ms=None)
    client.wait(60_000)
    assert client.of("input_audio_buffer.timeout_triggered") == []
