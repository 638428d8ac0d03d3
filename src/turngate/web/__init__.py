"""The pages that the gateway serves, read into memory once: no request reaches a file system."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from turngate.gateway.routes import Page

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

INDEX = "index.html"


def pages() -> dict[str, Page]:
    """Return path and content of every file in `files/`: the page at `/`, what it needs in `/static/`."""
    found = dict(_found(resources.files(__name__) / "files", "/static/"))
    return {"/": found.pop(f"/static/{INDEX}"), **found}


def _found(folder: Traversable, path: str) -> Iterator[tuple[str, Page]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found(entry, f"{path}{entry.name}/")
        elif kind := _KINDS.get(entry.name.rpartition(".")[2]):
            yield path + entry.name, Page(entry.read_bytes(), kind)
