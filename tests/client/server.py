"""A WebSocket server that plays the agent by the letter, and what tests say to it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from turngate.client import Client, Event, agent

SETTINGS = agent.Settings(
    audio=agent.AudioSettings(),
    agent=agent.AgentSettings(
        think=agent.ThinkSettings(provider=agent.ThinkProvider(type="open_ai"))
    ),
)
APPLIED = '{"type":"SettingsApplied"}'


class Agent(WSListener):
    """One accepted connection: what the client said, and a hand to say things back."""

    def __init__(self, on_settings: Callable[["Agent"], None]) -> None:
        self.said: asyncio.Queue[dict[str, object] | bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.transport: WSTransport | None = None
        self.on_settings = on_settings

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is WSMsgType.BINARY:
            self.said.put_nowait(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.TEXT:
            message = msgspec.json.decode(frame.get_payload_as_bytes(), type=dict[str, object])
            self.said.put_nowait(message)
            if message["type"] == "Settings":
                self.on_settings(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it
        self.gone.set()

    def tell(self, *messages: str | bytes) -> None:
        assert self.transport is not None
        for message in messages:
            kind = WSMsgType.TEXT if isinstance(message, str) else WSMsgType.BINARY
            self.transport.send(kind, message)

    def close(self, code: WSCloseCode, reason: str) -> None:
        assert self.transport is not None
        self.transport.send_close(code, reason)

    def leave(self) -> None:
        self.close(WSCloseCode.GOING_AWAY, "restart")

    def vanish(self) -> None:
        assert self.transport is not None
        self.transport.disconnect(graceful=False)

    async def heard(self, kind: str) -> dict[str, object]:
        """Return the next message of this type, whatever came before it."""
        while True:
            message = await self.said.get()
            if isinstance(message, dict) and message["type"] == kind:
                return message


class Server:
    """Where it listens, whom it has accepted, and with what keys they came."""

    def __init__(self) -> None:
        self.url = ""
        self.accepted: list[Agent] = []
        self.keys: list[str | None] = []
        self.listening: asyncio.Server | None = None

    def close(self) -> None:
        """Accept nobody any more."""
        if self.listening is not None:
            self.listening.close()


@asynccontextmanager
async def serving(
    on_settings: Callable[[Agent], None] = lambda agent: agent.tell(APPLIED), status: int = 101
) -> AsyncGenerator[Server]:
    server = Server()

    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | WSListener:
        server.keys.append(request.headers.get("Authorization"))
        if status != 101:
            refusal = WSUpgradeResponse.create_error_response(status)
            return WSUpgradeResponseWithListener(refusal, None)
        server.accepted.append(Agent(on_settings))
        return server.accepted[-1]

    server.listening = listening = await ws_create_server(accept, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"ws://127.0.0.1:{port}/v1/agent/converse"
    try:
        yield server
    finally:
        listening.close()
        for each in server.accepted:
            if each.transport is not None:
                each.transport.disconnect()


async def until(client: Client, *kinds: type) -> list[Event]:
    """Return the events up to the first of one of `kinds`."""
    seen: list[Event] = []
    async for event in client:
        seen.append(event)
        if isinstance(event, kinds):
            break
    return seen


def request(*calls: tuple[str, str, str], client_side: bool = True) -> str:
    return msgspec.json.encode(
        agent.FunctionCallRequest(
            functions=tuple(
                agent.FunctionCall(
                    id=call_id, name=name, arguments=arguments, client_side=client_side
                )
                for call_id, name, arguments in calls
            )
        )
    ).decode()
