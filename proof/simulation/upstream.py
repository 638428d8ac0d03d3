"""The upstream of a world: the emulator's own session code behind simulated connections."""

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from proof.simulation.network import Connection, End
from proof.simulation.witness import Witness

from turngate.emulator import Call as Asks
from turngate.emulator import Knobs, Reply, Script
from turngate.emulator.connection import Connection as Server
from turngate.emulator.peer import Socket
from turngate.emulator.voice import Voice
from turngate.errors import UpstreamUnreachable
from turngate.gateway import limits

if TYPE_CHECKING:
    from turngate.gateway.target import Target

SCRIPT = Script(
    replies=(
        Reply(match="two calls", text="Wait.", calls=(Asks("get_time"), Asks("get_weather"))),
        Reply(match="one call", calls=(Asks("get_time"),)),
        Reply(match="a booking", calls=(Asks("book"),)),
        Reply(match="two bookings", text="Wait.", calls=(Asks("fetch"), Asks("get_time"))),
        Reply(match="own call", calls=(Asks("look_up"),)),
        Reply(
            match="a tale", text="Once there was a gate, and whoever came there waited for a turn."
        ),
        Reply(match="", text="Yes."),
    )
)
"""What the model says and calls; short, since what is said does not matter to the turn."""


class Upstream:
    """Takes the calls of one world."""

    def __init__(self, loop: asyncio.AbstractEventLoop, chance: Random, knobs: Knobs) -> None:
        self._loop, self._chance = loop, chance
        self.knobs = knobs
        self.served = 0
        self._voice = Voice()

    def way(
        self,
        latency_s: float,
        opened: Callable[[Connection, Server, Witness], None],
        refusals: deque[str],
    ) -> Callable[["Target", Any], Any]:
        """Return what dials for one call; of refusals, `hangs` waits for the gateway's deadline."""

        async def dial(target: "Target", listener: Any) -> None:
            await asyncio.sleep(latency_s)
            refusal = refusals.popleft() if refusals else None
            if refusal == "hangs":
                await asyncio.sleep(limits.CONNECT_S)
                raise UpstreamUnreachable(f"{target.name}: no answer")
            if refusal is not None:
                raise UpstreamUnreachable(f"{target.name}: {refusal}")
            connection, server, witness = self._accept(listener, latency_s)
            opened(connection, server, witness)
            connection.open()

        return dial

    def _accept(self, listener: Any, latency_s: float) -> tuple[Connection, Server, Witness]:
        self.served += 1
        server = Server(knobs=self.knobs, script=SCRIPT, number=self.served)
        socket = Socket(server, self._voice, None, lambda _: None, is_beta=False)
        near = End("gateway", listener, self._loop)
        far = End("upstream", socket, self._loop)
        witness = Witness(self._loop.time)
        near.on_sent, near.on_taken = witness.sent, witness.taken
        return Connection(self._loop, near, far, latency_s), server, witness
