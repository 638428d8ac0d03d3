"""A peer beside its frames: who is told what, bounds that change, and the ways in which it ends."""

import asyncio

import pytest
from picows import WSMsgType

from gateway.conftest import Bounds
from gateway.joined import FAULTY, LIMIT_BYTES, Heard, joined
from turngate.gateway import limits
from turngate.gateway.frames import BadFrame
from turngate.gateway.outbox import Overflow
from turngate.gateway.wire_bytes import Crossed


async def test_audio_may_be_handed_over_to_somebody_else() -> None:
    async with joined() as (far, heard):
        elsewhere: list[bytes] = []
        heard.peer.hand_over(elsewhere.append)
        far.say(b"whole")
        far.say_in_pieces(WSMsgType.BINARY, b"in ", b"pieces")
        far.say("text")
        await far.barrier()
        assert elsewhere == [b"whole", b"in pieces"]
        assert heard.messages == ["text"]


async def test_bound_may_be_raised() -> None:
    async with joined() as (far, heard):
        assert heard.peer.largest_bytes == LIMIT_BYTES
        heard.peer.bound(LIMIT_BYTES + 1)
        far.say(bytes(LIMIT_BYTES + 1))
        far.say_in_pieces(WSMsgType.BINARY, bytes(LIMIT_BYTES), b"1")
        await far.barrier()
        assert [len(message) for message in heard.messages] == [LIMIT_BYTES + 1] * 2
        far.say(bytes(LIMIT_BYTES + 2))
        assert (await far.is_closed())[0] == 1009


async def test_reader_is_told_of_too_big_a_message_and_of_no_other_break() -> None:
    async with joined() as (far, heard):
        far.say(bytes(LIMIT_BYTES + 1))
        await far.is_closed()
        assert heard.too_big == 1
    async with joined() as (far, heard):
        far.transport.send(WSMsgType.TEXT, b"\xff")
        await far.is_closed()
        assert heard.too_big == 0


async def test_reader_that_fails_is_told_with_what_and_hears_on() -> None:
    async with joined() as (far, heard):
        far.say(FAULTY)
        far.say("next")
        await far.barrier()
        assert [str(fault) for fault in heard.faults] == [FAULTY]
        assert heard.messages == [FAULTY, "next"]
        heard.faults.clear()


async def test_first_reason_to_close_counts() -> None:
    async with joined() as (far, heard):
        heard.peer.close(1013, "busy")
        heard.peer.close(1011, "a fault")
        assert await far.is_closed() == (1013, "busy")
        assert await heard.end == (1013, "busy")
        heard.peer.close(1011, "too late")
        heard.peer.abort()


async def test_reason_is_cut_between_characters() -> None:
    async with joined() as (far, heard):
        heard.peer.close(1013, "x" * 122 + "é")
        assert await far.is_closed() == (1013, "x" * 122)
        assert (await heard.end)[0] == 1013


async def test_refused_close_code_is_told_with_its_reason() -> None:
    async with joined() as (far, _):
        far.transport.send(WSMsgType.CLOSE, (5000).to_bytes(2, "big"))
        assert await far.is_closed() == (1002, "close code is not allowed")


async def test_aborted_connection_ends_without_a_word_also_where_nothing_is_read() -> None:
    async with joined() as (far, heard):
        far.stop_reading()
        heard.fill()
        heard.peer.abort()
        async with asyncio.timeout(1):
            assert await heard.end == (1006, "")
        assert far.closed is None


async def test_peer_has_its_time_to_answer_a_close(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.2)
    async with joined() as (far, heard):
        far.answers_close = False
        heard.peer.close(1013, "busy")
        assert await lasts(heard)


async def test_peer_that_stalls_has_its_time_to_read_before_it_is_dropped(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.01)
    async with joined() as (far, heard):
        heard.peer.stalled_s = 0.2
        far.stop_reading()
        heard.fill()
        heard.peer.close(1013, "busy")
        assert await lasts(heard)


async def lasts(heard: Heard) -> bool:
    """Tell whether a connection goes on for a while."""
    try:
        async with asyncio.timeout(0.1):
            await asyncio.shield(heard.end)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("pings", [[], [b"once"]])
async def test_each_ping_is_answered_once_whatever_waits_later(pings: list[bytes]) -> None:
    async with joined() as (far, heard):
        for ping in pings:
            far.transport.send_ping(ping)
        await far.until(lambda: len(far.heard) == len(pings))
        far.stop_reading()
        heard.fill()
        with pytest.raises(Overflow):
            heard.outbox.send_text(b"what waited")
        far.read_on()
        await far.next(lambda said: said == "what waited")
        pongs = [said for said in far.heard if isinstance(said, dict)]
        assert [said["mark"] for said in pongs] == pings


async def test_forgotten_peer_is_closed_and_tells_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with joined() as (far, heard):
        outbox = heard.outbox
        heard.peer.forget(1001, "moved")
        far.say("unheard")
        far.say(b"unheard")
        assert await far.is_closed() == (1001, "moved")
        assert heard.messages == []
        assert not heard.end.done()
        heard.end.set_result((0, ""))
        outbox.send_text(b"for the next")
        assert outbox.waiting_bytes == len(b"for the next")
    assert caplog.messages == []


async def test_bytes_that_crossed_are_counted_until_the_end_and_after_it() -> None:
    async with joined() as (far, heard):
        before = heard.peer.crossed()
        far.say(bytes(500))
        await far.barrier()
        during = heard.peer.crossed()
        assert during.received >= before.received + 500
        far.close()
        await heard.end
        after = heard.peer.crossed()
        assert after.received >= during.received
        assert after == heard.peer.crossed()


async def test_nothing_has_crossed_before_there_is_a_connection() -> None:
    peer = Heard().peer
    peer.close(1011, "never was")
    peer.abort()
    assert peer.crossed() == Crossed()


async def test_peer_that_takes_nothing_is_told_of_once(bounds: Bounds) -> None:
    bounds(STALLED_S=0.02)
    async with joined() as (far, heard):
        assert heard.peer.stalled_s == limits.STALLED_S
        far.stop_reading()
        heard.fill()
        async with asyncio.timeout(5):
            await heard.has_stalled.wait()
        far.read_on()


async def test_peer_that_reads_on_in_time_has_not_stalled() -> None:
    async with joined() as (far, heard):
        heard.peer.stalled_s = 0.05
        far.stop_reading()
        heard.fill()
        far.read_on()
        await far.barrier()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await heard.has_stalled.wait()


def test_bad_frame_says_why() -> None:
    with pytest.raises(BadFrame, match="too long"):
        raise BadFrame(1009, "too long")
