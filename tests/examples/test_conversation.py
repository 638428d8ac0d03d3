"""The client's example is run as a reader would run it."""

import asyncio
import sys
from pathlib import Path

from gateway.stand import gateway
from turngate.emulator import serving

PROGRAM = Path(__file__).parent.parent.parent / "examples" / "client" / "conversation.py"


async def test_conversation_with_a_function_in_twenty_lines() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        url = f"ws://{stand.host}:{stand.port}/v1/agent/converse"
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), url, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
    assert process.returncode == 0
    lines = printed.decode().splitlines()
    assert lines[0] == "user: what time is it in Paris?"
    assert "12:30 in Paris" in lines[-1]


def test_it_is_as_short_as_it_says() -> None:
    code = PROGRAM.read_text().split('"""', 2)[2]
    statements = [line for line in code.splitlines() if line.strip() and '"""' not in line]
    assert len(statements) <= 20
