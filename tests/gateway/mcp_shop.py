"""An MCP server of the SDK, for the tests: over stdio, or with a port over HTTP."""

import asyncio
import os
import sys
from pathlib import Path

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ImageContent, TextContent

server = MCPServer("shop", log_level="ERROR")


@server.tool()
def stock(item: str) -> str:
    """Tell how many of an item there are."""
    return f"There are 2 of {item}."


@server.tool()
def price(item: str, currency: str = "EUR") -> dict[str, str]:
    """Tell what an item costs."""
    return {"item": item, "price": f"10 {currency}"}


@server.tool()
def order(item: str) -> str:
    """Order an item."""
    raise ToolError(f"{item} is sold out")


@server.tool(structured_output=False)
def picture(item: str) -> list[TextContent | ImageContent]:
    """Show an item."""
    return [
        TextContent(type="text", text=item),
        ImageContent(type="image", data="", mime_type="image/png"),
    ]


@server.tool()
async def ponder() -> str:
    """Wait until somebody writes to the pipe that the environment names."""
    await asyncio.to_thread(Path(os.environ["GATE"]).read_bytes)
    return "It is done."


@server.tool()
def leave() -> str:
    """End the server."""
    os._exit(3)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run()
