"""The record of a call: every line that anybody said, in order, with short names for the ids.

    C>  the client says         >C  the client is told
    >U  the upstream is told    U>  the upstream says

Responses are called r1, r2 ... and function calls A, B ... as they first appear. Of a row of deltas,
audio frames or appends only the first is a line.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar, cast

import msgspec
import pytest

Side: TypeAlias = Literal["C>", ">C", ">U", "U>"]
Json: TypeAlias = dict[str, Any]
Words: TypeAlias = tuple[str, ...]
Found = TypeVar("Found")

AUDIO = "<audio>"
PATIENCE_S = 5.0
"""Whatever a test waits for takes far less, also on a busy machine."""


class Line(msgspec.Struct, frozen=True):
    """Something that was said. `label` is what it is, in a few words that can be compared."""

    side: Side
    label: str
    message: Json | bytes

    def is_like(self, side: Side, label: str) -> bool:
        """Tell whether the line is on this side and begins with these words."""
        return self.side == side and f"{self.label} ".startswith(f"{label} ")

    def __str__(self) -> str:
        return f"{self.side:<4}{self.label}"


class Names:
    """Short names for ids, given as the ids appear."""

    def __init__(self) -> None:
        self._responses: dict[str, str] = {}
        self._calls: dict[str, str] = {}

    def response(self, response_id: str | None) -> str:
        """Return r1, r2 ..."""
        return self._responses.setdefault(response_id or "", f"r{len(self._responses) + 1}")

    def call(self, call_id: str | None) -> str:
        """Return A, B ..."""
        return self._calls.setdefault(call_id or "", chr(ord("A") + len(self._calls)))

    def filled(self, text: str) -> str:
        """Put ids in the place of names in braces: `{r1}`, `{A}`."""
        for known in (self._responses, self._calls):
            for each_id, name in known.items():
                text = text.replace(f"{{{name}}}", each_id)
        return text


class Record:
    """The lines of one call, and a way to wait for them."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.lines: list[Line] = []
        self._patience_s = patience_s
        self.audio_bytes: Counter[Side] = Counter()
        self.count = 0
        self._names = Names()
        self._deltas: set[str] = set()
        self._news = asyncio.Event()

    def add(self, side: Side, frame: bytes | str, *, is_binary: bool = False) -> None:
        """Write down a frame as it passes."""
        self.count += 1
        if is_binary:
            raw = frame if isinstance(frame, bytes) else frame.encode()
            self.audio_bytes[side] += len(raw)
            self._append(Line(side, AUDIO, raw))
        else:
            message = _decoded(frame)
            self._append(Line(side, label(message, self._names), message))
        self.stir()

    def stir(self) -> None:
        """Let everybody who waits look again."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _append(self, line: Line) -> None:
        word = line.label.partition(" ")[0]
        if word.endswith(".delta"):
            if line.label in self._deltas:
                return
            self._deltas.add(line.label)
        if word in {AUDIO, "input_audio_buffer.append"}:
            last = next((x for x in reversed(self.lines) if _same_leg(x.side, line.side)), None)
            if last is not None and last.is_like(line.side, word):
                return
        self.lines.append(line)

    def find(self, side: Side, label: str, start: int = 0) -> int | None:
        """Return the position of the first such line from `start` on."""
        for position in range(start, len(self.lines)):
            if self.lines[position].is_like(side, label):
                return position
        return None

    def all(self, side: Side, label: str) -> list[Line]:
        """Return every such line."""
        return [line for line in self.lines if line.is_like(side, label)]

    async def until(self, found: Callable[[], Found | None], what: str) -> Found:
        """Wait until `found` returns something, and return it; fail with the record if not."""
        try:
            async with asyncio.timeout(self._patience_s):
                while (result := found()) is None:
                    await self._news.wait()
        except TimeoutError:
            pytest.fail(f"never came: {what}\n{self}", pytrace=False)
        return result

    def filled(self, text: str) -> str:
        """Put ids in the place of names in braces: `{r1}`, `{A}`."""
        return self._names.filled(text)

    async def something(self, seconds: float) -> None:
        """Wait for the next line, or no longer than `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))


def label(message: Json, names: Names) -> str:
    """Return what a message is, in a few words."""
    kind = str(message.get("type", "(no type)"))
    return " ".join(filter(None, (kind, *_words(kind, message, names))))


def _words(kind: str, message: Json, names: Names) -> Words:
    if kind in _WORDS:
        return _WORDS[kind](message, names)
    if "item" in message:
        return _item(message["item"], names)
    if "response_id" in message:
        call_id = message.get("call_id")
        return names.response(message["response_id"]), names.call(call_id) if call_id else ""
    said = message.get("content") or message.get("prompt")
    return (_quoted(said) if isinstance(said, str) else "",)


def _created(message: Json, names: Names) -> Words:
    return (names.response(message["response"]["id"]),)


def _done(message: Json, names: Names) -> Words:
    response: Json = message["response"]
    why: Json = response.get("status_details") or {}
    error: Json = why.get("error") or {}
    reason: str = why.get("reason") or error.get("code") or ""
    return names.response(response["id"]), response["status"], reason


def _session(message: Json, _: Names) -> Words:
    return (_quoted(message["session"].get("instructions")),)


def _error(message: Json, _: Names) -> Words:
    return (str(message["error"].get("code") or message["error"]["type"]),)


def _calls(message: Json, names: Names) -> Words:
    return tuple(names.call(call["id"]) for call in message["functions"])


def _result(message: Json, names: Names) -> Words:
    return names.call(message.get("id")), _quoted(message.get("content"))


def _settings(message: Json, _: Names) -> Words:
    agent: Json = message["agent"] if isinstance(message.get("agent"), dict) else {}
    think: Json = agent["think"] if isinstance(agent.get("think"), dict) else {}
    return (_quoted(think.get("prompt")),)


def _item(item: Json, names: Names) -> Words:
    match item["type"]:
        case "function_call":
            return "call", names.call(item.get("call_id"))
        case "function_call_output":
            return "output", names.call(item.get("call_id"))
        case _:
            parts: list[Json] = item.get("content") or []
            return item["role"], _quoted("".join(part.get("text") or "" for part in parts))


_WORDS: dict[str, Callable[[Json, Names], Words]] = {
    "response.created": _created,
    "response.done": _done,
    "response.create": lambda _message, _names: (),
    "response.cancel": lambda message, names: (names.response(message.get("response_id")),),
    "session.created": lambda _message, _names: (),
    "session.update": _session,
    "session.updated": _session,
    "error": _error,
    "FunctionCallRequest": _calls,
    "FunctionCallCancelled": _calls,
    "FunctionCallResponse": _result,
    "ConversationText": lambda message, _: (message["role"], _quoted(message["content"])),
    "History": lambda _message, _names: (),
    "Settings": _settings,
    "Error": lambda message, _: (message["code"],),
    "Warning": lambda message, _: (message["code"],),
}


def _decoded(frame: bytes | str) -> Json:
    try:
        message = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {"type": "(unreadable)"}
    return cast("Json", message) if isinstance(message, dict) else {"type": "(no object)"}


def _quoted(text: str | None) -> str:
    return f'"{text}"' if text else ""


def _same_leg(one: Side, other: Side) -> bool:
    return ("C" in one) == ("C" in other)
