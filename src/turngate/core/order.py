"""The order of a Realtime client's events: which pass, and which keep their place behind others.

A client's order is its meaning: an item before a request is part of the answer, audio behind a
change of the input format is in the new format. What does not depend on anything that waits passes.
"""

from enum import Enum, StrEnum
from typing import assert_never

from msgspec import Struct

from turngate.core import limits


class Kind(Enum):
    """What a client's event is to the order of things."""

    PASS = "passes: it concerns what is there already"  # noqa: S105 - no password
    FOLLOW = "keeps its place behind what waits; the slot does not matter to it"
    COMMIT = "keeps its place, and audio that comes after it does"
    UPDATE = "waits for the slot"
    UPDATE_INPUT = "waits for the slot, and audio that comes after it does"
    REQUEST = "waits for the slot, and gets its own response"
    CANCEL = "passes, and ends the requests that wait"
    AUDIO = "passes, unless what waits would change its meaning"


class Why(StrEnum):
    """What an event waits for."""

    SESSION = "session"
    """The upstream has not begun the session yet."""
    RESPONSE = "response"
    """A response runs."""
    REQUEST = "request"
    """A request before it is unanswered."""
    UPDATE = "update"
    """An update before it is unanswered."""
    SPEECH = "speech"
    """The user speaks, or has just stopped."""
    RESERVED = "reserved"
    """The server is about to answer speech by itself."""
    CALLS = "calls"
    """Function calls of the last response have no output yet."""
    ORDER = "order"
    """Something that came before it waits."""
    RACE = "race"
    """It met a response that the server had begun, and was refused; it is sent again."""


class ClientSent(Struct, frozen=True):
    """The client sent the event that the gateway keeps as `ticket`.

    `makes` are the ids that it brings into the conversation, of an item or a call; `about` those
    that it speaks of. A request that is `unmarked` has no room for a name of ours.
    """

    ticket: int
    kind: Kind
    size_bytes: int = 0
    makes: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    unmarked: bool = False


_HOLDS_AUDIO = frozenset({Kind.COMMIT, Kind.UPDATE_INPUT, Kind.AUDIO})


class Order:
    """The events of a client that have not left for good, and what may overtake them."""

    def __init__(self, *, hold_updates: bool) -> None:
        self._hold_updates = hold_updates
        self._held: dict[int, ClientSent] = {}
        self._audio = self._others = self._size_bytes = self._before_audio = 0

    @property
    def holds_audio(self) -> bool:
        """Whether audio has to take its place in the line just now, instead of passing."""
        return self._before_audio > 0

    def has(self, ticket: int) -> bool:
        """Tell whether an event is kept here."""
        return ticket in self._held

    def passes(self, sent: ClientSent, *, is_line: bool) -> bool:
        """Tell whether an event leaves at once; `is_line` where others wait."""
        match sent.kind:
            case Kind.PASS:
                return not self._is_made_by_held(sent.about)
            case Kind.AUDIO:
                return not self.holds_audio
            case Kind.FOLLOW | Kind.COMMIT:
                return not is_line
            case Kind.UPDATE:
                return not self._hold_updates
            case Kind.UPDATE_INPUT:
                return not self._hold_updates and not self.holds_audio
            case Kind.REQUEST | Kind.CANCEL:
                return False
            case _:
                assert_never(sent.kind)

    def needs_slot(self, kind: Kind) -> bool:
        """Tell whether an event that waits waits for the slot, too."""
        if kind is Kind.REQUEST:
            return True
        return self._hold_updates and kind in (Kind.UPDATE, Kind.UPDATE_INPUT)

    def has_room(self, sent: ClientSent) -> bool:
        """Tell whether one more may wait. Audio has a bound of its own, in events."""
        if sent.kind is Kind.AUDIO:
            has_place = self._audio < limits.AUDIO_WAITING
        else:
            has_place = self._others < limits.WAITING
        return has_place and self._size_bytes + sent.size_bytes <= limits.WAITING_BYTES

    def hold(self, sent: ClientSent) -> None:
        """Keep an event, until it is settled."""
        self._held[sent.ticket] = sent
        self._count(sent, 1)

    def awaited(self) -> list[int]:
        """Return the requests and updates whose client waits for an answer, in order."""
        return [ticket for ticket, sent in self._held.items() if self.needs_slot(sent.kind)]

    def settle(self, ticket: int) -> None:
        """Let go of an event that needs nothing more."""
        sent = self._held.pop(ticket, None)
        if sent is not None:
            self._count(sent, -1)

    def _count(self, sent: ClientSent, sign: int) -> None:
        self._size_bytes += sign * sent.size_bytes
        self._before_audio += sign * (sent.kind in _HOLDS_AUDIO)
        if sent.kind is Kind.AUDIO:
            self._audio += sign
        else:
            self._others += sign

    def _is_made_by_held(self, names: tuple[str, ...]) -> bool:
        return any(name in each.makes for each in self._held.values() for name in names)
