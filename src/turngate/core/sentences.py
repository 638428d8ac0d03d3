"""Cut a text into sentences while it is still being said.

A piece is given out as soon as what follows shows that it has ended, which may be never; `finish`
gives out the rest. Joined, the pieces are the text. What is taken for an end: a full stop, question
or exclamation mark of any of the common scripts, and a line break. What is not: a mark inside a
number or an address, behind an abbreviation or an initial, or before a word in small letters.
"""

import re

LONGEST = 240
"""Characters after which a text without an end is cut at a pause; a client shows it in one piece."""

_END = re.compile(
    r"(?P<mark>[.!?…]+|[。！？｡؟۔।॥։።]+|\n+)"  # noqa: RUF001 - marks of other scripts are meant
    r"""[\"'”’»›)\]}」』】）]*(?P<space>\s*)"""  # noqa: RUF001 - as above
)
_PAUSES = re.compile(r"[,;:–—、，；：]\s*"), re.compile(r"\s+")  # noqa: RUF001 - as above
_BETWEEN_WORDS = re.compile(r"[\s(\[\"'“‘«]")  # noqa: RUF001 - as above
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_FULL_STOP, _WESTERN = ".", frozenset(".!?…")
_TITLES = re.compile(r"mrs?|ms|dra?|prof|st|rev|gen|sen|rep|hon|mme|mlle|srt?a", re.IGNORECASE)
_NEVER_LAST = re.compile(r"vs|cf|approx|ca|bzw", re.IGNORECASE)
_BEFORE_NUMBERS = re.compile(r"n[or]|fig|vol|pp?|art|sec|ch", re.IGNORECASE)
_HOURS = re.compile(r"[ap]\.m", re.IGNORECASE)


class Sentences:
    """One text that grows."""

    def __init__(self) -> None:
        self._rest = ""

    def add(self, piece: str) -> list[str]:
        """Take some more; return the sentences that have ended, each with the space behind it."""
        self._rest += piece
        ended = list[str]()
        while end := _end_of(self._rest) or _end_of_long(self._rest):
            ended.append(self._rest[:end])
            self._rest = self._rest[end:]
        return ended

    def finish(self) -> list[str]:
        """Return what is left, as nothing will follow."""
        rest, self._rest = self._rest, ""
        return [rest] if rest else []


def _end_of(text: str) -> int:
    """Return where the first sentence ends; 0 while nothing behind it shows that it has."""
    for found in _END.finditer(text):
        if found.end() == len(text):
            return 0
        if _ends(text, found):
            return found.end()
    return 0


def _ends(text: str, found: re.Match[str]) -> bool:
    mark, before, after = found["mark"], text[: found.start()], text[found.end()]
    if mark[0] not in _WESTERN:
        return bool(before.strip())
    if not found["space"] or after.islower():
        return False
    return mark != _FULL_STOP or not _is_abbreviated(before, after)


def _is_abbreviated(before: str, after: str) -> bool:
    """Tell whether a full stop between these belongs to its word."""
    word = _BETWEEN_WORDS.split(before)[-1]
    if word.isdigit():
        return word == before.strip()  # the number of a list's entry
    if _HOURS.fullmatch(word):
        return not after.isupper()
    if _BEFORE_NUMBERS.fullmatch(word):
        return after.isdigit()
    if _TITLES.fullmatch(word) or _NEVER_LAST.fullmatch(word):
        return True
    return word != "I" and _INITIALS.fullmatch(word) is not None


def _end_of_long(text: str) -> int:
    """Return where to cut a text that has gone on for too long: at a pause, if there is one."""
    if len(text) <= LONGEST:
        return 0
    for pause in _PAUSES:
        ends = [found.end() for found in pause.finditer(text, LONGEST // 2, LONGEST)]
        if ends:
            return ends[-1]
    return LONGEST
