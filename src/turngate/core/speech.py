"""What one item says, sentence by sentence, and where in its audio each word is.

The upstream gives no times for words. What it gives is the order of its deltas: a piece of text
comes before its audio. So a sentence begins no earlier than the audio that was there before its
text, and otherwise where the sentences before it end at the pace of this voice. Once all of an item
is there, its own length gives the pace; until then, that of the items before it does.
"""

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

from turngate.core.sentences import Sentences

USUAL_MS = 65.0
"""A letter's share of speech at an ordinary pace: about 15 letters a second, spaces counted."""

_LEAST_LETTERS = 20
"""What is shorter says little about the pace: half of it may be the silence around it."""

_SLACK = 0.15
"""How much of an item its pauses are at most. Where the order of the deltas asks for more, its text
came after its audio, and the order says nothing."""

_IDEOGRAPH, _DIGIT = 3.5, 3.0
"""How many letters take as long as one of these: a syllable, or a word."""

_WORD = re.compile(r"\s*\S+\s*")


def letters(text: str) -> float:
    """Return how long a text takes to say, in letters."""
    return sum(map(_letters, text))


def _letters(character: str) -> float:
    if character.isdecimal():
        return _DIGIT
    if unicodedata.east_asian_width(character) in "WF":
        return _IDEOGRAPH
    return 0.0 if unicodedata.combining(character) else 1.0


class Pace:
    """How fast the agent speaks, in ms a letter; learned from what it has said."""

    def __init__(self) -> None:
        self.letter_ms = USUAL_MS

    def learn(self, length_ms: float, spoken: float) -> None:
        """Take an item that was `length_ms` long for so many letters."""
        if spoken >= _LEAST_LETTERS and length_ms > 0:
            self.letter_ms = length_ms / spoken


class Sentence(NamedTuple):
    """`text` as it came; it was not there when `after_ms` of the audio were. `letters` of it."""

    text: str
    after_ms: int
    letters: float


class Speech:
    """One item. All times are ms of its audio."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._cutter = Sentences()
        self.sentences: list[Sentence] = []
        self._said = ""
        self._cut = 0
        self._arrivals: list[tuple[int, int]] = []
        self._generated_ms = 0
        self._length_ms: int | None = None
        self.has_all_text = False
        self._is_in_order = True

    @property
    def has_all_audio(self) -> bool:
        """Whether its length is known."""
        return self._length_ms is not None

    def generated(self, generated_ms: int) -> None:
        """Take how much audio there is."""
        self._generated_ms = generated_ms

    def add(self, delta: str) -> None:
        """Take some more text."""
        self._arrivals.append((len(self._said), self._generated_ms))
        self._said += delta
        self._take(self._cutter.add(delta))

    def finish(self, text: str = "") -> None:
        """Take the end of the text; `text` is all of it, or empty where only deltas tell."""
        if self.has_all_text:
            return
        if text and not self._cut and not text.startswith(self._said):
            self._cutter.finish()
            self._said = ""
        if text.startswith(self._said) and text != self._said:
            self._arrivals.append((len(self._said), 0))
            self._take(self._cutter.add(text[len(self._said) :]))
            self._said = text
        self.stop()
        self.has_all_text = True
        self._learn()

    def stop(self) -> None:
        """Take what there is of an unfinished sentence for one."""
        self._take(self._cutter.finish())

    def end_audio(self) -> None:
        """Take the end of the audio."""
        if self._length_ms is None:
            self._length_ms = self._generated_ms
            self._learn()

    def begins_ms(self, index: int) -> float:
        """Return where a sentence begins, as far as can be known yet."""
        letter_ms, at_ms = self._letter_ms(), 0.0
        for sentence in self.sentences[: index + 1]:
            at_ms = max(at_ms, sentence.after_ms if self._is_in_order else 0)
            if sentence is not self.sentences[index]:
                at_ms += sentence.letters * letter_ms
        return at_ms if self._length_ms is None else min(at_ms, self._length_ms)

    def ends_ms(self, index: int) -> float:
        """Return where a sentence ends, as far as can be known yet."""
        if index + 1 < len(self.sentences):
            return self.begins_ms(index + 1)
        if self.has_all_text and self._length_ms is not None:
            return self._length_ms
        return self.begins_ms(index) + self.sentences[index].letters * self._letter_ms()

    def heard(self, index: int, heard_ms: float) -> str:
        """Return the words of a sentence that were over when `heard_ms` had been heard."""
        sentence, at_ms = self.sentences[index], self.begins_ms(index)
        if self.ends_ms(index) <= heard_ms:
            return sentence.text
        letter_ms, over = self._letter_ms(), ""
        for word in _words(sentence.text):
            at_ms += letters(word) * letter_ms
            if at_ms > heard_ms:
                break
            over += word
        return over

    def _take(self, ended: list[str]) -> None:
        for text in ended:
            known = bisect_right(self._arrivals, self._cut, key=lambda arrival: arrival[0])
            after_ms = self._arrivals[known - 1][1]
            self._cut += len(text)
            if text.strip():
                self.sentences.append(Sentence(text, after_ms, letters(text)))

    def _letter_ms(self) -> float:
        spoken = self._letters()
        if self.has_all_text and self._length_ms is not None:
            return self._length_ms / spoken if spoken else 0.0
        # Text that is there was there before its audio: what there is of audio is not more than that.
        return max(self._pace.letter_ms, self._generated_ms / spoken if spoken else 0.0)

    def _letters(self) -> float:
        """Count what was said, the sentence that has not ended included."""
        whole = sum(sentence.letters for sentence in self.sentences)
        return whole + letters(self._said[self._cut :])

    def _learn(self) -> None:
        """Take the measure of an item that is all there."""
        if self.has_all_text and self._length_ms is not None:
            self._pace.learn(self._length_ms, self._letters())
            letter_ms, end_ms = self._letter_ms(), 0.0
            for sentence in self.sentences:
                end_ms = max(end_ms, sentence.after_ms) + sentence.letters * letter_ms
            self._is_in_order = end_ms <= self._length_ms * (1 + _SLACK)


def _words(text: str) -> list[str]:
    """Cut a text into words; a script without spaces, into characters."""
    found: list[str] = []
    for word in _WORD.findall(text):
        has_ideographs = any(unicodedata.east_asian_width(each) in "WF" for each in word)
        found += list(word) if has_ideographs else [word]
    return found
