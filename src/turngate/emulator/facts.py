"""What the rules say about functions' outputs: sentences for a listener, whatever the JSON is."""

import re
from collections.abc import Sequence
from typing import cast

import msgspec

MOST_WORDS = 25
"""About so many words of an object or a list are spoken."""
MOST_NAMED = 3
"""A list of more entries names only the first two."""
MOST_NAME_WORDS = 6
"""A longer name is cut short in an enumeration."""

_PLACES = ("city", "location")
_NAMES = ("name", "title", "label", "summary", "description", "text", "id")
_KIND = re.compile(r"^[A-Z]\w*(Error|Exception): ")
_IT_IS = re.compile(r"^it('s| is) ", re.IGNORECASE)


def told(outputs: Sequence[str]) -> str:
    """Return what is said about all `outputs`: plain facts as one sentence, then the others'."""
    facts: list[str] = []
    sentences: list[str] = []
    for output in outputs:
        said, is_sentence = _told(output)
        if said:
            (sentences if is_sentence else facts).append(said)
    if facts:
        sentences.insert(0, _sentence(f"It is {' and '.join(facts)}"))
    return " ".join(sentences) or "That is done."


def _told(output: str) -> tuple[str, bool]:
    """Return one output in words, and whether these are a sentence or what follows "It is"."""
    try:
        known: object = msgspec.json.decode(output)
    except (msgspec.DecodeError, RecursionError):
        known = output
    match known:
        case dict():
            return _of_object(cast("dict[str, object]", known))
        case list():
            return _found(cast("list[object]", known)), True
        case str():
            return _of_text(known)
        case _:
            return _scalar(known), False


def _of_text(text: str) -> tuple[str, bool]:
    text = text.strip()
    if text.endswith((".", "!", "?")) and " " in text and not _IT_IS.match(text):
        return text, True
    return _IT_IS.sub("", text.rstrip(".")), False


def _of_object(known: dict[str, object]) -> tuple[str, bool]:
    if error := known.get("error"):
        why = "" if error is True else _KIND.sub("", _phrase(error))
        return (_sentence(f"That did not work: {why}") if why else "That did not work."), True
    if isinstance(known.get("status"), str) and not known.keys() - {"status", "say"}:
        return _of_text(str(known.get("say") or known["status"]))
    only = next(iter(known.values())) if len(known) == 1 else None
    match only:
        case list():
            return _found(cast("list[object]", only)), True
        case dict():
            return _facts(cast("dict[str, object]", only)), False
        case str():
            return _of_text(only)
        case _:
            return _facts(known), False


def _facts(known: dict[str, object]) -> str:
    """Return the values of an object, up to about as many words as one can listen to."""
    place = next((_phrase(known[name]) for name in _PLACES if known.get(name)), "")
    said: list[str] = []
    for name, value in known.items():
        part = "" if name in _PLACES else _part(name, value)
        if said and len(" ".join((*said, part)).split()) > MOST_WORDS:
            break
        if part:
            said.append(_short(part, MOST_WORDS))
    facts = ", ".join(said)
    return f"{facts} in {place}" if place and facts else facts or place


def _part(name: str, value: object) -> str:
    if isinstance(value, bool):
        spaced = name.replace("_", " ")
        return spaced if value else f"not {spaced}"
    return _phrase(value)


def _phrase(value: object) -> str:
    """Return a value within an object or a list: text without its full stop, a name, or names."""
    match value:
        case dict():
            return _name(cast("dict[str, object]", value))
        case list():
            return _enumerated(cast("list[object]", value))
        case _:
            return _scalar(value).strip().rstrip(".,;: ")


def _scalar(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _name(entry: dict[str, object]) -> str:
    """Return what an object calls itself: its name, else its message or first plain value."""
    preferred = [entry.get(name) for name in (*_NAMES, "message")]
    plain = (
        value for value in (*preferred, *entry.values()) if isinstance(value, str | int | float)
    )
    return next((said for value in plain if (said := _phrase(value))), "")


def _found(entries: list[object]) -> str:
    return _sentence(f"I found {_enumerated(entries) or 'nothing'}")


def _enumerated(entries: list[object]) -> str:
    """Return "a, b and c", or "a, b and 3 more"."""
    if not entries:
        return ""
    shown = entries if len(entries) <= MOST_NAMED else entries[: MOST_NAMED - 1]
    # A list within a list is not opened: nobody could follow, and JSON nests without end.
    plain = [entry for entry in shown if not isinstance(entry, list)]
    names = [said for entry in plain if (said := _short(_phrase(entry), MOST_NAME_WORDS))]
    if not names:
        return "one entry" if len(entries) == 1 else f"{len(entries)} entries"
    if unnamed := len(entries) - len(names):
        names.append(f"{unnamed} more")
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _short(text: str, most_words: int) -> str:
    return " ".join(text.split()[:most_words]).rstrip(".,;: ")


def _sentence(text: str) -> str:
    return text if text.endswith(("!", "?")) else f"{text.rstrip('. ')}."
