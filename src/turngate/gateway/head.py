"""The head of a request, as everything that decides about it sees it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Head(NamedTuple):
    """A request before its body.

    `path` is as it came, still percent-encoded; header names are in small letters, and each has its
    values in the order in which they came. Bytes that are not ASCII are kept as surrogates.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, tuple[str, ...]]
    is_secure: bool
    address: str = ""
    """From where the connection comes; nothing where that is not known."""

    def one(self, name: str) -> str:
        """Return the first value of a header, or nothing."""
        return next(iter(self.headers.get(name, ())), "")

    def words(self, name: str) -> list[str]:
        """Return the values of a header that is a comma separated list, in order."""
        lines = self.headers.get(name, ())
        return [word for line in lines for each in line.split(",") if (word := each.strip(" \t"))]

    def has(self, name: str, word: str) -> bool:
        """Tell whether a header's list has this word, in whatever case."""
        return word in (each.lower() for each in self.words(name))


def head(
    method: str,
    target: str,
    fields: Iterable[tuple[bytes, bytes]],
    *,
    is_secure: bool,
    address: str = "",
) -> Head:
    """Make the head of a request line and its header fields."""
    path, _, query = target.partition("?")
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in fields:
        key = _text(name).lower()
        headers[key] = (*headers.get(key, ()), _text(value))
    return Head(method, path, query, headers, is_secure, address)


def _text(value: bytes) -> str:
    return value.decode("ascii", "surrogateescape")


def scoped(scope: Mapping[str, Any]) -> Head:
    """Make the head of an ASGI scope, its path being that below the mount."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if path == root or path.startswith(f"{root}/"):  # some servers have cut it off already
        path = path.removeprefix(root)
    query: str = scope["query_string"].decode("ascii", "surrogateescape")
    is_secure = scope.get("scheme") in {"https", "wss"}
    method: str = scope.get("method", "GET")
    address = str((scope.get("client") or ("",))[0])
    fields = scope["headers"]
    return head(method, f"{path}?{query}", fields, is_secure=is_secure, address=address)
