"""The listener: opens the port, keeps the calls, and stops in order."""

import asyncio
import errno
import secrets
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs

import structlog
from starlette.requests import Request

from turngate.core.presence import Stay
from turngate.core.session import Policy
from turngate.dialects import settings, settings_rows
from turngate.dialects.house import House
from turngate.errors import GoingAway, ListenFailed
from turngate.gateway import door, limits, log, routes, tls
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.answer import Answer, told
from turngate.gateway.call import Call, Owner
from turngate.gateway.config import Config
from turngate.gateway.door import Fronts
from turngate.gateway.functions import post
from turngate.gateway.functions.catalogue import Catalogue, opened
from turngate.gateway.functions.post import Post
from turngate.gateway.functions.route import Route
from turngate.gateway.guard import Guard
from turngate.gateway.head import Head, scoped
from turngate.gateway.metrics import CONTENT_TYPE, Metrics
from turngate.gateway.native_call import NativeCall, Relaying
from turngate.gateway.outbox import Outbox
from turngate.gateway.outside import REAL, ClientPeer, Outside
from turngate.gateway.passing_call import PassingCall
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.places import Places
from turngate.gateway.port.front import Behind
from turngate.gateway.port.http import Http
from turngate.gateway.port.listener import Listener, listen
from turngate.gateway.routes import Page, Table
from turngate.gateway.target import Target, deepgram, for_model, rehearsing
from turngate.gateway.tooling_call import ToolingCall
from turngate.gateway.traced_call import TracedCall
from turngate.gateway.turnstile import Turnstile
from turngate.gateway.watch import Watch
from turngate.units import Ms

_log = structlog.get_logger("turngate.server")


