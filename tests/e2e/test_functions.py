"""Functions that the gateway runs: the model gets each result once, and the client is told."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e import offered
from e2e.script import Step, client, never, openai
from e2e.speech import PAUSE, SPEECH
from e2e.stage import TIME, Call, calling, configured, result, through_turngate
from gateway.backend import serving as backend_serving
from gateway.mcp_shop import __file__ as mcp_shop
from turngate.core.tools import CANCELLED
from turngate.dialects.manners import FILLER
from turngate.emulator import Call as Asks
from turngate.emulator import FunctionCall, Knobs, Message, Reply, Script
from turngate.functions.options import HttpFunction, McpServer
from turngate.wire import agent
from turngate.wire.agent import InjectUserMessage

OFFERED = "e2e.offered"

WELL: tuple[Step, ...] = (
    client >> InjectUserMessage("well?"),
    client << "ConversationText user",
    openai << "conversation.item.create user",
    openai << "response.create",
    openai >> "response.created r1",
)


def asks(*names: str, then: str = "So it is.") -> Script:
    """The model calls these functions, and then says this."""
    calls = tuple(Asks(name) for name in names)
    return Script(replies=(Reply(match="well", calls=calls, then=Reply(text=then)),))


@pytest.fixture(autouse=True)
def gates() -> Iterator[offered.Gates]:
    offered.gates = offered.Gates()
    yield offered.gates
    offered.gates.blocking.set()


def outputs(call: Call) -> list[str]:
    """Return what the upstream was told of each function."""
    items = [line.message for line in call.record.all(">U", "conversation.item.create output")]
    return [item["item"]["output"] for item in items if isinstance(item, dict)]


def answers(call: Call) -> list[tuple[str, str]]:
    """Return what the client was told of each function that the gateway ran."""
    told = [line.message for line in call.record.all(">C", "FunctionCallResponse")]
    return [(one["name"], one["content"]) for one in told if isinstance(one, dict)]


def sides(call: Call) -> list[tuple[str, bool]]:
    """Return each function that was announced, and whether the client was to run it."""
    asked = [line.message for line in call.record.all(">C", "FunctionCallRequest")]
    return [
        (each["name"], each["client_side"])
        for one in asked
        if isinstance(one, dict)
        for each in one["functions"]
    ]


async def test_a_function_of_the_gateway_is_run_and_the_client_is_told() -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_stock"), through=through) as call:
        await call.play(
            *WELL,
            client << "FunctionCallRequest A",
            client << "FunctionCallResponse",
            openai << "conversation.item.create output A",
            openai << "response.create",
            client << 'ConversationText assistant "So it is."',
            client << "AgentAudioDone",
        )
        assert sides(call) == [("get_stock", False)]
        assert answers(call) == [("get_stock", "There are 2 of hat.")]
        assert outputs(call) == ["There are 2 of hat."]


async def test_functions_of_every_kind_are_one_list_and_one_answer() -> None:
    mcp = McpServer(name="shop", command=(sys.executable, str(Path(mcp_shop))), tools=("stock",))
    async with backend_serving() as backend:
        function = HttpFunction(name="get_noon", url=backend.url("/text"))
        through = through_turngate(functions=OFFERED, function=(function,), mcp=(mcp,))
        script = asks("get_stock", "get_noon", "get_time")
        async with calling(script=script, through=through) as call:
            (update,) = (line.message for line in call.record.all(">U", "session.update"))
            assert isinstance(update, dict)
            names = [tool["name"] for tool in update["session"]["tools"]]
            assert {"get_stock", "get_noon", "stock", "get_time", "get_weather"} <= set(names)
            await call.follow(*WELL, client << "FunctionCallRequest C", client >> result("C"))
            await call.follow(client << 'ConversationText assistant "So it is."')
            await call.kept()
            assert sorted(sides(call)) == [
                ("get_noon", False),
                ("get_stock", False),
                ("get_time", True),
            ]
            assert len(outputs(call)) == 3
            assert len(call.record.all(">U", "response.create")) == 2
            assert call.record.all(">C", 'ConversationText assistant "So it is."')


async def test_five_functions_in_one_response_are_one_answer() -> None:
    names = ("get_stock", "get_large", "get_broken", "get_overdue", "get_time")
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks(*names), through=through) as call:
        await call.follow(
            *WELL,
            client << "FunctionCallRequest E",
            client >> result("E"),
            client << 'ConversationText assistant "So it is."',
        )
        await call.kept()
        assert len(outputs(call)) == 5
        assert len(call.record.all(">U", "response.create")) == 2


async def test_ten_functions_in_a_chain_are_one_turn() -> None:
    links = tuple((FunctionCall(name="get_stock"),) for _ in range(10))
    script = Script(responses=(*links, (Message(text="So it is."),)))
    async with calling(script=script, through=through_turngate(functions=OFFERED)) as call:
        await call.follow(*WELL, client << 'ConversationText assistant "So it is."')
        await call.kept()
        assert len(answers(call)) == 10
        assert len(call.record.all(">U", "response.create")) == 11
        assert len(call.record.all(">C", "AgentAudioDone")) == 1


@pytest.mark.parametrize(
    "name, says, warns",
    [
        ("get_large", "[cut: the first 65536 of 10485760 bytes]", False),
        ("get_broken", '{"error":"The function failed.","code":"failed"}', True),
    ],
)
async def test_a_function_that_misbehaves_does_not_stop_the_conversation(
    name: str, says: str, *, warns: bool
) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks(name), through=through) as call:
        await call.follow(*WELL, client << 'ConversationText assistant "So it is."')
        await call.kept()
        (output,) = outputs(call)
        assert output.endswith(says)
        assert "hush" not in str(call.record)
        assert bool(call.record.all(">C", "Warning FUNCTION_CALL_FAILED")) == warns


@pytest.mark.parametrize(
    "path, says",
    [
        ("/500", '{"error":"The endpoint answered HTTP 500.","code":"bad_answer"}'),
        ("/redirect", '{"error":"The endpoint answered HTTP 307.","code":"bad_answer"}'),
        ("/broken", "no JSON object with content or error"),
        ("/large", '{"error":"The endpoint\'s answer is too large.","code":"too_large"}'),
        ("/error", '{"error":"There is no order 7.","code":"failed"}'),
        ("/hang", '{"error": "The function gave no result in time."}'),
    ],
)
async def test_an_endpoint_that_misbehaves_does_not_either(path: str, says: str) -> None:
    async with backend_serving() as backend:
        function = HttpFunction(name="get_noon", url=backend.url(path), deadline_ms=300)
        through = through_turngate(function=(function,))
        async with calling(script=asks("get_noon"), through=through) as call:
            await call.follow(
                *WELL,
                client << "Warning FUNCTION_CALL_FAILED",
                client << 'ConversationText assistant "So it is."',
            )
            await call.kept()
            (output,) = outputs(call)
            assert says in output
            assert answers(call) == [("get_noon", output)]
            assert len(backend.asked) == 1


async def test_a_function_that_never_returns_is_stopped(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_overdue"), through=through) as call:
        await call.follow(
            *WELL,
            client << "Warning FUNCTION_CALL_FAILED",
            client << 'ConversationText assistant "So it is."',
        )
        await call.kept()
        assert gates.was_cancelled.is_set()
        assert len(answers(call)) == 1


async def test_a_client_cannot_answer_for_the_gateway(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_slow"), through=through) as call:
        await call.follow(
            *WELL,
            client << "FunctionCallRequest A",
            client >> agent.FunctionCallResponse(id="{A}", name="get_slow", content="forged"),
            client << "Warning UNKNOWN_FUNCTION_CALL",
            client >> agent.FunctionCallResponse(name="get_slow", content="forged"),
            client << "Warning UNKNOWN_FUNCTION_CALL",
        )
        gates.slow.set()
        await call.follow(client << 'ConversationText assistant "So it is."')
        await call.kept()
        assert outputs(call) == ["It is done."]


async def test_what_the_user_says_meanwhile_is_answered_at_once(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_kept"), through=through) as call:
        await call.follow(
            *WELL,
            client << "FunctionCallRequest A",
            openai >> "response.done r1",
            client >> InjectUserMessage("hello?"),
            client << 'ConversationText assistant "So it is."',
        )
        assert "still running" in outputs(call)[0]
        gates.slow.set()
        await call.follow(client << "FunctionCallResponse", client << "ConversationText assistant")
        await call.kept()
        assert len(call.record.all(">U", "response.create")) == 3
        assert not gates.was_cancelled.is_set()


async def test_what_the_user_says_meanwhile_stops_it(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_dropped"), through=through) as call:
        await call.play(
            *WELL,
            client << "FunctionCallRequest A",
            openai >> "response.done r1",
            client >> InjectUserMessage("hello?"),
            client << "ConversationText user",
            openai << "conversation.item.create user",
            openai << "conversation.item.create output A",
            client << "FunctionCallResponse",
            openai << "response.create",
            client << 'ConversationText assistant "So it is."',
            client << "AgentAudioDone",
        )
        assert gates.was_cancelled.is_set()
        assert len(answers(call)) == 1


async def test_a_pause_is_filled(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    said = (Message(text="One moment."),), (Message(text="So it is."),)
    script = Script(responses=((FunctionCall(name="get_filled"),), *said))
    async with calling(script=script, through=through) as call:
        await call.follow(
            *WELL,
            client << "FunctionCallRequest A",
            openai << "conversation.item.create output A",
            openai << "response.create",
            client << 'ConversationText assistant "One moment."',
        )
        assert '"say":"One moment."' in outputs(call)[0]
        gates.slow.set()
        await call.follow(
            client << "FunctionCallResponse",
            client << 'ConversationText assistant "So it is."',
        )
        await call.kept()
        assert len(call.record.all(">U", "response.create")) == 3


async def test_a_function_that_blocks_holds_up_nobody(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_blocked"), through=through) as call:
        await call.follow(
            *WELL,
            client << "FunctionCallRequest A",
            client >> bytes(960),
            openai << "input_audio_buffer.append",
            never(openai << "conversation.item.create output A"),
        )
        async with calling(script=asks("get_stock"), through=through) as other:
            await other.follow(*WELL, client << 'ConversationText assistant "So it is."')
            await other.kept()
        gates.blocking.set()
        await call.follow(client << 'ConversationText assistant "So it is."')
        await call.kept()
        assert outputs(call) == ["It is done."]


async def test_a_caller_that_leaves_stops_its_functions(gates: offered.Gates) -> None:
    through = through_turngate(functions=OFFERED)
    async with calling(script=asks("get_slow"), through=through) as call:
        await call.follow(*WELL, client << "FunctionCallRequest A")
    assert gates.was_cancelled.is_set()


# -- what the client says of its own functions


def declaring(**fields: Any) -> agent.Settings:
    function = agent.Function(name="place_order", **fields)
    return configured(functions=(function,))


async def test_a_call_that_cannot_be_undone_waits_for_the_end_of_its_response() -> None:
    settings, knobs = declaring(defer_until_eot=True), Knobs(done_after_last_ms=60)
    async with calling(knobs, script=asks("place_order"), settings=settings) as call:
        await call.play(
            *WELL,
            openai >> "response.function_call_arguments.done r1 A",
            never(client << "FunctionCallRequest A"),
            openai >> "response.done r1",
            client << "FunctionCallRequest A",
            client >> result("A"),
            openai << "conversation.item.create output A",
            openai << "response.create",
            client << 'ConversationText assistant "So it is."',
            client << "AgentAudioDone",
        )


async def test_who_goes_on_speaking_prevents_a_call_that_cannot_be_undone() -> None:
    settings, knobs = declaring(defer_until_eot=True), Knobs(done_after_last_ms=1_000)
    async with calling(knobs, script=asks("place_order"), settings=settings) as call:
        await call.follow(
            *WELL,
            openai >> "response.function_call_arguments.done r1 A",
            *SPEECH,
            client << "UserStartedSpeaking",
            openai << "conversation.item.create output A",
            *PAUSE,
            openai >> "input_audio_buffer.committed",
            client << "ConversationText assistant",
        )
        await call.kept()
        assert outputs(call) == [CANCELLED]
        assert not call.record.all(">C", "FunctionCallRequest")
        assert not call.record.all(">C", "FunctionCallCancelled")


async def test_a_result_that_is_told_twice_counts_once() -> None:
    async with calling(script=asks("get_time")) as call:
        await call.play(
            *WELL,
            client << "FunctionCallRequest A",
            client >> result("A"),
            client >> result("A", "midnight"),
            openai << "conversation.item.create output A",
            client << "Warning REPEATED_FUNCTION_CALL_RESPONSE",
            openai << "response.create",
            client << 'ConversationText assistant "So it is."',
            client << "AgentAudioDone",
        )
        assert outputs(call) == ["noon"]


async def test_a_client_has_its_pauses_filled() -> None:
    settings = declaring(
        initial_agent_filler=True, agent_filler_max_count=1, agent_filler_interval_ms=1_000
    )
    said = tuple((Message(text=text),) for text in ("One moment.", "Still on it.", "So it is."))
    script = Script(responses=((FunctionCall(name="place_order"),), *said))
    async with calling(script=script, settings=settings) as call:
        await call.follow(
            *WELL,
            client << "FunctionCallRequest A",
            client << 'ConversationText assistant "One moment."',
            client << 'ConversationText assistant "Still on it."',
            client >> result("A"),
            client << 'ConversationText assistant "So it is."',
        )
        await call.kept()
        assert FILLER in outputs(call)[0]
        assert len(call.record.all(">U", "response.create")) == 4
        assert not call.record.all(">C", "Warning")


# -- endpoints that the client names


def naming(url: str) -> agent.Settings:
    endpoint = agent.Endpoint(url=url, method="POST")
    return configured(functions=(agent.Function(name="get_noon", endpoint=endpoint), TIME))


async def test_an_endpoint_on_the_operators_list_is_called() -> None:
    async with backend_serving() as backend:
        through = through_turngate(function_hosts=(f"127.0.0.1:{backend.port}",))
        settings = naming(backend.url("/text"))
        async with calling(script=asks("get_noon"), through=through, settings=settings) as call:
            await call.follow(*WELL, client << 'ConversationText assistant "So it is."')
            await call.kept()
            assert answers(call) == [("get_noon", "noon")]
            assert len(backend.asked) == 1


async def test_an_endpoint_that_is_not_is_left_to_the_client() -> None:
    async with backend_serving() as backend:
        settings = naming(backend.url("/text"))
        async with calling(
            script=asks("get_noon"), through=through_turngate(), settings=settings
        ) as call:
            assert call.record.all(">C", "Warning FUNCTION_ENDPOINT_REFUSED")
            await call.follow(
                *WELL,
                client << "FunctionCallRequest A",
                client >> result("A"),
                client << 'ConversationText assistant "So it is."',
            )
            await call.kept()
            assert sides(call) == [("get_noon", True)]
            assert backend.asked == []
