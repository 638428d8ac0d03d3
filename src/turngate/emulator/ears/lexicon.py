"""How words sound: the pronouncing dictionary that comes with pocketsphinx, word by word.

A decoder is given the few words of its grammar only. With all 134,000 it would take ten times as
long to load and 20 MB more, and there is one decoder a session.
"""

from bisect import bisect_left
from functools import cache
from pathlib import Path

from pocketsphinx import get_model_path  # pyright: ignore[reportUnknownVariableType]  no types


def model_path(name: str) -> str:
    """Return where a part of the English model lies."""
    return str(get_model_path(name))  # pyright: ignore[reportUnknownArgumentType]  no types


@cache
def _dictionary() -> bytes:
    """Return the dictionary: lines of a word, a space, and its sounds, in the order of words."""
    return Path(model_path("en-us/cmudict-en-us.dict")).read_bytes()


def _line(at: int) -> bytes:
    """Return the line around byte `at`."""
    text = _dictionary()
    return text[text.rfind(b"\n", 0, at) + 1 : text.find(b"\n", at)]


def _word(at: int) -> bytes:
    """Return the word of the line around byte `at`, without the number of a variant."""
    return _line(at).partition(b" ")[0].partition(b"(")[0]


@cache
def pronunciations(word: str) -> tuple[str, ...]:
    """Return the dictionary's lines for `word`, lower case; none for a word that it lacks.

    A line is "read R EH D"; a variant is "read(2) R IY D".
    """
    wanted = word.encode()
    size = len(_dictionary())
    at = bisect_left(range(size), wanted, key=_word)
    lines: list[str] = []
    while at < size and _word(at) == wanted:
        line = _line(at)
        lines.append(line.decode())
        at += len(line) + 1
    return tuple(lines)
