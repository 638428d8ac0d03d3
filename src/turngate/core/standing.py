"""How a session stands: who has the slot, and what waits for what. A look that changes nothing.

For those who want to see the turn being kept; nothing is decided by it.
"""

from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from turngate.core import committing, floor, reservation, slot
from turngate.core.waiting import Request, Update, Waiting


class Why(StrEnum):
    """What keeps something from leaving."""

    SETTINGS = "settings"
    """No configuration is in force."""
    UNANSWERED = "unanswered"
    """What left last, an update or a request, is not answered."""
    RESPONSE = "response"
    """A response is active."""
    SERVER = "server"
    """The server may be about to answer speech by itself."""
    USER = "user"
    """The user has the floor, or what they said is on its way into the conversation."""
    CALLS = "calls"
    """Functions have not returned."""
    ITEM = "item"
    """The upstream has not acknowledged an item that the response is to be about."""


class Kept(Struct, frozen=True):
    """What something waits for: `by` are its ids, where it has ids."""

    why: Why
    by: tuple[str, ...] = ()


class Hold(Struct, frozen=True):
    """Something that waits.

    - what: `request`, `update`, or `message` for what the client said before its configuration.
    - of: the wishes that a request is for, the changes of an update, or the message's kind.
    - tries: how often a request left and was refused because the slot was taken.
    """

    what: str
    of: tuple[str, ...]
    kept: Kept
    tries: int = 0


class Standing(Struct, frozen=True):
    """A session at one moment: the slot's phase by its name, its response, and what waits."""

    slot: str
    response_id: str | None
    holds: tuple[Hold, ...]


def by_slot(phase: slot.Phase) -> Kept | None:
    """Return what an entry of the queue waits for while the slot is taken; None if it is idle."""
    match phase:
        case slot.Idle():
            return None
        case slot.Updating(event_id) | slot.Requested(event_id) | slot.Withdrawn(event_id):
            return Kept(Why.UNANSWERED, (event_id,))
        case slot.Crossed() | slot.Occupied() | slot.Active() | slot.Cancelling() | slot.Ending():
            running = slot.active_id(phase)
            return Kept(Why.RESPONSE, () if running is None else (running,))
        case _:
            assert_never(phase)


def by_server(phase: reservation.Phase) -> Kept | None:
    """Return what an entry of the queue waits for while the server may be about to answer."""
    match phase:
        case reservation.Free():
            return None
        case reservation.Reserved(item_id):
            return Kept(Why.SERVER, (item_id,))
        case _:
            assert_never(phase)


def by_user(phase: floor.Phase, commits: committing.Phase) -> Kept | None:
    """Return what a request waits for while the user speaks, or what they said is on its way."""
    match phase:
        case floor.Quiet() if isinstance(commits, committing.Committing):
            return Kept(Why.USER, commits.event_ids)
        case floor.Quiet():
            return None
        case floor.Speaking(item_id) | floor.Ended(item_id):
            return Kept(Why.USER, (item_id,))
        case _:
            assert_never(phase)


def queued(waiting: Waiting, kept: Kept) -> tuple[Hold, ...]:
    """Return what is in the queue; what keeps its head keeps everything behind it."""
    return tuple(
        Hold("request", entry.asks, kept, entry.tries)
        if isinstance(entry, Request)
        else Hold("update", tuple(change.change_id for change in entry.changes), kept)
        for entry in waiting
        if isinstance(entry, Request | Update)
    )
