"""The user's lines, in the order in which they were said.

What was spoken is written down later, and not always in order; what was typed in the meantime waits
for it. So does the agent's answer, as text: it is read after the question. A transcription that
does not come is given up, so that it silences nobody.
"""

from collections import deque

from turngate.core import limits

_TYPED = ""
"""Stands where an utterance has its name."""


class Lines:
    """Utterances and typed lines that have not been shown."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, str | None]] = deque()
        self._early: deque[str] = deque(maxlen=limits.REMEMBERED)

    def are_complete(self) -> bool:
        """Tell whether nothing is waited for."""
        return not self._waiting

    def awaited(self) -> list[str]:
        """Return the utterances whose text is waited for."""
        return [item_id for item_id, text in self._waiting if text is None]

    def spoken(self, item_id: str) -> bool:
        """Expect the text of an utterance; False if it has come already, or is expected."""
        if item_id in self._early or any(item_id == known for known, _ in self._waiting):
            return False
        self._waiting.append((item_id, None))
        return True

    def typed(self, text: str) -> list[str]:
        """Take a typed line; return what is to be shown now, in order."""
        self._waiting.append((_TYPED, text))
        return self._shown()

    def written(self, item_id: str, text: str) -> list[str]:
        """Take the text of an utterance, or "" for one without; return what is to be shown now."""
        for place, (known, _) in enumerate(self._waiting):
            if known == item_id:
                self._waiting[place] = item_id, text
                break
        else:
            self._early.append(item_id)
            self._waiting.append((item_id, text))
        return self._shown()

    def given_up(self, item_id: str) -> list[str]:
        """Wait for an utterance's text no more; return what is to be shown now."""
        self._waiting = deque(each for each in self._waiting if each != (item_id, None))
        return self._shown()

    def _shown(self) -> list[str]:
        shown: list[str] = []
        while self._waiting and (text := self._waiting[0][1]) is not None:
            self._waiting.popleft()
            if text.strip():
                shown.append(text)
        return shown
