"""The proxy of proof/sockets: its weather is what it says, and its judge sees what goes wrong."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest
from proof.sockets.proxy import Proxy, Weather, proxied
from proof.sockets.run import SCENARIOS, Scenario, play

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SENT = Random(1).randbytes(20_000)


@asynccontextmanager
async def echoing() -> AsyncGenerator[tuple[Proxy, Stream]]:
    """Connect to an echo through a proxy."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with proxied(*server.sockets[0].getsockname()[:2], seed=1) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        try:
            yield proxy, (reader, writer)
        finally:
            writer.close()
    server.close()


@pytest.mark.parametrize(
    "weather",
    [Weather(), Weather(slice_bytes=7), Weather(jitter_ms=5, slice_bytes=999)],
)
async def test_nothing_is_lost_or_turned_round(weather: Weather) -> None:
    async with echoing() as (proxy, (reader, writer)):
        proxy.weather = weather
        writer.write(SENT)
        assert await reader.readexactly(len(SENT)) == SENT


@pytest.mark.parametrize(
    "weather, least_s",
    [(Weather(latency_ms=50), 0.1), (Weather(bytes_per_s=200_000), 0.1)],
)
async def test_it_takes_its_time(weather: Weather, least_s: float) -> None:
    loop = asyncio.get_running_loop()
    async with echoing() as (proxy, (reader, writer)):
        proxy.weather = weather
        began_s = loop.time()
        writer.write(SENT)
        writer.write_eof()
        assert await reader.read(-1) == SENT
        assert loop.time() - began_s >= least_s


async def test_a_black_hole_swallows() -> None:
    async with echoing() as (proxy, (reader, writer)):
        proxy.weather = Weather(is_black_hole=True)
        writer.write(b"lost")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)


@pytest.mark.parametrize("fault", [Proxy.reset, Proxy.half_close])
async def test_both_ends_are_told(fault: Callable[[Proxy], None]) -> None:
    async with echoing() as (proxy, (reader, writer)):
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        fault(proxy)
        try:
            assert await reader.read(1) == b""
        except ConnectionResetError:
            assert fault is Proxy.reset


async def test_a_call_that_does_not_end_is_noticed() -> None:
    expected = next(each for each in SCENARIOS if not each.ends)
    wrongly = Scenario(name="nothing", befall=expected.befall, ends=("client",))
    assert (await play(wrongly, "client")).wrong
