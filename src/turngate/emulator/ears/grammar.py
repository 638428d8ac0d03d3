"""What can be understood in a session: the demo's sentences, and some for each of its tools.

A grammar is built, never written by hand: from `commands` and from the names, first sentences and
enumerations of the session's function tools. Words that the dictionary lacks are left out, with
the sentence or name they stand in, and listed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from turngate.emulator.ears.commands import SENTENCES, SLOTS
from turngate.emulator.ears.lexicon import pronunciations
from turngate.emulator.refusal import Json

MOST_VALUES = 200
"""So many values of one enumeration can be said; more would make the search slow."""
LONGEST_DESCRIPTION = 10
"""A description of so many words is also a sentence to say."""

_TOKEN = re.compile(r"<\w+>|[a-z']+|[\[\]()|+]")
_PLACES = ("city", "location", "place", "town")
_LINK = "(in | for | at | to | of | with | the | a | my)"
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_FIGURES = {word: str(number) for number, word in enumerate(_ONES)} | {
    word: str(number * 10) for number, word in enumerate(_TENS, 2)
}
_NUMBERS = tuple(_FIGURES)[1:]


def spoken(written: str) -> str:
    """Return a name as it is said: getTime is "get time", xl_2 is "xl two", 25 "twenty five"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", written)
    return " ".join(
        _number(int(part)) if part.isdigit() else part.strip("'")
        for part in re.findall(r"[a-z']+|[0-9]+", apart.lower())
        if part.strip("'")
    )


def _number(number: int) -> str:
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    if tens < 10:  # noqa: PLR2004 - the ten figures
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    return " ".join(_ONES[int(figure)] for figure in str(number))


def _words(sentence: str) -> list[str]:
    return re.findall(r"(?<![<\w])[a-z']+(?![\w>])", sentence)


@dataclass(frozen=True, slots=True)
class Grammar:
    """A finished grammar.

    jsgf: its text. dictionary: the lines of the pronouncing dictionary it needs. names: how the
    spoken form of each name is written. left_out: what cannot be understood, since a word in it is
    not in the dictionary.
    """

    jsgf: str
    dictionary: str
    names: Mapping[str, str] = field(hash=False)
    left_out: tuple[str, ...]
    _sentence: re.Pattern[str]

    def accepts(self, words: str) -> bool:
        """Whether `words`, in lower case, are one whole sentence of the grammar."""
        return self._sentence.fullmatch(f"{words} ") is not None

    def written(self, words: str) -> str:
        """Return recognised words as they are written: names as given, numbers in figures."""
        if self.names:
            longest_first = sorted(self.names, key=len, reverse=True)
            any_name = rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b"
            pieces = re.split(f"({any_name})", words)
        else:
            pieces = [words]
        return "".join(
            self.names[piece] if piece in self.names else _in_figures(piece) for piece in pieces
        )


def _in_figures(words: str) -> str:
    figures = " ".join(_FIGURES.get(word, word) for word in words.split(" "))
    tens_and_ones = re.sub(r"\b([2-9])0 ([1-9])\b", r"\1\2", figures)
    return re.sub(r"\b(\d) (?=\d\b)", r"\1", tens_and_ones)


def grammar_for(tools: Sequence[Json]) -> Grammar:
    """Return the grammar of a session with these tools, which may be malformed."""
    slots = {name: list(values) for name, values in SLOTS.items()}
    slots["number"] = list(_NUMBERS)
    sentences = list(SENTENCES)
    for index, tool in enumerate(tools):
        if tool.get("type", "function") == "function":
            sentences += _tool_sentences(tool, f"tool{index}", slots)
    left_out: list[str] = []
    known = {name: _known(values, left_out) for name, values in slots.items()}
    usable = [text for text in sentences if _is_usable(text, known, left_out)]
    used = {name for text in usable for name in re.findall(r"<(\w+)>", text)}
    lists = {name: tuple(values) for name, values in known.items() if name in used}
    names = {
        said: value
        for name, values in lists.items()
        if name not in ("digit", "number")
        for said, value in values
    }
    return Grammar(
        jsgf=_jsgf(usable, lists),
        dictionary=_dictionary(usable, lists),
        names=names,
        left_out=tuple(dict.fromkeys(left_out)),
        _sentence=_pattern(usable, lists),
    )


