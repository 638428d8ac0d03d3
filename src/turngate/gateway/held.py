"""A Realtime client's events that have not left for good: kept, timed, and told of.

Why something waits is the session's to say; how long it did is measured here.
"""

from collections.abc import Callable

import msgspec

from turngate.core.order import Why
from turngate.dialects.marks import Theirs, Written, set_apart, theirs
from turngate.dialects.native import Sent
from turngate.units import Ms
from turngate.wire.watch import Moment

_NAMES = 16
"""An answer may still name so many that left before the last one."""

_TYPE_SHOWN = 64  # characters; it is the client's to choose


class Kept(msgspec.Struct):
    """An event. It waits since `since_ms`, if it does."""

    text: bytes
    sent: Sent
    why: Why | None = None
    since_ms: Ms = Ms(0)


class Held:
    """The events of one client that may not have left for good."""

    def __init__(
        self, call_id: str, now_ms: Callable[[], Ms], tell: Callable[[Moment], None]
    ) -> None:
        self._call_id, self._now_ms, self._tell = call_id, now_ms, tell
        self._kept: dict[int, Kept] = {}
        self._leaving: int | None = None
        self._written: dict[str, Theirs] = {}
        self._tickets = 0

    @property
    def waiting(self) -> int:
        """How many wait just now."""
        return sum(kept.why is not None for kept in self._kept.values())

    def keep(self, text: bytes, sent: Sent) -> int:
        """Take an event and return its ticket."""
        self._tickets += 1
        self._kept[self._tickets] = Kept(text, sent)
        return self._tickets

    def hold(self, ticket: int, why: Why) -> None:
        """Note that an event waits from now on."""
        kept = self._kept[ticket]
        kept.why, kept.since_ms = why, self._now_ms()
        self._told("held", ticket, kept)

    def forward(self, ticket: int) -> bytes:
        """Return an event that leaves for good, under its client's name for it."""
        kept = self._kept.pop(ticket)
        self._release("sent", ticket, kept)
        return set_apart(kept.text, kept.sent)

    @property
    def written(self) -> Written:
        """What the client wrote in what left last under names of ours, by these."""
        return self._written

    def leave(self, ticket: int, event_id: str) -> bytes:
        """Return an event that takes the slot, under a name of ours.

        It is kept until the next one: it may go again.
        """
        if self._leaving is not None and self._leaving != ticket:
            self._kept.pop(self._leaving, None)
        self._leaving = ticket
        kept = self._kept[ticket]
        self._written[event_id] = theirs(kept.sent)
        if len(self._written) > _NAMES:
            del self._written[next(iter(self._written))]
        self._release("sent", ticket, kept)
        return kept.text

    def end(self, ticket: int, what: str) -> str | None:
        """Let go of an event that never leaves, and return its client's name for it."""
        kept = self._kept.pop(ticket)
        if kept.why is None:
            self._told(what, ticket, kept)
        self._release(what, ticket, kept)
        return kept.sent.event_id

    def text_of(self, ticket: int) -> bytes:
        """Return an event as its client wrote it."""
        return self._kept[ticket].text

    def is_request(self, ticket: int) -> bool:
        """Tell whether an event asks for a response."""
        return self._kept[ticket].sent.type == "response.create"

    def waited_ms(self, ticket: int) -> Ms:
        """Return how long an event has waited."""
        kept = self._kept[ticket]
        return Ms(0) if kept.why is None else Ms(self._now_ms() - kept.since_ms)

    def abandon(self) -> None:
        """Let go of everything: the call ends."""
        for ticket, kept in self._kept.items():
            self._release("abandoned", ticket, kept)
        self._kept.clear()

    def _release(self, what: str, ticket: int, kept: Kept) -> None:
        if kept.why is None:
            return
        ms = Ms(self._now_ms() - kept.since_ms)
        self._told(what, ticket, kept, ms)
        kept.why = None

    def _told(self, what: str, ticket: int, kept: Kept, ms: Ms = Ms(0)) -> None:  # noqa: B008 - a number
        why = "" if kept.why is None else kept.why.value
        moment = Moment(
            call=self._call_id,
            what=what,
            event=kept.sent.type[:_TYPE_SHOWN],
            event_id=kept.sent.event_id,
            number=ticket,
            why=why,
            ms=ms,
        )
        self._tell(moment)
