"""Which functions a text asks for, and with what arguments: by the words of their names."""

import re

import msgspec

from turngate.emulator.refusal import Json
from turngate.emulator.script import FunctionCall

_PLACE = re.compile(r"\b(?:in|for|of|at)\s+((?:[A-Z][\w'-]*)(?:\s+[A-Z][\w'-]*)*)")
_ANY_PLACE = re.compile(r"\bin\s+([\w'-]+)", re.IGNORECASE)
_PLACE_FIELDS = ("city", "location", "place", "town", "timezone")
_SMALL_WORDS = {"get", "set", "a", "the", "to", "of", "for", "in", "is", "it", "do", "my"}
_VAGUE_WORDS = {"current", "local", "now", "lookup"}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen", "twenty",
        ),
        start=1,
    )
}  # fmt: skip
_PLACED = re.compile(
    r"\b(?:add|put|buy|order|remove|have|like)\s+(?P<thing>.+?)(?:\s+(?:to|in|into|from|please)\b.*)?[.?!]?$",
    re.IGNORECASE,
)
_QUANTITY = re.compile(rf"^(?:a|an|the|some|{'|'.join(_NUMBERS)}|\d+)\s+", re.IGNORECASE)
_FIGURES = re.compile(r"\d{1,15}", re.ASCII)
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b")
_SIDES = re.compile(rf"(\b\d{{1,15}}|\b(?:{'|'.join(_NUMBERS)}))[- ]side")
_SIDES_OF_A_DIE = 6
_NUMBER = re.compile(r"\b[A-Z]*-?\d[\w-]*", re.ASCII)


def spaced(tool_name: str) -> str:
    """Return the words of a function's name: "turn on lamp" of turnOnLamp or turn_on_lamp."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", tool_name)
    return " ".join(re.findall(r"[a-z]+", apart.lower()))


def words_of(tool_name: str) -> set[str]:
    """Return the telling words of a function's name: weather of get_weather, lamp of turnOnLamp."""
    return set(spaced(tool_name).split()) - _SMALL_WORDS - _VAGUE_WORDS


def is_named(tool_name: str, asked: str) -> bool:
    """Whether the words of a function's name occur in the text: get_weather in "the weather"."""
    telling = words_of(tool_name)
    return bool(telling) and telling <= set(re.findall(r"[a-z]+", asked.lower()))


def calls(tools: tuple[Json, ...], asked: str) -> tuple[FunctionCall, ...]:
    """Return a call of each function, its arguments guessed from the text."""
    places = _PLACE.findall(asked) or [name.title() for name in _ANY_PLACE.findall(asked)]
    return tuple(
        FunctionCall(
            name=tool["name"],
            arguments=msgspec.json.encode(
                _arguments(tool.get("parameters") or {}, asked, _nth(places, index))
            ).decode(),
        )
        for index, tool in enumerate(tools)
    )


def _nth(places: list[str], index: int) -> str:
    return places[min(index, len(places) - 1)] if places else "London"


def _arguments(parameters: Json, asked: str, place: str) -> dict[str, object]:
    """Guess arguments for a function: its required properties, or all that the text has."""
    properties: dict[str, Json] = parameters.get("properties") or {}
    required: list[str] = parameters.get("required") or []
    wanted = required or [
        name
        for name, schema in properties.items()
        if not _is_number(schema) or _count(name, asked) is not None
    ]
    return {name: _argument(name, properties.get(name) or {}, asked, place) for name in wanted}


def _is_number(schema: Json) -> bool:
    return not schema.get("enum") and schema.get("type") in ("integer", "number")


def _argument(name: str, schema: Json, asked: str, place: str) -> object:
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "integer" | "number":
            count = _count(name, asked)
            return _usual(name) if count is None else count
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return {}
        case _:
            return _text(name.lower(), asked, place)


def _count(name: str, asked: str) -> int | None:
    """Return the number that the text names for a property, if it names one."""
    if "sides" in name.lower():
        numbers = re.findall(_SIDES, asked.lower())
    else:
        numbers = re.findall(_FIGURES, asked) or re.findall(_NUMBER_WORD, asked.lower())
    return _NUMBERS.get(numbers[0]) or int(numbers[0]) if numbers else None


def _usual(name: str) -> int:
    return _SIDES_OF_A_DIE if "sides" in name.lower() else 1


def _text(name: str, asked: str, place: str) -> str:
    """Guess a text by the name of its property: a place, a number, a thing, or all that was said."""
    if any(word in name for word in _PLACE_FIELDS):
        return place
    if re.search(r"(id|number|order)$", name) and (numbers := _NUMBER.findall(asked)):
        return numbers[0]
    if re.search(r"item|product|article|thing", name) and (placed := _PLACED.search(asked)):
        return _QUANTITY.sub("", placed["thing"])
    return asked
