"""What happens at each limit that an operator may set: one below, at it, and one beyond."""

from typing import Any

import msgspec
import pytest

from gateway.far import Far, dial
from gateway.stand import SETTINGS, UPGRADE, Gateway, gateway, request
from gateway.upstreams import audio, oblige, scripted
from turngate.emulator import serving
from turngate.gateway import limits
from turngate.gateway.allowed import Allowed
from turngate.gateway.places import Places
from turngate.units import Ms

TYPED = {"type": "InjectUserMessage", "content": "hello"}
NATIVE_PATH = "/v1/realtime?model=m"


def key(word: str) -> dict[str, str]:
    return {"Authorization": f"Token {word}"}


def padded(message: dict[str, Any], size: int, field: str) -> str:
    """Return a message of exactly this size, by making one field longer."""
    bare = len(msgspec.json.encode({**message, field: ""}))
    return msgspec.json.encode({**message, field: "x" * (size - bare)}).decode()


async def native(stand: Gateway) -> Far:
    client = await dial(f"ws://{stand.host}:{stand.port}{NATIVE_PATH}")
    await client.hears("session.created")
    return client


# -- places


async def test_calls_beyond_the_limit_are_refused_before_anything_is_dialled() -> None:
    few = Allowed(connections=2)
    async with scripted() as upstream, gateway(upstream.url, limits=few) as stand:
        first, _ = await stand.called(), await stand.called()
        refusal = await request(stand, headers=UPGRADE)
        assert refusal.status == 503
        assert refusal.headers["retry-after"] == "5"
        assert msgspec.json.decode(refusal.body)["code"] == "too_many_calls"
        assert len(upstream.requests) == 2
        assert (await request(stand, "/health")).status == 200
        ready = await request(stand, "/ready")
        assert (ready.status, ready.body) == (503, b'{"status":"full"}\n')
        first.close()
        await first.until(lambda: first.is_gone)
        assert (await request(stand, "/ready")).status == 200
        await stand.called()


async def test_one_address_may_not_take_every_place() -> None:
    few = Allowed(connections_per_client=2)
    async with scripted() as upstream, gateway(upstream.url, limits=few) as stand:
        for _ in range(2):
            await stand.called(key("made up"))
        refusal = await request(stand, headers={**UPGRADE, **key("another that is made up")})
        assert refusal.status == 429
        assert refusal.headers["retry-after"] == "5"
        assert msgspec.json.decode(refusal.body)["code"] == "too_many_calls_of_client"


async def test_one_key_may_not_take_every_place() -> None:
    few: dict[str, Any] = {
        "limits": Allowed(connections_per_client=2),
        "client_keys": ("one", "two"),
    }
    async with scripted() as upstream, gateway(upstream.url, **few) as stand:
        first, _ = await stand.called(key("one")), await stand.called(key("one"))
        assert (await request(stand, headers={**UPGRADE, **key("one")})).status == 429
        await stand.called(key("two"))
        first.drop()
        await first.until(lambda: first.is_gone)
        await stand.called(key("one"))


async def test_one_client_may_begin_only_so_many_calls_a_second() -> None:
    slow = Allowed(connections_per_client=3, calls_per_s=0.1)
    async with scripted() as upstream, gateway(upstream.url, limits=slow) as stand:
        for _ in range(3):
            caller = await stand.called()
            caller.drop()
            await caller.until(lambda caller=caller: caller.is_gone)
        refusal = await request(stand, headers=UPGRADE)
        assert refusal.status == 429
        assert "0.1 calls a second" in refusal.body.decode()


async def test_client_that_floods_again_and_again_does_not_get_in_any_more() -> None:
    few = Allowed(connections_per_client=150, messages_burst=1, messages_per_s=1)
    async with scripted() as upstream, gateway(upstream.url, limits=few) as stand:
        for _ in range(2):
            caller = await stand.called()
            for _ in range(10):
                caller.say({"type": "KeepAlive"})
            assert await caller.is_closed() == (1008, "CLIENT_TOO_FAST")
        assert (await request(stand, headers=UPGRADE)).status == 429


