"""The program's own functions: declared to the agent, and called with what the agent asks.

A result is sent exactly once a call, whatever the function does.
"""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from turngate.wire.agent import Function

AgentFunction: TypeAlias = Callable[..., Any]
"""A function with keyword arguments. An ordinary one runs in a thread, so it may block."""


def declare(function: AgentFunction) -> Function:
    """Describe `function` to the agent: its name, its docstring, and its annotated arguments.

    Raises:
        TypeError: an argument has no annotation, or one that JSON cannot carry.

    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for argument in inspect.signature(function, eval_str=True).parameters.values():
        if argument.annotation is argument.empty:
            raise TypeError(f"argument {argument.name} of {function.__name__} has no annotation")
        if argument.default is argument.empty:
            fields.append((argument.name, argument.annotation))
        else:
            fields.append((argument.name, argument.annotation, argument.default))
    shape = msgspec.defstruct(function.__name__, fields)
    _, definitions = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    schema = definitions.pop(function.__name__)
    parameters = {
        "type": "object",
        "properties": schema["properties"],
        "required": schema["required"],
    }
    if definitions:
        parameters["$defs"] = definitions
    return Function(
        name=function.__name__,
        description=inspect.getdoc(function) or "",
        parameters=parameters,
    )


async def call(function: AgentFunction | None, name: str, arguments: str) -> tuple[str, bool]:
    """Run `function` and return its result as text, and whether it failed.

    A text is sent as it is, anything else as JSON. Every failure is a result too: the agent has to
    be told, or it waits for ever.
    """
    if function is None:
        return _failure(f"there is no function {name} here"), True
    try:
        values = msgspec.json.decode(arguments or "{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        return _failure(f"the arguments are not a JSON object: {error}"), True
    try:
        if inspect.iscoroutinefunction(function):
            result: object = await function(**values)
        else:
            result = await asyncio.to_thread(function, **values)
        return result if isinstance(result, str) else msgspec.json.encode(result).decode(), False
    except Exception as error:  # noqa: BLE001 - whatever a stranger's function raises is its result
        return _failure(f"{type(error).__name__}: {error}"), True


def _failure(reason: str) -> str:
    return msgspec.json.encode({"error": reason}).decode()
