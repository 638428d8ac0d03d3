"""While one client does harm, 20 other calls lose nothing; `bench/flood.py` measures it."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
GROSS_MS = 250.0
"""What one short look on a shared machine can tell from a gateway that stands still."""

RISE_MS = 10.0


async def measured(*arguments: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "bench" / "flood.py"), "--json", *arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(printed)


def assert_unharmed(found: dict[str, Any], rise_ms: float) -> None:
    for way, figures in found["ways"].items():
        assert figures["lost"] == 0, way
        assert figures["grown_mib"] < found["bound_mib"], way
        assert figures["rise_ms"] < rise_ms, (way, figures)


@pytest.mark.timeout(60)
async def test_others_lose_nothing_while_one_floods() -> None:
    short = ("--rounds", "1", "--seconds", "1")
    assert_unharmed(await measured(*short, "messages", "huge", "drops"), GROSS_MS)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_others_hardly_notice_any_way_of_doing_harm() -> None:
    assert_unharmed(await measured("--rounds", "7", "--seconds", "4"), RISE_MS)
