"""The proxy of proof/sockets: its weather is what it says, and its judge sees what goes wrong."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest
from proof.sockets.calls import CALLS, Call, judge, play
from proof.sockets.proxy import Proxy, Weather, proxied
from proof.sockets.scenarios import SCENARIOS, Leg, Scenario

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


async def test_connections_that_are_swallowed_leave_room_for_new_ones() -> None:
    async with echoing() as (proxy, (reader, writer)):
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        proxy.swallow()
        writer.write(b"lost")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        other, spared = await asyncio.open_connection("127.0.0.1", proxy.port)
        spared.write(b"x")
        assert await other.readexactly(1) == b"x"
        spared.close()


async def test_calls_that_do_not_end_are_noticed() -> None:
    expected = next(each for each in SCENARIOS if not each.ends)
    wrongly = Scenario(name="nothing", befall=expected.befall, ends=("client",))
    assert [call.wrong for call in await play(wrongly, "client")] == [["did not end"]] * CALLS


FINE, ENDING = (
    Scenario(name="", befall=Proxy.reset),
    Scenario(name="", befall=Proxy.reset, ends=("client", "upstream")),
)
ANSWERS = ["This is one.", "This is two.", "This is three.", "This is four."]


@pytest.mark.parametrize(
    "scenario, leg, call, is_right",
    [
        (FINE, "client", Call(answered=ANSWERS), True),
        (FINE, "client", Call(answered=ANSWERS[:3]), False),
        (FINE, "client", Call(answered=[*ANSWERS, ANSWERS[3]]), False),
        (FINE, "client", Call(answered=[*ANSWERS[:3], "This is"], broken_off=1), True),
        (FINE, "client", Call(answered=[*ANSWERS[:3], "This is"]), False),
        (FINE, "client", Call(answered=[*ANSWERS[:2], "This is", ""], broken_off=1), False),
        (FINE, "client", Call(answered=ANSWERS[:1], ended=1011), False),
        (ENDING, "client", Call(answered=ANSWERS[:1], ended=1006), True),
        (ENDING, "client", Call(answered=ANSWERS[1:2], ended=1006), False),
        (ENDING, "upstream", Call(answered=ANSWERS[:1], ended=1006), False),
        (ENDING, "upstream", Call(answered=ANSWERS[:1], ended=1011), False),
        (ENDING, "upstream", Call(errors=["FAILED_TO_THINK"], ended=1011), True),
    ],
)
def test_a_call_is_judged_by_what_it_came_to(
    scenario: Scenario,
    leg: Leg,
    call: Call,
    is_right: bool,
) -> None:
    judge(scenario, leg, call)
    assert bool(call.wrong) is not is_right
