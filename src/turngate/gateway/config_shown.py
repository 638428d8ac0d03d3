"""A configuration as its operator may look at it, and show it to others: without what is secret."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import msgspec

from turngate.gateway.config import Config

REDACTED = "<redacted>"

_KEYS = frozenset({"upstream_key", "deepgram_key", "client_keys"})
_PRIVATE = frozenset({"headers", "env"})
"""Tables whose names may be seen and whose values may not."""
_URLS = frozenset({"url", "upstream", "deepgram_url"})


def shown(config: Config) -> bytes:
    """Return a configuration as JSON: every value that holds, keys and credentials redacted."""
    plain = msgspec.to_builtins(config)
    return msgspec.json.format(msgspec.json.encode(_redacted("", plain)), indent=2)


def _redacted(name: str, value: Any) -> Any:
    match value:
        case dict():
            table = cast("Mapping[str, Any]", value)
            is_private = name in _PRIVATE
            return {k: REDACTED if is_private else _redacted(k, v) for k, v in table.items()}
        case [first, *rest] if name == "command":
            return [first, *(REDACTED for _ in rest)]
        case list() | tuple():
            return [_redacted(name, each) for each in cast("list[Any]", value)]
        case str() if name in _KEYS and value:
            return REDACTED
        case str() if name in _URLS:
            return _without_credentials(value)
        case _:
            return value


def _without_credentials(text: str) -> str:
    """Return a URL whose user and query, where there are such, are redacted."""
    try:
        url = urlsplit(text)
    except ValueError:
        return REDACTED
    place = f"{REDACTED}@{url.netloc.rpartition('@')[2]}" if "@" in url.netloc else url.netloc
    query = REDACTED if url.query else ""
    return urlunsplit((url.scheme, place, url.path, query, ""))
