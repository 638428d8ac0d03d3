"""A call that asks for its trace is told all that passes, and what waits for what."""

from typing import Any

from gateway.conftest import Bounds
from gateway.far import Far, dial
from gateway.stand import SETTINGS, Gateway, gateway
from turngate.emulator import Call, Knobs, Reply, Script, serving

SLOW_END = Knobs(done_after_last_ms=120)
LOOK_UP = Script(replies=(Reply(match="look", calls=(Call(name="look_up"),)),))
FUNCTION = {"name": "look_up", "description": "Looks up.", "parameters": {"type": "object"}}


async def traced(stand: Gateway, query: str = "?trace") -> Far:
    """Return a caller whose settings have been applied."""
    caller = await dial(f"{stand.url}{query}")
    think = {**SETTINGS["agent"]["think"], "functions": [FUNCTION]}
    caller.say({**SETTINGS, "agent": {"think": think}})
    await caller.hears("SettingsApplied")
    return caller


def traces(caller: Far) -> list[dict[str, Any]]:
    return [
        said for said in caller.heard if isinstance(said, dict) and said["type"] == "TurngateTrace"
    ]


def passages(caller: Far) -> list[str]:
    """Return what passed, as `client in Settings`."""
    every = (each["passed"] for each in traces(caller) if "passed" in each)
    return [f"{each['leg']} {each['way']} {each['message']['type']}" for each in every]


def reasons(caller: Far) -> list[tuple[str, list[str]]]:
    """Return the slot's phases in order, each with why things waited then."""
    every = (each["standing"] for each in traces(caller) if "standing" in each)
    return [(each["slot"], [hold["why"] for hold in each["holds"]]) for each in every]


async def test_call_is_told_what_passes_and_why_its_answer_waits() -> None:
    async with (
        serving(knobs=SLOW_END, script=LOOK_UP) as emulator,
        gateway(emulator.url, diagnostics=True) as stand,
    ):
        caller = await traced(stand)
        caller.say({"type": "InjectUserMessage", "content": "look it up"})
        asked = await caller.hears("FunctionCallRequest")
        call = asked["functions"][0]
        caller.say({"type": "FunctionCallResponse", "name": call["name"], "content": "done"})
        await caller.hears("AgentAudioDone")
        await caller.until(lambda: "client out AgentAudioDone" in passages(caller))
    passed = passages(caller)
    assert passed[0] == "client out Welcome"
    for each in (
        "client in Settings",
        "upstream out session.update",
        "upstream in session.updated",
        "client out SettingsApplied",
        "client in InjectUserMessage",
        "upstream out conversation.item.create",
        "upstream out response.create",
        "upstream in response.done",
        "client in FunctionCallResponse",
    ):
        assert each in passed
    assert not [each for each in passed if "audio.delta" in each]
    assert ("active", ["calls"]) in reasons(caller)
    assert ("active", ["response"]) in reasons(caller), "the answer waited for the response's end"
    at = [each["at_ms"] for each in traces(caller)]
    assert at == sorted(at)


async def test_call_that_does_not_ask_is_told_nothing() -> None:
    async with serving() as emulator, gateway(emulator.url, diagnostics=True) as stand:
        assert traces(await traced(stand, "")) == []


async def test_gateway_that_does_not_allow_it_tells_nothing() -> None:
    async with serving() as emulator, gateway(emulator.url) as stand:
        assert traces(await traced(stand)) == []


async def test_client_that_does_not_read_gets_gaps_which_are_counted(bounds: Bounds) -> None:
    bounds(TRACE_QUEUE_BYTES=-1)
    async with serving() as emulator, gateway(emulator.url, diagnostics=True) as stand:
        caller = await traced(stand)
        assert traces(caller) == []
        bounds(TRACE_QUEUE_BYTES=1024)
        caller.say({"type": "KeepAlive"})
        await caller.until(lambda: bool(traces(caller)))
        assert traces(caller)[0]["left_out"] > 4


async def test_message_that_cannot_be_read_is_traced_and_refused() -> None:
    async with serving() as emulator, gateway(emulator.url, diagnostics=True) as stand:
        caller = await traced(stand)
        caller.say("no json")
        await caller.hears("Error")
        await caller.until(lambda: "client in " in passages(caller))


async def test_only_the_local_upstream_rehearses() -> None:
    async with serving() as emulator, gateway(emulator.url, diagnostics=True) as stand:
        await traced(stand, "?trace&rehearse")
        assert emulator.knobs == Knobs()
        assert emulator.audit.violations == 0
