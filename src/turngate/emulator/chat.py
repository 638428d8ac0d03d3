"""From what the model sees to a chat completions request.

Source: Chat Completions API reference, create.
"""

from typing import Any, cast

from turngate.emulator.conversation import Item
from turngate.emulator.mind import Prompt
from turngate.emulator.refusal import Json


def request(prompt: Prompt) -> Json:
    """Return the request for `prompt`, without a model."""
    messages: list[Json] = []
    if told := prompt.instructions or prompt.persona:
        messages.append({"role": "system", "content": told})
    for item in prompt.items:
        _append(messages, item)
    asked: Json = {"messages": messages, "stream": True}
    if prompt.functions:
        asked["tools"] = [_tool(function) for function in prompt.functions]
        asked["tool_choice"] = _choice(prompt.tool_choice)
    return asked


def _append(messages: list[Json], item: Item) -> None:
    wire = item.wire
    match wire["type"]:
        case "message":
            if text := item.said:
                messages.append({"role": wire["role"], "content": text})
        case "function_call":
            called = {"name": wire["name"], "arguments": wire["arguments"]}
            call = {"id": wire["call_id"], "type": "function", "function": called}
            last = messages[-1] if messages else {}
            if "tool_calls" in last:
                last["tool_calls"].append(call)
            else:
                messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        case "function_call_output":
            answer = {"tool_call_id": wire["call_id"], "content": wire["output"]}
            messages.append({"role": "tool", **answer})
        case _:
            pass


def _tool(function: Json) -> Json:
    known = {name: function[name] for name in ("name", "description", "parameters")
             if function.get(name) is not None}  # fmt: skip
    return {"type": "function", "function": known}


def _choice(choice: Any) -> Any:
    if isinstance(choice, dict):
        return {"type": "function", "function": {"name": cast("Json", choice).get("name")}}
    return choice
