"""Whatever befalls the upstream, the caller gets a message with a code, then a close code."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from gateway.conftest import Bounds
from gateway.far import Far, dial
from gateway.stand import SETTINGS, gateway
from gateway.upstreams import (
    SPOKEN,
    audio,
    babble,
    certified,
    done,
    hang,
    hang_up,
    line,
    nobody,
    oblige,
    raw,
    refusing,
    scripted,
)
from turngate.emulator import Knobs, serving
from turngate.errors import UpstreamError, UpstreamSilent, UpstreamUnreachable
from turngate.gateway.allowed import Allowed
from turngate.gateway.config import Config
from turngate.gateway.greeting import greeted
from turngate.gateway.target import target

COMES_BACK = 1011
"""Stock clients stay away after 1000 and come back after any other code."""

TYPED = {"type": "InjectUserMessage", "content": "hello"}


async def assert_told(caller: Far, *says: str) -> None:
    """Assert that the caller gets one Error that says all this, and a close worth coming back."""
    error = await caller.hears("Error")
    assert error["code"] == "FAILED_TO_THINK"
    assert [word for word in says if word not in error["description"]] == []
    assert await caller.is_closed() == (COMES_BACK, "FAILED_TO_THINK")
    assert caller.types()[-1] == "Error"
    assert caller.count("Error") == 1


@pytest.mark.parametrize(
    "status, says",
    [
        (401, "HTTP 401: the key was not accepted"),
        (403, "HTTP 403"),
        (404, "HTTP 404: the path or the model"),
        (418, "HTTP 418: it refuses"),
        (429, "HTTP 429: too many requests"),
        (500, "HTTP 500: it has trouble of its own"),
        (503, "HTTP 503"),
    ],
)
async def test_refused_handshake_is_told_with_its_status(status: int, says: str) -> None:
    async with refusing(status) as url, gateway(url) as stand:
        caller = await stand.called()
        await assert_told(caller, says)
        assert "in the words of the upstream" not in str(caller.heard)


@pytest.mark.parametrize(
    "upstream, says",
    [
        (raw(hang_up), "hung up during the handshake"),
        (raw(babble), "does not answer as a WebSocket server"),
    ],
    ids=["hangs up", "babbles"],
)
async def test_handshake_that_fails_is_told(
    upstream: AbstractAsyncContextManager[str], says: str
) -> None:
    async with upstream as url, gateway(url) as stand:
        caller = await stand.called()
        await assert_told(caller, says)


async def test_upstream_that_never_answers_is_told_by_its_deadline(bounds: Bounds) -> None:
    bounds(CONNECT_S=0.1)
    async with raw(hang) as url, gateway(url) as stand:
        caller = await stand.called()
        caller.say(SETTINGS)
        caller.say(TYPED)
        await assert_told(caller, "no answer within")
        assert caller.types() == ["Welcome", "Error"]


async def test_upstream_that_is_not_there_is_told(unused_tcp_port: int) -> None:
    async with gateway(f"ws://127.0.0.1:{unused_tcp_port}") as stand:
        await assert_told(await stand.called(), "the connection was refused")


async def test_certificate_that_nobody_vouches_for_is_told() -> None:
    async with certified("127.0.0.1") as url, gateway(url) as stand:
        await assert_told(await stand.called(), "its certificate is not trusted", "issuer")


@pytest.mark.parametrize(
    "upstream",
    [
        refusing(401),
        refusing(429),
        refusing(503),
        raw(hang_up),
        raw(babble),
        raw(hang),
        certified("127.0.0.1"),
        nobody(),
    ],
    ids=["401", "429", "503", "hangs up", "babbles", "hangs", "certificate", "nobody"],
)
async def test_check_says_beforehand_what_a_caller_would_be_told(
    upstream: AbstractAsyncContextManager[str], bounds: Bounds
) -> None:
    bounds(CONNECT_S=1.0)
    async with upstream as url, gateway(url) as stand:
        caller = await stand.called()
        with pytest.raises(UpstreamUnreachable) as caught:
            await greeted(target(Config(upstream=url)), "session.created")
        assert (await caller.hears("Error"))["description"] == str(caught.value)


@pytest.mark.parametrize(
    "says, told",
    [
        ("not json", "does not speak the protocol"),
        ('{"type":"hello"}', "it begins with hello, not session.created"),
        ('{"type":"error","error":{"code":"no_quota","message":"pay"}}', "no_quota: pay"),
        (None, "code 1001, restarting"),
    ],
)
async def test_check_waits_for_the_first_event(says: str | None, told: str) -> None:
    async with scripted() as upstream:
        greeting = asyncio.create_task(
            greeted(target(Config(upstream=upstream.url)), "session.created")
        )
        far = await upstream.accepts()
        if says is None:
            far.close(1001, "restarting")
        else:
            far.say(says)
        with pytest.raises(UpstreamError, match=told):
            await greeting


async def test_upstream_that_accepts_and_says_nothing_is_told_by_check(bounds: Bounds) -> None:
    bounds(CONNECT_S=0.2)
    async with scripted() as upstream:
        with pytest.raises(UpstreamSilent, match="accepts connections and says nothing"):
            await greeted(target(Config(upstream=upstream.url)), "session.created")


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4000, None])
async def test_close_before_readiness_is_told_with_code_and_reason(code: int | None) -> None:
    async with scripted() as upstream, gateway(upstream.url) as stand:
        caller = await stand.called()
        caller.say(SETTINGS)
        caller.say(TYPED)
        far = await upstream.accepts()
        await far.hears("session.update")
        far.close(code, "no more today")
        await assert_told(caller, *(("1005",) if code is None else (str(code), "no more today")))
        assert "SettingsApplied" not in caller.types()


async def test_close_in_a_response_is_told() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, reconnect=False) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        await far.hears("response.create")
        far.say(audio(b"\x01\x02"))
        assert await caller.hears_audio() == b"\x01\x02"
        far.close(1001, "restarting")
        await assert_told(caller, "1001", "restarting")


async def test_cut_connection_is_told() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, reconnect=False) as stand:
        caller = await stand.configured()
        (await upstream.accepts()).drop()
        await assert_told(caller, "1006")


async def test_message_too_big_for_us_ends_the_call(bounds: Bounds) -> None:
    bounds(UPSTREAM_MESSAGE_BYTES=10_000)
    async with scripted(oblige) as upstream, gateway(upstream.url, reconnect=False) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        far.say_in_pieces(1, b"x" * 9_000, b"x" * 9_000)  # pyright: ignore[reportArgumentType] - the opcode of text
        await assert_told(caller, "1009", "message too big")


async def test_slow_handshake_does_not_hold_the_welcome_nor_mix_the_order() -> None:
    async with serving(knobs=Knobs(upgrade_ms=200)) as emulator, gateway(emulator.url) as stand:
        caller = await dial(stand.url)
        await caller.hears("Welcome")
        assert emulator.open_connections == 0
        caller.say(SETTINGS)
        caller.say(bytes(4_800))
        caller.say(TYPED)
        caller.say(bytes(4_800))
        await caller.hears("SettingsApplied")
        await caller.hears("AgentAudioDone")
        sent = [record.type for record in emulator.audit.records]
        assert sent[0] == "session.update"
        assert "input_audio_buffer.append" in sent
        assert sent.index("conversation.item.create") < sent.index("response.create")
        assert emulator.audit.violations == 0
        assert emulator.audit.unanswered_turns == 0


GARBAGE = ['{"type":"brand.new"}', "not json", "null", b"binary", '{"type":"response.done"}', "[]"]
BROKEN_AUDIO = audio(b"\x01\x02").replace("AQI=", "%%%%")


async def test_garbage_in_a_response_is_counted_and_survived(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with (
        scripted(oblige) as upstream,
        gateway(upstream.url, log_level="info", log_format="json") as stand,
    ):
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        request = await far.hears("response.create")
        far.say(audio(b"\x01\x02"))
        for garbage in GARBAGE:
            far.say(garbage)
        far.say(BROKEN_AUDIO)
        far.say(audio(b"\x03\x04"))
        far.say(line("as if nothing had happened"))
        far.say(done(request["response"]["metadata"]))
        await caller.hears("AgentAudioDone")
        assert [said for said in caller.heard if isinstance(said, bytes)] == [
            b"\x01\x02", b"\x03\x04",
        ]  # fmt: skip
        assert "as if nothing had happened" in str(caller.heard)
        assert not {"Error", "Warning"} & set(caller.types())
        caller.close()
        await stand.is_empty()
    log = capsys.readouterr().err
    assert '"upstream_unknown": 1' in log
    assert '"upstream_unreadable": 6' in log


async def test_audio_that_does_not_look_as_usual_passes_all_the_same() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(TYPED)
        await far.hears("response.create")
        far.say(
            {
                "delta": "AQI=",
                "item_id": SPOKEN[1],
                "response_id": SPOKEN[0],
                "type": "response.output_audio.delta",
            }
        )
        assert await caller.hears_audio() == b"\x01\x02"


async def test_upstream_that_does_not_read_ends_the_call_as_deaf(bounds: Bounds) -> None:
    bounds(UPSTREAM_QUEUE_BYTES=100_000)
    large = Allowed(message_bytes=1_000_000)
    async with scripted(oblige) as upstream, gateway(upstream.url, limits=large) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        far.stop_reading()
        while not caller.is_gone:
            caller.say({"type": "InjectUserMessage", "content": "x" * 500_000})
            await caller.barrier()
        await assert_told(caller, "does not read")
        far.drop()


async def test_response_that_falls_silent_is_asked_after_whatever_else_is_said(
    bounds: Bounds,
) -> None:
    bounds(SILENCE_MS=200)
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        caller.say(TYPED)
        far = await upstream.accepts()
        await far.hears("response.create")
        while not far.count("response.cancel"):
            far.say({"type": "rate_limits.updated", "rate_limits": []})
            far.transport.send_ping(b"heard")
            await far.hears("pong")
