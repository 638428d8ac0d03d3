"""`turngate talk` in a real terminal, and for programs."""

import asyncio
import re
import shutil
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from gateway.stand import gateway
from turngate.cli.figures import Figures
from turngate.cli.sound import Loudspeaker
from turngate.cli.talk_view import side
from turngate.client import Audio, FunctionAnswered, agent
from turngate.emulator import serving

WIDTH, HEIGHT = 80, 24
DEADLINE_S = 20.0
ROOT = Path(__file__).parent.parent.parent


class Terminal:
    """A tmux of its own, in which the program runs."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def tmux(self, *arguments: str) -> str:
        """Run a command of tmux and return what it prints."""
        process = await asyncio.create_subprocess_exec(
            "tmux", "-S", str(self._socket), *arguments, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        return printed.decode()

    async def shows(self, pattern: str) -> str:
        """Return the screen once it shows what matches `pattern`."""
        deadline = time.monotonic() + DEADLINE_S
        while not re.search(pattern, screen := await self.tmux("capture-pane", "-p")):
            assert time.monotonic() < deadline, f"{pattern!r} never showed on\n{screen}"
            await asyncio.sleep(0.1)
        return screen


@asynccontextmanager
async def talking(folder: Path) -> AsyncGenerator[Terminal]:
    """Run the program against a gateway."""
    async with serving() as emulator, gateway(emulator.url) as stand:
        terminal = Terminal(folder / "tmux")
        url = f"ws://{stand.host}:{stand.port}/v1/agent/converse"
        # The size is the terminal's, whatever the environment of the tests says.
        program = f"env -u COLUMNS -u LINES {sys.executable} -m turngate talk --url {url}"
        command = f"{program}; read end"
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        await terminal.tmux("-f", "/dev/null", "new-session", "-d", *size, "-c", str(ROOT), command)
        try:
            yield terminal
        finally:
            await terminal.tmux("kill-server")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
async def test_screen_of_80_by_24_shows_the_conversation(tmp_path: Path) -> None:
    async with talking(tmp_path) as terminal:
        await terminal.shows("Type, and press Enter")
        await terminal.tmux("send-keys", "what time is it in Paris?", "Enter")
        await terminal.shows(r"get_time +\d+ ms")
        screen = await terminal.shows("text after")
        lines = screen.splitlines()
        assert len(lines) <= HEIGHT
        assert max(map(len, lines)) <= WIDTH
        assert "you  what time is it in Paris?" in screen
        assert 'call  get_time(city="Paris")' in screen
        assert "in Paris." in screen
        assert "● your turn" in screen
        await terminal.tmux("send-keys", "F2")
        await terminal.shows("start with --mic to speak")
        await terminal.tmux("send-keys", "C-q")
        deadline = time.monotonic() + DEADLINE_S
        while "Type, and press" in await terminal.tmux("capture-pane", "-p"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


async def test_programs_get_a_line_of_json_an_event() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        url = f"ws://{stand.host}:{stand.port}/v1/agent/converse"
        arguments = ("talk", "--json", "--url", url, "what time is it in Paris?")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "turngate", *arguments, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
    assert process.returncode == 0
    events = [msgspec.json.decode(line, type=dict[str, object]) for line in printed.splitlines()]
    types = [event["type"] for event in events]
    assert types[0] == "Welcome"
    assert types[-1] == "History"
    assert {"SettingsApplied", "FunctionCallRequest", "FunctionAnswered", "Audio"} <= set(types)


def test_what_stands_beside_the_conversation_fits() -> None:
    figures = Figures()
    figures.asked()
    figures.take(Audio(bytes(48_000)))
    assert figures.state == "speaking"
    call = agent.FunctionCall(id="1", name="a_function_with_a_name", arguments="", client_side=True)
    figures.take(agent.FunctionCallRequest((call,)))
    assert "..." in side(figures, "on").plain
    answered = FunctionAnswered(
        call_id="1", name=call.name, arguments="", content="", failed=True, took_ms=12_345.0
    )
    figures.take(answered)
    figures.take(agent.AgentAudioDone())
    shown = side(figures, "off").plain.splitlines()
    assert max(map(len, shown)) <= 23
    assert shown[0] == "● your turn"
    assert any("12345 ms" in line for line in shown)
    assert any("1.0 s" in line for line in shown)


def test_speech_restarts_the_clock_when_it_was_understood() -> None:
    figures = Figures()
    figures.take(agent.UserStartedSpeaking())
    assert figures.state == "listening"
    figures.take(agent.ConversationText(role="user", content="hi"))
    assert figures.state == "thinking"
    figures.take(agent.ConversationText(role="assistant", content="hello"))
    assert figures.text_ms is not None


def test_loudspeaker_plays_in_order_and_falls_silent_at_once() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.play(b"\x01\x01")
    loudspeaker.play(b"\x02\x02")
    assert loudspeaker.take(2) == b"\x01\x01"
    assert loudspeaker.take(4) == b"\x02\x02\x00\x00"
    loudspeaker.play(b"\x03\x03")
    loudspeaker.clear()
    assert loudspeaker.take(2) == b"\x00\x00"
