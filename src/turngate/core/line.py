"""The line of a Realtime client's events: those that have not left for good, and their deadlines.

An event is a ticket here; in the sequencer's queue it is an entry that bears the ticket's number.
"""

from turngate.core import effects, limits
from turngate.core.events import Timer
from turngate.core.native_effects import Effect
from turngate.core.order import ClientSent, Kind, Order
from turngate.core.sequencer import Sequencer
from turngate.core.waiting import Aside, Change, Entry, Request, Update, ticket_of


class Line:
    """The events of one client."""

    def __init__(self, sequencer: Sequencer, order: Order, out: list[Effect]) -> None:
        self._sequencer, self._order, self._out = sequencer, order, out

    def join(self, sent: ClientSent) -> None:
        """Let an event wait at the end of the line, for as long as it may."""
        self._order.hold(sent)
        self._sequencer.add(self._entry(sent))
        self._out.append(effects.SetTimer(_deadline(str(sent.ticket)), limits.HOLD_MS))

    def _entry(self, sent: ClientSent) -> Entry:
        ticket = str(sent.ticket)
        if not self._order.needs_slot(sent.kind):
            return Aside(sent.ticket)
        if sent.kind is Kind.REQUEST:
            return Request((ticket,), alone=True, unmarked=sent.unmarked)
        return Update((Change(ticket, {}),), alone=True)

    def go_before(self, ticket: int) -> None:
        """Let a request of the gateway's own wait before everything else."""
        self._order.hold(ClientSent(ticket, Kind.REQUEST))
        self._sequencer.add(Request((str(ticket),), alone=True), first=True)

    def find(self, ticket: str) -> Entry | None:
        """Return what waits under this number."""
        return next((each for each in self._sequencer.waiting if ticket_of(each) == ticket), None)

    def requests(self) -> list[str]:
        """Return the requests that wait."""
        waiting = self._sequencer.waiting
        return [ticket_of(each) for each in waiting if isinstance(each, Request)]

    def leave(self, ticket: str) -> None:
        """Note that an event has left; it may come back."""
        self._out.append(effects.CancelTimer(_deadline(ticket)))

    def settle(self, ticket: str) -> int:
        """Let go of an event that needs nothing more, and return its number."""
        self._order.settle(int(ticket))
        self.leave(ticket)
        return int(ticket)

    def take_back(self, ticket: str) -> int:
        """Settle an event, and keep it from leaving if it waits."""
        entry = self.find(ticket)
        if entry is not None:
            self._sequencer.remove(entry)
        return self.settle(ticket)


def _deadline(ticket: str) -> Timer:
    return Timer("hold", ticket)
