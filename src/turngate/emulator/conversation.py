"""The conversation: items in order, with the links that the service announces for each."""

from dataclasses import dataclass, field

from turngate.emulator import refusal
from turngate.emulator.hearing import Heard
from turngate.emulator.ids import Ids
from turngate.emulator.refusal import Json
from turngate.emulator.spoken import Mark


@dataclass(slots=True, kw_only=True)
class Item:
    """One entry. `wire` is the item as events carry it.

    of_response: whether the model made it. announced_after: previous_item_id of its item.added.
    audio_ms: audio of an assistant item so far. marks: where in it which word begins.
    speech_ms: length of the speech in a user's audio. heard: what the ears made of that.
    """

    wire: Json
    of_response: bool = False
    announced_after: str | None = None
    audio_ms: float = 0
    marks: list[Mark] = field(default_factory=list[Mark])
    speech_ms: float | None = None
    heard: Heard | None = None

    @property
    def id(self) -> str:
        """The item id."""
        return self.wire["id"]

    @property
    def said(self) -> str:
        """The text of a message, written or transcribed; empty for none."""
        parts: list[Json] = self.wire["content"]
        written = " ".join(part.get("text") or part.get("transcript") or "" for part in parts)
        return written.strip() or (self.heard and self.heard.text) or ""

    @property
    def measured(self) -> str:
        """What is written down of speech where nothing knows its words."""
        return f"({(self.speech_ms or 0) / 1000:.1f} seconds of speech)"

    def cut(self, end_ms: float) -> str:
        """Cut the audio at `end_ms` and return the words that were over by then."""
        ends_ms = [*(mark.at_ms for mark in self.marks[1:]), self.audio_ms]
        heard = [
            mark for mark, over_ms in zip(self.marks, ends_ms, strict=False) if over_ms <= end_ms
        ]
        self.audio_ms, self.marks = end_ms, heard
        return " ".join(mark.word for mark in heard)


class Conversation:
    """All items of the default conversation, and every id that was ever used in it."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._seen: set[str] = set()

    def find(self, item_id: str) -> Item | None:
        """Return the item, or None."""
        return next((item for item in self.items if item.id == item_id), None)

    def is_taken(self, item_id: str) -> bool:
        """Whether the id is or was in use."""
        return item_id in self._seen

    def insert(self, item: Item, after: str | None = None) -> None:
        """Put `item` behind the item `after`, first for "root", or last; note its predecessor.

        Raises:
            Refusal: `after` is unknown, or the id was used before.

        """
        if self.is_taken(item.id):
            raise refusal.duplicate_item(item.id)
        position = len(self.items)
        if after == "root":
            position = 0
        elif after is not None:
            position = self._position(after) + 1
        item.announced_after = self.items[position - 1].id if position else None
        self.items.insert(position, item)
        self._seen.add(item.id)

    def _position(self, item_id: str) -> int:
        for position, item in enumerate(self.items):
            if item.id == item_id:
                return position
        message = f"Error adding item: the previous item with id '{item_id}' does not exist."
        raise refusal.invalid("previous_item_id", message)

    def remove(self, item: Item) -> None:
        """Take the item out; its id stays used."""
        self.items.remove(item)

    def done_after(self, item: Item) -> str | None:
        """Return previous_item_id of the item's item.done.

        Observed: null for an item of a response whose predecessor is the conversation's first.
        """
        first = self.items[0].id if self.items else None
        if item.of_response and item.announced_after == first:
            return None
        return item.announced_after

    def call(self, call_id: str) -> Item | None:
        """Return the function_call item with this call id."""
        return self._of_call("function_call", call_id)

    def output(self, call_id: str) -> Item | None:
        """Return the function_call_output item for this call id."""
        return self._of_call("function_call_output", call_id)

    def _of_call(self, kind: str, call_id: str) -> Item | None:
        for item in self.items:
            if item.wire["type"] == kind and item.wire["call_id"] == call_id:
                return item
        return None


def as_echoed(given: Json, ids: Ids) -> Json:
    """Return a client's item as the service echoes it: no object, outputs without status."""
    item_id = given.get("id") or ids.new("item")
    match given["type"]:
        case "function_call_output":
            output = {name: given[name] for name in ("type", "call_id", "output")}
            return {"id": item_id, **output}
        case "function_call":
            return {
                "id": item_id,
                "type": "function_call",
                "status": given.get("status", "completed"),
                "name": given["name"],
                "call_id": given.get("call_id") or ids.call(),
                "arguments": given["arguments"],
            }
        case "message":
            return {
                "id": item_id,
                "type": "message",
                "status": given.get("status", "completed"),
                "role": given["role"],
                "content": [_echoed(part) for part in given["content"]],
            }
        case _:
            return {**given, "id": item_id}


def _echoed(part: Json) -> Json:
    """Return a content part as the service gives it back: audio without its bytes."""
    if part["type"] == "input_audio":
        return {"type": "input_audio", "transcript": part.get("transcript")}
    return part
