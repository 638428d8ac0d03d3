"""A Realtime client's audio on its way up, byte for byte.

The hot path, as `voice` is for the agent protocol: an append is known by how it begins, and passes
without being parsed. Everything else that the client says goes to somebody else.
"""

from collections.abc import Callable

from picows import WSMsgType

from turngate.dialects import native as front
from turngate.gateway.allowance import Allowance
from turngate.gateway.outbox import Outbox

_TEXT = WSMsgType.TEXT
"""Looked up once, as in frames.py."""


class Appends:
    """The gate for a client's appends. `held` takes those that come while it `is_shut`, `other` the rest."""

    __slots__ = ("_allowance", "_held", "_other", "_outbox", "have_passed", "is_shut")

    def __init__(
        self,
        outbox: Outbox,
        allowance: Allowance,
        held: Callable[[bytes], None],
        other: Callable[[bytes], None],
    ) -> None:
        self._outbox, self._allowance = outbox, allowance
        self._held, self._other = held, other
        self.is_shut = False
        """Whether audio has to take its place in the line, behind what waits there."""
        self.have_passed = False
        """Whether there was one since somebody took this back."""

    def take(self, text: bytes) -> None:
        """Take a client's event.

        Raises:
            Overflow: The upstream does not read.

        """
        if not text.startswith(front.APPENDS) and not front.is_append(text):
            self._other(text)
            return
        self.have_passed = True
        allowance = self._allowance
        allowance.left = left = allowance.left - len(text)
        if left < 0:
            allowance.refill()
        free = self._outbox.free
        if self.is_shut:
            self._held(text)
        elif free is not None:
            free.send(_TEXT, text)
        else:
            self._outbox.send_text(text)
