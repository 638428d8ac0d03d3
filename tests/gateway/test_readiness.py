"""What callers do before, at and after the moment at which they should: their quirks are no errors."""

from typing import Any

import pytest

from gateway.far import Far, dial
from gateway.stand import SETTINGS, gateway
from gateway.upstreams import oblige, scripted

KEEP_ALIVE = {"type": "KeepAlive"}
TYPED = {"type": "InjectUserMessage", "content": "hello"}
FRAME = b"\x01\x02" * 480

BRIEF: dict[str, Any] = {
    **SETTINGS,
    "agent": {"think": {**SETTINGS["agent"]["think"], "prompt": "Be brief."}},
}

EARLY: dict[str, list[Any]] = {
    "before Welcome was read": [SETTINGS],
    "KeepAlive first": [KEEP_ALIVE, KEEP_ALIVE, SETTINGS],
    "audio first": [FRAME, FRAME, b"", b"\x01", SETTINGS],
    "everything at once": [KEEP_ALIVE, FRAME, SETTINGS, FRAME, TYPED, KEEP_ALIVE],
}


def complaints(caller: Far) -> list[Any]:
    kinds = {"Error", "Warning"}
    return [each for each in caller.heard if isinstance(each, dict) and each["type"] in kinds]


@pytest.mark.parametrize("said", EARLY.values(), ids=EARLY)
async def test_settings_are_applied_whatever_came_before_them(said: list[Any]) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await dial(stand.url)
        for each in said:
            caller.say(each)
        await caller.hears("SettingsApplied")
        far = await upstream.accepts()
        await far.hears("session.update")
        if FRAME in said:
            await far.hears("input_audio_buffer.append")
        if TYPED in said:
            await far.hears("response.create")
        assert caller.types()[0] == "Welcome"
        assert complaints(caller) == []
        assert far.types()[0] == "session.update"
        caller.close()  # a gateway that stops would wait for the end of the turn


async def test_message_before_any_settings_is_answered_and_the_call_goes_on() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.called()
        caller.say(TYPED)
        error = await caller.hears("Error")
        assert error["code"] == "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"
        caller.say(SETTINGS)
        await caller.hears("SettingsApplied")


async def test_settings_that_come_again_are_applied_and_the_same_are_known() -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(SETTINGS)
        await caller.hears("SettingsApplied")
        assert far.count("session.update") == 1
        caller.say(BRIEF)
        await caller.hears("SettingsApplied")
        await far.hears("session.update")
        changed = await far.hears("session.update")
        assert changed["session"]["instructions"] == "Be brief."
        assert complaints(caller) == []


@pytest.mark.parametrize("again", [SETTINGS, BRIEF], ids=["the same", "others"])
async def test_strict_gateway_takes_settings_once(again: dict[str, Any]) -> None:
    async with scripted(oblige) as upstream, gateway(upstream.url, strict=True) as stand:
        caller = await stand.configured()
        far = await upstream.accepts()
        caller.say(again)
        assert (await caller.hears("Error"))["code"] == "SETTINGS_ALREADY_APPLIED"
        await far.barrier()
        assert far.count("session.update") == 1
