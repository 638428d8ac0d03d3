"""A client's way to the emulator through turngate, in one process and in virtual time.

Real code at both ends and in between; only the sockets are missing. A wire of its own delay lies
between client and gateway, and another between gateway and emulator; both keep their order.
"""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from picows import WSMsgType

from turngate.emulator import Audit, Knobs, Script
from turngate.emulator.connection import Connection
from turngate.emulator.outbox import Send
from turngate.gateway.call import Owner
from turngate.gateway.native_call import NativeCall, Relaying
from turngate.gateway.outside import Outside
from turngate.gateway.target import Target
from turngate.units import Ms


class Frame:
    """A whole text message as a listener reads it."""

    __slots__ = ("fin", "msg_type", "payload", "payload_size", "rsv1", "rsv2", "rsv3")

    def __init__(self, payload: bytes) -> None:
        self.msg_type, self.payload, self.fin = WSMsgType.TEXT, payload, True
        self.payload_size = len(payload)
        self.rsv1 = self.rsv2 = self.rsv3 = False

    def get_payload_as_bytes(self) -> bytes:
        return self.payload


def framed(message: bytes) -> Any:
    """Return a message as a frame, as far as listeners look at one."""
    return Frame(message)


class Wire:
    """One direction: messages arrive in order, each later by some ms."""

    def __init__(self, chance: Random, most_ms: float, arrive: Callable[[bytes], None]) -> None:
        self._chance, self._most_s, self._arrive = chance, most_ms / 1000, arrive
        self._last_s = 0.0

    def put(self, message: bytes) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._chance.random() * self._most_s
        # what is due at the same moment may change places in a heap of timers
        self._last_s = max(due_s, self._last_s + 1e-6)
        loop.call_at(self._last_s, self._arrive, message)


class End:
    """What stands for a connection's transport on the gateway's side."""

    is_close_frame_sent = is_disconnected = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.close_code: int | None = None

    def send(self, kind: WSMsgType, message: bytes) -> None:
        assert kind is WSMsgType.TEXT
        self._wire.put(message)

    def send_close(self, code: Any, reason: bytes) -> None:
        del reason
        self.close_code = int(code.value)

    def disconnect(self, graceful: bool = True) -> None:  # noqa: FBT002 - picows' signature
        pass


class Service:
    """The emulator in virtual time: takes events, and says what it says when it is due."""

    def __init__(
        self,
        knobs: Knobs,
        script: Script,
        say: Callable[[bytes], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._say = say
        self._timer: asyncio.TimerHandle | None = None
        self.connection = Connection(knobs=knobs, script=script)
        self.took: list[tuple[float, bytes]] = []
        self.said: list[bytes] = []
        self.opened_ms = 0.0

    @property
    def now_ms(self) -> float:
        return self._loop.time() * 1000

    def open(self) -> None:
        self.opened_ms = self.now_ms
        self._perform(self.connection.open(self.now_ms))

    def take(self, event: bytes) -> None:
        self.took.append((self.now_ms, event))
        self._perform(self.connection.receive(event, self.now_ms))

    def _go_on(self) -> None:
        self._perform(self.connection.advance(self.now_ms))

    def _perform(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self.said.append(effect.frame)
                self._say(effect.frame)
        if self._timer is not None:
            self._timer.cancel()
        due_ms = self.connection.next_ms
        if due_ms is not None:
            self._timer = self._loop.call_at(due_ms / 1000 + 1e-7, self._go_on)

    @property
    def audit(self) -> Audit:
        return Audit([self.connection.ledger])


class Road:
    """The gateway's call between a client, whose `hear` is told everything, and an emulator."""

    def __init__(
        self,
        chance: Random,
        knobs: Knobs,
        hear: Callable[[bytes], None],
        *,
        script: Script,
        client_ms: float,
        server_ms: float,
        kind: Callable[..., NativeCall] = NativeCall,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._chance, self._knobs, self._script, self._server_ms = chance, knobs, script, server_ms
        self.call = call = kind(
            "road",
            Target(url="ws://nowhere", name="emulator"),
            Owner(outside=Outside(lambda: Ms(round(loop.time() * 1000)), self._dial)),
            Relaying(),
        )
        self.client_end: Any = End(Wire(chance, client_ms, hear))
        near = self.client_end
        client: Any = call.client
        self.up = Wire(chance, client_ms, lambda said: client.on_ws_frame(near, framed(said)))
        client.on_ws_connected(near)

    async def _dial(self, target: Target, listener: Any) -> None:
        del target
        far: Any
        down = Wire(
            self._chance, self._server_ms, lambda said: listener.on_ws_frame(far, framed(said))
        )

        self.service = Service(self._knobs, self._script, down.put)
        far = End(Wire(self._chance, self._server_ms, self.service.take))
        listener.on_ws_connected(far)
        self.service.open()
