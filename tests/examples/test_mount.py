"""The program of the page about mounting, as it stands there."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from gateway import hosts
from gateway.stand import Gateway, request
from turngate.emulator import serving

PAGE = Path(__file__).parents[2] / "docs/howto/mount-into-your-app.md"


def program(upstream: str) -> dict[str, Any]:
    """Run the page's program before this upstream and return its names."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].count('"upstream": "openai"') == 1
    names: dict[str, Any] = {}
    exec(found[1].replace('"openai"', repr(upstream)), names)  # noqa: S102 - it is our own page
    return names


async def test_program_lets_members_call_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNGATE_LOG_LEVEL", "error")
    async with serving() as emulator:
        app = program(emulator.url)["app"]
        stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
        ended = asyncio.create_task(hosts.uvicorn(app, port, stop))
        stand = Gateway("127.0.0.1", await port, stop, ended, root="/voice")
        caller = await stand.called({"Cookie": "session=member"})
        caller.drop()
        assert (await request(stand, "/ready")).status == 403
        assert (await request(stand, "/ready", {"Cookie": "session=member"})).status == 200
        stop.set()
        await ended
