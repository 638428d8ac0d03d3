"""The conversation as a program sees it: say, send audio, iterate over what comes back."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from turngate.client.answering import Answering
from turngate.client.events import (
    Audio,
    Event,
    Flushed,
    FunctionAnswered,
    Lost,
    Reconnected,
    Slept,
    Unreadable,
    Woke,
)
from turngate.client.failures import NORMAL, ClientError, Closed, Refused
from turngate.client.functions import AgentFunction
from turngate.client.inbox import Inbox
from turngate.client.leg import Address, Leg
from turngate.client.memory import Memory
from turngate.client.playout import Playout
from turngate.client.settings import continuing, offering
from turngate.errors import ProtocolError
from turngate.units import Ms
from turngate.wire import agent, codec

KEEP_ALIVE_S = 5.0
"""The protocol asks for a sign of life each 8 s while no audio is sent."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0
"""Between two tries to reconnect, doubling: a server that restarts is not stormed."""

F = TypeVar("F", bound=AgentFunction)
E = TypeVar("E")
Callback = Callable[[Any], object]


class Client:
    """A conversation with an agent, from `async with` to its end.

        async with Client(url, settings("You sell tea."), {"stock": stock}) as client:
            await client.say("is there any Assam left?")
            async for event in client:
                ...

    `functions` are declared in Settings, where these do not by themselves, and called in the
    background, whether or not anybody iterates. Iterating is for one task; it ends when the
    conversation is closed in order, and raises `Closed` when it is not. `key` is presented as the
    protocol asks, and shown nowhere.

    `is_muted` keeps the user's audio from the agent; set it as you like.

    `reconnect_s` is how long a lost connection is tried again; the agent then knows what was said.
    `idle_s` is how long nobody may say anything before the client sleeps.

    Settings leave it on a connection only, and updates on an explicit call; one that changes
    nothing is not sent.
    """

    def __init__(  # noqa: PLR0913 - each is an option of its own, by name
        self,
        url: str,
        settings: agent.Settings,
        functions: Mapping[str, AgentFunction] | None = None,
        *,
        key: str | None = None,
        connect_s: float = 10.0,
        settings_s: float = 20.0,
        reconnect_s: float = 0.0,
        idle_s: float | None = None,
    ) -> None:
        headers = {"Authorization": f"Token {key}"} if key else {}
        self._address = Address(url, headers, connect_s, settings_s)
        self._settings = settings
        self._functions = dict(functions or {})
        self._reconnect_s, self._idle_s = reconnect_s, idle_s
        self._memory, self._playout = Memory(settings), Playout(settings)
        self._answering = Answering(self._functions, self._answered)
        self._callbacks: list[tuple[type, Callback]] = []
        self._leg: Leg | None = None
        self._connected = asyncio.Event()
        self._inbox = Inbox(lambda hold: self._hold_back(hold=hold))
        self._tasks: list[asyncio.Task[None]] = []
        self._idle: asyncio.TimerHandle | None = None
        self._sent: dict[type[agent.ClientMessage], agent.ClientMessage] = {}
        self._is_asleep = self._is_skipping = False
        self.is_muted = False

    # -- before the conversation

    def function(self, function: F) -> F:
        """Register `function` under its own name (a decorator)."""
        self._functions[function.__name__] = function
        return function

    def on(self, kind: type[E]) -> Callable[[Callable[[E], object]], Callable[[E], object]]:
        """Register a function, async or not, that `run` calls with each event of a kind."""

        def register(callback: Callable[[E], object]) -> Callable[[E], object]:
            self._callbacks.append((kind, callback))
            return callback

        return register

    async def __aenter__(self) -> Self:
        """Connect, send Settings, and wait until they are applied.

        Raises:
            ConnectFailed: there is no connection.
            Refused: the server answers them with an Error.
            NoAnswer: it says nothing about them.
            Closed: it ended the connection.
            TypeError: a function cannot be declared.

        """
        self._settings = offering(self._settings, self._functions)
        await self._open(self._settings)
        self._tasks.append(asyncio.create_task(self._keep_alive_forever()))
        self._stir()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        await self.close()

    start = __aenter__

    async def close(self) -> None:
        """End the conversation in order; safe to repeat."""
        self._over(Closed(NORMAL))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._answering.stop()
        if self._leg is not None:
            leg, self._leg = self._leg, None
            await leg.close()

    # -- what the user and the program say

    async def say(self, text: str) -> None:
        """Type a line as the user."""
        await self.send(agent.InjectUserMessage(content=text))

    async def send_audio(self, pcm: bytes) -> None:
        """Send a piece of the user's speech, in the format that Settings announced.

        Muted, asleep or between two connections it does nothing: speech is not worth keeping.
        """
        if self._leg is not None and not (self.is_muted or self._is_asleep):
            await self._leg.send(pcm)

    async def have_said(self, text: str, behaviour: agent.Behavior | None = None) -> None:
        """Have the agent say a line: `default` only when nobody speaks, `queue`, or `interrupt`."""
        await self.send(agent.InjectAgentMessage(message=text, behavior=behaviour))

    async def end_turn(self) -> None:
        """Have the agent answer now, without waiting for a pause."""
        await self.send(agent.ForceEndTurn())

    async def update(
        self,
        change: agent.UpdatePrompt | agent.UpdateThink | agent.UpdateSpeak | agent.UpdateListen,
    ) -> bool:
        """Send a change, unless it is the last one of its kind again; tell whether it was sent.

        The server confirms it by a message of its own, such as `PromptUpdated`.
        """
        if self._sent.get(type(change)) == change:
            return False
        self._sent[type(change)] = change
        await self.send(change)
        return True

    async def send(self, message: agent.ClientMessage) -> None:
        """Send any message of the protocol; between two connections it waits for the next."""
        self._stir()
        await self._connected.wait()
        if self._leg is not None:
            await self._leg.send(codec.encode(message).decode())

    # -- who hears what

    @property
    def history(self) -> tuple[agent.History, ...]:
        """What was said and called so far, as the server tells it."""
        return self._memory.entries

    @property
    def unheard_ms(self) -> Ms:
        """How long the agent will still be heard, if what was yielded is played as it came."""
        return self._playout.remaining_ms(_now_ms())

    def interrupt(self) -> None:
        """Hear no more of what the agent is saying; `Flushed` comes next. The server is not told."""
        self._is_skipping = True
        self._flush()

    def sleep(self) -> None:
        """Hear nothing and say nothing until `wake`; the connection stays."""
        self._fall_asleep(idle=False)

    def wake(self) -> None:
        """Hear and speak again."""
        if self._is_asleep:
            self._is_asleep = False
            self._inbox.add(Woke())
            self._stir()

    def _fall_asleep(self, *, idle: bool) -> None:
        if not self._is_asleep:
            self._is_asleep = True
            self._stop_idle()
            self._flush()
            self._inbox.add(Slept(idle))

    def _flush(self) -> None:
        self._playout.flush()
        self._inbox.add(Flushed())

    def _stir(self) -> None:
        """Begin to wait anew for somebody to say something."""
        self._stop_idle()
        if self._idle_s is not None and not self._is_asleep and not self._inbox.is_over:
            wait_s = self._idle_s + self.unheard_ms / 1000
            self._idle = asyncio.get_running_loop().call_later(
                wait_s, lambda: self._fall_asleep(idle=True)
            )

    def _stop_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()

    # -- what comes back

    async def run(self) -> None:
        """Call back with every event until the conversation is over.

        Raises:
            Closed: the server ended it with another code than 1000.

        """
        async for event in self:
            for kind, callback in self._callbacks:
                if isinstance(event, kind):
                    called = callback(event)
                    if inspect.isawaitable(called):
                        await called

    def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events in the order in which they came.

        Raises:
            Closed: the server ended the conversation with another code than 1000.

        """
        return aiter(self._inbox)

    def _received(self, leg: Leg, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._hear(message)
            return
        try:
            event = codec.decode_server_message(message)
        except ProtocolError as error:
            self._inbox.add(Unreadable(str(error)))
            return
        self._memory.take(event)
        self._inbox.add(event)
        leg.settle(event)
        self._follow(event)

    def _hear(self, audio: bytes) -> None:
        if not (self._is_asleep or self._is_skipping):
            self._playout.play(audio, _now_ms())
            self._inbox.add(Audio(audio))

    def _follow(self, event: agent.ServerMessage | codec.Unknown) -> None:
        match event:
            case agent.FunctionCallRequest(functions=calls):
                self._answering.start(calls)
            case agent.FunctionCallCancelled(functions=calls):
                self._answering.cancel(calls)
            case agent.UserStartedSpeaking():
                self._playout.flush()
                self._is_skipping = False
            case agent.AgentStartedSpeaking():
                self._is_skipping = False
            case _:
                pass
        if not isinstance(event, agent.History | agent.LatencyReport):
            self._stir()

    async def _answered(self, answer: FunctionAnswered) -> None:
        self._inbox.add(answer)
        await self.send(
            agent.FunctionCallResponse(id=answer.call_id, name=answer.name, content=answer.content)
        )

    def _hold_back(self, *, hold: bool) -> None:
        if self._leg is not None:
            self._leg.hold_back(hold=hold)

    # -- the connection

    async def _open(self, settings: agent.Settings) -> None:
        leg = Leg(lambda message: self._received(leg, message), self._leg_ended)
        await leg.open(self._address, settings)
        self._leg, self._is_skipping = leg, False
        self._sent.clear()
        self._connected.set()

    def _leg_ended(self, leg: Leg, end: Closed) -> None:
        """Take the end of a connection; one that never got as far is told by its own failure."""
        if leg is not self._leg:
            return
        if end.code == NORMAL or not self._reconnect_s:
            self._over(end)
            return
        self._leg = None
        self._connected.clear()
        self._flush()
        self._inbox.add(Lost(end))
        self._tasks.append(asyncio.create_task(self._return(end), name="reconnect"))

    async def _return(self, end: Closed) -> None:
        """Connect again, with the conversation so far; the end counts if that cannot be done."""
        await self._answering.stop()  # their calls are unknown to whoever answers next
        loop = asyncio.get_running_loop()
        began_s, pause_s = loop.time(), FIRST_PAUSE_S
        while loop.time() < began_s + self._reconnect_s:
            try:
                await self._open(continuing(self._settings, self.history))
            except Refused:
                break
            except ClientError:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self._inbox.add(Reconnected((loop.time() - began_s) * 1000))
                return
        self._over(end)

    def _over(self, end: Closed) -> None:
        """Take the end of the conversation, of which the first word counts."""
        self._inbox.end(end)
        self._stop_idle()
        self._connected.set()

    async def _keep_alive_forever(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            if self._leg is not None:
                await self._leg.send(codec.encode(agent.KeepAlive()).decode())


def _now_ms() -> Ms:
    return Ms(time.monotonic_ns() // 1_000_000)
