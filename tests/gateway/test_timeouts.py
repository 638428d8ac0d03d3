"""How long a caller may be silent, and how long a call may last."""

from typing import Any

from gateway.far import Far
from gateway.stand import gateway
from gateway.upstreams import oblige, scripted
from turngate.gateway.allowed import Allowed

STAY_AWAY = 1000


async def sent_away(caller: Far, code: str) -> None:
    assert (await caller.hears("Error"))["code"] == code
    assert await caller.is_closed() == (STAY_AWAY, code)


async def test_caller_without_settings_is_sent_away_and_keeps_no_place() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, settings_timeout_s=1) as stand:
        caller = await stand.called()
        far = await upstream.accepts()
        await sent_away(caller, "CLIENT_MESSAGE_TIMEOUT")
        await far.until(lambda: far.is_gone)
        await stand.is_empty()


async def test_silent_caller_is_sent_away_and_one_that_shows_itself_is_not() -> None:
    busy: dict[str, Any] = {
        "idle_timeout_s": 1,
        "limits": Allowed(messages_burst=1_000_000, audio_burst_s=3_600),
    }
    async with scripted(oblige) as upstream, gateway(upstream.url, **busy) as stand:
        audible, alive = await stand.configured(), await stand.configured()
        for _ in range(2):  # one after the other, so that the living have twice the time to die
            silent = await stand.configured()
            while not silent.is_gone:
                audible.say(bytes(960))
                alive.say({"type": "KeepAlive"})
                await audible.barrier()
                await alive.barrier()
            await sent_away(silent, "CLIENT_MESSAGE_TIMEOUT")
        for caller in (audible, alive):
            assert not {"Error", "Warning"} & {*caller.types()}
            assert not caller.is_gone


async def test_call_is_warned_before_it_has_lasted_too_long() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, call_limit_s=1) as stand:
        caller = await stand.configured()
        warning = await caller.hears("Warning")
        assert warning["code"] == "MAXIMUM_SESSION_LENGTH_APPROACHING"
        await sent_away(caller, "MAXIMUM_SESSION_LENGTH_REACHED")
