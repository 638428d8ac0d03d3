"""What waits for the slot: configuration changes, requests and their company, in order of arrival.

Neighbours of a kind may travel together: adjacent changes become one update, adjacent requests
without words of their own become one response. Nothing overtakes a change. Only words to be spoken
are no neighbour: a response answers what the conversation holds, so it takes in the requests behind
them too.
"""

from functools import reduce
from typing import TypeAlias, TypeGuard, assert_never

from msgspec import Struct

from turngate.core.patch import Patch, merge


class Change(Struct, frozen=True):
    """One client's wish to change the configuration, acknowledged or refused as one."""

    change_id: str
    patch: Patch


class Update(Struct, frozen=True):
    """Changes that are sent as one update. One that was split off travels `alone`.

    `tries` counts how often it was refused because the slot was taken.
    """

    changes: tuple[Change, ...]
    alone: bool = False
    tries: int = 0

    @property
    def patch(self) -> Patch:
        """The changes in order, as one."""
        return reduce(merge, (change.patch for change in self.changes), {})


class Request(Struct, frozen=True):
    """A response to be asked for, on behalf of one or more asks.

    `say` is text that the agent is to speak word for word; such a request is never merged.
    `tries` counts how often it was refused because the slot was taken. One that must have a response
    of its own travels `alone`; what cuts in goes `at_once`, also before what is asked again. One that
    is `unmarked` bears no name that a response could echo.
    """

    asks: tuple[str, ...]
    say: str | None = None
    tries: int = 0
    alone: bool = False
    at_once: bool = False
    unmarked: bool = False


class Aside(Struct, frozen=True):
    """Something that does not need the slot and only keeps its place in the order."""

    ticket: int


Gated: TypeAlias = Update | Request
Entry: TypeAlias = Gated | Aside
Waiting: TypeAlias = tuple[Entry, ...]


def take(waiting: Waiting) -> tuple[Entry, Waiting]:
    """Return the head of a queue that is not empty, joined by its neighbours, and the rest."""
    head, *rest = waiting
    left: list[Entry] = []
    for at, entry in enumerate(rest):
        joined = _joined(head, entry)
        if joined is not None:
            head = joined
        elif is_bare(head) and isinstance(entry, Request) and entry.say is not None:
            left.append(entry)
        else:
            return head, (*left, *rest[at:])
    return head, tuple(left)


def is_bare(entry: Entry) -> TypeGuard[Request]:
    """Tell a request that any response answers as well as one of its own."""
    return isinstance(entry, Request) and entry.say is None and not entry.alone


def goes_at_once(entry: Entry) -> bool:
    """Tell what goes before an answer that is asked for again."""
    return isinstance(entry, Request) and entry.at_once


def _joined(one: Entry, other: Entry) -> Entry | None:
    match one, other:
        case Update(alone=False), Update(alone=False):
            return Update(one.changes + other.changes, tries=max(one.tries, other.tries))
        case Request(say=None, alone=False), Request(say=None, alone=False):
            return Request(one.asks + other.asks, tries=max(one.tries, other.tries))
        case _:
            return None


def split(update: Update) -> Waiting:
    """Return the update's changes one by one, so that only the guilty one fails."""
    return tuple(Update((change,), alone=True) for change in update.changes)


def ticket_of(entry: Entry) -> str:
    """Return which of a client's events an entry is, where each travels alone."""
    match entry:
        case Aside(ticket):
            return str(ticket)
        case Request(asks):
            return asks[0]
        case Update(changes):
            return changes[0].change_id
        case _:
            assert_never(entry)
