"""Audio on its way, up and down, over a real connection."""

import asyncio
import binascii
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pybase64
import pytest
from msgspec.structs import replace

from gateway.conftest import Bounds
from gateway.far import Far, Said, dial
from gateway.upstreams import audio, scripted
from turngate.audio import g711
from turngate.audio.pcm import loudness
from turngate.audio.tone import tone
from turngate.audio.wav import stream_header
from turngate.dialects.formats import LINEAR, RATES, Format
from turngate.gateway import limits
from turngate.gateway.outbox import Outbox
from turngate.gateway.pacer import Pacer
from turngate.gateway.voice import Microphone, Speaker
from turngate.units import RATE_HZ, Ms, pcm_bytes
from turngate.wire.codec import decode_server_event
from turngate.wire.realtime import ResponseOutputAudioDelta

ITEM = "resp_1", "item_1"

FORMATS = [Format(encoding, rate_hz) for encoding in RATES for rate_hz in RATES[encoding]]


def size(length_ms: int, audio: Format) -> int:
    """Return how many bytes last `length_ms` in this format."""
    whole = pcm_bytes(length_ms, audio.rate_hz)
    return whole if audio.encoding == LINEAR else whole // 2


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


def speaker_on(outbox: Outbox) -> Speaker:
    """Return a speaker on a clock of the loop's, in ms."""

    def failed(fault: Exception) -> None:
        raise AssertionError from fault

    def now_ms() -> Ms:
        return Ms(int(asyncio.get_running_loop().time() * 1000))

    return Speaker(outbox, Pacer(outbox, outbox.send_text, now_ms, failed, 10**6))


def delta(pcm: bytes, response_id: str = ITEM[0], item_id: str = ITEM[1]) -> bytes:
    return audio(pcm, response_id, item_id).encode()


