"""Calls over real sockets that end in every way, and what the process holds when they are gone.

python -m proof.leaks            the short form, hundreds of calls
python -m proof.leaks --long     20,000 calls, compared with the first 2,000
"""

import asyncio
import contextlib
import ctypes
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from random import Random

import uvloop
from msgspec import Struct
from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from proof.form import Form, asked

from turngate.gateway import log
from turngate.gateway.allowed import Allowed
from turngate.gateway.config import Config
from turngate.gateway.server import serve
from turngate.gateway.target import target

CALLS: dict[Form, tuple[int, int]] = {"short": (300, 900), "long": (2_000, 20_000)}
"""After how many calls it is measured first, and after how many again."""
MEMORY_GROWTH: dict[Form, float] = {"short": 0.08, "long": 0.02}
"""What may be more then, as a part of what was; the first hundreds of calls still fill the allocator."""
OBJECT_GROWTH: dict[Form, float] = {"short": 0.004, "long": 0.02}
"""Objects do not settle: in the short form this is one for every second call."""
AT_ONCE = 40
SETTINGS = (
    b'{"type":"Settings","audio":{"input":{"encoding":"linear16","sample_rate":24000},"output":'
    b'{"encoding":"linear16","sample_rate":24000}},"agent":{"think":{"provider":{"type":"open_ai"},'
    b'"prompt":"Brief."}}}'
)
FATES = ("answer", "answer", "answer", "vanish", "garbage", "refused", "early", "silent")
GIVEN_UP_S = 3.0
GIVEN_UP_AT_MOST = 0.01
SHOWN = 500
"""Calls after which it is shown how many there were."""


class Caller(WSListener):
    """Makes one call, which ends as its fate says, or as the gateway does."""

    def __init__(self, fate: str) -> None:
        self._fate = fate
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Configure the call, or do not."""
        if self._fate == "early":
            transport.disconnect(graceful=False)
        elif self._fate == "refused":
            transport.send(WSMsgType.TEXT, SETTINGS.replace(b"linear16", b"opus"))
        elif self._fate != "silent":
            transport.send(WSMsgType.TEXT, SETTINGS)
            transport.send(WSMsgType.TEXT, b'{"type":"InjectUserMessage","content":"hi"}')
        if self._fate == "garbage":
            transport.send(WSMsgType.TEXT, b'{"type":"Nothing"}')

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Go when there is nothing more to come."""
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type is WSMsgType.BINARY and self._fate == "vanish":
            transport.disconnect(graceful=False)
        elif frame.msg_type is WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            if b'"AgentAudioDone"' in text or b'"Error"' in text or b"THINK_REQUEST" in text:
                transport.send_close(WSCloseCode.OK)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Be over."""
        del transport
        if not self.over.done():
            self.over.set_result(None)


class Left(Struct, frozen=True):
    """What the process holds when nobody calls."""

    resident_bytes: int
    objects: int
    descriptors: int
    tasks: int


def left() -> Left:
    """Measure, after everything was let go that can be."""
    for _ in range(3):
        gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Left(
        resident_bytes=pages * os.sysconf("SC_PAGE_SIZE"),
        objects=len(gc.get_objects()),
        descriptors=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        tasks=len(asyncio.all_tasks()),
    )


async def call(url: str, fate: str, fates: Counter[str]) -> None:
    """Make one call and see it end."""
    caller = Caller(fate)
    try:
        transport, _ = await ws_connect(lambda: caller, f"{url}/v1/agent/converse")
    except (OSError, TimeoutError, WSError):  # a busy machine; more than a few are too many
        fates["given up"] += 1
        return
    try:
        async with asyncio.timeout(GIVEN_UP_S if fate != "silent" else 0.2):
            await asyncio.shield(caller.over)
    except TimeoutError:
        fates["given up" if fate != "silent" else "silent"] += 1
        transport.disconnect(graceful=False)
        await caller.over
    else:
        fates[fate] += 1


async def callers(url: str, calls: int, chance: Random, fates: Counter[str]) -> None:
    """Have so many calls made, some at once."""
    waiting = iter([chance.choice(FATES) for _ in range(calls)])

    async def one_after_the_other() -> None:
        for fate in waiting:
            await call(url, fate, fates)
            if fates.total() % SHOWN == 0:
                sys.stderr.write(f"\r{fates.total():,} calls")
                sys.stderr.flush()

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


@contextlib.asynccontextmanager
async def gateway() -> AsyncGenerator[str]:
    """Run the gateway before an upstream of changing manners; yields its address."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "proof.leaks.upstream"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if child.stdin is None or child.stdout is None:
        raise AssertionError("pipes were asked for")
    upstream = (await child.stdout.readline()).decode().strip()
    # All of these calls come from one address.
    allowed = Allowed(calls_per_s=100_000.0)
    config = Config(port=0, upstream=upstream, log_level="error", limits=allowed)
    stop = asyncio.Event()
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(config, target(config), ready=listening.set_result, stop=stop)
    )
    try:
        url = await listening
        log.configure("critical", "json")  # that calls fail is the point of most of them
        yield url
    finally:
        stop.set()
        await serving
        child.stdin.close()
        await child.wait()


