"""`POST /function-call` over HTTP: who may ask, how much, how long, and from which page."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.requests import ClientDisconnect, Request

from turngate.gateway import limits
from turngate.gateway.answer import Answer, refused
from turngate.gateway.functions.route import Route
from turngate.gateway.guard import Guard
from turngate.gateway.head import scoped

PATH = "/function-call"

_DISCARDED_BYTES = 16 * limits.BODY_BYTES
"""Read of a body that is too large, so that who sends it still reads why."""


class Post:
    """The same keys and origins as at the door; a page of a listed origin may read the answer."""

    def __init__(self, guard: Guard, route: Route) -> None:
        self._guard, self._route = guard, route
        self.is_closed = False

    async def answer(self, request: Request) -> Answer:
        """Run the function that a request asks for."""
        head = scoped(request.scope)
        refusal = self._guard.refusal(head)
        if refusal is None:
            refusal = await self._answer(request)
        return _readable(refusal, self._guard.page(head))

    async def preflight(self, request: Request) -> Answer:
        """Tell a browser what a page of another origin, which has to be listed, may send."""
        head = scoped(request.scope)
        page = self._guard.page(head)
        if page is None:
            return self._guard.wrong_page()
        more = {
            "access-control-allow-methods": "POST",
            "access-control-allow-headers": "authorization, api-key, content-type",
            "access-control-max-age": "600",
        }
        return _readable(Answer(HTTPStatus.OK, b"", more=more), page)

    async def _answer(self, request: Request) -> Answer:
        if self.is_closed:
            told = "the gateway is shutting down"
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, "going_away", told)
        try:
            async with asyncio.timeout(limits.BODY_S):
                body = await _body(request)
        except TimeoutError:
            told = f"the body has not come in {limits.BODY_S:g} s"
            return refused(HTTPStatus.REQUEST_TIMEOUT, "timeout", told)
        except ClientDisconnect:
            return refused(HTTPStatus.BAD_REQUEST, "bad_request", "the body broke off")
        if body is None:
            told = f"the body may have {limits.BODY_BYTES} bytes"
            return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", told)
        return await self._run(request, body)

    async def _run(self, request: Request, body: bytes) -> Answer:
        """Run it as long as somebody waits for it."""
        running = asyncio.ensure_future(self._route.answer(body))
        gone = asyncio.ensure_future(request.receive())
        try:
            await asyncio.wait((running, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            running.cancel()  # which is nothing where it is done
        if not running.done():
            return refused(HTTPStatus.BAD_REQUEST, "bad_request", "nobody waits for it")
        return Answer(*running.result())


async def _body(request: Request) -> bytes | None:
    """Return the whole body, or None where it is too large."""
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _DISCARDED_BYTES:
            return None
        if size <= limits.BODY_BYTES:
            body += chunk
    return bytes(body) if size <= limits.BODY_BYTES else None


def _readable(answer: Answer, page: str | None) -> Answer:
    """Let the page that asked read the answer."""
    cors: Mapping[str, str] = {"vary": "origin"}
    if page is not None:
        cors = {**cors, "access-control-allow-origin": page}
    return msgspec.structs.replace(answer, more={**answer.more, **cors})
