"""The tutorial's app and configuration, as they stand on the page, before a gateway of this test's."""

import asyncio
import contextlib
import io
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from turngate.emulator import serving
from turngate.gateway.config import Config
from turngate.gateway.loading import load
from turngate.gateway.server import serve
from turngate.gateway.target import target

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "point-your-deepgram-app.md"
DEADLINE_S = 20.0


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


(APP,) = blocks("python")
VOICES, AGENTS = blocks("toml")


def run(app: str, address: str) -> str:
    """Run the app, as the SDK's blocking client does, and return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(app.replace("127.0.0.1:8080", address), "app.py", "exec"), {})  # noqa: S102 - our own page
    return printed.getvalue()


async def printed_by(app: str, config: Config) -> str:
    """Return what the app prints before a gateway with this configuration."""
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ended = asyncio.create_task(serve(config, target(config), ready=ready.set_result, stop=stop))
    try:
        address = (await ready).removeprefix("ws://")
        async with asyncio.timeout(DEADLINE_S):
            return await asyncio.to_thread(run, app, address)
    finally:
        stop.set()
        await ended


@pytest.mark.parametrize("toml, named", [("", True), (VOICES + AGENTS, False)])
# the SDK imports names that its WebSocket library has given up
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_app_of_the_page_works_with_each_configuration_of_the_page(
    toml: str, named: bool, tmp_path: Path
) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text(toml)
    app = APP
    if "agents" in tomllib.loads(toml):
        app, count = re.subn(
            r'"agent": \{\n.*?\n    \},', '"agent": "clock",', APP, flags=re.DOTALL
        )
        assert count == 1
    async with serving() as emulator:
        flags: dict[str, Any] = {"port": 0, "upstream": emulator.url, "log_level": "error"}
        printed = await printed_by(app, load({**flags, "config": str(path)}, {}))
        assert emulator.audit.violations == 0
    assert re.search(r"^assistant: It is \d\d:\d\d", printed, re.MULTILINE)
    assert "assistant: Hello, what would you like to know?" in printed
    assert "user: What time is it in Paris?" in printed
    assert ("agent.speak.provider.voice" in printed) == named
    assert "Error" not in printed
    assert float(printed.splitlines()[-1].split(" s of")[0]) > 1
