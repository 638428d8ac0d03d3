"""What a Realtime client sees of turngate's own functions: nothing.

Its list of tools is completed on the way up, and shown as it was on the way down. Where a response
calls only functions of ours, the request for its answer is ours as well: the client sees one
response, which begins with the first and ends with the last. What the client sees is counted for
it anew: places among the output, predecessors of items, usage.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeGuard

import msgspec

from turngate.core.tools import Call

Json: TypeAlias = dict[str, Any]

_OWN_TO_A_ROUND = ("id", "metadata", "input", "tool_choice", "tools")
"""Fields of a request that its follow-up does not take over."""


class Seen(msgspec.Struct):
    """A response as its client sees it: of one round, or of several."""

    id: str
    metadata: Any
    request: Json
    rounds: int = 1
    output: list[Json] = []
    usage: Json | None = None
    places: dict[tuple[str, int], int] = {}
    calls: set[str] = set()

    def place(self, response_id: str, index: int) -> int:
        """Return where the client sees an item among the output."""
        return self.places.setdefault((response_id, index), len(self.places))


class Inside:
    """The part of one call's conversation that its client does not see."""

    def __init__(self, tools: Iterable[Json]) -> None:
        self._tools = {str(tool["name"]): tool for tool in tools}
        self.offered: frozenset[str] = frozenset()
        self._outputs: set[str] = set()
        self._hidden: dict[str, str | None] = {}
        self._seen: dict[str, Seen] = {}
        self._asked: list[Call] = []
        self._called: set[str] = set()
        self._beside: set[str] = set()
        self._last: str | None = None
        self._has_offered = False
        self.pending: Seen | None = None
        """A response that goes on with our next request, and whose end is kept."""
        self._kept: Json = {}

    # -- what the client says

    def offer(self, update: bytes) -> bytes:
        """Complete the tools of a `session.update`; where two have one name, the client's stays."""
        event = _read(update)
        session = event.get("session")
        if not is_object(session) or ("tools" not in session and self._has_offered):
            return update
        self._has_offered = True
        theirs: list[Any] = session.get("tools") or []
        taken = {tool.get("name") for tool in theirs if is_object(tool)}
        ours = {name: tool for name, tool in self._tools.items() if name not in taken}
        self.offered = frozenset(ours)
        return msgspec.json.encode(
            event | {"session": session | {"tools": [*theirs, *ours.values()]}}
        )

    def address(self, event: bytes) -> bytes:
        """Name the response that runs, where the client names the one that it sees."""
        for real, seen in self._seen.items():
            if real != seen.id:
                event = event.replace(_quoted(seen.id), _quoted(real), 1)
        return event

    # -- what we say

    def output(self, call_id: str, output: str) -> bytes:
        """Return the event that gives a call of ours its output."""
        name = f"tg_output_{len(self._outputs) + 1}"
        self._outputs.add(name)
        item = {"id": name, "type": "function_call_output", "call_id": call_id, "output": output}
        event = {"type": "conversation.item.create", "event_id": name, "item": item}
        return msgspec.json.encode(event)

    # -- what the upstream says

    @property
    def is_quiet(self) -> bool:
        """Whether audio passes as it is."""
        return all(
            real == seen.id and all(index == place for (_, index), place in seen.places.items())
            for real, seen in self._seen.items()
        )

    def show(self, event: bytes, request: Json, *, follows: bool) -> bytes | None:
        """Return what the client sees of an upstream event, or None where it sees nothing.

        `request` is what the response at hand was asked for with; it `follows` one of ours.
        """
        read = _read(event)
        shown = self._show(read, request, follows=follows)
        if shown is None:
            return None
        return event if shown is read else msgspec.json.encode(shown)

    def _show(self, event: Json, request: Json, *, follows: bool) -> Json | None:
        match event.get("type"):
            case "session.created" | "session.updated":
                return self._session(event)
            case "response.created":
                return self._created(event, request, follows=follows)
            case "response.done":
                return self._done(event)
            case _ if is_object(event.get("item")):
                return self._about_item(event)
            case _ if event.get("item_id") in self._hidden:
                return None
            case _:
                return self._of_response(self._behind(event))

    def _session(self, event: Json) -> Json:
        session = event.get("session")
        tools = session.get("tools") if is_object(session) else None
        if not tools or not is_object(session):
            return event
        theirs = [tool for tool in tools if tool.get("name") not in self.offered]
        return event | {"session": session | {"tools": theirs}}

    def _created(self, event: Json, request: Json, *, follows: bool) -> Json | None:
        response: Json = event["response"]
        if response.get("conversation_id", "") is None:
            self._beside.add(response["id"])
            return event
        if follows and self.pending is not None:
            self._seen[response["id"]] = self.pending
            self.pending.rounds += 1
            self.pending = None
            return None
        kept = {key: value for key, value in request.items() if key not in _OWN_TO_A_ROUND}
        self._seen[response["id"]] = Seen(response["id"], response.get("metadata"), kept)
        return event

    def _done(self, event: Json) -> Json | None:
        response: Json = event["response"]
        items: list[Json] = response.get("output") or []
        visible = [item for item in items if not self._is_own(item)]
        seen = self._seen.pop(response["id"], None)
        if seen is None:
            self._beside.discard(response["id"])
            return event if len(visible) == len(items) else _with(event, response, visible)
        for item in items:
            if self._is_own(item) and response.get("status") == "completed":
                self._ask(item)
        if len(visible) == len(items) and seen.rounds == 1:
            return event
        seen.output += visible
        seen.usage = added(seen.usage, response.get("usage"))
        whole: Json = {"id": seen.id, "metadata": seen.metadata, "output": seen.output}
        whole = response | whole | {"usage": seen.usage}
        is_ours_to_follow = len(visible) < len(items) and not any(map(_is_call, visible))
        if is_ours_to_follow and response.get("status") == "completed":
            self.pending, self._kept = seen, event | {"response": whole}
            return None
        return event | {"response": whole}

    def finish(self, status: str, reason: str) -> bytes:
        """Return the end of the response that is pending, which ends here for its client."""
        details = {"type": status, "reason": reason}
        response: Json = self._kept["response"] | {"status": status, "status_details": details}
        self.pending = None
        return msgspec.json.encode(self._kept | {"response": response})

    def _about_item(self, event: Json) -> Json | None:
        item: Json = event["item"]
        if self._is_own(item) or item.get("id") in self._hidden:
            self._hide(event, item)
            return None
        event = self._behind(event)
        if event["type"] == "conversation.item.added":
            self._last = item.get("id")
        return self._of_response(event)

    def _behind(self, event: Json) -> Json:
        """Name as an item's predecessor one that the client has seen."""
        before = event.get("previous_item_id")
        if before not in self._hidden and before not in self._outputs:
            return event
        while before in self._hidden:
            before = self._hidden[before]
        if before in self._outputs:  # not acknowledged yet, so it is behind all the others
            before = self._last
        return event | {"previous_item_id": before}

    def _hide(self, event: Json, item: Json) -> None:
        before = event.get("previous_item_id")
        if item["id"] not in self._hidden or before is not None:
            self._hidden[item["id"]] = before
        is_whole = event["type"].endswith(".done") and item.get("status") != "incomplete"
        # a call beside the conversation is not in it, and takes no output
        if is_whole and event.get("response_id") not in self._beside:
            self._ask(item)

    def _ask(self, item: Json) -> None:
        if _is_call(item) and item["call_id"] not in self._called:
            self._called.add(item["call_id"])
            self._asked.append(Call(item["call_id"], item["name"], item.get("arguments") or "{}"))

    def asked(self) -> list[Call]:
        """Return the calls of ours that have come since the last time."""
        asked, self._asked = self._asked, []
        return asked

    def _of_response(self, event: Json) -> Json:
        response_id = event.get("response_id")
        seen = self._seen.get(str(response_id))
        if seen is None:
            return event
        changed = event
        if response_id != seen.id:
            changed = changed | {"response_id": seen.id}
        index = event.get("output_index")
        if isinstance(index, int) and (place := seen.place(str(response_id), index)) != index:
            changed = changed | {"output_index": place}
        return changed

    def _is_own(self, item: Json) -> bool:
        if str(item.get("id")) in self._outputs:
            return True
        return _is_call(item) and item.get("name") in self.offered


def _with(event: Json, response: Json, output: list[Json]) -> Json:
    return event | {"response": response | {"output": output}}


def is_object(value: object) -> TypeGuard[Json]:
    """Tell a JSON object from any other value."""
    return isinstance(value, dict)


def added(one: Json | None, other: Json | None) -> Json | None:
    """Return the sum of two usages."""
    if one is None or other is None:
        return one or other
    return {key: _sum(one.get(key), other.get(key)) for key in {**one, **other}}


def _sum(one: Any, other: Any) -> Any:
    if is_object(one) and is_object(other):
        return added(one, other)
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    return one if other is None else other


def request_like(request: Mapping[str, Any], *, is_last: bool) -> bytes:
    """Return the request for the answer to our functions; the last one may call none any more."""
    response = dict(request) | ({"tool_choice": "none"} if is_last else {})
    more = {"response": response} if response else {}
    return msgspec.json.encode({"type": "response.create", **more})


def _is_call(item: Json) -> bool:
    return item.get("type") == "function_call"


def _quoted(name: str) -> bytes:
    return msgspec.json.encode(name)


def _read(event: bytes) -> Json:
    try:
        return msgspec.json.decode(event, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
