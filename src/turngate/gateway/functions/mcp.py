"""Functions on MCP servers, by the protocol's own SDK.

Each server has a task that holds its connection, as the SDK wants it, and that connects again when
it is lost. The SDK is an extra; without it this module cannot be imported.

Source: Model Context Protocol, tools.
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self, cast

import httpx2
import structlog
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CONNECTION_CLOSED, CallToolResult, TextContent, Tool

from turngate.errors import ConfigError
from turngate.functions.arguments import Check, check_by, check_schema
from turngate.functions.declared import Function
from turngate.functions.options import McpServer
from turngate.functions.outcome import Failure, FunctionError, text_of
from turngate.gateway import limits

_log = structlog.get_logger("turngate.mcp")

BACK_OFF_S = (0.1, 0.5, 2.0, 10.0)
"""Waits before each connection in a row after the first was lost; the last one repeats."""

PAGES = 100
"""The tools of a server may come in so many pages; one that never ends is faulty."""


class McpFunction:
    """A tool of a server."""

    def __init__(
        self, function: Function, tool: str, check: Check, server: "McpConnection"
    ) -> None:
        self.function = function
        self._tool, self._check, self._server = tool, check, server

    async def run(self, call_id: str, arguments: str) -> str:
        """Call the tool; see `Runnable.run`."""
        del call_id
        return await self._server.call(self._tool, self._check(arguments))


class McpConnection:
    """The connection to a server while an `async with` lasts, made anew when it is lost.

    `functions` are the tools that it offered at first.
    """

    def __init__(self, server: McpServer) -> None:
        self._server = server
        self._client: Client | None = None
        self._is_there, self._is_lost = asyncio.Event(), asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self.functions: tuple[McpFunction, ...] = ()

    async def __aenter__(self) -> Self:
        """Connect and ask for the tools.

        Raises:
            ConfigError: The server does not start or answer, or a tool cannot be offered.

        """
        first: asyncio.Future[list[Tool]] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(first), name=f"mcp {self._server.name}")
        try:
            async with asyncio.timeout(limits.MCP_START_S):
                tools = await first
            self.functions = tuple(map(self._function, self._chosen(tools)))
        except TimeoutError as error:
            await self._stop()
            raise self._wrong(f"no answer within {limits.MCP_START_S:.0f} s") from error
        except ConfigError:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect; a server that was started is ended."""
        await self._stop()

    async def call(self, tool: str, arguments: dict[str, Any]) -> str:
        """Call a tool and return its result as text.

        Raises:
            FunctionError: There is no result.

        """
        client = await self._reached()
        try:
            result = await client.call_tool(tool, arguments)
        except MCPError as error:
            if error.error.code != CONNECTION_CLOSED:
                raise FunctionError(error.error.message) from error
            self._lose()
            raise FunctionError("The function's server is gone.", Failure.UNREACHABLE) from error
        except Exception as error:
            self._lose()
            raise FunctionError("The function's server failed.", Failure.UNREACHABLE) from error
        if result.is_error:
            raise FunctionError(_text(result))
        return _text(result)

    async def _reached(self) -> Client:
        """Return the connection; one that was lost is waited for a while."""
        try:
            async with asyncio.timeout(limits.ENDPOINT_CONNECT_S):
                await self._is_there.wait()
        except TimeoutError as error:
            told = "The function's server is not there."
            raise FunctionError(told, Failure.UNREACHABLE) from error
        if self._client is None:
            raise AssertionError("what is there has a client")
        return self._client

    async def _keep(self, first: asyncio.Future[list[Tool]]) -> None:
        """Hold the connection, and make it anew when it is lost."""
        failures = 0
        while True:
            self._is_lost.clear()
            try:
                async with AsyncExitStack() as stack:
                    client = await stack.enter_async_context(await self._reach(stack))
                    if not first.done():
                        first.set_result(await _tools(client))
                    self._client, failures = client, 0
                    self._is_there.set()
                    await self._is_lost.wait()
            except Exception as error:  # noqa: BLE001 - the SDK names no common class for what may go wrong
                if not first.done():
                    first.set_exception(self._wrong(_plainly(error)))
                    return
            finally:
                self._is_there.clear()
            _log.warning("mcp connection lost", server=self._server.name, failures=failures)
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1

    def _lose(self) -> None:
        self._is_there.clear()
        self._is_lost.set()

    async def _reach(self, stack: AsyncExitStack) -> Client:
        server = self._server
        if server.url:
            wait = httpx2.Timeout(limits.MCP_START_S, read=None)
            http = httpx2.AsyncClient(headers=server.headers, timeout=wait, trust_env=False)
            await stack.enter_async_context(http)
            return Client(streamable_http_client(server.url, http_client=http), cache=None)
        command, *arguments = server.command
        started = StdioServerParameters(command=command, args=arguments, env=server.env or None)
        return Client(stdio_client(started), cache=None)

    async def _stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper

    def _chosen(self, tools: list[Tool]) -> list[Tool]:
        wanted = self._server.tools
        for name in wanted:
            if name not in {tool.name for tool in tools}:
                raise self._wrong(f"it has no tool {name}")
        return [tool for tool in tools if not wanted or tool.name in wanted]

    def _function(self, tool: Tool) -> McpFunction:
        try:
            check_schema(tool.input_schema)
            function = Function(
                name=self._server.prefix + tool.name,
                description=tool.description or tool.title or "",
                parameters=tool.input_schema,
                manners=self._server.manners,
            )
        except ValueError as error:
            raise self._wrong(f"its tool {tool.name}: {error}") from error
        return McpFunction(function, tool.name, check_by(tool.input_schema, is_own=True), self)

    def _wrong(self, reason: str) -> ConfigError:
        return ConfigError("mcp", f"{self._server.name}: {reason}")


async def _tools(client: Client) -> list[Tool]:
    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if not cursor:
            break
    return tools


def _text(result: CallToolResult) -> str:
    """Return what a result says: its structure if it has one, else its texts."""
    if result.structured_content is not None:
        return text_of(result.structured_content)
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    left_out = len(result.content) - len(texts)
    if left_out:
        texts.append(f"[{left_out} part(s) that are not text were left out]")
    return "\n".join(texts)


def _plainly(error: Exception) -> str:
    match _first(error):
        case FileNotFoundError():
            return "its command is not installed"
        case httpx2.ConnectError():
            return "the connection was refused, or its name is not known"
        case MCPError(error=told):
            return told.message
        case cause:
            return f"{type(cause).__name__}: {cause}"


def _first(error: BaseException) -> BaseException:
    """Return the first cause in what a group of tasks raised."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    group = cast("BaseExceptionGroup[BaseException]", error)
    return _first(group.exceptions[0])
