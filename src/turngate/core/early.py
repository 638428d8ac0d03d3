"""A cancel that its client sends before the request is answered; the server would find nothing yet.

It waits for the answer. For its client the request is over then, whatever is still said of it: it
may be refused afterwards, since another's response was taken for its answer.
"""

from typing import TypeAlias

from msgspec import Struct

from turngate.core import slot


class Left(Struct, frozen=True):
    """The ticket that left last, and the name it left under."""

    ticket: str
    event_id: str


class Nothing(Struct, frozen=True):
    """No cancel is early."""


class Waiting(Struct, frozen=True):
    """The cancel waits for the answer to the request."""

    cancel: int
    request: Left


class Sent(Struct, frozen=True):
    """The cancel has left; the request may turn out to have been refused."""

    request: Left


Phase: TypeAlias = Nothing | Waiting | Sent


class Over(Struct, frozen=True):
    """The request is over for its client; the cancel leaves now, if it has not left before."""

    request: str
    cancel: int | None


class EarlyCancel:
    """At most one: only one request is on its way."""

    def __init__(self) -> None:
        self._phase: Phase = Nothing()

    @property
    def waits(self) -> bool:
        """Whether a cancel waits for an answer."""
        return isinstance(self._phase, Waiting)

    def begin(self, cancel: int, request: Left) -> None:
        """Keep a cancel of what is on its way."""
        self._phase = Waiting(cancel, request)

    def forget(self) -> None:
        """Note that something else leaves, so that all is said of the request."""
        self._phase = Nothing()

    def answered(self, slot_phase: slot.Phase) -> Over | None:
        """Let the cancel go once the request has its answer."""
        match self._phase:
            case Waiting(cancel, request) if not _is_unanswered(slot_phase):
                self._phase = Sent(request)
                return Over(request.ticket, cancel)
            case _:
                return None

    def refused(self, event_id: str | None, slot_phase: slot.Phase) -> Over | None:
        """Take a refusal for a response that runs; None where it is another's.

        One without a name is this request's if it was that answer, or while the response that was
        taken for it is being stopped.
        """
        match self._phase:
            case Waiting(cancel, request) if not _is_unanswered(slot_phase):
                self._phase = Nothing()
                return Over(request.ticket, cancel)
            case Sent(request) if event_id == request.event_id or (
                event_id is None and isinstance(slot_phase, slot.Cancelling)
            ):
                self._phase = Nothing()
                return Over(request.ticket, None)
            case _:
                return None


def _is_unanswered(slot_phase: slot.Phase) -> bool:
    return isinstance(slot_phase, slot.Withdrawn | slot.Crossed)
