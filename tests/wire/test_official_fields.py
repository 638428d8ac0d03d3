"""Every field that the official SDK can send is one that is known here."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from deepgram.agent.v1 import types as sdk
from msgspec import Struct, structs
from msgspec.inspect import StructType, type_info
from pydantic import BaseModel

from turngate.wire import agent

AS_WRITTEN = ("credentials", "voice", "headers", "parameters")
"""Objects that are kept as they are written, whatever is in them."""

MESSAGES: list[tuple[type[BaseModel], type[Struct]]] = [
    (sdk.AgentV1Settings, agent.Settings),
    (sdk.AgentV1UpdatePrompt, agent.UpdatePrompt),
    (sdk.AgentV1UpdateThink, agent.UpdateThink),
    (sdk.AgentV1UpdateSpeak, agent.UpdateSpeak),
    (sdk.AgentV1UpdateListen, agent.UpdateListen),
    (sdk.AgentV1UpdateThinkLive, agent.UpdateThinkLive),
    (sdk.AgentV1InjectUserMessage, agent.InjectUserMessage),
    (sdk.AgentV1InjectAgentMessage, agent.InjectAgentMessage),
    (sdk.AgentV1InjectDynamicAgentMessage, agent.InjectAgentMessage),
    (sdk.AgentV1SendFunctionCallResponse, agent.FunctionCallResponse),
    (sdk.AgentV1ForceEndTurn, agent.ForceEndTurn),
    (sdk.AgentV1KeepAlive, agent.KeepAlive),
]


def theirs(model: type[BaseModel], path: str = "", above: tuple[object, ...] = ()) -> Iterator[str]:
    """Yield the dotted path of each field, those of lists and alternatives without a mark."""
    for name, field in model.model_fields.items():
        inner = [each for each in models(field.annotation) if each not in above]
        if name not in AS_WRITTEN and inner:
            for each in inner:
                yield from theirs(each, f"{path}{name}.", (*above, model))
        elif name != "type" or path:
            yield f"{path}{field.alias or name}"


def models(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in models(each)]


def ours(kind: type[Struct], path: str = "") -> Iterator[str]:
    tag = kind.__struct_config__.tag_field
    if tag is not None:
        yield f"{path}{tag}"
    for field in structs.fields(kind):
        inner = list(blocks(type_info(field.type)))
        if inner:
            for each in inner:
                yield from ours(each, f"{path}{field.encode_name}.")
        else:
            yield f"{path}{field.encode_name}"


def blocks(shape: Any) -> Iterator[type[Struct]]:
    if isinstance(shape, StructType):
        yield shape.cls
    for each in (*getattr(shape, "types", ()), getattr(shape, "item_type", None)):
        if each is not None:
            yield from blocks(each)


@pytest.mark.parametrize("model, kind", MESSAGES, ids=lambda each: str(each.__name__))
def test_every_field_of_the_sdk_is_known(model: type[BaseModel], kind: type[Struct]) -> None:
    assert {*theirs(model)} - {*ours(kind)} == set()


def test_fields_are_found_at_every_depth() -> None:
    found = {*theirs(sdk.AgentV1Settings)}
    assert {"agent.think.functions.endpoint.url", "audio.input.encoding", "mip_opt_out"} <= found
