"""A sample of each message, event and effect, of which the tables show what becomes."""

from collections.abc import Callable, Iterable
from typing import Any, cast

import msgspec

from turngate import errors, units
from turngate.core import effects, items
from turngate.core.tools import Call
from turngate.wire import realtime

THINK = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}}
SAID: dict[str, dict[str, Any]] = {
    "Settings": {"audio": {}, "agent": {"think": THINK}},
    "UpdatePrompt": {"prompt": "Be brief."},
    "UpdateThink": {"think": THINK | {"prompt": "Be brief."}},
    "UpdateSpeak": {"speak": {"provider": {"voice": "ash"}}},
    "UpdateListen": {"listen": {"provider": {"language": "de"}}},
    "UpdateThink_Live": {"think_live": {"provider": {}}},
    "InjectUserMessage": {"content": "hello"},
    "InjectAgentMessage": {"message": "Hello."},
    "FunctionCallResponse": {"id": "call_1", "name": "f", "content": "noon"},
    "KeepAlive": {},
    "ForceEndTurn": {},
    "__customToThinkProvider": {"content": {}},
}
"""A sample of each message of the agent front; the tables show what became of it."""


PARTS: dict[str, Any] = {
    "response_id": "resp_1",
    "item_id": "item_1",
    "call_id": "call_1",
    "name": "f",
    "arguments": "{}",
    "delta": "a",
    "text": "a",
    "transcript": "a",
    "item": realtime.Item(
        type="function_call", id="item_1", call_id="call_1", name="f", arguments="{}"
    ),
}
"""Fields of which a sample of each upstream event is made."""

OUTPUT = realtime.Response(id="resp_1", status="completed", output=(PARTS["item"],))
ERRORS = (
    realtime.ErrorBody(code="invalid_value"),
    realtime.ErrorBody(code="conversation_already_has_active_response"),
    realtime.ErrorBody(code="response_cancel_not_active"),
)


def upstream_samples(kind: type[msgspec.Struct]) -> Iterable[realtime.ServerEvent]:
    """Yield samples of an event, one for each way in which it is read."""
    fields = {name: PARTS[name] for name in kind.__struct_fields__ if name in PARTS}
    make = cast("Callable[..., realtime.ServerEvent]", kind)
    if kind is realtime.ErrorEvent:
        yield from (make(error=body) for body in ERRORS)
    elif "response" in kind.__struct_fields__:
        yield make(response=OUTPUT)
    else:
        yield make(**fields)


CALLS = (Call("call_1", "f", "{}"),)
TOLD: tuple[effects.ToClient, ...] = (
    effects.Welcome("r1"),
    *map(effects.Acknowledge, ("Settings", "UpdatePrompt", "UpdateThink")),
    *map(effects.Acknowledge, ("UpdateSpeak", "UpdateListen")),
    effects.ShowUserText("a"),
    effects.ShowAgentText("a"),
    effects.AgentStarted(units.Ms(0)),
    effects.AgentThinks(),
    effects.AgentFinished(),
    effects.UserStarted(),
    effects.AskFunctions(CALLS),
    effects.CancelFunctions(CALLS),
    effects.Report(errors.TooEarly()),
    effects.Report(errors.ResponseIncomplete("")),
)
ASKED: tuple[effects.ToUpstream, ...] = (
    effects.SendUpdate("id", {}),
    effects.SendItem("id", items.UserText("a")),
    effects.SendRequest("id"),
    effects.SendCancel("id", "resp_1"),
    effects.SendTruncate("id", "item_1", 0),
    effects.SendDelete("id", "item_1"),
    effects.SendCommit("id"),
)
"""A sample of each effect."""
