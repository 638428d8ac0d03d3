"""Functions of this process: async ones on the loop, the others each in a thread of its own."""

import asyncio
import contextvars
import importlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turngate.errors import ConfigError
from turngate.functions.declared import Function
from turngate.functions.outcome import Failure, FunctionError, text_of
from turngate.functions.registry import Registered, Registry
from turngate.functions.schema import values_of
from turngate.gateway import limits

DEFAULT_NAME = "functions"
"""What the registry is called in its module unless the setting says otherwise."""


class PythonFunction:
    """A registered function. A thread cannot be stopped: when cancelled its result is dropped."""

    def __init__(self, registered: Registered, threads: "Threads") -> None:
        self.function: Function = registered.function
        self._registered = registered
        self._threads = threads

    async def run(self, call_id: str, arguments: str) -> str:
        """Run the code; see `Runnable.run`."""
        del call_id
        values = values_of(self._registered.shape, arguments)
        if self._registered.is_async:
            return text_of(await self._registered.code(**values))
        return await self._threads.run(lambda: text_of(self._registered.code(**values)))


class Threads:
    """Threads for functions that block, one each: one that hangs holds up nobody else's call.

    They are daemons, so that a hung function does not hold up the end of the program either.
    """

    def __init__(self, limit: int = limits.FUNCTION_THREADS) -> None:
        self._free = limit

    async def run(self, code: Callable[[], str]) -> str:
        """Run `code` in a thread and return its result, or raise what it raises.

        Raises:
            FunctionError: As many threads as there may be are at work.

        """
        if self._free == 0:
            raise FunctionError("Too many functions run already; try again.", Failure.BUSY)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        context = contextvars.copy_context()

        def settle(result: str, error: BaseException | None) -> None:
            self._free += 1
            if answer.done():
                return  # nobody waits any more
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)

        def work() -> None:
            result, failed = "", None
            try:
                result = context.run(code)
            except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
                failed = error
            except BaseException:  # noqa: BLE001 - a thread's exit is not the program's
                failed = FunctionError("The function failed.")
            try:
                loop.call_soon_threadsafe(settle, result, failed)
            except RuntimeError:
                return  # the loop is closed: the program ends

        self._free -= 1
        threading.Thread(target=work, name="function", daemon=True).start()
        return await answer


def load(where: str) -> Registry:
    """Return the registry that `where` names, as `module` or `module:name`.

    The working directory is searched too, as it is by `python -m`.

    Raises:
        ConfigError: There is none, or importing it fails.

    """
    module_name, _, name = where.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module: Any = importlib.import_module(module_name)
    except Exception as error:
        reason = f"cannot import {module_name}: {type(error).__name__}: {error}"
        raise ConfigError("functions", reason) from error
    registry = getattr(module, name or DEFAULT_NAME, None)
    if not isinstance(registry, Registry):
        raise ConfigError(
            "functions", f"{module_name} has no Registry named {name or DEFAULT_NAME}"
        )
    return registry
