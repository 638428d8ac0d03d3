"""A call on stage: a client, a gateway and the emulator, in one process and over real sockets."""

# pyright: reportPrivateUsage=false
# whether the emulator has something more to say stands in its agenda, which is nobody else's

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from picows import (
    WSCloseCode,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from e2e.record import AUDIO, PATIENCE_S, Record, Side
from e2e.script import Step, assert_kept, client, follow, play
from e2e.tap import FRAME_BYTES, Leg, Tap, tapped
from official import misfits
from turngate.emulator import Emulator, Knobs, Script, serving
from turngate.gateway.config import Config
from turngate.gateway.server import serve
from turngate.gateway.target import target
from turngate.wire import agent

PATH = "/v1/agent/converse"


@dataclass
class Front:
    """What stands between client and upstream.

    is_idle: whether no timer of its own runs, as far as anybody can see. is_patient: whether it
    answers everything in the end, so that waiting for that makes sense.
    """

    url: str
    is_idle: Callable[[], bool] = field(default=lambda: True)
    is_patient: bool = True


Through: TypeAlias = Callable[[str], AbstractAsyncContextManager[Front]]


def through_turngate(**settings: object) -> Through:
    """Return the gateway itself, with these fields of its configuration."""

    @asynccontextmanager
    async def through(upstream_url: str) -> AsyncGenerator[Front]:
        config = Config(
            port=0,
            upstream=upstream_url,
            log_level="error",
            **settings,  # pyright: ignore[reportArgumentType] - the test names the fields
        )
        stop = asyncio.Event()
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving_it = asyncio.create_task(
            serve(config, target(config), ready=listening.set_result, stop=stop)
        )
        await asyncio.wait({listening, serving_it}, return_when=asyncio.FIRST_COMPLETED)
        try:
            yield Front(listening.result())
        finally:
            stop.set()
            await serving_it

    return through


class Caller(Leg):
    """A client without a mind: it says what it is told, and writes down what it hears."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record
        self.close_code: int | None = None

    def received(self, payload: bytes, *, is_binary: bool) -> None:
        self.record.add(">C", payload, is_binary=is_binary)

    def closed(self, code: WSCloseCode | None, reason: bytes) -> None:
        del reason
        self.close_code = None if code is None else code.value
        self.record.add(">C", f'{{"type": "close", "content": "{self.close_code}"}}')

    def ended(self) -> None:
        self.record.stir()

    def say(self, frame: str | bytes) -> None:
        """Say something, text or binary."""
        is_binary = isinstance(frame, bytes)
        payload = frame if isinstance(frame, bytes) else frame.encode()
        self.record.add("C>", payload, is_binary=is_binary)
        self.send(payload, is_binary=is_binary)

    def leave(self) -> None:
        """Close in order."""
        if self.transport is not None:
            self.transport.send_close(WSCloseCode.OK)

    @classmethod
    async def connected(cls, url: str, record: Record) -> Self:
        """Connect to a gateway."""
        caller = cls(record)
        await ws_connect(lambda: caller, url + PATH, max_frame_size=FRAME_BYTES)
        return caller


class Call:
    """One call under way, as `script.Stage` wants it."""

    def __init__(
        self, record: Record, caller: Caller, tap: Tap, emulator: Emulator, front: Front
    ) -> None:
        self.record = record
        self.caller = caller
        self.tap = tap
        self.emulator = emulator
        self.front = front

    def say(self, frame: str | bytes) -> None:
        self.caller.say(self.record.filled(frame) if isinstance(frame, str) else frame)

    def insert(self, frame: str, *, is_binary: bool) -> None:
        self.tap.insert(self.record.filled(frame), is_binary=is_binary)

    async def until(self, side: Side, label: str, start: int) -> int:
        return await self.record.until(
            lambda: self.record.find(side, label, start), f"{side} {label}"
        )

    async def follow(self, *script: Step) -> None:
        """Play a part of a script without judging it."""
        await follow(self, *script)

    async def play(self, *script: Step, start: int | None = None) -> None:
        """Play a script, and judge both it and what the emulator's audit says."""
        await play(self, *script, start=start)
        assert_kept(self.emulator.audit)

    async def kept(self) -> None:
        """Wait until every turn is answered and nobody has more to say, and judge the audit."""
        audit = self.emulator.audit
        await self.record.until(
            lambda: True if audit.unanswered_turns == 0 else None, "every answer"
        )
        await self.quiet()
        assert_kept(audit)

    async def quiet(self) -> None:
        """Wait until nobody has anything more to say: nothing due, and nothing on its way."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                before = self.record.count
                await self.caller.barrier()
                await self.tap.barrier()
                await self.caller.barrier()
                if self.record.count != before:
                    continue
                if not self._is_due() and self.front.is_idle():
                    return
                await self.record.something(0.01)

    def _is_due(self) -> bool:
        return any(
            socket.is_open and socket.connection.next_ms is not None
            for socket in self.emulator._sockets
        )


@asynccontextmanager
async def calling(
    knobs: Knobs | None = None,
    script: Script | None = None,
    *,
    through: Through | None = None,
    settings: agent.Settings | None = None,
    is_configured: bool = True,
) -> AsyncGenerator[Call]:
    """Make a call; `settings` are applied before the block unless `is_configured` is false."""
    record = Record()
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serving(knobs=knobs, script=script))
        tap = await stack.enter_async_context(tapped(emulator.url, record))
        front = await stack.enter_async_context((through or through_turngate())(tap.url))
        caller = await Caller.connected(front.url, record)
        call = Call(record, caller, tap, emulator, front)
        await call.until(">C", "Welcome", 0)
        if is_configured:
            await call.follow(
                client >> (settings or configured()),
                client << "SettingsApplied",
            )
            await call.quiet()
        try:
            yield call
        finally:
            caller.leave()
        await record.until(lambda: True if caller.is_over else None, "the end of the call")
    if through is None:
        told = [line.message for line in record.lines if line.side == ">C" and line.label != AUDIO]
        assert misfits(each for each in told if not _is_close(each)) == []


def _is_close(message: object) -> bool:
    return isinstance(message, dict) and message["type"] == "close"  # pyright: ignore[reportUnknownVariableType] - JSON


TIME = agent.Function(name="get_time", description="The time in a city.")
WEATHER = agent.Function(name="get_weather", description="The weather in a city.")


def configured(
    prompt: str = "You are brief.",
    *,
    functions: tuple[agent.Function, ...] = (TIME, WEATHER),
    greeting: str | None = None,
    messages: tuple[agent.History, ...] = (),
) -> agent.Settings:
    """Return Settings for 24 kHz audio and these functions, without History."""
    return agent.Settings(
        audio=agent.AudioSettings(
            input=agent.AudioInput(encoding="linear16", sample_rate=24_000),
            output=agent.AudioOutput(encoding="linear16", sample_rate=24_000),
        ),
        agent=agent.AgentSettings(
            think=agent.ThinkSettings(
                provider=agent.ThinkProvider(type="open_ai"), prompt=prompt, functions=functions
            ),
            greeting=greeting,
            context=agent.Context(messages=messages) if messages else None,
        ),
        flags=agent.Flags(history=False),
    )


def result(name: str, content: str = "noon") -> agent.FunctionCallResponse:
    """Return the result of the function call A, B ... of this call, for the client to say."""
    return agent.FunctionCallResponse(id=f"{{{name}}}", name="get_time", content=content)