async def rest() -> None:
    """Wait until what ends has ended, or for as long as a close may take."""
    for _ in range(30):
        await asyncio.sleep(0.1)
        if len(asyncio.all_tasks()) <= 2:  # noqa: PLR2004 - ours, and the gateway
            break


async def measure(form: Form) -> tuple[Left, Left, Left, Counter[str]]:
    """Measure without any call, after the first ones, and after all."""
    first, whole = CALLS[form]
    chance, fates = Random(1), Counter[str]()
    async with gateway() as url:
        await callers(url, AT_ONCE, chance, fates)
        await rest()
        idle = left()
        await callers(url, first - AT_ONCE, chance, fates)
        await rest()
        before = left()
        await callers(url, whole - first, chance, fates)
        await rest()
        return idle, before, left(), fates


def growth(before: Left, after: Left) -> tuple[float, float]:
    """Return by what part memory and objects have grown."""
    memory = after.resident_bytes / before.resident_bytes - 1
    return memory, after.objects / before.objects - 1


def nothing_stays(idle: Left, before: Left, after: Left, form: Form) -> bool:
    """Tell whether the calls between took no more than they may, and all of them let go."""
    is_back = after.descriptors <= idle.descriptors and after.tasks <= idle.tasks
    memory, objects = growth(before, after)
    return is_back and memory <= MEMORY_GROWTH[form] and objects <= OBJECT_GROWTH[form]


def are_served(fates: Mapping[str, int]) -> bool:
    """Tell whether nearly every call came to the end that it was to have, or it shows nothing."""
    return fates.get("given up", 0) <= sum(fates.values()) * GIVEN_UP_AT_MOST


def run(form: Form) -> dict[str, object]:
    """Make the calls of a form; return the figures, `ok` among them."""
    began_s = time.monotonic()
    idle, before, after, fates = uvloop.run(measure(form))
    memory, objects = growth(before, after)
    return {
        "piece": "leaks",
        "form": form,
        "ok": nothing_stays(idle, before, after, form) and are_served(fates),
        "calls": sum(fates.values()),
        "ends": dict(fates),
        "memory_growth": round(memory, 4),
        "object_growth": round(objects, 4),
        "resident_mib": [round(each.resident_bytes / 2**20, 1) for each in (idle, before, after)],
        "objects": [each.objects for each in (idle, before, after)],
        "descriptors": [each.descriptors for each in (idle, before, after)],
        "tasks": [each.tasks for each in (idle, before, after)],
        "seconds": round(time.monotonic() - began_s, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where nothing stayed."""
    return asked("leaks", __doc__, "20,000 calls", run)
