"""What is answered over HTTP, as an ASGI app: a table of paths, and what is the same for all.

No path is looked up in a file system: what is not in a table is not there.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple, TypeAlias

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from turngate.gateway.answer import Answer, refused
from turngate.gateway.head import scoped

Get: TypeAlias = Callable[[], Answer]
"""Answers a GET of one path, for anybody."""

Asked: TypeAlias = Callable[[Request], Awaitable[Answer]]


class Page(msgspec.Struct, frozen=True):
    """A file of the web pages, read at the start; `kind` is its content type."""

    body: bytes
    kind: str


_PAGE = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self';"
        " manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
"""No inline script and nothing from elsewhere, nor from here into a page elsewhere."""


class Table(NamedTuple):
    """The paths.

    - gets: what is answered at once, such as `/health`.
    - pages: files as they are, under `/` and `/static/`.
    - asked: what looks at its request first, by path and method.
    """

    gets: Mapping[str, Get]
    pages: Mapping[str, Page]
    asked: Mapping[str, Mapping[str, Asked]]


def app(table: Table) -> Starlette:
    """Return the app that answers what stands in the table, and coded errors to all else."""
    routes = [Route(path, _get(answer)) for path, answer in table.gets.items()]
    routes += [Route(path, _page(page)) for path, page in table.pages.items()]
    routes += [
        Route(path, _asked(by_method), methods=list(by_method))
        for path, by_method in table.asked.items()
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _wrong, Exception: _broken})


def _get(answer: Get) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_: Request) -> Response:
        return _response(answer())

    return endpoint


def _page(page: Page) -> Callable[[Request], Awaitable[Response]]:
    answer = Answer(HTTPStatus.OK, page.body, page.kind, _PAGE)

    async def endpoint(_: Request) -> Response:
        return _response(answer)

    return endpoint


def _asked(by_method: Mapping[str, Asked]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        # Starlette answers HEAD wherever there is a GET
        ask = by_method.get(request.method) or by_method["GET"]
        return _response(await ask(request))

    return endpoint


def _wrong(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses: a path or a method that is not in the table."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        told = error.headers if isinstance(error, HTTPException) else None
        allowed = ", ".join(sorted((told or {}).get("Allow", "").split(", ")))
        answer = refused(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            f"this path knows no {request.method[:16]}",
            {"allow": allowed},
        )
    else:
        path = scoped(request.scope).path
        answer = refused(HTTPStatus.NOT_FOUND, "not_found", f"there is nothing at {path[:64]}")
    return _response(answer)


def _broken(_: Request, __: Exception) -> Response:
    """Answer for a bug, which uvicorn logs."""
    return _response(
        refused(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "something broke here")
    )


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers())