def play(speaker: Speaker, frame: bytes, now_ms: int) -> bool:
    """Send a frame as a call does: by the short way where it can go."""
    event = decode_server_event(frame)
    assert isinstance(event, ResponseOutputAudioDelta)
    return speaker.relay(frame, now_ms) or speaker.play(frame, event, now_ms)


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

    @pytest.mark.parametrize("spoken", FORMATS, ids=str)
    async def test_silence_is_added_in_the_clients_format(self, spoken: Format) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.agree(spoken)
            measured: list[int] = []
            microphone.measure(measured.append)
            microphone.hear(bytes(size(40, spoken)))
            microphone.open()
            assert measured == [40]
            before = len(b"".join(await hears_pcm(near, far)))
            microphone.pad(100)
            assert measured == [40]
            near.say("end of it")
            await far.next(lambda said: said == "end of it")
            appended = [pybase64.b64decode(x["audio"]) for x in far.heard if isinstance(x, dict)]
            padding = b"".join(appended)[before:]
            whole = 100 * (pcm_bytes(1) if spoken.encoding == LINEAR else 8)
            assert abs(len(padding) - whole) <= pcm_bytes(1)
            assert set(padding) == set(g711.SILENCE.get(spoken.encoding, b"\0"))

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
            microphone.agree(Format())
            for number in range(5):
                microphone.hear(bytes([number, number]))
            assert microphone.dropped_bytes == 4
            microphone.open()
            assert await hears_pcm(near, far) == [b"\x02\x02\x03\x03\x04\x04"]

    async def test_what_is_held_is_cut_to_its_format_when_that_is_known(
        self, bounds: Bounds
    ) -> None:
        bounds(MICROPHONE_BYTES=48)
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.hear(b"\x01" + b"\x02" * 96)
            assert microphone.dropped_bytes == 2
            microphone.agree(Format("mulaw", 8000))
            assert microphone.dropped_bytes == 2 + 88
            microphone.open()
            assert b"".join(await hears_pcm(near, far)) == b"\x02" * 7

    async def test_what_is_held_keeps_its_samples_whole_when_the_oldest_goes(
        self, bounds: Bounds
    ) -> None:
        bounds(MICROPHONE_BYTES=4)
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.agree(Format())
            for part in (b"\x01", b"\x02\x03\x04", b"\x05"):
                microphone.hear(part)
            microphone.open()
            microphone.hear(b"\x06")
            assert await hears_pcm(near, far) == [b"\x03\x04", b"\x05\x06"]

    @pytest.mark.parametrize("spoken", FORMATS, ids=str)
    @pytest.mark.parametrize("is_early", [False, True])
    async def test_utterance_is_as_long_upstream_as_it_was_spoken(
        self, spoken: Format, *, is_early: bool
    ) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            if not is_early:
                microphone.agree(spoken)
                microphone.open()
            for start in range(0, 300, 20):
                microphone.hear(bytes(size(start + 20, spoken) - size(start, spoken)))
            if is_early:
                microphone.agree(spoken)
                microphone.open()
            sent = sum(map(len, await hears_pcm(near, far)))
            upstream = Format(spoken.encoding) if spoken.encoding == LINEAR else spoken
            assert size(296, upstream) <= sent <= size(300, upstream)

    @pytest.mark.parametrize("spoken", FORMATS, ids=str)
    async def test_frames_of_odd_lengths_are_the_same_sound(self, spoken: Format) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.agree(spoken)
            microphone.open()
            sound = tone(100, rate_hz=spoken.rate_hz)
            for start in range(0, len(sound), 77):
                microphone.hear(sound[start : start + 77])
            heard = b"".join(await hears_pcm(near, far))
            if spoken.encoding != LINEAR or spoken.rate_hz == RATE_HZ:
                assert heard == sound
            else:
                assert loudness(heard) == pytest.approx(loudness(sound), rel=0.05)

    async def test_g711_passes_as_it_came(self) -> None:
        async with line() as (outbox, near, far):
            microphone = Microphone(outbox)
            microphone.agree(Format("alaw", 8000))
            microphone.open()
            microphone.hear(b"\x01\x02\x03")
            microphone.hear(b"")
            microphone.hear(b"\x04")
            assert await hears_pcm(near, far) == [b"\x01\x02\x03", b"\x04"]

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
            speaker = speaker_on(outbox)
            assert not play(speaker, delta(b"\x01\x01"), 0)
            speaker.open(*ITEM)
            assert play(speaker, delta(b"\x02\x02"), 0)
            assert not play(speaker, delta(b"\x03\x03", item_id="item_2"), 0)
            assert not play(speaker, delta(b"\x04\x04", response_id="resp_2"), 0)
            speaker.open("resp_2", "item_2")
            assert not play(speaker, delta(b"\x05\x05"), 0)
            speaker.close()
            assert not play(speaker, delta(b"\x06\x06", "resp_2", "item_2"), 0)
            assert await hears(near, far) == [b"\x02\x02"]

    async def test_after_the_first_of_an_item_its_audio_takes_the_short_way(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_of(outbox, Format())
            assert not speaker.relay(delta(b"\x01\x01"), 0)
            assert play(speaker, delta(b"\x01\x01"), 0)
            assert speaker.relay(delta(b"\x02\x02"), 0)
            assert not speaker.relay(delta(b"\x03\x03", item_id="item_2"), 0)
            assert not speaker.relay(delta(b"").replace(b'""', b'"AAA"'), 0)
            speaker.close()
            assert not speaker.relay(delta(b"\x04\x04"), 0)
            assert await hears(near, far) == [b"\x01\x01", b"\x02\x02"]

    async def test_audio_leads_its_playing_by_so_much_and_the_rest_follows_in_time(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_on(outbox)
            clock = asyncio.get_running_loop().time
            began_s = clock()
            speaker.open(*ITEM, lead_ms=100)
            for number in range(1, 6):
                play(speaker, delta(bytes([number]) * pcm_bytes(50)), int(began_s * 1000))
            speaker.tell(b"done")
            assert not speaker.is_done
            await far.next(lambda said: said == "done")
            assert clock() - began_s >= 0.09  # the last one plays at 200 ms
            assert [said[0] for said in far.heard[:-1] if isinstance(said, bytes)] == [
                1,
                2,
                3,
                4,
                5,
            ]
            assert speaker.is_done
            near.say("")

    async def test_what_has_not_left_is_not_sent_to_who_interrupts(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_on(outbox)
            now_ms = int(asyncio.get_running_loop().time() * 1000)
            speaker.open(*ITEM, lead_ms=100)
            for number in range(1, 6):
                play(speaker, delta(bytes([number]) * pcm_bytes(100)), now_ms)
            speaker.tell(b"done")
            speaker.discard()
            speaker.tell(b"next")
            heard = await hears(near, far)
            assert [said[0] if isinstance(said, bytes) else said for said in heard] == [
                1, 2, "done", "next",
            ]  # fmt: skip

    async def test_what_is_more_than_may_wait_leaves_early(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_on(outbox)
            speaker.open(*ITEM, lead_ms=0)
            while speaker.is_done:
                play(speaker, delta(b"\x01" * 100), 0)
            waiting = b"\x02" * (10**6 - 100)
            play(speaker, delta(waiting), 0)
            play(speaker, delta(bytes(200)), 0)
            speaker.stop()
            frames = [said for said in await hears(near, far) if isinstance(said, bytes)]
            assert frames[-1] == waiting[: limits.AUDIO_FRAME_BYTES]

    async def test_large_delta_is_split_into_whole_samples(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_on(outbox)
            speaker.open(*ITEM)
            pcm = bytes(range(256)) * 100
            assert play(speaker, delta(pcm), 0)
            frames = [said for said in await hears(near, far) if isinstance(said, bytes)]
            assert b"".join(frames) == pcm
            assert len(frames) == -(-len(pcm) // limits.AUDIO_FRAME_BYTES)
            assert all(len(frame) <= limits.AUDIO_FRAME_BYTES for frame in frames)
            assert all(len(frame) % 2 == 0 for frame in frames)

    @pytest.mark.parametrize("broken", ["%%%%", "AAA", "AA AA", "AA\xe9A"])
    async def test_what_is_not_base64_is_refused_and_the_gate_stays_open(self, broken: str) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_on(outbox)
            speaker.open(*ITEM)
            with pytest.raises(binascii.Error):
                play(speaker, delta(b"").replace(b'""', f'"{broken}"'.encode()), 0)
            assert speaker.played(0) == ()
            assert play(speaker, delta(b"\x01\x01"), 0)
            assert await hears(near, far) == [b"\x01\x01"]

    async def test_discarding_drops_what_has_not_left_and_what_was_to_be_heard(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_on(outbox)
            speaker.open(*ITEM)
            outbox.pause()
            play(speaker, delta(bytes(pcm_bytes(100))), 0)
            outbox.send_text(b"text")
            assert [heard.item_id for heard in speaker.played(50)] == ["item_1"]
            speaker.discard()
            assert speaker.played(50) == ()
            assert not play(speaker, delta(b"\x01\x01"), 50)
            outbox.resume()
            assert await hears(near, far) == ["text"]

    async def test_what_was_heard_follows_the_clock(self) -> None:
        async with line() as (outbox, _, _):
            speaker = speaker_on(outbox)
            speaker.open(*ITEM)
            play(speaker, delta(bytes(pcm_bytes(300))), 1000)
            assert [(h.heard_ms, h.sent_ms) for h in speaker.played(1100)] == [(100, 300)]
            assert [(h.heard_ms, h.sent_ms) for h in speaker.played(1300)] == [(300, 300)]

    @pytest.mark.parametrize("heard", FORMATS, ids=str)
    async def test_answer_is_as_long_as_it_was_spoken(self, heard: Format) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_of(outbox, heard)
            upstream = Format(heard.encoding) if heard.encoding == LINEAR else heard
            play(speaker, delta(bytes(size(250, upstream))), 0)
            speaker.open("resp_1", "item_2")
            play(speaker, delta(bytes(size(50, upstream)), item_id="item_2"), 0)
            assert [(item.item_id, item.sent_ms) for item in speaker.played(0)] == [
                ("item_1", 250), ("item_2", 50),
            ]  # fmt: skip
            speaker.close()
            frames = [said for said in await hears(near, far) if isinstance(said, bytes)]
            assert sum(map(len, frames)) == size(300, heard)
            assert max(map(len, frames)) <= size(200, heard)
            assert heard.encoding != LINEAR or not any(len(frame) % 2 for frame in frames)

    async def test_nothing_of_a_discarded_answer_is_left_in_the_next(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_of(outbox, Format(LINEAR, 8000))
            play(speaker, delta(tone(100) + b"\x7f"), 0)
            await hears(near, far)
            far.heard.clear()
            speaker.discard()
            speaker.close()
            speaker.open("resp_2", "item_2")
            play(speaker, delta(bytes(pcm_bytes(100)), "resp_2", "item_2"), 0)
            speaker.close()
            near.say("second end")
            await far.next(lambda said: said == "second end")
            frames = [said for said in far.heard if isinstance(said, bytes)]
            assert b"".join(frames) == bytes(pcm_bytes(100, 8000))

    async def test_split_sample_of_the_upstream_is_put_together(self) -> None:
        async with line() as (outbox, near, far):
            speaker = speaker_of(outbox, Format(LINEAR, 16_000))
            sound = tone(100)
            for part in (sound[:1001], sound[1001:]):
                play(speaker, delta(part), 0)
            speaker.close()
            heard = b"".join(said for said in await hears(near, far) if isinstance(said, bytes))
            assert len(heard) == pcm_bytes(100, 16_000)
            assert loudness(heard) == pytest.approx(loudness(sound), rel=0.05)

    @pytest.mark.parametrize("heard", FORMATS, ids=str)
    async def test_wav_has_a_header_before_each_turn_and_after_each_discard(
        self, heard: Format
    ) -> None:
        header = stream_header(heard.encoding, heard.rate_hz)
        async with line() as (outbox, near, far):
            speaker = speaker_of(outbox, replace(heard, container="wav"))
            sound = delta(bytes(size(40, Format() if heard.encoding == LINEAR else heard)))
            for end in (speaker.close, speaker.end_turn, speaker.discard, speaker.close):
                speaker.open(*ITEM)
                play(speaker, sound, 0)
                play(speaker, sound, 0)
                end()
            frames = [said for said in await hears(near, far) if isinstance(said, bytes)]
            stream = b"".join(frames)
            assert stream.startswith(header)
            assert stream.count(header) == 3
            assert not set(stream.replace(header, b"")) - {0}


def speaker_of(outbox: Outbox, heard: Format) -> Speaker:
    """Return a speaker of this format with the gate open for ITEM."""
    speaker = speaker_on(outbox)
    speaker.agree(heard)
    speaker.open(*ITEM)
    return speaker
