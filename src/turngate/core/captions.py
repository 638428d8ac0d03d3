"""The agent's words as they are heard: each sentence is shown when its audio begins to play.

So what a client was shown, what the conversation holds and what the user has heard stay together,
however far the upstream runs ahead. Written text has no audio to wait for. An item is known by its
id within its response: servers exist whose item ids repeat from turn to turn, and two different
items may say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import NamedTuple, TypeAlias

from turngate.core.events import Heard
from turngate.core.speech import Pace, Speech

Playout: TypeAlias = Mapping[str, Heard]
"""How far each item has been played, by item id; one that has been played to its end may be gone."""


class Caption(NamedTuple):
    """A sentence, or what was heard of it; `is_past` if the agent's turn that it is of is over.

    `is_elsewhere` if the upstream connection on which it was said is gone, and `is_told` if the
    one that came after knows of it.
    """

    response_id: str
    text: str
    is_past: bool
    is_elsewhere: bool
    is_told: bool = False


class Line:
    """The sentences of one item: `shown` and `heard` count them from the first."""

    def __init__(self, response_id: str, item_id: str, pace: Pace) -> None:
        self.response_id, self.item_id = response_id, item_id
        self.speech = Speech(pace)
        self.shown = self.heard = self.told = 0
        self.heard_ms: float | None = None
        self.is_spoken = self.is_over = self.is_past = self.is_elsewhere = False
        self._was_played = False

    def follow(self, playout: Playout) -> None:
        """Take how far the item has been played; what was played and is gone was played whole.

        One that has to wait for the audio before it has been played for less than nothing.
        """
        known = playout.get(self.item_id)
        if known is not None:
            self._was_played = True
            self.heard_ms = known.heard_ms or -_left_ms(playout, before=self.item_id)
            self.speech.generated(known.generated_ms)
        elif self._was_played:
            self.heard_ms = inf

    def begin_audio(self, playout: Playout) -> None:
        """Take the first of its audio, of which nothing has been played."""
        if self.heard_ms is None:
            self.heard_ms = -_left_ms(playout, before=self.item_id)

    def is_due(self, index: int) -> bool:
        """Tell whether a sentence is to be shown: it begins to be heard, or it never will be."""
        if self.heard_ms is None:
            return not self.is_spoken or self.is_over
        return self.speech.begins_ms(index) <= self.heard_ms

    def is_heard(self, index: int) -> bool:
        """Tell whether a sentence that was shown has been heard to its end."""
        if self.heard_ms is None:
            return True
        return self.speech.ends_ms(index) <= self.heard_ms

    def caption(self, text: str) -> Caption:
        """Return a piece of it."""
        return Caption(self.response_id, text.strip(), self.is_past, self.is_elsewhere)

    def sentence(self, index: int) -> Caption:
        """Return one of its sentences."""
        caption = self.caption(self.speech.sentences[index].text)
        return caption._replace(is_told=index < self.told)

    def next_ms(self, *, may_show: bool) -> float:
        """Return how much has to be played until its next sentence is due or heard."""
        if self.heard_ms is None or self.heard_ms == inf:
            return inf
        until = inf
        if may_show and self.shown < len(self.speech.sentences):
            until = self.speech.begins_ms(self.shown) - self.heard_ms
        if self.heard < self.shown:
            until = min(until, self.speech.ends_ms(self.heard) - self.heard_ms)
        return until


class Captions:
    """The lines of the session that are not over, in the order in which they began."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._lines: dict[tuple[str, str], Line] = {}

    # -- what comes

    def line(self, response_id: str, item_id: str) -> Line:
        """Return an item's line."""
        key = response_id, item_id
        if key not in self._lines:
            self._lines[key] = Line(response_id, item_id, self._pace)
        return self._lines[key]

    def finish(self, response_id: str) -> None:
        """Take the end of a response: nothing more will come of its items."""
        for line in self._of(response_id):
            line.is_over = True
            line.speech.finish()
            if line.heard_ms is not None:
                line.speech.end_audio()

    def suspend(self) -> None:
        """Take the end of the connection on which all of this was said."""
        for line in self._lines.values():
            line.is_elsewhere = True

    def is_whole(self, response_id: str) -> bool:
        """Tell whether a response has said something, and said it to the end."""
        speeches = [line.speech for line in self._of(response_id)]
        return bool(speeches) and all(each.has_all_text and each.has_all_audio for each in speeches)

    def untold(self) -> Iterator[Caption]:
        """Tell what is being heard of what was said on a connection that is gone."""
        for line in self._lines.values():
            first = max(line.heard, line.told)
            if line.is_elsewhere and first < line.shown:
                line.told = line.shown
                yield from (line.sentence(index) for index in range(first, line.shown))

    def forget(self, response_id: str) -> None:
        """Drop the words of a response."""
        for line in list(self._of(response_id)):
            del self._lines[line.response_id, line.item_id]

    def end_turn(self) -> None:
        """Take the end of the agent's turn: items that begin from now on are of the next."""
        for line in self._lines.values():
            line.is_past = True

    # -- what is due

    def follow(self, playout: Playout) -> None:
        """Take how far the audio has been played."""
        for line in self._lines.values():
            line.follow(playout)

    def due(self) -> Iterator[Caption]:
        """Show what is due, in order; an item waits for those before it."""
        for line in self._lines.values():
            while line.shown < len(line.speech.sentences):
                if not line.is_due(line.shown):
                    return
                line.shown += 1
                yield line.sentence(line.shown - 1)
            if not (line.is_over or line.speech.has_all_text):
                return

    def rest(self) -> Iterator[Caption]:
        """Show what is left of the turns that are over."""
        for line in self._lines.values():
            while line.is_past and line.shown < len(line.speech.sentences):
                line.shown += 1
                yield line.sentence(line.shown - 1)

    def written(self, response_id: str) -> Iterator[Caption]:
        """Show what is left of a response's words that have no audio."""
        for line in self._of(response_id):
            while line.heard_ms is None and line.shown < len(line.speech.sentences):
                line.shown += 1
                yield line.sentence(line.shown - 1)

    def has_words(self, response_id: str) -> bool:
        """Tell whether a response has said something that is not forgotten."""
        return any(line.speech.sentences for line in self._of(response_id))

    def waits(self) -> bool:
        """Tell whether something of the turns that are over was not shown yet."""
        return any(
            line.is_past and line.shown < len(line.speech.sentences)
            for line in self._lines.values()
        )

    def heard(self) -> list[Caption]:
        """Return the sentences that were heard to their end since the last time, and forget them."""
        whole: list[Caption] = []
        for line in self._lines.values():
            while line.heard < line.shown and line.is_heard(line.heard):
                whole.append(line.sentence(line.heard))
                line.heard += 1
        self._lines = {
            key: line
            for key, line in self._lines.items()
            if not line.is_over or line.heard < len(line.speech.sentences)
        }
        return whole

    def next_ms(self, *, may_show: bool) -> float:
        """Return how much has to be played until something is due or heard; `inf` for nothing."""
        lines = self._lines.values()
        return min((line.next_ms(may_show=may_show) for line in lines), default=inf)

    # -- the user takes the floor

    def cut(self) -> list[tuple[Caption, bool]]:
        """Return the words that were heard and not told so far, and whether they are new; drop all.

        New is what was not shown: of a sentence of which some words were heard, these words.
        """
        heard = [each for line in self._lines.values() for each in _heard(line)]
        self._lines.clear()
        return heard

    def unheard_items(self) -> list[str]:
        """Return the items of which there are words and no audio yet."""
        return [
            line.item_id
            for line in self._lines.values()
            if line.is_spoken and line.heard_ms is None and not line.is_over
        ]

    def is_growing(self, item_id: str) -> bool:
        """Tell whether more audio of an item may come."""
        return any(
            line.item_id == item_id and not line.is_over and not line.speech.has_all_audio
            for line in self._lines.values()
        )

    def _of(self, response_id: str) -> Iterable[Line]:
        return (line for line in self._lines.values() if line.response_id == response_id)


def _heard(line: Line) -> Iterator[tuple[Caption, bool]]:
    if line.heard_ms is None:
        return  # what was written and shown has been told
    line.speech.stop()
    for index in range(line.heard, len(line.speech.sentences)):
        words = line.speech.heard(index, line.heard_ms)
        if words.strip():
            yield line.caption(words), index >= line.shown


def _left_ms(playout: Playout, *, before: str) -> int:
    """Return how much is still to be played before an item begins."""
    left_ms = 0
    for heard in playout.values():
        if heard.item_id == before:
            break
        left_ms += heard.generated_ms - heard.heard_ms
    return left_ms
