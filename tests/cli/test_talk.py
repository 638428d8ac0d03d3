"""`turngate talk` against an agent that plays its part by the letter, in the same process."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from typer.testing import CliRunner

from turngate.audio.wav import read_wav, write_wav
from turngate.cli.commands import app
from turngate.cli.demo_functions import get_time, roll_dice, zone_of
from turngate.units import RATE_HZ, pcm_bytes

SECOND = bytes(pcm_bytes(1000))
CALL = {"id": "1", "name": "get_time", "arguments": '{"city":"Paris"}', "client_side": True}


class Agent(WSListener):
    """Says what `answers` yields to each message of the client."""

    def __init__(self, answers: Callable[["Agent", object], None]) -> None:
        self.answers = answers
        self.transport: WSTransport | None = None
        self.heard_ms = 0.0
        self.is_speaking = False

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        match frame.msg_type:
            case WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code())
                transport.disconnect()
            case WSMsgType.BINARY:
                self.answers(self, frame.get_payload_as_bytes())
            case _:
                self.answers(self, msgspec.json.decode(frame.get_payload_as_bytes()))

    def tell(self, kind: str, **fields: object) -> None:
        assert self.transport is not None
        self.transport.send(WSMsgType.TEXT, msgspec.json.encode({"type": kind, **fields}))

    def speak(self, text: str, pcm: bytes = SECOND) -> None:
        assert self.transport is not None
        self.tell("ConversationText", role="assistant", content=text)
        self.transport.send(WSMsgType.BINARY, pcm)
        self.tell("AgentAudioDone")


def helpful(agent: Agent, said: object) -> None:
    """Answer typed questions by a call, and speech by its length."""
    match said:
        case {"type": "Settings"}:
            agent.tell("SettingsApplied")
        case {"type": "InjectUserMessage", "content": str(content)}:
            agent.tell("ConversationText", role="user", content=content)
            agent.tell("FunctionCallRequest", functions=[CALL])
        case {"type": "FunctionCallResponse", "content": str(content)}:
            agent.speak(f"It is {msgspec.json.decode(content)['time']}.")
        case bytes() if any(said):
            if not agent.is_speaking:
                agent.is_speaking = True
                agent.tell("UserStartedSpeaking")
            agent.heard_ms += 20
        case bytes() if agent.is_speaking:
            agent.is_speaking = False
            agent.speak(f"I heard {agent.heard_ms:.0f} ms.")
        case _:
            pass


def refusing(agent: Agent, _said: object) -> None:
    agent.tell("Error", code="INVALID_SETTINGS", description="agent.think is missing")


def unreachable(agent: Agent, _said: object) -> None:
    agent.tell("Error", code="FAILED_TO_THINK", description="The upstream is not there.")


def deaf(_agent: Agent, _said: object) -> None:
    pass


def failing(agent: Agent, said: object) -> None:
    match said:
        case {"type": "Settings"}:
            agent.tell("SettingsApplied")
        case {"type": "InjectUserMessage"}:
            agent.tell("Error", code="FAILED_TO_THINK", description="The upstream is gone.")
        case _:
            pass


def silent(agent: Agent, said: object) -> None:
    match said:
        case {"type": "Settings"}:
            agent.tell("SettingsApplied")
        case _:
            pass


def leaving(agent: Agent, said: object) -> None:
    match said:
        case {"type": "Settings"}:
            agent.tell("SettingsApplied")
        case _:
            assert agent.transport is not None
            agent.transport.send_close()


@asynccontextmanager
async def listening(answers: Callable[[Agent, object], None]) -> AsyncGenerator[str]:
    server = await ws_create_server(lambda _: Agent(answers), "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/agent/converse"
    finally:
        server.close()


async def talked(
    answers: Callable[[Agent, object], None], *words: str, typed: str = ""
) -> tuple[int, str, str]:
    async with listening(answers) as url:
        result = await asyncio.to_thread(
            CliRunner().invoke,
            app,
            ["talk", "--url", url, *words],
            env={"COLUMNS": "200"},
            input=typed,
        )
    return result.exit_code, result.stdout, result.stderr


async def test_a_typed_question_is_answered_through_a_function() -> None:
    code, told, _ = await talked(helpful, "what time is it in Paris?")
    now = datetime.now(ZoneInfo("Europe/Paris"))
    lines = [line.strip() for line in told.splitlines()]
    assert code == 0
    assert lines[0] == "you  what time is it in Paris?"
    assert lines[1] == 'call  get_time(city="Paris")'
    assert lines[2].startswith('result  get_time: {"city":"Paris","time":"')
    assert f'"day":"{now:%A}"' in lines[2]
    assert lines[2].endswith(" ms")
    assert lines[3].startswith("agent  It is ")
    assert lines[4].endswith("1.0 s of speech")


@pytest.mark.parametrize("words, typed", [(("one", "two"), ""), ((), "one\n\ntwo\n")])
async def test_several_messages_wait_for_each_other(words: tuple[str, ...], typed: str) -> None:
    code, told, _ = await talked(helpful, *words, typed=typed)
    labels = [line.split()[0] for line in told.splitlines() if line.strip()]
    one = ["you", "call", "result", "agent", "text"]
    assert (code, labels) == (0, one + one)


def thorough(agent: Agent, said: object) -> None:
    """Tell, as turngate does, how long the turn took, and what was heard once it was."""
    match said:
        case {"type": "InjectUserMessage"}:
            agent.speak("It is noon.", bytes(pcm_bytes(200)))
            agent.tell("LatencyReport", total_latency=0.2)
            heard = {"role": "assistant", "content": "It is noon."}
            asyncio.get_running_loop().call_later(0.2, lambda: agent.tell("History", **heard))
        case _:
            silent(agent, said)


@pytest.mark.parametrize("words", [("noon?",), ("noon?", "really?")])
async def test_lines_of_json_end_with_what_was_heard(words: tuple[str, ...]) -> None:
    code, told, _ = await talked(thorough, "--json", *words)
    kinds = [msgspec.json.decode(line)["type"] for line in told.splitlines()]
    assert (code, kinds[-1]) == (0, "History")
    assert kinds.count("LatencyReport") == kinds.count("History") == len(words)


async def test_lines_of_json_wait_for_nothing_that_a_server_does_not_tell() -> None:
    def brief(agent: Agent, said: object) -> None:
        match said:
            case {"type": "InjectUserMessage"}:
                agent.speak("Yes.", bytes(pcm_bytes(20)))
            case _:
                silent(agent, said)

    code, told, _ = await talked(brief, "--json", "really?")
    kinds = [msgspec.json.decode(line)["type"] for line in told.splitlines()]
    assert (code, kinds[-1]) == (0, "AgentAudioDone")


async def test_recorded_speech_is_spoken_and_the_answer_written(tmp_path: Path) -> None:
    question, answer = tmp_path / "question.wav", tmp_path / "answer.wav"
    write_wav(question, b"\x10\x20" * (pcm_bytes(300) // 2), RATE_HZ)
    code, told, _ = await talked(helpful, "--wav", str(question), "--out", str(answer))
    assert code == 0
    assert "agent  I heard 300 ms." in told
    assert told.endswith("answer.wav: 1.0 s of speech\n")
    assert read_wav(answer) == (SECOND, RATE_HZ)


async def test_speech_at_another_rate_is_resampled(tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    write_wav(question, b"\x10\x20" * (pcm_bytes(300, 8000) // 2), 8000)
    code, told, _ = await talked(helpful, "--wav", str(question))
    assert (code, "agent  I heard 3" in told) == (0, True)


async def test_a_pause_in_the_recording_is_not_its_end(tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    speech, pause = b"\x10\x20" * (pcm_bytes(100) // 2), bytes(pcm_bytes(100))
    write_wav(question, speech + pause + speech, RATE_HZ)
    code, told, _ = await talked(helpful, "--wav", str(question))
    assert code == 0
    assert "I heard 100 ms." in told
    assert "I heard 200 ms." in told


def interrupted(agent: Agent, said: object) -> None:
    """Begin an answer in the recording's pause, and end it only after the interruption."""
    match said:
        case bytes() if any(said) and not agent.is_speaking:
            agent.is_speaking = True
            agent.tell("UserStartedSpeaking")
            if agent.heard_ms:
                agent.tell("AgentAudioDone")
            agent.heard_ms += 1
        case bytes() if not any(said) and agent.is_speaking:
            agent.is_speaking = False
            if agent.heard_ms == 1:
                agent.tell("ConversationText", role="assistant", content="I was")
            else:
                agent.speak("Now you have it all.")
        case _:
            silent(agent, said)