class Server:
    """The calls of one process."""

    def __init__(
        self, config: Config, target: Target, catalogue: Catalogue, outside: Outside = REAL
    ) -> None:
        self._target, self._catalogue = target, catalogue
        self._turnstile, self._reach = Turnstile(limits.AT_ONCE), outside.dial
        self._connection = outside.client
        self._outside = outside._replace(dial=self._dial, client=self._client)
        self._allowed = config.limits
        server_turns = config.turns == "server"
        self._policy = Policy(
            server_turns=server_turns,
            strict=config.strict,
            redials=config.reconnect,
            locked=(settings_rows.VOICE_PATH,),
            longest={settings_rows.PROMPT_PATH: settings_rows.PROMPT_CHARACTERS},
            stay=Stay(
                settings_ms=Ms(config.settings_timeout_s * 1000),
                silence_ms=Ms(config.idle_timeout_s * 1000),
                length_ms=Ms(config.call_limit_s * 1000),
            ),
            manners=catalogue.manners(),
            echoes=target.profile.echoes,
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
        self._watch = Watch(outside.client)
        self._offers_natively = config.native_functions
        self._relaying = Relaying(config.hold_updates, self._watch)
        self._calls: set[Call] = set()
        self._served = 0
        self._all_gone = asyncio.Event()
        self.metrics = Metrics(lambda: self._calls)
        self.guard = Guard(config)
        self._places = Places(self._allowed, outside.now_ms)
        self.door = door.Door(self.guard, self._places, self._fronts(config))
        self._post = Post(self.guard, Route(catalogue))

    @property
    def served(self) -> int:
        """How many calls there have been."""
        return self._served

    def _fronts(self, config: Config) -> Fronts:
        """Return what can be opened here: Deepgram itself answers all calls or those that ask for it."""
        self._deepgram = deepgram(config)
        if config.upstream == "deepgram":
            return Fronts(self._open_passing, None, self._open_passing)
        passing = self._open_passing if self._deepgram else None
        watch = self._watch.open if config.diagnostics else None
        return Fronts(self._open_agent, self._open_native, passing, watch)

    @property
    def upstream(self) -> str:
        """The upstream's name."""
        return self._target.name

    async def _dial(self, target: Target, peer: Peer) -> None:
        await self._turnstile.turn()
        await self._reach(target, peer)

    def _client(self, reader: Reader, outbox: Outbox, message_bytes: int) -> ClientPeer:
        """Make a client's connection, whose call ends when it is its turn."""

        def ended(code: int, reason: str) -> None:
            self._turnstile.enter(lambda: reader.ended(code, reason))

        return self._connection(reader._replace(ended=ended), outbox, message_bytes)

    def behind(self, http: Callable[[], asyncio.Protocol]) -> Behind:
        """Return what lies behind the port; `http` answers what is no call."""
        return Behind(self.answer, http, self._turnstile)

    def _open_agent(self, head: Head) -> ClientPeer:
        asked = parse_qs(head.query, keep_blank_values=True) if self._has_diagnostics else {}
        kind = TracedCall if "trace" in asked else AgentCall
        call = kind(
            secrets.token_hex(16),
            rehearsing(self._target) if "rehearse" in asked else self._target,
            self._owner("agent"),
            self._policy,
            self._house,
            self._catalogue,
        )
        call.caller = self.guard.client(head)
        return call.client

    def _open_native(self, head: Head) -> ClientPeer:
        catalogue = self._catalogue if self._offers_natively else Catalogue()
        kind = partial(ToolingCall, catalogue=catalogue) if catalogue.tools() else NativeCall
        call = kind(
            secrets.token_hex(16),
            for_model(self._target, _asked_model(head)),
            self._owner("native"),
            self._relaying,
        )
        call.caller = self.guard.client(head)
        return call.client

    def _open_passing(self, head: Head) -> ClientPeer:
        call = PassingCall(
            secrets.token_hex(16),
            self._deepgram or self._target,
            self._owner("deepgram"),
        )
        call.caller = self.guard.client(head)
        return call.client

    def _owner(self, front: str) -> Owner:
        return Owner(
            self._call_started,
            self._call_ended,
            self._outside,
            self.metrics.fronts[front],
            self._allowed,
        )

    def _call_started(self, call: Call) -> None:
        self._served += 1
        self._calls.add(call)
        self._places.take(call.caller)

    def _call_ended(self, call: Call) -> None:
        self._calls.discard(call)
        self._places.leave(call.caller)
        if call.has_flooded:
            self._places.fine(call.caller)
        if not self._calls:
            self._all_gone.set()

    def table(self, pages: Mapping[str, Page]) -> Table:
        """Return what is answered over HTTP."""
        return Table(
            gets={"/health": self._health, "/ready": self._ready, "/metrics": self._numbers},
            pages=pages,
            asked={
                **{path: {"GET": self._plain} for path in door.PATHS},
                post.PATH: {"POST": self._post.answer, "OPTIONS": self._post.preflight},
            },
        )

    def _health(self) -> Answer:
        return told(
            {
                "status": "ok",
                "upstream": self._target.name,
                "calls": len(self._calls),
                "served": self._served,
            }
        )

    def _numbers(self) -> Answer:
        """Tell Prometheus."""
        return Answer(HTTPStatus.OK, self.metrics.page(), CONTENT_TYPE)

    def _ready(self) -> Answer:
        """Tell a balancer whether to send calls here."""
        if self.door.is_closed:
            return told({"status": "draining"}, HTTPStatus.SERVICE_UNAVAILABLE)
        if self._places.are_taken:
            return told({"status": "full"}, HTTPStatus.SERVICE_UNAVAILABLE)
        return told({"status": "ready"})

    def answer(self, head: Head, *, has_shaken: bool = False) -> door.Admitted | Answer:
        """Return what somebody gets who asks for a call."""
        answer = self.door.answer(head, has_shaken=has_shaken)
        if isinstance(answer, Answer):
            self.metrics.refusals[answer.status] += 1
        return answer

    async def _plain(self, request: Request) -> Answer:
        """Refuse a request for a WebSocket that does not ask for one."""
        answer = self.answer(scoped(request.scope))
        if isinstance(answer, Answer):
            return answer
        raise AssertionError("an upgrade never gets as far as HTTP")

    async def drain(self) -> None:
        """Take no more calls, let those in a turn finish it, and tell every caller that this ends.

        Who has not finished by the deadline is told all the same, and then cut off.
        """
        self.door.is_closed = self._post.is_closed = self.metrics.is_draining = True
        _log.info("draining", calls=len(self._calls))
        for call in tuple(self._calls):
            call.leave()
        if not await self._emptied(self._allowed.drain_s):
            for call in tuple(self._calls):
                call.end(GoingAway())
        self._watch.close()
        if not await self._emptied(limits.LAST_WORD_S):
            for call in tuple(self._calls):
                call.abort()
            await self._emptied(limits.LAST_WORD_S)  # each end is counted and logged

    async def _emptied(self, seconds: float) -> bool:
        """Wait until no call is left, for so long; tell whether that is so."""
        self._all_gone.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._calls:
                    await self._all_gone.wait()
        return not self._calls


def _asked_model(head: Head) -> str:
    """Return the model that a Realtime client names, Azure's clients as a deployment, or nothing."""
    asked = parse_qs(head.query)
    return next((asked[name][0] for name in ("model", "deployment") if name in asked), "")


async def serve(
    config: Config,
    target: Target,
    *,
    pages: Mapping[str, Page] | None = None,
    ready: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    """Run the gateway until `stop` is set.

    `pages` are served as they are, by path. `ready` is called with the gateway's address
    (`ws://host:port`, or `wss://`) once it listens.

    Raises:
        ListenFailed: The address cannot be listened on.
        ConfigError: A function cannot be offered, or TLS cannot be served.

    """
    log.configure(config.log_level, config.log_format)
    log.configure_libraries()
    secure = tls.context(config)
    async with opened(config) as catalogue:
        server = Server(config, target, catalogue)
        http = Http(routes.app(server.table(pages or {})), "h11")
        listener = await _listening(config, server.behind(http.protocol), secure)
        host, port = listener.address
        _log.info("listening", host=host, port=port, tls=bool(secure), upstream=server.upstream)
        shown = f"[{host}]" if ":" in host else host
        ready(f"{'wss' if secure else 'ws'}://{shown}:{port}")
        try:
            await stop.wait()
            # the port stays open meanwhile, for a balancer that asks whether it may send more
            await server.drain()
        finally:
            await listener.close()
            await http.close()
    _log.info("stopped")


async def _listening(config: Config, behind: Behind, secure: ssl.SSLContext | None) -> Listener:
    try:
        return await listen(behind, config.host, config.port, secure)
    except OSError as error:
        raise ListenFailed(config.host, config.port, _plainly(error)) from error


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
