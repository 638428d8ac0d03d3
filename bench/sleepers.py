"""Functions that sleep for as long as a call that waits for them is measured, in four places.

Imported by a gateway they are its own; run with `--mcp` they are those of an MCP server; `endpoint`
answers for them over HTTP.
"""

import asyncio
import sys
import time

from aiohttp import web
from mcp.server import MCPServer

from turngate.functions import Manners, Registry

SLEEP_S = 10.0

functions = Registry()
beside = Manners(on_turn="keep")


@functions.register(manners=beside)
async def in_a_coroutine() -> str:
    """Sleep on the gateway's loop."""
    await asyncio.sleep(SLEEP_S)
    return "done"


@functions.register(manners=beside)
def in_a_thread() -> str:
    """Sleep in a thread of the gateway's."""
    time.sleep(SLEEP_S)
    return "done"


async def endpoint() -> str:
    """Serve the function that sleeps, and return its URL."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(SLEEP_S)
        return web.json_response({"content": "done"})

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}/"


def main() -> None:
    """Be an MCP server."""
    server = MCPServer("sleepers", log_level="ERROR")

    async def on_an_mcp_server() -> str:
        """Sleep on the server."""
        await asyncio.sleep(SLEEP_S)
        return "done"

    server.add_tool(on_an_mcp_server)
    server.run()


if __name__ == "__main__" and "--mcp" in sys.argv:
    main()
