"""While a function hangs, its own call and all others speak, listen and are interrupted as ever."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from e2e import offered
from e2e.record import AUDIO, Record
from e2e.script import Step, client, openai
from e2e.stage import Call, Caller, Through, calling, configured, through_turngate
from gateway.backend import serving as backend_serving
from gateway.mcp_shop import __file__ as mcp_shop
from turngate.audio.tone import silence, tone
from turngate.core.manners import OnTurn
from turngate.core.tools import CANCELLED, STILL_RUNNING
from turngate.emulator import Call as Asks
from turngate.emulator import Knobs, Reply, Script
from turngate.functions.options import HttpFunction, McpServer
from turngate.wire.agent import InjectUserMessage

STORY = "Once there was a king who could not sleep."
KNOBS = Knobs(per_delta_ms=40)
LetGo = Callable[[], object]


def asks(name: str, then: str) -> Script:
    """The model calls this function when asked to, and says this when it has an output."""
    calls = Reply(match="well", calls=(Asks(name),), then=Reply(text=then))
    return Script(replies=(calls, Reply(match="story", text=STORY)))


def called(name: str) -> tuple[Step, ...]:
    return (
        client >> InjectUserMessage("well?"),
        openai >> "response.created r1",
        client << f"FunctionCallRequest {name}",
        openai >> "response.done r1",
    )


@asynccontextmanager
async def hanging(
    where: str, on_turn: OnTurn = "keep"
) -> AsyncGenerator[tuple[str, Through, LetGo]]:
    """Offer a function that hangs until it is let go; yield its name, the gateway, and the latter."""
    gates = offered.gates = offered.Gates()
    try:
        match where:
            case "coroutine":
                names: dict[OnTurn, str] = {
                    "wait": "get_slow",
                    "keep": "get_kept",
                    "cancel": "get_dropped",
                }
                through = through_turngate(functions="e2e.offered")
                yield names[on_turn], through, gates.slow.set
            case "thread":
                through = through_turngate(functions="e2e.offered")
                yield "get_kept_blocked", through, gates.blocking.set
            case "endpoint":
                async with backend_serving() as backend:
                    function = HttpFunction(name="f", url=backend.url("/hang"), on_turn=on_turn)
                    yield "f", through_turngate(function=(function,)), backend.let_go.set
            case _:
                gate = Path(where)
                os.mkfifo(gate)
                command = (sys.executable, str(Path(mcp_shop)))
                server = McpServer(
                    name="shop", command=command, env={"GATE": str(gate)}, on_turn=on_turn
                )
                yield "ponder", through_turngate(mcp=(server,)), partial(gate.write_bytes, b"")
    finally:
        gates.blocking.set()


@asynccontextmanager
async def another(call: Call) -> AsyncGenerator[Call]:
    """Make another call through the same gateway; only what its client says and hears is recorded."""
    caller = await Caller.connected(call.front.url, Record())
    other = Call(caller.record, caller, call.tap, call.emulator, call.front)
    await other.follow(client >> configured(), client << "SettingsApplied")
    try:
        yield other
    finally:
        caller.leave()
        await other.until(">C", "close", 0)


INTERRUPTED: tuple[Step, ...] = (
    client >> InjectUserMessage("Tell a story."),
    client << "AgentStartedSpeaking",
    client << AUDIO,
    client >> tone(600),
    client << "UserStartedSpeaking",
    client >> silence(900),
    client << "AgentStartedSpeaking",
    client << AUDIO,
    client << "AgentAudioDone",
)


@pytest.mark.parametrize("where", ["coroutine", "thread", "endpoint", "mcp"])
async def test_everything_flows_while_a_function_hangs(where: str, tmp_path: Path) -> None:
    place = str(tmp_path / "gate") if where == "mcp" else where
    async with AsyncExitStack() as stack:
        name, through, let_go = await stack.enter_async_context(hanging(place))
        call = await stack.enter_async_context(calling(KNOBS, asks(name, STORY), through=through))
        other = await stack.enter_async_context(another(call))
        await call.follow(*called("A"))
        await asyncio.gather(call.follow(*INTERRUPTED), other.follow(*INTERRUPTED))
        assert not call.record.all(">C", "FunctionCallResponse"), "it hangs all the time"
        for each in (call, other):
            cut = each.record.find(">C", "UserStartedSpeaking", 0) or 0
            begins = each.record.find(">C", "AgentStartedSpeaking", cut) or 0
            assert (each.record.find(">C", AUDIO, cut) or 0) > begins > cut, "it was silent between"
        let_go()
        await call.follow(client << "FunctionCallResponse", client << "AgentAudioDone")
        await call.kept()


@pytest.mark.parametrize(
    "on_turn, output, follows",
    [("wait", STILL_RUNNING, True), ("keep", STILL_RUNNING, True), ("cancel", CANCELLED, False)],
)
@pytest.mark.parametrize("where", ["coroutine", "endpoint"])
async def test_a_question_meanwhile_is_answered_by_the_functions_policy(
    where: str, on_turn: OnTurn, output: str, *, follows: bool
) -> None:
    """One that waits lets the turn go in the end, and what it comes to is told all the same."""
    async with AsyncExitStack() as stack:
        name, through, let_go = await stack.enter_async_context(hanging(where, on_turn))
        call = await stack.enter_async_context(
            calling(script=asks(name, "So it is."), through=through)
        )
        await call.follow(
            *called("A"),
            client >> InjectUserMessage("Are you there?"),
            openai << "conversation.item.create user",
            openai << "conversation.item.create output A",
            openai << "response.create",
            client << "ConversationText assistant",
            client << "AgentAudioDone",
        )
        (item,) = (
            line.message for line in call.record.all(">U", "conversation.item.create output")
        )
        assert isinstance(item, dict)
        assert item["item"]["output"] == output
        let_go()
        if follows:
            await call.follow(openai << "response.create", client << "AgentAudioDone")
        await call.kept()
        assert len(call.record.all(">U", "response.create")) == (3 if follows else 2)
