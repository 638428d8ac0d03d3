"""The pages that the gateway serves, read into memory once: no request reaches a file system."""

from importlib import resources

from turngate.gateway.routes import Page

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

INDEX = "index.html"
FILES = ("style.css",)
"""What stands in `files/` and is served under `/static/`; anything else there is not."""


def pages() -> dict[str, Page]:
    """Return path and content of each file, the page itself at `/`."""
    return {"/": _read(INDEX), **{f"/static/{name}": _read(name) for name in FILES}}


def _read(name: str) -> Page:
    body = resources.files(__name__).joinpath("files", name).read_bytes()
    return Page(body, _KINDS[name.rpartition(".")[2]])
