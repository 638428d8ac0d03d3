"""The listener: opens the port, keeps the calls, and stops in order."""

import asyncio
import errno
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs

import structlog
from picows import (
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from turngate.core.session import Policy
from turngate.dialects import settings
from turngate.dialects.house import House
from turngate.errors import GoingAway, ListenFailed
from turngate.gateway import limits, log
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.call import Call
from turngate.gateway.config import Config
from turngate.gateway.door import Door
from turngate.gateway.functions.catalogue import Catalogue, opened
from turngate.gateway.native_call import NativeCall
from turngate.gateway.peer import Peer
from turngate.gateway.target import Target, for_model, rehearsing
from turngate.gateway.traced_call import TracedCall

_log = structlog.get_logger("turngate.server")


class Server:
    """The calls of one process."""

    def __init__(self, config: Config, target: Target, catalogue: Catalogue) -> None:
        self._target, self._catalogue = target, catalogue
        self._hold_updates = config.hold_updates
        server_turns = config.turns == "server"
        self._policy = Policy(
            server_turns=server_turns,
            strict=config.strict,
            locked=(settings.VOICE_PATH,),
            longest={settings.PROMPT_PATH: settings.PROMPT_CHARACTERS},
            manners=catalogue.manners(),
        )
        self._house = House(
            session=settings.own(
                server_turns=server_turns, voice=config.voice, offered=catalogue.tools()
            ),
            model=config.model,
            voices=config.voices,
            agents=config.agents,
        )
        self._has_diagnostics = config.diagnostics
        self._calls: set[Call] = set()
        self._served = 0
        self._all_gone = asyncio.Event()
        self.door = Door(config.client_keys, self._open_agent, self._open_native, self._health)

    @property
    def upstream(self) -> str:
        """The upstream's name."""
        return self._target.name

    def _open_agent(self, query: str) -> Peer:
        asked = parse_qs(query, keep_blank_values=True) if self._has_diagnostics else {}
        kind = TracedCall if "trace" in asked else AgentCall
        call = kind(
            secrets.token_hex(16),
            rehearsing(self._target) if "rehearse" in asked else self._target,
            self._policy,
            self._house,
            self._catalogue,
            on_start=self._call_started,
            on_end=self._call_ended,
        )
        return call.client

    def _open_native(self, model: str) -> Peer:
        call = NativeCall(
            secrets.token_hex(16),
            for_model(self._target, model),
            hold_updates=self._hold_updates,
            on_start=self._call_started,
            on_end=self._call_ended,
        )
        return call.client

    def _call_started(self, call: Call) -> None:
        self._served += 1
        self._calls.add(call)

    def _call_ended(self, call: Call) -> None:
        self._calls.discard(call)
        if not self._calls:
            self._all_gone.set()

    def _health(self) -> dict[str, object]:
        return {
            "status": "ok",
            "upstream": self._target.name,
            "calls": len(self._calls),
            "served": self._served,
        }

    async def drain(self) -> None:
        """Tell every caller that the gateway stops, and wait until they are gone, or no longer."""
        self.door.is_closed = True
        self._all_gone.clear()
        for call in tuple(self._calls):
            call.end(GoingAway())
        try:
            async with asyncio.timeout(limits.DRAIN_S):
                while self._calls:
                    await self._all_gone.wait()
        except TimeoutError:
            for call in tuple(self._calls):
                call.abort()


async def serve(
    config: Config, target: Target, *, ready: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Run the gateway until `stop` is set.

    `ready` is called with the gateway's address (`ws://host:port`) once it listens.

    Raises:
        ListenFailed: The address cannot be listened on.
        ConfigError: A function cannot be offered.

    """
    log.configure(config.log_level, config.log_format)
    async with opened(config) as catalogue:
        await _serve(config, Server(config, target, catalogue), ready, stop)
    _log.info("stopped")


async def _serve(
    config: Config, server: Server, ready: Callable[[str], None], stop: asyncio.Event
) -> None:
    try:
        listener = await ws_create_server(
            server.door.answer,
            config.host,
            config.port,
            websocket_handshake_timeout=limits.HANDSHAKE_S,
            max_frame_size=limits.CLIENT_MESSAGE_BYTES,
            enable_auto_pong=False,
            enable_auto_ping=True,
            auto_ping_idle_timeout=limits.PING_S,
            auto_ping_reply_timeout=limits.PONG_S,
        )
    except OSError as error:
        raise ListenFailed(config.host, config.port, _plainly(error)) from error
    async with listener:
        host, port = listener.sockets[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        _log.info("listening", host=host, port=port, upstream=server.upstream)
        ready(f"ws://{shown}:{port}")
        await stop.wait()
        listener.close()
        await server.drain()


def _plainly(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "something else listens there already; choose another --port"
        case errno.EACCES:
            return "the port is reserved for root; choose one above 1023"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        case _:
            return error.strerror or "the system refused"
