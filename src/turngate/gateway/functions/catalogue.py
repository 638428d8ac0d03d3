"""The functions that the operator offers to every session, however each of them runs."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from turngate.core.manners import Manners
from turngate.errors import ConfigError
from turngate.functions import endpoint as urls
from turngate.functions.arguments import check_by, check_schema
from turngate.functions.declared import Function
from turngate.functions.endpoint import Hosts, Refused
from turngate.functions.options import HttpFunction, McpServer
from turngate.gateway.config import Config
from turngate.gateway.functions.endpoint import (
    EndpointFunction,
    GuardedResolver,
    Lookup,
    Way,
    usable_headers,
)
from turngate.gateway.functions.python import PythonFunction, Threads, load
from turngate.gateway.functions.runnable import Runnable


class Catalogue:
    """Functions by name; and the way to the endpoints that clients name, if they may name any."""

    def __init__(
        self, functions: Iterable[Runnable] = (), hosts: Hosts | None = None, way: Way | None = None
    ) -> None:
        self.hosts = hosts or Hosts()
        self.way = way
        self._functions: dict[str, Runnable] = {}
        for each in functions:
            name = each.function.name
            if name in self._functions:
                raise ConfigError("functions", f"there are two functions named {name}")
            self._functions[name] = each

    def find(self, name: str) -> Runnable | None:
        """Return the function of that name."""
        return self._functions.get(name)

    def manners(self) -> dict[str, Manners]:
        """Return the manners of all of them, by name."""
        return {name: each.function.manners for name, each in self._functions.items()}

    def tools(self) -> list[dict[str, Any]]:
        """Return all of them as tools of a session."""
        return [each.function.tool() for each in self._functions.values()]


@asynccontextmanager
async def opened(config: Config, lookup: Lookup | None = None) -> AsyncGenerator[Catalogue]:
    """Connect to whatever runs the functions of `config`, for as long as the block lasts.

    `lookup` stands in for the system's resolver where clients name endpoints.

    Raises:
        ConfigError: A function cannot be offered; it is named.

    """
    async with AsyncExitStack() as stack:
        found: list[Runnable] = []
        if config.functions:
            threads = Threads()
            found += [PythonFunction(each, threads) for each in load(config.functions)]
        if config.function:
            way = Way()
            stack.push_async_callback(way.close)
            found += [_endpoint(each, way) for each in config.function]
        for server in config.mcp:
            found += await _mcp(server, stack)
        hosts = _hosts(config.function_hosts)
        guarded = Way(GuardedResolver(hosts, lookup)) if hosts else None
        if guarded is not None:
            stack.push_async_callback(guarded.close)
        yield Catalogue(found, hosts, guarded)


def _hosts(listed: tuple[str, ...]) -> Hosts:
    try:
        return Hosts(listed)
    except Refused as refused:
        raise ConfigError("function_hosts", str(refused)) from refused


def _endpoint(option: HttpFunction, way: Way) -> EndpointFunction:
    where = f"function {option.name}"
    try:
        endpoint = urls.read(option.url)
        check_schema(option.parameters)
        function = Function(
            name=option.name,
            description=option.description,
            parameters=option.parameters,
            manners=option.manners,
        )
    except (Refused, ValueError) as error:
        raise ConfigError(where, str(error)) from error
    _check_headers(where, option.headers, endpoint)
    check = check_by(option.parameters, is_own=True)
    return EndpointFunction(function, option.url, option.headers, check, way)


def _check_headers(where: str, headers: Mapping[str, str], endpoint: urls.Endpoint) -> None:
    if not usable_headers(headers):
        raise ConfigError(where, "a header is not well formed, or is one that turngate sets")
    if headers and not endpoint.is_encrypted and not urls.is_loopback(endpoint.place):
        raise ConfigError(where, "its headers would go unencrypted; use https://")


async def _mcp(server: McpServer, stack: AsyncExitStack) -> tuple[Runnable, ...]:
    try:
        from turngate.gateway.functions.mcp import McpConnection  # noqa: PLC0415 - it is an extra
    except ImportError as error:
        raise ConfigError("mcp", "the MCP SDK is not installed; install turngate[mcp]") from error
    connection = await stack.enter_async_context(McpConnection(server))
    return connection.functions