def _known(values: Sequence[str], left_out: list[str]) -> list[tuple[str, str]]:
    """Return (spoken, written) of the values whose every word has a sound."""
    known: dict[str, str] = {}
    for value in values[:MOST_VALUES]:
        said = spoken(value)
        if said and all(map(pronunciations, said.split())):
            known.setdefault(said, value)
        else:
            left_out.append(value)
    return list(known.items())


def _is_usable(sentence: str, known: Mapping[str, object], left_out: list[str]) -> bool:
    has_lists = all(known.get(name) for name in re.findall(r"<(\w+)>", sentence))
    if has_lists and all(map(pronunciations, _words(sentence))):
        return True
    left_out.append(sentence)
    return False


# Tools


def _tool_sentences(tool: Json, rule: str, slots: dict[str, list[str]]) -> list[str]:
    """Return what may be said to have `tool` called, and add its enumerations to `slots`."""
    words = spoken(str(tool.get("name") or "")).split()
    if not words:
        return []
    first, rest = words[0], " ".join(words[1:])
    head = f"[please] {first} [the | a | my] {rest}".strip() if rest else f"[please] {first}"
    sentences: list[str] = []
    tail = ""
    for name, values in _choices(tool):
        slot = name
        if values is not None:
            slot = f"{rule}p{len(slots)}"
            slots[slot] = values
            if rest:
                sentences.append(f"[please] {first} [the | a | my] <{slot}> {rest}")
        tail += f" [[{_LINK}] <{slot}>]"
    sentences.insert(0, head + tail)
    described = _first_sentence(str(tool.get("description") or ""))
    if described and len(described.split()) <= LONGEST_DESCRIPTION:
        sentences.append(described)
    return sentences


def _first_sentence(description: str) -> str:
    return spoken(re.split(r"[.!?;:\n(]", description, maxsplit=1)[0])


def _choices(tool: Json) -> Iterator[tuple[str, list[str] | None]]:
    """Yield a name and values for each enumerated property, and of a list the name alone."""
    parameters = tool.get("parameters")
    properties = _object(_object(parameters).get("properties"))
    for name, given in properties.items():
        schema = _object(given)
        listed = schema.get("enum") or _object(schema.get("items")).get("enum")
        if isinstance(listed, list):
            values = [str(value) for value in cast("list[object]", listed) if value is not None]
            yield name, values
        elif any(place in name.lower() for place in _PLACES):
            yield "city", None
        elif schema.get("type") in ("integer", "number"):
            yield "number", None


def _object(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


# Forms


def _jsgf(sentences: Sequence[str], lists: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    rules = [
        f"<{name}> = {' | '.join(said for said, _ in values)};" for name, values in lists.items()
    ]
    said = "\n  | ".join(sentences)
    return "\n".join(("#JSGF V1.0;", "grammar ears;", *rules, f"public <sentence> = {said};", ""))


def _dictionary(sentences: Sequence[str], lists: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    words = {word for text in sentences for word in _words(text)}
    words.update(word for values in lists.values() for said, _ in values for word in said.split())
    lines = [line for word in sorted(words) for line in pronunciations(word)]
    return "\n".join((*lines, ""))


def _pattern(
    sentences: Sequence[str], lists: Mapping[str, Sequence[tuple[str, str]]]
) -> re.Pattern[str]:
    """Return the same sentences as a regular expression; each word ends with a space."""
    forms = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "+": "+"}
    groups = {
        f"<{name}>": f"(?:{'|'.join(f'{said} ' for said, _ in values)})"
        for name, values in lists.items()
    }
    patterns = (
        "".join(forms.get(token) or groups.get(token) or f"{token} " for token in tokens)
        for tokens in map(_TOKEN.findall, sentences)
    )
    return re.compile("|".join(patterns))
