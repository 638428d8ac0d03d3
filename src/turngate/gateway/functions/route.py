"""What answers `POST /function-call`: a host asks for a function that is registered here.

`{id, name, arguments}` is answered by `{content}`, or by `{error, code}` and a status. Without an
`id` the call gets none and cannot be repeated by mistake. The listener decides who may ask.
"""

import asyncio
from collections import OrderedDict
from http import HTTPStatus
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from turngate.functions.outcome import Failure
from turngate.gateway import limits
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.desk import outcome

Answer: TypeAlias = tuple[HTTPStatus, bytes]
"""A status and a JSON body."""

_STATUS = {
    Failure.INVALID_ARGUMENTS: HTTPStatus.UNPROCESSABLE_ENTITY,
    Failure.UNKNOWN_FUNCTION: HTTPStatus.NOT_FOUND,
    Failure.FAILED: HTTPStatus.OK,
    Failure.TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    Failure.UNREACHABLE: HTTPStatus.BAD_GATEWAY,
    Failure.BAD_ANSWER: HTTPStatus.BAD_GATEWAY,
    Failure.TOO_LARGE: HTTPStatus.BAD_GATEWAY,
    Failure.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}


class _Asked(Struct, frozen=True):
    name: str
    arguments: dict[str, Any] | str = {}
    id: str = ""


class Route:
    """Runs functions for hosts; each id once, for as long as it is remembered."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._at_work = 0

    async def answer(self, body: bytes) -> Answer:
        """Run the function that a request's body asks for, and return the answer.

        A function that fails by its own word is a success of this request: its status is 200, so
        that a host treats it as what it is, a result for the model.
        """
        try:
            asked = msgspec.json.decode(body, type=_Asked)
        except (msgspec.DecodeError, RecursionError) as error:
            return _refused(HTTPStatus.BAD_REQUEST, f"The request is wrong: {error}", "bad_request")
        if asked.id and asked.id in self._ids:
            told = f"The call {asked.id[:64]} was asked for already."
            return _refused(HTTPStatus.CONFLICT, told, "repeated")
        if self._at_work >= limits.FUNCTIONS_AT_ONCE:
            told = "Too many functions run already; try again."
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, told, Failure.BUSY)
        self._remember(asked.id)
        self._at_work += 1
        try:
            return await self._run(asked)
        finally:
            self._at_work -= 1

    async def _run(self, asked: _Asked) -> Answer:
        runnable = self._catalogue.find(asked.name)
        text = asked.arguments
        arguments = text if isinstance(text, str) else msgspec.json.encode(text).decode()
        deadline_ms = runnable.function.manners.deadline_ms if runnable else None
        running = asyncio.ensure_future(outcome(runnable, asked.id, asked.name, arguments))
        try:
            await asyncio.wait(
                (running,), timeout=None if deadline_ms is None else deadline_ms / 1000
            )
        finally:
            running.cancel()  # which is nothing where it is done
        if not running.done():
            told = f"The function {asked.name} gave no result in time."
            return _refused(HTTPStatus.GATEWAY_TIMEOUT, told, Failure.TIMEOUT)
        output, failure = running.result()
        if failure is None:
            return HTTPStatus.OK, msgspec.json.encode({"content": output})
        return _STATUS[failure], output.encode()

    def _remember(self, call_id: str) -> None:
        if call_id:
            self._ids[call_id] = None
        if len(self._ids) > limits.ROUTE_IDS:
            self._ids.popitem(last=False)


def _refused(status: HTTPStatus, error: str, code: str) -> Answer:
    return status, msgspec.json.encode({"error": error, "code": code})
