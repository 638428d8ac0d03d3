"""The naive relay and the emulator without sockets, in virtual time: the same lines in every run."""

import heapq
from collections import deque
from collections.abc import Callable

import msgspec
import pytest
from msgspec import Struct

from e2e.naive import Guard, NaiveRelay
from e2e.record import Json, Line, Record, Side
from e2e.script import follow
from e2e.triggers import PACE, Trigger
from e2e.verdict import Verdict, judged
from turngate.emulator import Audit, Knobs, Script
from turngate.emulator.connection import Connection
from turngate.emulator.outbox import Effect, Send

LONGEST_MS = 60_000.0


class VirtualCall:
    """A call as `script.Stage` wants it; time passes only while somebody waits."""

    def __init__(self, guard: Guard, knobs: Knobs, script: Script) -> None:
        self.record = Record()
        self.connection = Connection(knobs=knobs, script=script)
        self.now_ms = 0.0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._under_way: deque[bytes] = deque()
        self.relay = NaiveRelay(guard, self._to_client, self._to_upstream, self._later)
        self.relay.client_opened()
        self._perform(self.connection.open())

    def say(self, frame: str | bytes) -> None:
        frame = self.record.filled(frame) if isinstance(frame, str) else frame
        is_binary = isinstance(frame, bytes)
        self.record.add("C>", frame, is_binary=is_binary)
        if isinstance(frame, bytes):
            self.relay.client_spoke(frame)
        else:
            self.relay.client_said(msgspec.json.decode(frame, type=dict[str, object]))
        self._pump()

    def insert(self, frame: str, *, is_binary: bool) -> None:
        del is_binary
        self._upstream_said(frame.encode())

    async def until(self, side: Side, label: str, start: int) -> int:
        while (position := self.record.find(side, label, start)) is None:
            if not self._step():
                pytest.fail(f"never came: {side} {label}\n{self.record}", pytrace=False)
        return position

    async def quiet(self) -> None:
        while self._step():
            pass

    def _step(self) -> bool:
        """Go on to whatever is due next; False if nothing is."""
        timer_ms = self._timers[0][0] if self._timers else None
        due = [at for at in (timer_ms, self.connection.next_ms) if at is not None]
        if not due or min(due) > LONGEST_MS:
            return False
        self.now_ms = max(self.now_ms, min(due))
        if timer_ms is not None and timer_ms <= self.now_ms:
            heapq.heappop(self._timers)[2]()
        else:
            self._perform(self.connection.advance(self.now_ms))
        self._pump()
        return True

    def _later(self, after_ms: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self.now_ms + after_ms, len(self._timers), act))

    def _to_client(self, message: Json | bytes) -> None:
        is_binary = isinstance(message, bytes)
        frame = message if isinstance(message, bytes) else msgspec.json.encode(message)
        self.record.add(">C", frame, is_binary=is_binary)

    def _to_upstream(self, message: Json) -> None:
        frame = msgspec.json.encode(message)
        self.record.add(">U", frame)
        self._under_way.append(frame)

    def _pump(self) -> None:
        """Deliver what the relay has sent, once it has read what it was sent."""
        while self._under_way:
            frame = self._under_way.popleft()
            self._perform(self.connection.receive(frame, self.now_ms))

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self._upstream_said(effect.frame)

    def _upstream_said(self, frame: bytes) -> None:
        self.record.add("U>", frame)
        self.relay.upstream_said(msgspec.json.decode(frame))


class Course(Struct, frozen=True):
    """How a trigger went: the lines after the opening, and the verdict."""

    lines: tuple[Line, ...]
    verdict: Verdict


async def in_virtual_time(guard: Guard, trigger: Trigger) -> Course:
    """Play a trigger through the naive relay."""
    call = VirtualCall(guard, PACE, trigger.script)
    await follow(call, *trigger.opening)
    start = len(call.record.lines) if trigger.is_configured else 0
    await follow(call, *trigger.steps)
    await call.quiet()
    verdict = judged(Audit([call.connection.ledger]), call.record, start)
    return Course(tuple(call.record.lines[start:]), verdict)
