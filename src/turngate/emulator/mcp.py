"""MCP servers of a session, in shape only: their tools are listed as the script says.

The service lists the tools of each server that a session names, as an item of the conversation.
Source: Realtime API reference, mcp_list_tools; no recording shows it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from turngate.emulator.conversation import Item
from turngate.emulator.refusal import Json

if TYPE_CHECKING:
    from turngate.emulator.connection import Connection


class McpServers:
    """The servers that one connection has named so far."""

    def __init__(
        self, connection: "Connection", tools: Mapping[str, tuple[dict[str, object], ...]]
    ) -> None:
        self._connection = connection
        self._tools = tools
        self._named: set[str] = set()

    def list_tools(self) -> None:
        """List the tools of the servers that are new in the session."""
        for tool in self._connection.session.effective["tools"]:
            label = tool.get("server_label")
            if tool["type"] == "mcp" and isinstance(label, str) and label not in self._named:
                self._named.add(label)
                self._list(label)

    def _list(self, label: str) -> None:
        connection = self._connection
        item_id = connection.ids.new("item")
        wire: Json = {
            "id": item_id,
            "type": "mcp_list_tools",
            "server_label": label,
            "tools": [],
        }
        item = Item(wire=wire)
        connection.conversation.insert(item)
        connection.announce_added(item)
        connection.outbox.send({"type": "mcp_list_tools.in_progress", "item_id": item_id})
        wire["tools"] = list(self._tools.get(label, ()))
        word = "completed" if label in self._tools else "failed"
        connection.outbox.send({"type": f"mcp_list_tools.{word}", "item_id": item_id})
        connection.announce_done(item)
