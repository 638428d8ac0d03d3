"""What is wrong in a table of the configuration file, in the words of who wrote it."""

import re
from difflib import get_close_matches

import msgspec

from turngate.errors import ConfigError
from turngate.functions.options import HttpFunction, McpServer

_ITEMS: dict[str, type[msgspec.Struct]] = {"function": HttpFunction, "mcp": McpServer}
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)` - at `\$\[(?P<place>\d+)\]`")
_PLACE = re.compile(r" - at `\$(?:\[(?P<place>\d+|\.\.\.)\])?(?P<path>[^`]*)`")


def plain(name: str, source: str, error: msgspec.ValidationError) -> ConfigError:
    """Return what msgspec found in the table `name`, which stands at `source`."""
    told = str(error)
    found = _UNKNOWN.fullmatch(told)
    if found is not None and name in _ITEMS:
        known = _ITEMS[name].__struct_encode_fields__
        near = get_close_matches(found["key"], known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        place = int(found["place"]) + 1
        return ConfigError(f"{found['key']} in {source}, entry {place}", f"unknown key; {hint}")
    return ConfigError(source, _PLACE.sub(_where, told))


def _where(found: re.Match[str]) -> str:
    place, path = found["place"], found["path"].lstrip(".")
    entry = "" if place is None else "an entry" if place == "..." else f"entry {int(place) + 1}"
    where = ", ".join(filter(None, (entry, path)))
    return f" ({where})" if where else ""
