"""`turngate emulate`: what its flags and files mean, and what it shows."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from rich.console import Console
from typer.testing import CliRunner

from turngate.cli.commands import app
from turngate.cli.plain import READY
from turngate.cli.watch import News, picture, watch
from turngate.emulator import Emulator, Knobs, serving

DEADLINE_S = 10


class Client(WSListener):
    """A plain client with its events in a queue."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Any] = asyncio.Queue()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - picows
        if frame.msg_type is WSMsgType.TEXT:
            self.events.put_nowait(json.loads(frame.get_payload_as_bytes()))

    async def until(self, kind: str) -> Any:
        async with asyncio.timeout(DEADLINE_S):
            while (event := await self.events.get())["type"] != kind:
                pass
        return event


async def connected(url: str) -> tuple[WSTransport, Client]:
    transport, client = await ws_connect(Client, f"{url}?model=m")
    assert isinstance(client, Client)
    await client.until("session.created")
    return transport, client


async def asked(url: str, text: str) -> str:
    """Type a turn to an emulator and return the written answer."""
    transport, client = await connected(url)
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    create = {"type": "response.create", "response": {"output_modalities": ["text"]}}
    for event in ({"type": "conversation.item.create", "item": item}, create):
        transport.send(WSMsgType.TEXT, json.dumps(event).encode())
    done = await client.until("response.done")
    transport.disconnect()
    return done["response"]["output"][0]["content"][0]["text"]


@asynccontextmanager
async def emulating(*words: str) -> AsyncGenerator[tuple[str, asyncio.StreamReader]]:
    """Run the command and yield its URL and what it says to people."""
    command = (sys.executable, "-m", "turngate", "emulate", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, *words, stdout=PIPE, stderr=PIPE)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)).decode()
        assert line.startswith(READY)
        yield line.removeprefix(READY).strip(), process.stderr
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def test_files_and_flags(tmp_path: Path) -> None:
    script = tmp_path / "plan.yaml"
    script.write_text("replies: [{when: open, answer: At nine.}]")
    knobs = tmp_path / "knobs.json"
    knobs.write_text('{"first_delta_ms": 0, "per_delta_ms": 0}')
    words = ("--script", str(script), "--mind", "script", "--knobs", str(knobs))
    async with emulating(*words) as (url, said):
        assert await asked(url, "When do you open?") == "At nine."
        assert b"espeak" in await said.readline()
        assert await said.readline() == b"call 1 begins: m\n"
        assert await said.readline() == b"call 1 ends: 1 turns, 1 responses, 0 violations\n"


@pytest.mark.parametrize(
    "words, says",
    [
        (("--knobs", "nowhere.json"), "--knobs: cannot read nowhere.json"),
        (("--knobs", '{"dialect": "klingon"}'), "--knobs: Unknown dialect"),
        (("--script", "nowhere.yaml"), "--script: cannot read nowhere.yaml"),
        (("--mind", "llm"), "--mind: llm needs --llm-url"),
        (("--mind", "script"), "--mind: script needs --script"),
    ],
)
async def test_what_is_asked_wrongly(words: tuple[str, ...], says: str) -> None:
    result = await asyncio.to_thread(CliRunner().invoke, app, ("emulate", "--port", "0", *words))
    assert (result.exit_code, says in result.stderr) == (2, True)


async def test_a_misspelt_script_is_one_sentence(tmp_path: Path) -> None:
    script = tmp_path / "plan.json"
    script.write_text('{"responds": []}')
    words = ("emulate", "--script", str(script))
    result = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert (result.exit_code, "responds" in result.stderr) == (2, True)


async def breached(emulator: Emulator) -> None:
    """Have one client break a rule."""
    transport, client = await connected(emulator.url)
    for _ in range(2):
        transport.send(WSMsgType.TEXT, b'{"type": "response.create"}')
    await client.until("error")


async def test_the_news_of_a_call() -> None:
    async with serving(knobs=Knobs(never_done_response=1)) as emulator:
        news = News(emulator)
        await breached(emulator)
        begins, refused = news.lines()
        assert begins == "call 1 begins: m"
        assert refused.startswith("call 1 at ")
        assert refused.endswith(": conversation_already_has_active_response")
        assert list(news.lines()) == []


async def test_the_table() -> None:
    async with serving(knobs=Knobs(never_done_response=1)) as emulator:
        shown = Console(file=StringIO(), width=120, force_terminal=False)
        shown.print(picture(emulator, []))
        await breached(emulator)
        shown.print(picture(emulator, ["a breach"]))
    assert isinstance(shown.file, StringIO)
    text = shown.file.getvalue()
    assert "no call yet" in text
    row = next(line for line in text.splitlines() if "answers" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "1", "m", "0 s", "0", "1", "answers", "1", "0",
    ]  # fmt: skip
    assert "a breach" in text


class Screen(StringIO):
    """A terminal that says when something was written on it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()

    def write(self, s: str, /) -> int:
        self.written.set()
        return super().write(s)


async def test_a_terminal_sees_it_live() -> None:
    async with serving() as emulator:
        screen = Screen()
        watching = asyncio.create_task(watch(emulator, Console(file=screen, force_terminal=True)))
        async with asyncio.timeout(DEADLINE_S):
            while "no call yet" not in screen.getvalue():
                screen.written.clear()
                await screen.written.wait()
        watching.cancel()
        await asyncio.wait([watching])
