"""Functions of the operator and of the client: one list for the model, and who is told of them."""

import pytest

from turngate.core.tools import Call
from turngate.dialects import agent as front
from turngate.dialects import settings
from turngate.wire import agent

STOCK: dict[str, object] = {
    "type": "function",
    "name": "stock",
    "description": "",
    "parameters": {},
}
BASE = settings.own(server_turns=False, voice=None, offered=(STOCK,))
CALL = Call("c1", "stock", '{"item": "hat"}')


def think(*names: str) -> agent.ThinkSettings:
    functions = tuple(agent.Function(name=name, description="theirs") for name in names)
    return agent.ThinkSettings(provider=agent.ThinkProvider(), functions=functions)


def configured(*names: str) -> agent.Settings:
    return agent.Settings(
        audio=agent.AudioSettings(), agent=agent.AgentSettings(think=think(*names))
    )


def tools_of(patch: dict[str, object]) -> list[tuple[str, str]]:
    tools = patch["tools"]
    assert isinstance(tools, list)
    return [(tool["name"], tool["description"]) for tool in tools]  # pyright: ignore[reportUnknownVariableType] - JSON


def test_the_operators_functions_stand_before_the_clients() -> None:
    patch = settings.from_settings(configured("weather"), BASE)
    assert tools_of(patch) == [("stock", ""), ("weather", "theirs")]


def test_of_one_name_the_operators_function_is_offered() -> None:
    patch = settings.from_settings(configured("stock", "weather"), BASE)
    assert tools_of(patch) == [("stock", ""), ("weather", "theirs")]


def test_a_new_think_block_replaces_the_clients_functions_only() -> None:
    assert tools_of(settings.from_think(think("time"), BASE)) == [("stock", ""), ("time", "theirs")]
    assert tools_of(settings.from_think(think(), BASE)) == [("stock", "")]


def test_a_client_without_functions_is_offered_the_operators() -> None:
    nothing = agent.Settings(audio=agent.AudioSettings(), agent=agent.AgentSettings())
    assert tools_of(settings.from_settings(nothing, BASE)) == [("stock", "")]


def test_without_functions_of_the_operator_nothing_is_added() -> None:
    assert "tools" not in settings.own(server_turns=False, voice=None)


def test_the_functions_that_a_message_declares() -> None:
    assert front.functions(configured("weather")) == think("weather").functions
    assert front.functions(agent.UpdateThink(think("a"))) == think("a").functions
    assert front.functions(agent.UpdateThink((think("a"), think("b")))) == think("a").functions
    assert front.functions(agent.UpdateThink(())) == ()
    assert front.functions(configured()) == ()


def test_a_message_that_declares_none_leaves_them() -> None:
    assert front.functions(agent.UpdatePrompt("Be kind.")) is None
    stored = agent.Settings(audio=agent.AudioSettings(), agent="an-id")
    assert front.functions(stored) is None


def test_a_client_is_told_that_a_function_runs_here() -> None:
    told = front.running((CALL,))
    assert isinstance(told, agent.FunctionCallRequest)
    (call,) = told.functions
    assert (call.id, call.name, call.arguments) == ("c1", "stock", '{"item": "hat"}')
    assert call.client_side is False


def test_a_client_is_told_of_its_end() -> None:
    told = front.ran(CALL, "two")
    assert isinstance(told, agent.FunctionCallResponse)
    assert (told.id, told.name, told.content) == ("c1", "stock", "two")


@pytest.mark.parametrize("client_side", [True, False])
def test_a_client_is_to_remember_its_call(*, client_side: bool) -> None:
    history = front.remembered_call(CALL, "two", client_side=client_side)
    assert isinstance(history, agent.History)
    assert history.function_calls is not None
    (past,) = history.function_calls
    assert (past.id, past.response, past.client_side) == ("c1", "two", client_side)
