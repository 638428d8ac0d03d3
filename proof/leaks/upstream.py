"""The upstream of the leak test, in a process of its own: its audit is meant to grow.

Its manners change all the time, so that each call meets others.
"""

import asyncio
import sys
from random import Random

from turngate.emulator import At, CloseAt, Knobs, Reply, Script, serving

SCRIPT = Script(replies=(Reply(match="", text="Yes."),))
FINE = Knobs(per_delta_ms=2)
MANNERS = (
    *(FINE,) * 8,
    Knobs(drop_at=At(event="response.created")),
    Knobs(drop_at=At(event="session.created")),
    Knobs(close_at=CloseAt(event="response.output_audio.delta", code=1011)),
    Knobs(fail_response=1),
    Knobs(refuse_session_update=(1,)),
    Knobs(http_status=503),
    Knobs(http_status=401),
    Knobs(incomplete_response=1),
    Knobs(duplicate_done=True, stale_done=True, stragglers=3),
)
CHANGE_S = 0.05


async def main() -> None:
    """Serve until standard input closes."""
    chance, ended = Random(1), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, ended.set)
    async with serving(knobs=FINE, script=SCRIPT) as emulator:
        sys.stdout.write(f"{emulator.url}\n")
        sys.stdout.flush()
        while not ended.is_set():
            emulator.control(chance.choice(MANNERS))
            await asyncio.sleep(CHANGE_S)


if __name__ == "__main__":
    asyncio.run(main())
