"""Watching what is held: each moment of each Realtime call, as it happens, to whoever looks on.

Ids, kinds, reasons and ms; never what anybody said. Nothing is made or sent while nobody looks.
"""

import time
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from turngate.gateway import limits
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.outside import ClientPeer, MakesClient
from turngate.gateway.peer import Peer, Reader
from turngate.wire.codec import encode
from turngate.wire.watch import Message, Moment, Watching

TOO_SLOW, GOING_AWAY = 1008, 1001


_message = msgspec.json.Decoder[Message](Message)


def read(message: str | bytes) -> Message:
    """Return what an onlooker was shown."""
    return _message.decode(message)


class Watch:
    """The onlookers of one gateway."""

    def __init__(self, client: MakesClient = Peer) -> None:
        self._client = client
        self._onlookers: set[Onlooker] = set()
        self._held: dict[tuple[str, int], tuple[Moment, float]] = {}

    def open(self) -> ClientPeer:
        """Return the near end of a new onlooker's connection."""
        return Onlooker(self._begin, self._onlookers.discard, self._client).peer

    def tell(self, moment: Moment) -> None:
        """Show a moment of a call."""
        key = moment.call, moment.number
        if moment.what == "held":
            self._held[key] = moment, time.monotonic()
        else:
            self._held.pop(key, None)
        if self._onlookers:
            message = encode(moment)
            for onlooker in tuple(self._onlookers):
                onlooker.show(message)

    def _begin(self, onlooker: "Onlooker") -> None:
        """Show an onlooker what waits already, and from now on everything."""
        now_s = time.monotonic()
        onlooker.show(encode(Watching(held=len(self._held))))
        for moment, since_s in self._held.values():
            onlooker.show(encode(replace(moment, ms=round((now_s - since_s) * 1000))))
        self._onlookers.add(onlooker)

    def close(self) -> None:
        """Send everybody away: the gateway stops."""
        for onlooker in tuple(self._onlookers):
            onlooker.peer.close(GOING_AWAY, "the gateway stops")


class Onlooker:
    """One connection that is shown everything and says nothing."""

    def __init__(
        self,
        begin: Callable[["Onlooker"], None],
        end: Callable[["Onlooker"], None],
        client: MakesClient,
    ) -> None:
        self._begin, self._end = begin, end
        self._outbox = Outbox(limits.WATCH_QUEUE_BYTES)
        reader = Reader(self._opened, self._ignored, self._ignored, self._failed, self._ended)
        self.peer = client(reader, self._outbox, limits.WATCH_MESSAGE_BYTES)

    def show(self, message: bytes) -> None:
        """Send a moment; an onlooker that does not keep up is left behind."""
        try:
            self._outbox.send_text(message)
        except Overflow:
            self._end(self)
            self.peer.close(TOO_SLOW, "too slow")

    def _opened(self) -> None:
        self._begin(self)

    def _ignored(self, message: bytes) -> None:
        """Take what an onlooker says, which means nothing."""

    def _failed(self, fault: Exception) -> None:
        """Take what hearing an onlooker raised, which is nothing."""

    def _ended(self, code: int, reason: str) -> None:
        del code, reason
        self._end(self)
