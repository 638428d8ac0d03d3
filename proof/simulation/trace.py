"""What was said at the gateway's two connections, in its order there, one line each.

C>  the client said        >C  the client was told
>U  the upstream was told  U>  the upstream said
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Protocol, cast

import msgspec
from picows import WSMsgType
from proof.simulation.network import End, Watch
from proof.simulation.transcript import Transcript

_TOLD = (
    "id",
    "event_id",
    "response_id",
    "item_id",
    "call_id",
    "code",
    "status",
    "content",
    "message",
)
_WITHIN = ("response", "item", "error", "session")


class Watcher(Protocol):
    """Sees what passes in a world."""

    def begin(self, now_s: Callable[[], float]) -> None:
        """Take the world's clock."""
        ...

    def watch(self, name: str, leg: str, near: End) -> None:
        """See what passes at the gateway's end of a leg, C or U, of the line `name`."""
        ...

    def note(self, name: str, what: str) -> None:
        """See what befell a line."""
        ...


class Digest:
    """A hash over all that was said in one world, where, and when."""

    def __init__(self) -> None:
        self._now_s: Callable[[], float] = float
        self._hash = blake2b(digest_size=16)

    def begin(self, now_s: Callable[[], float]) -> None:
        """Take the world's clock."""
        self._now_s = now_s

    def __str__(self) -> str:
        return self._hash.hexdigest()

    def watch(self, name: str, leg: str, near: End) -> None:
        """Take in what passes at the gateway's end of a leg, C or U."""
        sent, taken = near.on_sent, near.on_taken
        near.on_sent = self._with(sent, f"{name}>{leg}".encode())
        near.on_taken = self._with(taken, f"{name}{leg}>".encode())

    def _with(self, before: Watch | None, side: bytes) -> Watch:
        def watch(end: End, kind: WSMsgType, payload: bytes) -> None:
            self._hash.update(side + str(round(self._now_s(), 6)).encode() + payload)
            if before is not None:
                before(end, kind, payload)

        return watch

    def note(self, name: str, what: str) -> None:
        """Take in what befell a line."""
        self._hash.update(f"{name}{what}".encode())


class Trace:
    """The lines of one world, and the scripts of its calls by their names."""

    def __init__(self) -> None:
        self._now_s: Callable[[], float] = float
        self.lines: list[str] = []
        self.scripts: dict[str, Transcript] = {}

    def begin(self, now_s: Callable[[], float]) -> None:
        """Take the world's clock."""
        self._now_s = now_s

    def watch(self, name: str, leg: str, near: End) -> None:
        """Write down what passes at the gateway's end of a leg, C or U."""
        sent, taken = near.on_sent, near.on_taken

        def on_sent(end: End, kind: WSMsgType, payload: bytes) -> None:
            self._add(name, f">{leg}", kind, payload)
            if sent is not None:
                sent(end, kind, payload)

        def on_taken(end: End, kind: WSMsgType, payload: bytes) -> None:
            self._add(name, f"{leg}>", kind, payload)
            if taken is not None:
                taken(end, kind, payload)

        near.on_sent, near.on_taken = on_sent, on_taken

    def note(self, name: str, what: str) -> None:
        """Write down what befell a line."""
        self.lines.append(f"{self._now_s():10.4f} {name} {what}")

    def _add(self, name: str, side: str, kind: WSMsgType, payload: bytes) -> None:
        told = label(payload) if kind is WSMsgType.TEXT else f"<{kind.name.lower()} {len(payload)}>"
        self.lines.append(f"{self._now_s():10.4f} {name} {side} {told}")


def label(payload: bytes) -> str:
    """Return what a message is, with the ids and codes that tell it from others."""
    try:
        message = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return repr(payload[:60])
    if not isinstance(message, dict):
        return repr(payload[:60])
    return " ".join(_words(cast("dict[str, Any]", message)))


def _words(message: dict[str, Any]) -> list[str]:
    words = [str(message.get("type"))]
    for within in (message, *(message.get(name) for name in _WITHIN)):
        if isinstance(within, dict):
            known = cast("dict[str, Any]", within)
            words += [f"{n}={known[n]}" for n in _TOLD if known.get(n) is not None]
    if "functions" in message:
        words += [str(each.get("id")) for each in message["functions"]]
    return words