def test_arrivals_are_earned_by_time_and_forgotten_in_the_end() -> None:
    now = [0]
    slow = Allowed(connections_per_client=2, calls_per_s=1)
    places = Places(slow, lambda: Ms(now[0]))
    assert [places.refusal("one") is None for _ in range(4)] == [True, True, True, False]
    now[0] = 999
    assert places.refusal("one") is not None
    now[0] = 1_000
    assert places.refusal("one") is None
    assert places.refusal("one") is not None
    for number in range(limits.CLIENTS):
        assert places.refusal(f"other {number}") is None
    assert places.refusal("one") is None, "somebody new"


# -- sizes

SMALL = Allowed(settings_bytes=4_000, message_bytes=2_000, native_message_bytes=3_000)


@pytest.mark.parametrize("size", [3_999, 4_000])
async def test_settings_may_be_as_large_as_that(size: int) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=SMALL) as stand:
        caller = await stand.called()
        caller.say(padded(SETTINGS, size, "padding"))
        await caller.hears("SettingsApplied")


@pytest.mark.parametrize("size", [1_999, 2_000])
async def test_message_may_be_as_large_as_that(size: int) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=SMALL) as stand:
        caller = await stand.configured()
        caller.say(bytes(size))
        caller.say(padded(TYPED, size, "content"))
        await caller.hears("ConversationText")


@pytest.mark.parametrize("size", [2_999, 3_000])
async def test_realtime_event_may_be_as_large_as_that(size: int) -> None:
    async with serving() as emulator, gateway(emulator.url, limits=SMALL) as stand:
        client = await native(stand)
        client.say(padded({"type": "made.up"}, size, "event_id"))
        assert (await client.hears("error"))["error"]["type"] == "invalid_request_error"


async def refused_for_its_size(caller: Far, limit: int) -> None:
    error = await caller.hears("Error")
    assert error["code"] == "MESSAGE_TOO_BIG"
    assert f"at most {limit} bytes" in error["description"]
    assert await caller.is_closed() == (1009, "MESSAGE_TOO_BIG")


async def test_larger_messages_end_the_call_with_a_word() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=SMALL) as stand:
        caller = await stand.called()
        caller.say(padded(SETTINGS, 4_001, "padding"))
        await refused_for_its_size(caller, 4_000)
        for message in (bytes(2_001), padded(TYPED, 2_001, "content")):
            caller = await stand.configured()
            caller.say(message)
            await refused_for_its_size(caller, 2_000)


async def test_larger_realtime_event_ends_the_call_with_a_word() -> None:
    async with serving() as emulator, gateway(emulator.url, limits=SMALL) as stand:
        client = await native(stand)
        client.say(padded({"type": "made.up"}, 3_001, "event_id"))
        assert (await client.hears("error"))["error"]["code"] == "message_too_big"
        assert await client.is_closed() == (1009, "MESSAGE_TOO_BIG")


async def test_frame_that_announces_far_too_much_is_not_read_at_all() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=SMALL) as stand:
        caller = await stand.configured()
        header = b"\x82\xff" + (2**62).to_bytes(8, "big") + b"mask"
        caller.transport.underlying_transport.write(header)
        await refused_for_its_size(caller, 2_000)
    async with serving() as emulator, gateway(emulator.url, limits=SMALL) as stand:
        client = await native(stand)
        client.transport.underlying_transport.write(header)
        assert (await client.hears("error"))["error"]["code"] == "message_too_big"
        assert await client.is_closed() == (1009, "MESSAGE_TOO_BIG")


# -- rates


