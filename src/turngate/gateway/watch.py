"""Watching what is held: each moment of each Realtime call, as it happens, to whoever looks on.

Ids, kinds, reasons and ms; never what anybody said. Nothing is made or sent while nobody looks.
"""

import msgspec

from turngate.gateway import limits
from turngate.gateway.outbox import Outbox, Overflow
from turngate.gateway.outside import ClientPeer, MakesClient
from turngate.gateway.peer import Peer, Reader
from turngate.wire.codec import encode
from turngate.wire.watch import Message, Moment, Watching

TOO_SLOW, GOING_AWAY = 1008, 1001


_message = msgspec.json.Decoder[Message](Message)


def read(message: str | bytes) -> Moment | None:
    """Return the moment that an onlooker was shown; None for what is none."""
    told = _message.decode(message)
    return told if isinstance(told, Moment) else None


class Watch:
    """The onlookers of one gateway."""

    def __init__(self, client: MakesClient = Peer) -> None:
        self._client = client
        self._onlookers: set[Onlooker] = set()

    def open(self) -> ClientPeer:
        """Return the near end of a new onlooker's connection."""
        return Onlooker(self._onlookers, self._client).peer

    def tell(self, moment: Moment) -> None:
        """Show a moment of a call."""
        if self._onlookers:
            message = encode(moment)
            for onlooker in tuple(self._onlookers):
                onlooker.show(message)

    def close(self) -> None:
        """Send everybody away: the gateway stops."""
        for onlooker in tuple(self._onlookers):
            onlooker.peer.close(GOING_AWAY, "the gateway stops")


class Onlooker:
    """One connection that is shown everything and says nothing."""

    def __init__(self, onlookers: "set[Onlooker]", client: MakesClient) -> None:
        self._onlookers = onlookers
        self._outbox = Outbox(limits.WATCH_QUEUE_BYTES)
        reader = Reader(self._opened, self._ignored, self._ignored, self._failed, self._ended)
        self.peer = client(reader, self._outbox, limits.WATCH_MESSAGE_BYTES)

    def show(self, message: bytes) -> None:
        """Send a moment; an onlooker that does not keep up is left behind."""
        try:
            self._outbox.send_text(message)
        except Overflow:
            self._onlookers.discard(self)
            self.peer.close(TOO_SLOW, "too slow")

    def _opened(self) -> None:
        self._onlookers.add(self)
        self.show(encode(Watching()))

    def _ignored(self, message: bytes) -> None:
        """Take what an onlooker says, which means nothing."""

    def _failed(self, fault: Exception) -> None:
        """Take what hearing an onlooker raised, which is nothing."""

    def _ended(self, code: int, reason: str) -> None:
        del code, reason
        self._onlookers.discard(self)
