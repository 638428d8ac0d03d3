"""The functions of one call: which of them run here, and what becomes of each that does.

The core asks for functions and does not care who runs them. What the client runs is passed on; what
runs here becomes a task, whose result goes back to the core as a client's would. The client is told
of both: each call that runs here is announced once, and ends with exactly one response.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeAlias

import structlog

from turngate import errors
from turngate.core import events
from turngate.core.tools import Call
from turngate.functions.arguments import check_by
from turngate.functions.declared import Function
from turngate.functions.endpoint import Refused
from turngate.functions.outcome import Failure, FunctionError, capped, failure_of
from turngate.gateway import limits
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.endpoint import EndpointFunction, usable_headers
from turngate.gateway.functions.runnable import Runnable
from turngate.wire import agent

_log = structlog.get_logger("turngate.functions")

Done: TypeAlias = Callable[[Call, str, Failure | None], None]
"""Told of each function that has ended: its call, its output, and why it has failed if it has."""

_stragglers: set[asyncio.Task[None]] = set()
"""What was cancelled and has not ended; a task that nobody holds may vanish in the middle."""


class Desk:
    """Runs the functions of one call."""

    def __init__(self, catalogue: Catalogue, done: Done) -> None:
        self._catalogue, self._done = catalogue, done
        self._named: dict[str, Runnable] = {}
        self._tasks: dict[str, tuple[Call, asyncio.Task[None]]] = {}
        self._seen: set[str] = set()

    def declare(self, functions: Iterable[agent.Function]) -> list[errors.TurngateError]:
        """Take the functions that the client declares; return what is wrong with them.

        One whose endpoint may not be called is left to the client, as if it had none.
        """
        self._named = {}
        return [wrong for each in functions if (wrong := self._declare(each)) is not None]

    def _declare(self, declared: agent.Function) -> errors.TurngateError | None:
        name = declared.name
        if self._catalogue.find(name) is not None:
            return errors.FunctionIgnored(name)
        if declared.endpoint is None:
            return None
        try:
            self._named[name] = self._endpoint(declared, declared.endpoint)
        except (Refused, ValueError) as refused:
            return errors.EndpointRefused(name, str(refused))
        return None

    def _endpoint(self, declared: agent.Function, endpoint: agent.Endpoint) -> Runnable:
        hosts, way = self._catalogue.hosts, self._catalogue.way
        if way is None:
            raise Refused("the operator lets clients name no endpoints")
        if (endpoint.method or "POST").upper() != "POST":
            raise Refused("only the method POST is available")
        headers = endpoint.headers or {}
        if not usable_headers(headers):
            raise Refused("a header is not well formed, or is one that the gateway sets")
        url = hosts.admit(endpoint.url or "").url
        parameters = declared.parameters or {}
        function = Function(name=declared.name, description="", parameters=parameters)
        check = check_by(parameters, is_own=False)
        return EndpointFunction(function, url, headers, check, way)

    def runs(self, name: str) -> bool:
        """Tell whether a function runs here."""
        return name in self._named or self._catalogue.find(name) is not None

    def screened(self, event: events.ClientEvent) -> events.ClientEvent:
        """Return what a client's event comes to: what runs here it cannot answer."""
        if not isinstance(event, events.CallResult):
            return event
        is_ours = event.call_id in self._seen or (not event.call_id and self.runs(event.name))
        return events.ClientFaulted(errors.UnknownCall(event.call_id)) if is_ours else event

    def begin(self, call: Call) -> None:
        """Run a function; `done` is told of its end, unless it is withdrawn before."""
        self._seen.add(call.call_id)
        is_busy = len(self._tasks) >= limits.FUNCTIONS_AT_ONCE
        work = self._refuse(call) if is_busy else self._work(call)
        task = asyncio.create_task(work, name=f"function {call.name}")
        self._tasks[call.call_id] = call, task

    def withdraw(self, call_id: str) -> Call | None:
        """Stop what runs for a call, as far as it can be stopped; None if nothing does."""
        if call_id not in self._tasks:
            return None
        call, task = self._tasks.pop(call_id)
        _stragglers.add(task)
        task.add_done_callback(_stragglers.discard)
        task.cancel()
        return call

    def clear(self) -> None:
        """Stop everything."""
        for call_id in tuple(self._tasks):
            self.withdraw(call_id)

    async def _work(self, call: Call) -> None:
        runnable = self._named.get(call.name) or self._catalogue.find(call.name)
        self._end(call, *await outcome(runnable, call.call_id, call.name, call.arguments))

    async def _refuse(self, call: Call) -> None:
        busy = FunctionError("Too many functions run already; try again.", Failure.BUSY)
        self._end(call, failure_of(busy, limits.FUNCTION_RESULT_BYTES), busy.code)

    def _end(self, call: Call, output: str, failure: Failure | None) -> None:
        if self._tasks.pop(call.call_id, None) is not None:
            self._done(call, output, failure)


async def outcome(
    runnable: Runnable | None, call_id: str, name: str, arguments: str
) -> tuple[str, Failure | None]:
    """Run a function and return its output for the model, and why it has failed if it has."""
    limit = limits.FUNCTION_RESULT_BYTES
    if runnable is None:
        unknown = FunctionError(f"There is no function {name}.", Failure.UNKNOWN_FUNCTION)
        return failure_of(unknown, limit), unknown.code
    try:
        return capped(await runnable.run(call_id, arguments), limit), None
    except FunctionError as error:
        return failure_of(error, limit), error.code
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a function raises is its result
        _log.warning("function raised", function=name, error=type(error).__name__)
        failed = FunctionError("The function failed.")
        return failure_of(failed, limit), failed.code
