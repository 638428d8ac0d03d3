"""The calls of the agent that run in this program, each in a task of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from turngate.client import functions
from turngate.client.events import FunctionAnswered
from turngate.wire import agent


class Answering:
    """Runs what is asked for and hands over each result once; `answered` sends it."""

    def __init__(
        self,
        offered: Mapping[str, functions.AgentFunction],
        answered: Callable[[FunctionAnswered], Awaitable[None]],
    ) -> None:
        self._offered, self._answered = offered, answered
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, calls: tuple[agent.FunctionCall, ...]) -> None:
        """Run those of these calls that are the client's to run."""
        for call in calls:
            if call.client_side:
                task = asyncio.create_task(self._answer(call), name=f"function {call.name}")
                self._running[call.id] = task
                task.add_done_callback(lambda _, call_id=call.id: self._running.pop(call_id, None))

    def cancel(self, calls: tuple[agent.CancelledCall, ...]) -> None:
        """Stop calls whose results nobody waits for."""
        for call in calls:
            if (task := self._running.get(call.id)) is not None:
                task.cancel()

    async def stop(self) -> None:
        """Stop all of them, and wait until they have."""
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, call: agent.FunctionCall) -> None:
        started = time.perf_counter()
        function = self._offered.get(call.name)
        content, failed = await functions.call(function, call.name, call.arguments)
        await self._answered(
            FunctionAnswered(
                call_id=call.id,
                name=call.name,
                arguments=call.arguments,
                content=content,
                failed=failed,
                took_ms=(time.perf_counter() - started) * 1000,
            )
        )
