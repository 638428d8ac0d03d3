"""Audio on its way, up and down, over a real connection."""

import binascii
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pybase64
import pytest

from gateway.conftest import Bounds
from gateway.far import Far, Said, dial
from gateway.upstreams import audio, scripted
from turngate.gateway import limits
from turngate.gateway.outbox import Outbox
from turngate.gateway.voice import Microphone, Speaker
from turngate.units import pcm_bytes
from turngate.wire.codec import AudioDelta, decode_audio_delta

ITEM = "resp_1", "item_1"


@asynccontextmanager
async def line() -> AsyncGenerator[tuple[Outbox, Far, Far]]:
    """Yield an outbox, the end it writes to, and the one that hears it."""
    async with scripted() as server:
        near = await dial(server.url)
        far = await server.accepts()
        outbox = Outbox(10**9)
        outbox.open(near.transport)
        try:
            yield outbox, near, far
        finally:
            near.drop()
            await far.until(lambda: far.is_gone)


async def hears(near: Far, far: Far) -> list[Said]:
    near.say("end")
    await far.next(lambda said: said == "end")
    return far.heard[:-1]


async def hears_pcm(near: Far, far: Far) -> list[bytes]:
    """Return the audio of the appends that were heard, and fail on anything else."""
    appends = await hears(near, far)
    assert {said["type"] for said in appends if isinstance(said, dict)} <= {
        "input_audio_buffer.append"
    }
    return [pybase64.b64decode(said["audio"]) for said in appends if isinstance(said, dict)]


def delta(pcm: bytes, response_id: str = ITEM[0], item_id: str = ITEM[1]) -> AudioDelta:
    return AudioDelta(response_id, item_id, pybase64.b64encode(pcm))


class TestMicrophone:
    async def test_frames_become_appends_one_by_one(self) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.open()
            microphone.hear(b"\x01\x02")
            microphone.hear(b"")
            microphone.hear(b'{"type":"response.cancel"}')
            assert await hears_pcm(near, far) == [b"\x01\x02", b'{"type":"response.cancel"}']

    async def test_odd_byte_waits_for_its_other_half(self) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.open()
            for pcm in (b"\x01", b"\x02\x03", b"\x04\x05\x06", b"\x07\x08"):
                microphone.hear(pcm)
            assert await hears_pcm(near, far) == [
                b"\x01\x02", b"\x03\x04\x05\x06", b"\x07\x08",
            ]  # fmt: skip

    async def test_what_is_held_goes_first(self) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.hear(b"\x01\x02")
            microphone.hear(b"\x03")
            assert await hears(near, far) == []
            far.heard.clear()
            microphone.open()
            microphone.hear(b"\x04")
            near.say("second end")
            await far.next(lambda said: said == "second end")
            decoded = [
                pybase64.b64decode(said["audio"]) for said in far.heard if isinstance(said, dict)
            ]
            assert decoded == [b"\x01\x02", b"\x03\x04"]

    async def test_what_is_held_is_bounded_and_the_oldest_goes(self, bounds: Bounds) -> None:
        bounds(MICROPHONE_BYTES=6)
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            for number in range(5):
                microphone.hear(bytes([number, number]))
            assert microphone.dropped_bytes == 4
            microphone.open()
            assert await hears_pcm(near, far) == [b"\x02\x02", b"\x03\x03", b"\x04\x04"]

    async def test_opening_twice_sends_nothing_twice(self) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.hear(b"\x01\x02")
            microphone.open()
            microphone.open()
            assert await hears_pcm(near, far) == [b"\x01\x02"]


class TestSpeaker:
    async def test_only_the_item_at_the_gate_passes(self) -> None:
        async with line() as (outbox, near, far):
            speaker = Speaker(outbox)
            assert not speaker.play(delta(b"\x01\x01"), 0)
            speaker.open(*ITEM)
            assert speaker.play(delta(b"\x02\x02"), 0)
            assert not speaker.play(delta(b"\x03\x03", item_id="item_2"), 0)
            assert not speaker.play(delta(b"\x04\x04", response_id="resp_2"), 0)
            speaker.open("resp_2", "item_2")
            assert not speaker.play(delta(b"\x05\x05"), 0)
            speaker.close()
            assert not speaker.play(delta(b"\x06\x06", "resp_2", "item_2"), 0)
            assert await hears(near, far) == [b"\x02\x02"]

    async def test_large_delta_is_split_into_whole_samples(self) -> None:
        async with line() as (outbox, near, far):
            speaker = Speaker(outbox)
            speaker.open(*ITEM)
            pcm = bytes(range(256)) * 100
            assert speaker.play(delta(pcm), 0)
            frames = [said for said in await hears(near, far) if isinstance(said, bytes)]
            assert b"".join(frames) == pcm
            assert len(frames) == -(-len(pcm) // limits.AUDIO_FRAME_BYTES)
            assert all(len(frame) <= limits.AUDIO_FRAME_BYTES for frame in frames)
            assert all(len(frame) % 2 == 0 for frame in frames)

    @pytest.mark.parametrize("broken", [b"%%%%", b"AAA", b"AA AA", b"AA\xffA"])
    async def test_what_is_not_base64_is_refused_and_the_gate_stays_open(
        self, broken: bytes
    ) -> None:
        async with line() as (outbox, near, far):
            speaker = Speaker(outbox)
            speaker.open(*ITEM)
            with pytest.raises(binascii.Error):
                speaker.play(AudioDelta(*ITEM, broken), 0)
            assert speaker.unheard(0) == ()
            assert speaker.play(delta(b"\x01\x01"), 0)
            assert await hears(near, far) == [b"\x01\x01"]

    async def test_discarding_drops_what_has_not_left_and_what_was_to_be_heard(self) -> None:
        async with line() as (outbox, near, far):
            speaker = Speaker(outbox)
            speaker.open(*ITEM)
            outbox.pause()
            speaker.play(delta(bytes(pcm_bytes(100))), 0)
            outbox.send_text(b"text")
            assert [heard.item_id for heard in speaker.unheard(50)] == ["item_1"]
            speaker.discard()
            assert speaker.unheard(50) == ()
            assert not speaker.play(delta(b"\x01\x01"), 50)
            outbox.resume()
            assert await hears(near, far) == ["text"]

    async def test_what_was_heard_follows_the_clock(self) -> None:
        async with line() as (outbox, _, _):
            speaker = Speaker(outbox)
            speaker.open(*ITEM)
            speaker.play(delta(bytes(pcm_bytes(300))), 1000)
            assert [(h.heard_ms, h.sent_ms) for h in speaker.unheard(1100)] == [(100, 300)]
            assert speaker.unheard(1300) == ()


def test_delta_of_the_scripted_upstream_is_one_for_the_short_path() -> None:
    assert decode_audio_delta(audio(b"\x01\x02").encode()) == delta(b"\x01\x02")
