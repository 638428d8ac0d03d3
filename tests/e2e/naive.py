"""A relay from the agent protocol to the Realtime protocol, as people write it at first.

It is wrong on purpose. Every guard here has been somebody's cure for
`conversation_already_has_active_response`; docs/explanation/active-response.md shows what each
one does when it matters. Refused requests are logged and forgotten, as they are out there.

`NaiveRelay` knows no sockets, so that its transcripts can be made in virtual time; `through_naive`
puts it on one.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, cast

import msgspec
from picows import (
    WSListener,
    WSTransport,
    WSUpgradeRequest,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from e2e.record import Json
from e2e.stage import Front, Through
from e2e.tap import FRAME_BYTES, Leg

TIMER_MS = 300


class Guard(Enum):
    """What stands between a wish for a response and `response.create`."""

    NONE = "no guard"
    BUSY_FLAG = "busy flag"
    FLAG_UNTIL_AUDIO = "flag until the audio or text is done"
    NEXT_DONE = "wait for the next done"
    TIMER = "wait 300 ms"


ENDS: dict[Guard, frozenset[str]] = {
    Guard.NONE: frozenset(),
    Guard.BUSY_FLAG: frozenset({"response.done"}),
    Guard.FLAG_UNTIL_AUDIO: frozenset({"response.output_audio.done", "response.output_text.done"}),
    Guard.NEXT_DONE: frozenset({"response.done"}),
    Guard.TIMER: frozenset(),
}
"""The events after which a guard takes the response for over."""


class NaiveRelay:
    """One call. `to_client` and `to_upstream` send; `later` calls back after so many ms."""

    def __init__(
        self,
        guard: Guard,
        to_client: Callable[[Json | bytes], None],
        to_upstream: Callable[[Json], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._guard = guard
        self._to_client = to_client
        self._to_upstream = to_upstream
        self._later = later
        self._is_busy = False
        self._wants_response = False
        self.refused = 0

    # -- the client's side

    def client_opened(self) -> None:
        self._to_client({"type": "Welcome", "request_id": "naive"})

    def client_said(self, message: Json) -> None:
        match message["type"]:
            case "Settings":
                self._configure(message["agent"])
            case "InjectUserMessage":
                self._show("user", message["content"])
                self._add(_message("user", "input_text", message["content"]))
                self._respond()
            case "FunctionCallResponse":
                output = {"call_id": message["id"], "output": message["content"]}
                self._add({"type": "function_call_output", **output})
                self._respond(after_function=True)
            case _:
                pass

    def client_spoke(self, pcm: bytes) -> None:
        audio = base64.b64encode(pcm).decode()
        self._to_upstream({"type": "input_audio_buffer.append", "audio": audio})

    def _configure(self, agent: Json) -> None:
        """Send the settings on, and tell the client what it wants to hear."""
        think: Json = agent["think"]
        tools = [{"type": "function", "name": each["name"]} for each in think["functions"]]
        session = {"type": "realtime", "instructions": think["prompt"], "tools": tools}
        if not self._is_busy:
            self._to_upstream({"type": "session.update", "session": session})
        self._to_client({"type": "SettingsApplied"})
        context: Json = agent.get("context") or {}
        for line in context.get("messages", ()):
            kind = "input_text" if line["role"] == "user" else "output_text"
            self._add(_message(line["role"], kind, line["content"]))
        if agent.get("greeting"):
            self._create({"instructions": f'Say exactly: "{agent["greeting"]}"'})

    def _add(self, item: Json) -> None:
        self._to_upstream({"type": "conversation.item.create", "item": item})

    def _respond(self, *, after_function: bool = False) -> None:
        """Ask for a response, as far as the guard lets it."""
        if self._guard is Guard.TIMER:
            self._later(TIMER_MS, self._create)
        elif self._is_busy or (after_function and self._guard is Guard.NEXT_DONE):
            self._wants_response = True
        else:
            self._create()

    def _create(self, response: Json | None = None) -> None:
        extra = {"response": response} if response else {}
        self._to_upstream({"type": "response.create", **extra})

    # -- the upstream's side

    def upstream_said(self, event: Json) -> None:
        kind: str = event["type"]
        self._tell(kind, event)
        if kind == "response.created" and ENDS[self._guard]:
            self._is_busy = True
        if kind in ENDS[self._guard]:
            self._is_busy = False
            if self._wants_response:
                self._wants_response = False
                self._create()

    def _tell(self, kind: str, event: Json) -> None:
        match kind:
            case "response.output_audio.delta":
                self._to_client(base64.b64decode(event["delta"]))
            case "response.output_audio_transcript.done":
                self._show("assistant", event["transcript"])
            case "response.output_audio.done":
                self._to_client({"type": "AgentAudioDone"})
            case "response.function_call_arguments.done":
                asked = {"id": event["call_id"], "client_side": True}
                asked |= {key: event[key] for key in ("name", "arguments")}
                self._to_client({"type": "FunctionCallRequest", "functions": [asked]})
            case "error":
                self.refused += 1  # and a line in the log
            case _:
                pass

    def _show(self, role: str, text: str) -> None:
        self._to_client({"type": "ConversationText", "role": role, "content": text})


def _message(role: str, kind: str, text: str) -> Json:
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


class _Socketed:
    """A naive relay between two sockets."""

    def __init__(self, guard: Guard, upstream_url: str) -> None:
        self.timers = 0
        self._url = upstream_url
        self.client, self.upstream = _Side(self._client_said), _Side(self._upstream_said)
        self.relay = NaiveRelay(guard, self._to_client, self._to_upstream, self._call_later)
        self._loop = asyncio.get_running_loop()
        self._early: list[bytes] = []
        self.client.when_over, self.upstream.when_over = self.upstream, self.client
        self.dialling = self._loop.create_task(self._dial())

    async def _dial(self) -> None:
        await ws_connect(
            lambda: self.upstream, f"{self._url}?model=naive", max_frame_size=FRAME_BYTES
        )
        for message in self._early:
            self.upstream.send(message)
        self._early.clear()

    def _call_later(self, after_ms: float, act: Callable[[], None]) -> None:
        self.timers += 1
        self._loop.call_later(after_ms / 1000, self._fire, act)

    def _fire(self, act: Callable[[], None]) -> None:
        self.timers -= 1
        act()

    def _to_client(self, message: Json | bytes) -> None:
        if isinstance(message, bytes):
            self.client.send(message, is_binary=True)
        else:
            self.client.send(msgspec.json.encode(message))

    def _to_upstream(self, message: Json) -> None:
        frame = msgspec.json.encode(message)
        if self.upstream.transport is None:
            self._early.append(frame)
        else:
            self.upstream.send(frame)

    def _client_said(self, frame: bytes, *, is_binary: bool) -> None:
        if is_binary:
            self.relay.client_spoke(frame)
        else:
            self.relay.client_said(_object(frame))

    def _upstream_said(self, frame: bytes, *, is_binary: bool) -> None:
        del is_binary
        self.relay.upstream_said(_object(frame))


class _Side(Leg):
    def __init__(self, take: Callable[..., None]) -> None:
        super().__init__()
        self._take = take
        self.when_over: Leg = self
        self.when_open: Callable[[], None] = lambda: None

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.when_open()

    def received(self, payload: bytes, *, is_binary: bool) -> None:
        self._take(payload, is_binary=is_binary)

    def ended(self) -> None:
        if self.when_over.transport is not None:
            self.when_over.transport.disconnect()


def _object(frame: bytes) -> Json:
    return cast("dict[str, Any]", msgspec.json.decode(frame))


def through_naive(guard: Guard) -> Through:
    """Return a naive relay as something to put between client and upstream."""

    @asynccontextmanager
    async def through(upstream_url: str) -> AsyncGenerator[Front]:
        calls: list[_Socketed] = []

        def accept(request: WSUpgradeRequest) -> WSListener:
            del request
            call = _Socketed(guard, upstream_url)
            calls.append(call)
            call.client.when_open = call.relay.client_opened
            return call.client

        server = await ws_create_server(accept, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield Front(
                f"ws://{host}:{port}",
                is_idle=lambda: not any(call.timers for call in calls),
                is_patient=False,
            )
        finally:
            server.close()
            await server.wait_closed()
            await asyncio.gather(*(call.dialling for call in calls), return_exceptions=True)

    return through
