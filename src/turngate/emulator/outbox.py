"""What leaves a connection: one ordered stream of effects, with the faults on the way.

The agenda holds what is due later; both are driven by the connection and know no clock.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from turngate.emulator import older
from turngate.emulator.ids import Ids
from turngate.emulator.knobs import At, Knobs
from turngate.emulator.refusal import Json, Refusal


@dataclass(frozen=True, slots=True)
class Send:
    """Write one WebSocket message."""

    frame: bytes
    is_binary: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Send a close frame; nothing follows."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Cut the TCP connection; nothing follows."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Neither read nor write any more, and stay connected."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Put `texts` into sound in `audio_format` and hand it to `Connection.spoken`."""

    response_id: str
    texts: tuple[str, ...]
    audio_format: str


@dataclass(frozen=True, slots=True)
class Think:
    """Ask the language model for `response_id` and hand over what it says by `Connection.thought`.

    request: a chat completions request without a model. audio_format: what to put texts into, or
    None for a written answer.
    """

    response_id: str
    request: Json
    audio_format: str | None


Effect: TypeAlias = Send | Close | Drop | Freeze | Speak | Think


class Agenda:
    """What is to be done, and when; equal times keep their order."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def put(self, due_ms: float, act: Callable[[], None]) -> None:
        """Have `act` called at `due_ms`."""
        self._count += 1
        heapq.heappush(self._entries, (due_ms, self._count, act))

    @property
    def next_ms(self) -> float | None:
        """When the next entry is due, or None."""
        return self._entries[0][0] if self._entries else None

    def take(self, now_ms: float) -> tuple[float, Callable[[], None]] | None:
        """Return the first entry that is due at `now_ms`, and forget it."""
        if self._entries and self._entries[0][0] <= now_ms:
            due_ms, _, act = heapq.heappop(self._entries)
            return due_ms, act
        return None

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()


class Outbox:
    """Encodes events in order and lets the faults that hang on them happen."""

    def __init__(self, ids: Ids, knobs: Knobs) -> None:
        self.knobs = knobs
        self.sent: Counter[str] = Counter()
        self.is_over = False
        self._ids = ids
        self._effects: list[Effect] = []
        self._swapped: Effect | None = None

    def drain(self) -> list[Effect]:
        """Return the effects since the last call."""
        effects, self._effects = self._effects, []
        return effects

    def put(self, effect: Effect) -> None:
        """Append an effect that is no event. Nothing follows a Close, Drop or Freeze."""
        if self.is_over:
            return
        self._release()
        self._effects.append(effect)
        self.is_over = isinstance(effect, Close | Drop | Freeze)

    def send(self, event: Json) -> None:
        """Send an event, given its type and fields; its event_id is made here."""
        if self.is_over:
            return
        kind = event["type"]
        numbered: Json | None = {"type": kind, "event_id": self._ids.new("event"), **event}
        if self.knobs.older_shape and (numbered := older.spoken(numbered)) is None:
            return
        if self.knobs.object_on_items and "item" in numbered:
            numbered["item"] = {"object": "realtime.item", **numbered["item"]}
        sent = Send(msgspec.json.encode(numbered))
        self.sent[kind] += 1
        if self._swapped is None and self._is_at(self.knobs.swap_at, kind):
            self._swapped = sent
            return
        self._effects.append(sent)
        self._release()
        self._misbehave(kind)

    def _release(self) -> None:
        """Let the event go that was to change places with the one before."""
        if self._swapped:
            self._effects.append(self._swapped)
            self._swapped = None

    def refuse(self, refused: Refusal, event_id: str | None) -> None:
        """Send the error event of a refusal."""
        named = None if self.knobs.event_id_null_in_errors else event_id
        self.send({"type": "error", "error": refused.body(named)})

    def _misbehave(self, kind: str) -> None:
        knobs = self.knobs
        for frame in knobs.frames:
            if self._is_at(frame, kind):
                self.put(Send(frame.frame.encode(), is_binary=frame.binary))
        for error in knobs.errors:
            if self._is_at(error, kind):
                self.refuse(Refusal(error.code, error.message, kind=error.type), None)
        if self._is_at(knobs.drop_at, kind):
            self.put(Drop())
        if knobs.close_at and self._is_at(knobs.close_at, kind):
            self.put(Close(knobs.close_at.code, knobs.close_at.reason))
        if self._is_at(knobs.half_open_at, kind):
            self.put(Freeze())

    def _is_at(self, place: At | None, kind: str) -> bool:
        return place is not None and place.event == kind and place.nth == self.sent[kind]
