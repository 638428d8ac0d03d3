"""Emulators that are killed: run as a program, it serves a new one for each line that it reads.

Each is a fork with everything imported, which takes milliseconds where a new process takes a second.
It prints the process id and the URL of each.
"""

import asyncio
import os
import sys

from turngate.emulator import Knobs, Reply, Script, serving

SLOW = Knobs(voice="tone", per_delta_ms=10)
LONG = Script(replies=(Reply(text="an answer that goes on for quite a while"),))


async def _serve() -> None:
    async with serving(knobs=SLOW, script=LONG) as emulator:
        sys.stdout.write(f"{os.getpid()} {emulator.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Fork an emulator for each line."""
    for _ in sys.stdin:
        if os.fork() == 0:
            asyncio.run(_serve())


if __name__ == "__main__":
    main()
