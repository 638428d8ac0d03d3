"""A Realtime client in virtual time that says what a test tells it, and waits for what it hears."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from e2e.moments import passing
from e2e.road import Road
from turngate.emulator import Knobs, Script
from turngate.gateway.native_call import NativeCall

Json = dict[str, Any]
HEARD_MS, QUIET_MS = 20_000, 5_000


def written(text: str, **more: Any) -> Json:
    part = {"type": "input_text", "text": text}
    item = {"type": "message", "role": "user", "content": [part], **more}
    return {"type": "conversation.item.create", "item": item}


class Scene:
    """A client of turngate that says what it is told, and the strict server behind."""

    def __init__(
        self, knobs: Knobs, script: Script, kind: Callable[..., NativeCall] = NativeCall
    ) -> None:
        self.heard: list[Json] = []
        self._road = Road(
            Random(28), knobs, self._hear, script=script, client_ms=3, server_ms=3, kind=kind
        )
        self._read = 0
        self._news = asyncio.Event()

    @property
    def counters(self) -> dict[str, int]:
        """What the server's audit has counted."""
        return {name: count for name, count in self._road.service.audit.counters.items() if count}

    def outputs(self) -> list[str]:
        """Return what the server was told of each function, in order."""
        items = self._road.service.connection.conversation.items
        return [item.wire["output"] for item in items if "output" in item.wire]

    def _hear(self, message: bytes) -> None:
        self.heard.append(msgspec.json.decode(message))
        self._news.set()

    def say(self, type: str, **fields: Any) -> None:  # noqa: A002 - the wire calls it so
        self._road.up.put(msgspec.json.encode({"type": type, **fields}))

    def write(self, text: str, **more: Any) -> None:
        self.say(**written(text, **more))

    def ask(self, name: str = "", **response: Any) -> None:
        more: Json = {"event_id": name} if name else {}
        self.say("response.create", **more, **({"response": response} if response else {}))

    def answer(self, call_id: str) -> None:
        item = {"type": "function_call_output", "call_id": call_id, "output": "noon"}
        self.say("conversation.item.create", item=item)

    def update(self, name: str = "", **session: Any) -> None:
        more: Json = {"event_id": name} if name else {}
        self.say("session.update", **more, session={"type": "realtime", **session})

    async def hears(self, kind: str) -> Json:
        """Return the next event of this type."""
        try:
            async with asyncio.timeout(HEARD_MS / 1000):
                while (found := self._next(kind)) is None:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind} in {[each['type'] for each in self.heard]}") from None
        return found

    def _next(self, kind: str) -> Json | None:
        """Return the next event of this type among those that have come, and pass over the others."""
        while self._read < len(self.heard):
            self._read += 1
            if self.heard[self._read - 1]["type"] == kind:
                return self.heard[self._read - 1]
        return None

    async def ends(self) -> Json:
        return (await self.hears("response.done"))["response"]

    async def quiet(self) -> None:
        """Let more time pass than anything that was begun takes."""
        await passing(QUIET_MS)

    @property
    def codes(self) -> list[str | None]:
        return [each["error"].get("code") for each in self.heard if each["type"] == "error"]

    def count(self, kind: str) -> int:
        return sum(each["type"] == kind for each in self.heard)
