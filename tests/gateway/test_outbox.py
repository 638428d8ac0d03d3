"""What waits before a real connection, in which order it leaves, and what gives way."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from picows import WSMsgType

from gateway.far import Far, dial
from gateway.upstreams import scripted
from turngate.gateway.outbox import Outbox, Overflow

EVENT = WSMsgType.TEXT


@asynccontextmanager
async def ends() -> AsyncGenerator[tuple[Far, Far]]:
    """Yield the end that an outbox writes to, and the one that hears it."""
    async with scripted() as server:
        near = await dial(server.url)
        far = await server.accepts()
        try:
            yield near, far
        finally:
            near.drop()
            await far.until(lambda: far.is_gone)


async def hears(near: Far, far: Far) -> list[object]:
    """Return all that was heard, once everything sent has come."""
    near.say("end")
    await far.next(lambda said: said == "end")
    return list(far.heard[:-1])


async def test_what_waits_for_the_connection_leaves_in_order() -> None:
    async with ends() as (near, far):
        outbox = Outbox(100)
        outbox.send_text(b"one")
        outbox.send_audio(b"\x01")
        outbox.send_text(b"two")
        outbox.open(near.transport)
        outbox.send_audio(b"\x02")
        assert await hears(near, far) == ["one", b"\x01", "two", b"\x02"]


async def test_pause_holds_and_resume_lets_go_in_order() -> None:
    async with ends() as (near, far):
        outbox = Outbox(100)
        outbox.open(near.transport)
        outbox.send_text(b"one")
        outbox.pause()
        outbox.send_audio(b"\x01")
        outbox.send_text(b"two")
        await far.next(lambda said: said == "one")
        near.say("while paused")
        outbox.resume()
        outbox.send_text(b"three")
        assert await hears(near, far) == ["one", "while paused", b"\x01", "two", "three"]


async def test_pause_in_the_middle_of_resuming_keeps_the_rest() -> None:
    async with ends() as (near, far):
        outbox = Outbox(10**9)
        near.transport.underlying_transport.set_write_buffer_limits(high=0)
        far.stop_reading()
        near.pause_writing, near.resume_writing = outbox.pause, outbox.resume
        chunks = [bytes([n]) * 1_000_000 for n in range(20)]
        for chunk in chunks:
            outbox.send_audio(chunk)
        outbox.open(near.transport)
        assert outbox.waiting_bytes > 0
        far.read_on()
        await far.until(lambda: len(far.heard) == len(chunks))
        assert far.heard == chunks


async def test_message_too_many_overflows_and_names_the_queue() -> None:
    outbox = Outbox(10)
    outbox.send_text(b"12345")
    outbox.send_audio(b"12345")
    with pytest.raises(Overflow) as caught:
        outbox.send_text(b"x")
    assert caught.value.outbox is outbox


async def test_bounded_audio_gives_way_oldest_first_and_messages_never() -> None:
    async with ends() as (near, far):
        outbox = Outbox(1000, audio_bytes=10)
        outbox.send_text(b"before")
        for chunk in (b"1234", b"5678", b"abcd"):
            outbox.send_audio(chunk, EVENT)
            outbox.send_text(b"after " + chunk)
        assert outbox.dropped_bytes == 4
        outbox.open(near.transport)
        assert await hears(near, far) == [
            "before", "after 1234", "5678", "after 5678", "abcd", "after abcd",
        ]  # fmt: skip


async def test_discarded_audio_leaves_the_order_of_the_messages() -> None:
    async with ends() as (near, far):
        outbox = Outbox(12)
        for number in (b"1", b"2"):
            outbox.send_audio(b"audio")
            outbox.send_text(number)
        outbox.discard_audio()
        outbox.send_audio(b"room again")
        outbox.open(near.transport)
        assert await hears(near, far) == ["1", "2", b"room again"]


async def test_last_message_goes_out_at_once_and_alone() -> None:
    async with ends() as (near, far):
        outbox = Outbox(100)
        outbox.open(near.transport)
        outbox.pause()
        outbox.send_audio(b"waits")
        outbox.send_last(b"last")
        outbox.resume()
        assert await hears(near, far) == ["last"]


async def test_all_that_waits_leaves_at_the_end_though_the_peer_is_slow() -> None:
    async with ends() as (near, far):
        outbox = Outbox(100)
        outbox.open(near.transport)
        outbox.pause()
        outbox.send_audio(b"waits")
        outbox.send_text(b"too")
        outbox.flush()
        assert outbox.waiting_bytes == 0
        assert await hears(near, far) == [b"waits", "too"]


async def test_room_is_given_back_when_messages_leave() -> None:
    async with ends() as (near, far):
        outbox = Outbox(10, audio_bytes=10)
        outbox.send_audio(b"1234567890")
        outbox.open(near.transport)
        outbox.pause()
        outbox.send_audio(b"abcdefghij")
        outbox.resume()
        assert await hears(near, far) == [b"1234567890", b"abcdefghij"]


async def test_closed_outbox_forgets_what_waited() -> None:
    async with ends() as (near, far):
        outbox = Outbox(10)
        outbox.send_audio(b"1234567890")
        outbox.close()
        assert outbox.waiting_bytes == 0
        outbox.open(near.transport)
        assert await hears(near, far) == []