async def test_the_end_of_an_interrupted_answer_is_not_the_answer(tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    speech, pause = b"\x10\x20" * (pcm_bytes(100) // 2), bytes(pcm_bytes(100))
    write_wav(question, speech + pause + speech, RATE_HZ)
    code, told, _ = await talked(interrupted, "--wav", str(question))
    assert (code, "Now you have it all." in told) == (0, True)


@pytest.mark.parametrize(
    "answers, says",
    [
        (refusing, "the settings were refused (INVALID_SETTINGS): agent.think is missing"),
        (unreachable, "turngate: The upstream is not there. (FAILED_TO_THINK)"),
        (deaf, "no SettingsApplied within 0.2 s\n"),
        (failing, "The upstream is gone. (FAILED_TO_THINK)"),
        (silent, "no complete answer within 0.2 s"),
        (leaving, "the gateway ended the conversation before it answered"),
    ],
)
async def test_what_goes_wrong_is_one_sentence(
    answers: Callable[[Agent, object], None], says: str
) -> None:
    code, _, complained = await talked(answers, "hello", "--timeout", "0.2")
    assert code == 1
    assert says in complained
    assert complained.count("\n") == 1


@pytest.mark.parametrize(
    "city, zone",
    [
        ("Paris", "Europe/Paris"),
        (" new york ", "America/New_York"),
        ("San Francisco", "America/Los_Angeles"),
        ("Asia/Tokyo", "Asia/Tokyo"),
    ],
)
def test_a_city_has_its_zone(city: str, zone: str) -> None:
    assert zone_of(city) == zone
    assert get_time(city)["city"] == city


def test_a_city_that_nobody_knows_is_told() -> None:
    with pytest.raises(LookupError, match="no time zone is known for Atlantis"):
        zone_of("Atlantis")


async def test_a_missing_zone_database_is_told() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", NO_DATABASE), stderr=asyncio.subprocess.PIPE
    )
    _, complained = await process.communicate()
    assert b"LookupError: this computer has no time zone database" in complained


NO_DATABASE = """
import sys, zoneinfo
sys.modules["tzdata"] = None
zoneinfo.reset_tzpath([])
from turngate.cli.demo_functions import zone_of
zone_of("Paris")
"""


def test_a_die_shows_one_of_its_sides() -> None:
    assert {roll_dice(2)["rolled"] for _ in range(64)} == {1, 2}
