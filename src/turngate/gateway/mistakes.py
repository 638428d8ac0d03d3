"""What is wrong in a configuration: all of it at once, each where it stands, with what was meant."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, cast, get_args, get_origin

import msgspec

from turngate.errors import ConfigError
from turngate.gateway.kinds import accepted


class Mistakes:
    """Those found so far."""

    def __init__(self) -> None:
        self._found: list[ConfigError] = []

    def note(self, field: str, reason: str) -> None:
        """Note that a field, named as the operator wrote it, is wrong."""
        self._found.append(ConfigError(field, reason))

    @contextmanager
    def noted(self) -> Generator[None]:
        """Note what the block raises, so that the search for others goes on."""
        try:
            yield
        except ConfigError as error:
            self._found += error.each()

    def tell(self) -> None:
        """Go on if nothing was found.

        Raises:
            ConfigError: What is wrong, all of it.

        """
        if self._found:
            raise ConfigError.of(self._found)


class Wrong(NamedTuple):
    """A mistake in a value: the keys and places (from 0) that lead to it, and what it is."""

    steps: tuple[str | int, ...]
    reason: str

    def inside(self, step: str | int) -> "Wrong":
        """Return it as seen from what holds the value."""
        return Wrong((step, *self.steps), self.reason)


def unknown(key: str, known: Iterable[str]) -> str:
    """Say that there is no such key, and which was probably meant."""
    names = list(known)
    near = get_close_matches(key, names, n=1)
    meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
    return f"unknown key; {meant}"


def mistakes_in(value: object, kind: Any, *, shows: bool, strict: bool = True) -> Iterator[Wrong]:
    """Yield what keeps `value` from being a `kind`, an annotation; tables and lists are entered.

    `shows` says whether a wrong value may be shown, `strict` whether a text is no number.
    """
    match _shape(kind, value):
        case type() as table if issubclass(table, msgspec.Struct) and isinstance(value, Mapping):
            yield from _in_table(cast("Mapping[str, object]", value), table, shows=shows)
        case shape if get_origin(shape) is dict and isinstance(value, Mapping):
            _, inner = get_args(shape)
            for key, each in cast("Mapping[str, object]", value).items():
                yield from (wrong.inside(key) for wrong in mistakes_in(each, inner, shows=shows))
        case shape if get_origin(shape) is tuple and isinstance(value, list | tuple):
            inner = get_args(shape)[0]
            for place, each in enumerate(cast("list[object]", value)):
                found = mistakes_in(each, inner, shows=shows, strict=strict)
                yield from (wrong.inside(place) for wrong in found)
        case _:
            if _error(value, kind, strict=strict):
                shown = repr(value) if shows else "the value"
                yield Wrong((), f"{shown} is not {accepted(kind)}")


def _in_table(
    table: Mapping[str, object], kind: type[msgspec.Struct], *, shows: bool
) -> Iterator[Wrong]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    is_right = True
    for key, value in table.items():
        if key in fields:
            found = list(mistakes_in(value, fields[key].type, shows=shows))
        elif key == kind.__struct_config__.tag_field:
            continue
        else:
            found = [Wrong((), unknown(key, fields))]
        is_right &= not found
        yield from (wrong.inside(key) for wrong in found)
    for key, field in fields.items():
        if field.required and key not in table:
            is_right = False
            yield Wrong((key,), "it is missing")
    if is_right and (told := _error(table, kind, strict=True)):
        yield Wrong((), told)


def _shape(kind: Any, value: object) -> Any:
    """Return what of an annotation a table or a list may be, without descriptions."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    parts = [_shape(part, value) for part in get_args(kind)]
    fitting = [part for part in parts if _may_hold(part, value)]
    return fitting[0] if len(fitting) == 1 else kind


def _may_hold(shape: Any, value: object) -> bool:
    if isinstance(value, Mapping):
        is_table = isinstance(shape, type) and issubclass(shape, msgspec.Struct)
        return is_table or get_origin(shape) is dict
    return isinstance(value, list) and get_origin(shape) is tuple


def _error(value: object, kind: Any, *, strict: bool) -> str:
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        return str(error)
    return ""
