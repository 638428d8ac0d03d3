"""Whole calls of the gateway between two peers who say whatever the input has them say.

An input is a line for each thing that happens, told apart by its first byte: `<` the upstream says
the rest of it, `~` the client sends it as audio, `!` so many tenths of a second pass, `x` the upstream's
connection is cut; anything else the client says, behind a `>` if it begins with one of these. Time is
made up, the code is the gateway's own from the frame to the encoded message, and nothing is contained:
what would end a call as a bug ends the input.
"""

# pyright: reportPrivateUsage=false
# what a call still holds when it is over is nobody else's

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from picows import WSListener, WSMsgType
from proof.simulation.clock import VirtualLoop
from proof.simulation.network import Connection, End, Frame

from turngate.core.session import Policy
from turngate.dialects import settings
from turngate.dialects.house import House
from turngate.gateway import log
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.call import Owner
from turngate.gateway.native_call import NativeCall
from turngate.gateway.outbox import Overflow
from turngate.gateway.outside import Outside
from turngate.gateway.target import Target
from turngate.wire.codec import decode_client_event, decode_server_message

log.configure("critical", "json")

_TARGET = Target(url="ws://upstream", name="upstream")
_HOUSE = House(session=settings.own(server_turns=False, voice=None))
_LONGEST_S = 30.0
_LOOP = VirtualLoop()


class _Faults:
    """Shows what a call would contain."""

    fault: Exception | None = None

    def fail(self, fault: Exception) -> None:
        """End for it, and remember it if it is a bug."""
        if not isinstance(fault, Overflow):
            self.fault = self.fault or fault
        super().fail(fault)  # type: ignore[misc] # it stands before a Call


class _Agent(_Faults, AgentCall):
    """An agent's call whose bugs are found."""


class _Native(_Faults, NativeCall):
    """A Realtime client's call whose bugs are found."""


class _Far(WSListener):
    """A peer of the gateway's, who looks at what it is told and says nothing by itself."""

    def __init__(self, reads: Callable[[bytes], object]) -> None:
        self._reads = reads
        self.told: Counter[str] = Counter()

    def on_ws_connected(self, transport: Any) -> None:
        """Wait for what is told."""

    def on_ws_disconnected(self, transport: Any) -> None:
        """Be gone."""

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        """Read what is told: it has to be of the protocol."""
        if frame.msg_type is WSMsgType.TEXT:
            self.told[type(self._reads(frame.get_payload_as_bytes())).__name__] += 1
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()


class Played:
    """One call, while it lasts."""

    def __init__(self, kind: type[_Agent] | type[_Native]) -> None:
        self._upstream: Connection | None = None
        owner = Owner(outside=Outside(_LOOP.now_ms, self._dial))
        if issubclass(kind, _Agent):
            self.call: _Agent | _Native = kind("call", _TARGET, owner, Policy(), _HOUSE)
            self.caller, self.asked = _Far(decode_server_message), _Far(decode_client_event)
        else:
            self.call = kind("call", _TARGET, owner)
            self.caller, self.asked = _Far(_handed_on), _Far(_handed_on)
        near, far = End("gateway", self.call.client, _LOOP), End("caller", self.caller, _LOOP)
        self._client = Connection(_LOOP, near, far, 0.0)

    async def _dial(self, target: Target, listener: Any) -> None:
        del target
        near, far = End("gateway", listener, _LOOP), End("upstream", self.asked, _LOOP)
        self._upstream = Connection(_LOOP, near, far, 0.0)
        self._upstream.open()

    async def happen(self, lines: Iterator[bytes]) -> None:
        """Let it happen line by line, and then the client leave; nothing may be left of the call."""
        self._client.open()
        await _settled()
        for line in lines:
            await self._befall(line[:1], line[1:], line)
        self._client.far.disconnect()
        await _settled()
        if self._upstream is not None:
            self._upstream.far.disconnect()
        await asyncio.sleep(_LONGEST_S)
        assert not len(self.call._timers), "a call that is over has deadlines"
        if self.call.fault is not None:
            raise self.call.fault

    async def _befall(self, mark: bytes, rest: bytes, line: bytes) -> None:
        if mark == b"<":
            if self._upstream is not None:
                self._upstream.far.send_frame(Frame(WSMsgType.TEXT, rest))
        elif mark == b"~":
            self._client.far.send_frame(Frame(WSMsgType.BINARY, rest))
        elif mark == b"!":
            tenths = int(rest[:3]) if rest[:3].isdigit() else 1
            await asyncio.sleep(min(tenths / 10, _LONGEST_S))
        elif mark == b"x":
            if self._upstream is not None:
                self._upstream.reset()
        else:
            told = rest if mark == b">" else line
            self._client.far.send_frame(Frame(WSMsgType.TEXT, told))
        await _settled()


async def _settled() -> None:
    """Let what is under way arrive, and what it leads to."""
    for _ in range(3):
        await asyncio.sleep(0)


def _handed_on(text: bytes) -> bytes:
    """Take what is relayed as it is: its meaning is the sender's."""
    text.decode()
    return text


def _play(kind: type[_Agent] | type[_Native], data: bytes) -> Played:
    _LOOP.crashes.clear()

    async def played() -> Played:  # a call is made where its loop runs
        one = Played(kind)
        await one.happen(iter(data.split(b"\n")))
        return one

    one = _LOOP.play(played())
    if _LOOP.crashes:
        raise _LOOP.crashes[0]
    return one


def agent_call(data: bytes) -> Played:
    """Play a call of the agent protocol."""
    return _play(_Agent, data)


def native_call(data: bytes) -> Played:
    """Play a call of a Realtime client."""
    return _play(_Native, data)
