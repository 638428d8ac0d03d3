"""Crowds before and behind the port: who waits at the turnstile, who leaves meanwhile, who ends."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.far import DEADLINE_S
from gateway.stand import gateway, request
from gateway.upstreams import oblige, scripted
from turngate.gateway.port.front import Behind
from turngate.gateway.port.listener import listen
from turngate.gateway.turnstile import Go, Turnstile

RESET = struct.pack("ii", 1, 0)
CROWD = 100


class Bar:
    """Keeps a turnstile from turning until it is told to."""

    def __init__(self) -> None:
        self._next: list[Go] = []
        self._came = asyncio.Event()

    def later(self, go: Go) -> None:
        self._next.append(go)
        self._came.set()

    async def somebody(self) -> None:
        """Wait until somebody stands before it."""
        async with asyncio.timeout(DEADLINE_S):
            await self._came.wait()

    def lift(self) -> None:
        now, self._next = self._next, []
        for go in now:
            go()


@asynccontextmanager
async def barred() -> AsyncGenerator[tuple[Bar, socket.socket]]:
    """Have a port whose turnstile is barred, and one who is connected to it."""
    bar = Bar()

    def nobody(_: object) -> Any:
        raise AssertionError("what is malformed gets no further")

    turnstile = Turnstile(1, bar.later)
    listener = await listen(Behind(nobody, asyncio.Protocol, turnstile), "127.0.0.1", 0, None)
    with socket.create_connection(listener.address) as client:
        yield bar, client
    await listener.close()


@pytest.mark.parametrize("is_reset", [True, False], ids=["reset", "closed"])
async def test_who_is_gone_when_its_turn_comes_does_no_harm(*, is_reset: bool) -> None:
    async with barred() as (bar, client):
        client.sendall(b"no request\r\n\r\n")
        await bar.somebody()
        if is_reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        bar.lift()  # before the loop has looked at the socket again


async def test_a_crowd_of_calls_that_is_cut_off_at_once_ends_each_once() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        callers = [await stand.called() for _ in range(CROWD)]
        for caller in callers:
            caller.drop()
        await stand.is_empty()
        page = (await request(stand, "/metrics")).body.decode()
        ends = "turngate_client_closes_total{"
        counts = [
            line
            for line in page.splitlines()
            if line.startswith(ends + 'code="1006",front="agent"}')
        ]
        assert counts == [f'{ends}code="1006",front="agent"}} {CROWD}.0']
