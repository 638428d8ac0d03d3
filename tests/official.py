"""The types of Deepgram's own SDK as the judge of what a gateway says.

The SDK itself does not validate what it receives: a field that is missing becomes None in somebody's
program, and nobody hears of it. Here it is heard of.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from deepgram.agent.v1 import types as sdk
from pydantic import BaseModel, ValidationError

BEYOND = frozenset({"Transcript", "UtteranceEnd", "AgentDone", "TurngateTrace"})
"""What the protocol does not have: for a React voice component, and for who asked for a trace."""

_ELSEWHERE: Mapping[str, type[BaseModel]] = {
    "FunctionCallResponse": sdk.AgentV1ReceiveFunctionCallResponse,
}


def misfits(messages: Iterable[Any]) -> list[str]:
    """Return what the SDK's types find wrong with the messages of a server, a line each."""
    spoken = (cast("dict[str, Any]", each) for each in messages if isinstance(each, dict))
    judged = map(_misfit, spoken)
    return [each for each in judged if each]


def _misfit(message: dict[str, Any]) -> str:
    kind = str(message.get("type"))
    if kind in BEYOND:
        return ""
    judge = _judge(kind, message)
    if judge is None:
        return f"no such message: {message}"
    try:
        judge.model_validate(message)
    except ValidationError as error:
        return f"{message}: {error}"
    return ""


def _judge(kind: str, message: dict[str, Any]) -> type[BaseModel] | None:
    if kind == "History":
        is_of_calls = "function_calls" in message
        return sdk.FunctionCallHistoryMessage if is_of_calls else sdk.ConversationHistoryMessage
    return _ELSEWHERE.get(kind) or getattr(sdk, f"AgentV1{kind}", None)