async def test_too_many_messages_are_warned_of_and_then_end_the_call() -> None:
    few = Allowed(messages_per_s=1, messages_burst=10)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=few) as stand:
        caller = await stand.configured()  # which takes one
        for _ in range(9):
            caller.say({"type": "KeepAlive"})
        await caller.barrier()
        assert caller.count("Warning") == 0
        caller.say({"type": "KeepAlive"})
        warning = await caller.hears("Warning")
        assert warning["code"] == "CLIENT_TOO_FAST"
        assert "1 messages a second" in warning["description"]
        for _ in range(10):
            caller.say({"type": "KeepAlive"})
        await caller.barrier()
        assert not caller.is_gone
        for _ in range(2):
            caller.say({"type": "KeepAlive"})
        assert (await caller.hears("Error"))["code"] == "CLIENT_TOO_FAST"
        assert await caller.is_closed() == (1008, "CLIENT_TOO_FAST")


@pytest.mark.parametrize(
    "encoding, rate, second",
    [("linear16", 24_000, 48_000), ("linear16", 8_000, 16_000), ("mulaw", 8_000, 8_000)],
)
async def test_audio_far_faster_than_real_time_is_warned_of_and_then_ends_the_call(
    encoding: str, rate: int, second: int
) -> None:
    few = Allowed(audio_speed=1, audio_burst_s=2)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=few) as stand:
        format_ = {"encoding": encoding, "sample_rate": rate}
        audio_in = {**SETTINGS["audio"], "input": format_}
        caller = await stand.configured(audio=audio_in)
        for _ in range(8):
            caller.say(bytes(second // 4))
        await caller.barrier()
        assert caller.count("Warning") == 0
        caller.say(bytes(second))
        assert (await caller.hears("Warning"))["code"] == "CLIENT_TOO_FAST"
        for _ in range(8):
            caller.say(bytes(second // 4))
        await caller.barrier()
        assert not caller.is_gone
        for _ in range(8):
            caller.say(bytes(second // 4))
        assert (await caller.hears("Error"))["code"] == "CLIENT_TOO_FAST"
        assert await caller.is_closed() == (1008, "CLIENT_TOO_FAST")


async def test_audio_of_a_realtime_client_is_counted_too_and_its_messages_are_not_audio() -> None:
    few = Allowed(audio_speed=1, audio_burst_s=2, messages_burst=3)
    async with serving() as emulator, gateway(emulator.url, limits=few) as stand:
        client = await native(stand)
        append = {"type": "input_audio_buffer.append", "audio": "AAAA" * 320}
        for _ in range(95):
            client.say(append)
        await client.barrier()
        assert client.count("error") == 0
        for _ in range(10):
            client.say(append)
        assert (await client.hears("error"))["error"]["code"] == "client_too_fast"
        for _ in range(200):
            client.say(append)
        await client.hears("error")
        assert await client.is_closed() == (1008, "CLIENT_TOO_FAST")


# -- silence, in both directions


async def test_caller_who_takes_nothing_for_too_long_is_let_go() -> None:
    soon = Allowed(stalled_s=0.2)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=soon) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        await far.hears("response.create")
        caller.stop_reading()
        sent = 0
        while not far.is_gone and sent < 100:
            far.say(audio(bytes(48_000)))
            sent += 1
        await far.until(lambda: far.is_gone)
        caller.read_on()
        assert (await caller.hears("Error"))["code"] == "SLOW_CLIENT"
        assert await caller.is_closed() == (1013, "SLOW_CLIENT")


async def test_realtime_client_that_says_nothing_is_let_go_and_one_that_does_is_not() -> None:
    soon = Allowed(native_silent_s=0.3, messages_burst=1_000_000)
    async with serving() as emulator, gateway(emulator.url, limits=soon) as stand:
        silent, alive = await native(stand), await native(stand)
        while not silent.is_gone:
            alive.say({"type": "input_audio_buffer.clear"})
            await alive.hears("input_audio_buffer.cleared")
        assert (await silent.hears("error"))["error"]["code"] == "client_silent"
        assert await silent.is_closed() == (1000, "CLIENT_SILENT")
        assert not alive.is_gone
