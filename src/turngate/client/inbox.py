"""What has come and waits for the program to read it, in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from turngate.client.events import Event
from turngate.client.failures import NORMAL, Closed

EVENTS = 1024
"""How many events wait to be read before the server is held back: about 50 s of speech."""


class Inbox:
    """The events of a conversation, and at last its end.

    Nothing is dropped where the program is slow: `hold_back` is called with true when too much
    waits, and with false when half of it is read.
    """

    def __init__(self, hold_back: Callable[[bool], None]) -> None:
        self._hold_back = hold_back
        self._events: deque[Event] = deque()
        self._news = asyncio.Event()
        self._is_full = False
        self._end: Closed | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self._end is not None

    def add(self, event: Event) -> None:
        """Take an event."""
        self._events.append(event)
        self._news.set()
        if not self._is_full and len(self._events) >= EVENTS:
            self._turn(is_full=True)

    def end(self, end: Closed) -> None:
        """Take the end of the conversation, of which the first word counts."""
        self._end = self._end or end
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events in the order in which they came; for one reader.

        Raises:
            Closed: the server ended the conversation with another code than 1000.

        """
        while True:
            while self._events:
                event = self._events.popleft()
                if self._is_full and len(self._events) <= EVENTS // 2:
                    self._turn(is_full=False)
                yield event
            if self._end is not None:
                if self._end.code != NORMAL:
                    raise self._end
                return
            self._news.clear()
            await self._news.wait()

    def _turn(self, *, is_full: bool) -> None:
        self._is_full = is_full
        self._hold_back(is_full)
