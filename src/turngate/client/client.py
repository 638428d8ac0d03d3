"""The conversation as a program sees it: say, send audio, iterate over what comes back."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self, TypeVar

from turngate.client import functions
from turngate.client.connection import Connection, connect
from turngate.client.events import Audio, Event, FunctionAnswered, Unreadable
from turngate.client.failures import NORMAL, Closed, NoAnswer, Refused
from turngate.errors import ProtocolError
from turngate.wire import agent, codec

KEEP_ALIVE_S = 5.0
"""The protocol asks for a sign of life each 8 s while no audio is sent."""

EVENTS = 1024
"""How many events wait to be read before the server is held back: about 50 s of speech."""

_F = TypeVar("_F", bound=functions.AgentFunction)


class Client:
    """A conversation with an agent, from `async with` to its end.

        async with Client(url, settings, {"get_time": get_time}) as client:
            await client.say("what time is it in Paris?")
            async for event in client:
                ...

    Calls of `functions` are answered in the background, whether or not anybody iterates. Iterating
    is for one task; it ends when the conversation is closed in order, and raises `Closed` when it
    is not. `key` is presented as the protocol asks, and shown nowhere.
    """

    def __init__(
        self,
        url: str,
        settings: agent.Settings,
        functions: Mapping[str, functions.AgentFunction] | None = None,
        *,
        key: str | None = None,
        connect_s: float = 10.0,
        settings_s: float = 20.0,
    ) -> None:
        self._url = url
        self._settings = settings
        self._functions = dict(functions or {})
        self._headers = {"Authorization": f"Token {key}"} if key else {}
        self._connect_s = connect_s
        self._settings_s = settings_s
        self._connection: Connection | None = None
        self._events: deque[Event] = deque()
        self._news = asyncio.Event()
        self._end: Closed | None = None
        self._held_back = False
        self._applied: asyncio.Future[None] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._keep_alive: asyncio.Task[None] | None = None

    def function(self, function: _F) -> _F:
        """Register `function` under its own name (a decorator); `declare` describes it."""
        self._functions[function.__name__] = function
        return function

    async def __aenter__(self) -> Self:
        """Connect, send Settings, and wait until they are applied.

        Raises:
            ConnectFailed: there is no connection.
            Refused: the server answers them with an Error.
            NoAnswer: it says nothing about them.
            Closed: it ended the connection.

        """
        self._applied = asyncio.get_running_loop().create_future()
        self._connection = await connect(
            self._url, self, headers=self._headers, seconds=self._connect_s
        )
        try:
            await self.send(self._settings)
            async with asyncio.timeout(self._settings_s):
                await self._applied
        except TimeoutError:
            await self.close()
            raise NoAnswer("SettingsApplied", self._settings_s) from None
        except BaseException:
            await self.close()
            raise
        self._keep_alive = asyncio.create_task(self._keep_alive_forever())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        await self.close()

    async def say(self, text: str) -> None:
        """Type a line as the user."""
        await self.send(agent.InjectUserMessage(content=text))

    async def send_audio(self, pcm: bytes) -> None:
        """Send a piece of the user's speech, in the format that Settings announced."""
        if self._connection is not None:
            await self._connection.send(pcm)

    async def send(self, message: agent.ClientMessage) -> None:
        """Send any message of the protocol."""
        if self._connection is not None:
            await self._connection.send(codec.encode(message).decode())

    async def close(self) -> None:
        """End the conversation in order; safe to repeat."""
        tasks = [*self._running.values(), *filter(None, (self._keep_alive,))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.ended(Closed(NORMAL))
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events in the order in which they came.

        Raises:
            Closed: the server ended the conversation with another code than 1000.

        """
        while True:
            while self._events:
                event = self._events.popleft()
                if self._held_back and len(self._events) <= EVENTS // 2:
                    self._hold_back(hold=False)
                yield event
            if self._end is not None:
                if self._end.code != NORMAL:
                    raise self._end
                return
            self._news.clear()
            await self._news.wait()

    def received(self, message: str | bytes) -> None:
        """Take a message from the connection."""
        if isinstance(message, bytes):
            self._add(Audio(message))
            return
        try:
            event = codec.decode_server_message(message)
        except ProtocolError as error:
            self._add(Unreadable(str(error)))
            return
        self._add(event)
        match event:
            case agent.SettingsApplied():
                self._settle(None)
            case agent.Error(code=code, description=description):
                self._settle(Refused(code, description))
            case agent.FunctionCallRequest(functions=calls):
                for call in calls:
                    if call.client_side:
                        self._start(call)
            case agent.FunctionCallCancelled(functions=calls):
                for call in calls:
                    if (task := self._running.get(call.id)) is not None:
                        task.cancel()
            case _:
                pass

    def ended(self, end: Closed) -> None:
        """Take the end, of which the first word counts."""
        self._end = self._end or end
        self._settle(end)
        self._news.set()

    def _add(self, event: Event) -> None:
        self._events.append(event)
        self._news.set()
        if not self._held_back and len(self._events) >= EVENTS:
            self._hold_back(hold=True)

    def _hold_back(self, *, hold: bool) -> None:
        self._held_back = hold
        if self._connection is not None:
            (self._connection.pause if hold else self._connection.resume)()

    def _settle(self, failure: Exception | None) -> None:
        """Decide what became of the Settings; only the first word on it counts."""
        if self._applied is None or self._applied.done():
            return
        if failure is None:
            self._applied.set_result(None)
        else:
            self._applied.set_exception(failure)

    def _start(self, call: agent.FunctionCall) -> None:
        task = asyncio.create_task(self._answer(call), name=f"function {call.name}")
        self._running[call.id] = task
        task.add_done_callback(lambda _: self._running.pop(call.id, None))

    async def _answer(self, call: agent.FunctionCall) -> None:
        started = time.perf_counter()
        function = self._functions.get(call.name)
        content, failed = await functions.call(function, call.name, call.arguments)
        took_ms = (time.perf_counter() - started) * 1000
        self._add(
            FunctionAnswered(
                call_id=call.id,
                name=call.name,
                arguments=call.arguments,
                content=content,
                failed=failed,
                took_ms=took_ms,
            )
        )
        await self.send(agent.FunctionCallResponse(id=call.id, name=call.name, content=content))

    async def _keep_alive_forever(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            await self.send(agent.KeepAlive())
