"""The functions that the model may call, as tools of the upstream's session: one list of all."""

from collections.abc import Mapping
from typing import Any

from turngate.wire import agent


def tool_of(function: agent.Function) -> dict[str, Any]:
    """Return a function that a client declares as a tool."""
    tool: dict[str, Any] = {"type": "function", "name": function.name}
    if function.description is not None:
        tool["description"] = function.description
    tool["parameters"] = function.parameters or {"type": "object", "properties": {}}
    return tool


def offer(patch: dict[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Put turngate's own tools before the client's; where two have one name, its own is offered."""
    own_tools = base.get("tools", ())
    if own_tools and "tools" in patch:
        taken = {tool["name"] for tool in own_tools}
        theirs = [tool for tool in patch["tools"] if tool["name"] not in taken]
        patch["tools"] = [*own_tools, *theirs]
    return patch
