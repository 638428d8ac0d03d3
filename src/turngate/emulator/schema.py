"""Shapes of client events: each checks a JSON value and names what is wrong by its dotted path.

A shape is a function `(value, path) -> None` that raises Refusal. An unknown key refuses the whole
event, as the real service does.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from turngate.emulator import refusal

Shape = Callable[[Any, str], None]


def json_type(value: object) -> str:
    """Return the service's word for the JSON type of `value`."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def anything(value: Any, path: str) -> None:
    """Accept whatever stands there: it is opaque to the service."""


def text(value: Any, path: str) -> None:
    """Accept a string."""
    if not isinstance(value, str):
        raise refusal.wrong_type(path, "a string", json_type(value))


def flag(value: Any, path: str) -> None:
    """Accept a boolean."""
    if not isinstance(value, bool):
        raise refusal.wrong_type(path, "a boolean", json_type(value))


def tree(value: Any, path: str) -> None:
    """Accept an object, whatever is in it."""
    if not isinstance(value, dict):
        raise refusal.wrong_type(path, "an object", json_type(cast("object", value)))


def short_text(longest: int) -> Shape:
    """Accept a string of at most `longest` characters."""

    def check(value: Any, path: str) -> None:
        text(value, path)
        if len(value) > longest:
            message = (
                f"Invalid '{path}': string too long. Expected a string with maximum length "
                f"{longest}, but got a string with length {len(value)} instead."
            )
            raise refusal.Refusal("string_above_max_length", message, path)

    return check


def choice(*supported: str) -> Shape:
    """Accept one of an enumeration."""

    def check(value: Any, path: str) -> None:
        text(value, path)
        if value not in supported:
            raise refusal.unsupported(path, value, supported)

    return check


def whole(least: int, most: int | None = None) -> Shape:
    """Accept a whole number from `least` to `most`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise refusal.wrong_type(path, "an integer", json_type(value))
        _within(value, path, least, most)

    return check


def number(least: float, most: float) -> Shape:
    """Accept a number from `least` to `most`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise refusal.wrong_type(path, "a decimal", json_type(value))
        _within(value, path, least, most)

    return check


def _within(value: float, path: str, least: float, most: float | None) -> None:
    if value < least:
        message = f"Invalid '{path}': expected a value >= {least}, but got {value} instead."
        raise refusal.invalid(path, message)
    if most is not None and value > most:
        message = f"Invalid '{path}': expected a value <= {most}, but got {value} instead."
        raise refusal.invalid(path, message)


def nullable(shape: Shape) -> Shape:
    """Accept `shape` or null."""

    def check(value: Any, path: str) -> None:
        if value is not None:
            shape(value, path)

    return check


def each(shape: Shape) -> Shape:
    """Accept an array of `shape`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise refusal.wrong_type(path, "an array", json_type(cast("object", value)))
        for index, entry in enumerate(cast("list[Any]", value)):
            shape(entry, f"{path}[{index}]")

    return check


def fields(known: Mapping[str, Shape], required: tuple[str, ...] = ()) -> Shape:
    """Accept an object with these fields and no others."""

    def check(value: Any, path: str) -> None:
        tree(value, path)
        given = cast("dict[str, Any]", value)
        dot = f"{path}." if path else ""
        for name in required:
            if name not in given:
                raise refusal.missing(f"{dot}{name}")
        for name, inner in given.items():
            if name not in known:
                raise refusal.unknown(f"{dot}{name}")
            known[name](inner, f"{dot}{name}")

    return check


def tagged(variants: Mapping[str, Shape], default: str | None = None, tag: str = "type") -> Shape:
    """Accept an object whose field `tag` says which of `variants` it is."""

    def check(value: Any, path: str) -> None:
        tree(value, path)
        given = cast("dict[str, Any]", value)
        name = given.get(tag, default)
        if name is None:
            raise refusal.missing(f"{path}.{tag}")
        text(name, f"{path}.{tag}")
        if name not in variants:
            raise refusal.unsupported(f"{path}.{tag}", name, tuple(variants))
        variants[name](given, path)

    return check


def either(word: str, shape: Shape) -> Shape:
    """Accept the literal `word`, or `shape`."""

    def check(value: Any, path: str) -> None:
        if value != word:
            shape(value, path)

    return check


def word_or_object(words: tuple[str, ...], shape: Shape) -> Shape:
    """Accept one of `words`, or an object of `shape`."""
    one_of = choice(*words)

    def check(value: Any, path: str) -> None:
        (shape if isinstance(value, dict) else one_of)(value, path)

    return check
