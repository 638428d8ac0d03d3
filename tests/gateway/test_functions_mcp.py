"""Functions on a real MCP server, written with the protocol's SDK: over stdio and over HTTP."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the MCP SDK is not installed; install turngate[mcp]")

from gateway.mcp_shop import __file__ as shop
from turngate.errors import ConfigError
from turngate.functions import Failure, FunctionError
from turngate.functions.options import McpServer
from turngate.gateway.functions.mcp import McpConnection, McpFunction

COMMAND = (sys.executable, str(Path(shop)))
START_S = 10


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The same server over HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = await asyncio.create_subprocess_exec(*COMMAND, str(port))
    async with asyncio.timeout(START_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}/mcp"
    child.kill()
    await child.wait()


def by_name(connection: McpConnection) -> dict[str, McpFunction]:
    return {each.function.name: each for each in connection.functions}


async def told(function: McpFunction, arguments: str) -> FunctionError:
    with pytest.raises(FunctionError) as caught:
        await function.run("c1", arguments)
    return caught.value


async def check_shop(server: McpServer) -> None:
    async with McpConnection(server) as connection:
        tools = by_name(connection)
        stock = tools["stock"]
        assert stock.function.description == "Tell how many of an item there are."
        assert stock.function.parameters["required"] == ["item"]
        assert "There are 2 of hat." in await stock.run("c1", '{"item": "hat"}')
        assert "10 EUR" in await tools["price"].run("c2", '{"item": "hat"}')
        assert (await told(stock, "{}")).code is Failure.INVALID_ARGUMENTS
        failed = await told(tools["order"], '{"item": "hat"}')
        assert failed.code is Failure.FAILED
        assert "hat is sold out" in failed.message
        picture = await tools["picture"].run("c3", '{"item": "hat"}')
        assert picture == "hat\n[1 part(s) that are not text were left out]"


async def test_over_stdio() -> None:
    await check_shop(McpServer(name="shop", command=COMMAND))


async def test_over_http(url: str) -> None:
    await check_shop(McpServer(name="shop", url=url))


async def test_only_the_chosen_tools_are_offered_under_their_prefix() -> None:
    server = McpServer(name="shop", command=COMMAND, tools=("price",), prefix="shop_")
    async with McpConnection(server) as connection:
        (price,) = connection.functions
        assert price.function.name == "shop_price"
        assert "10 USD" in await price.run("c1", '{"item": "hat", "currency": "USD"}')


async def test_a_server_that_ends_is_started_again() -> None:
    async with McpConnection(McpServer(name="shop", command=COMMAND)) as connection:
        tools = by_name(connection)
        gone = await told(tools["leave"], "{}")
        assert gone.code is Failure.UNREACHABLE
        assert "There are 2 of hat." in await tools["stock"].run("c2", '{"item": "hat"}')


@pytest.mark.parametrize(
    "server, says",
    [
        (McpServer(name="crm", command=("no-such-command",)), "not installed"),
        (McpServer(name="crm", command=(sys.executable, "-c", "1")), "crm: "),
        (McpServer(name="crm", command=COMMAND, tools=("fly",)), "crm: it has no tool fly"),
        (
            McpServer(name="crm", command=COMMAND, prefix="a b "),
            "its tool stock: the function name",
        ),
        (McpServer(name="crm", url="http://127.0.0.1:1/mcp"), "crm: "),
    ],
    ids=lambda each: getattr(each, "name", each),
)
async def test_a_server_that_cannot_be_used_is_named(server: McpServer, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        async with McpConnection(server):
            pass
    assert caught.value.field == "mcp"
    assert says in str(caught.value)
