"""One connection of a conversation, from its handshake to confirmed Settings and to its end."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from turngate.client.connection import Connection, connect
from turngate.client.failures import Closed, NoAnswer, Refused
from turngate.wire import agent, codec


class Address(NamedTuple):
    """Where to connect, with which headers, and how long that and an answer may take."""

    url: str
    headers: Mapping[str, str]
    connect_s: float
    settings_s: float


class Leg:
    """A connection on which Settings were, or will be, confirmed."""

    def __init__(
        self, heard: Callable[[str | bytes], None], ended: Callable[["Leg", Closed], None]
    ) -> None:
        self._heard, self._told_end = heard, ended
        self._applied: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._connection: Connection | None = None

    async def open(self, address: Address, settings: agent.Settings) -> None:
        """Connect, send Settings, and wait until they are applied; closed again if they are not.

        Raises:
            ConnectFailed: there is no connection.
            Refused: the server answers them with an Error.
            NoAnswer: it says nothing about them.
            Closed: it ended the connection.

        """
        self._connection = await connect(
            address.url, self, headers=address.headers, seconds=address.connect_s
        )
        try:
            await self.send(codec.encode(settings).decode())
            async with asyncio.timeout(address.settings_s):
                await self._applied
        except TimeoutError:
            await self.close()
            raise NoAnswer("SettingsApplied", address.settings_s) from None
        except BaseException:
            await self.close()
            raise

    async def send(self, message: str | bytes) -> None:
        """Send a message; after the end it does nothing."""
        if self._connection is not None:
            await self._connection.send(message)

    async def close(self) -> None:
        """End in order; safe to repeat."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    def hold_back(self, *, hold: bool) -> None:
        """Stop reading, or go on."""
        if self._connection is not None:
            (self._connection.pause if hold else self._connection.resume)()

    def settle(self, event: agent.ServerMessage | codec.Unknown) -> None:
        """Learn from a message what became of the Settings; only the first word counts."""
        match event:
            case agent.SettingsApplied() if not self._applied.done():
                self._applied.set_result(None)
            case agent.Error(code=code, description=description) if not self._applied.done():
                self._applied.set_exception(Refused(code, description))
            case _:
                pass

    def received(self, message: str | bytes) -> None:
        """Take a message from the connection."""
        self._heard(message)

    def ended(self, end: Closed) -> None:
        """Take the connection's end."""
        if not self._applied.done():
            self._applied.set_exception(end)
        self._told_end(self, end)
