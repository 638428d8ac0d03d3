"""MCP in shape: tools are listed, calls run at the server, approvals are asked for."""

from turngate.emulator import McpApprovalRequest, McpCall, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json

SERVER = {"type": "mcp", "server_label": "books", "server_url": "https://books.example/mcp"}
TOOL: Json = {"name": "find", "input_schema": {"type": "object"}}


def planned(*outputs: McpCall | McpApprovalRequest) -> MemoryClient:
    script = Script(responses=(outputs,), mcp_tools={"books": (TOOL,)})
    client = MemoryClient(script=script)
    client.say("find it")
    client.send("response.create")
    client.settle()
    return client


def test_tools_are_listed_once() -> None:
    client = MemoryClient(script=Script(mcp_tools={"books": (TOOL,)}))
    client.update(tools=[SERVER])
    assert client.types[1:] == [
        "session.updated",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.completed",
        "conversation.item.done",
    ]
    done = client.events[-1]["item"]
    assert (done["type"], done["server_label"], done["tools"]) == (
        "mcp_list_tools",
        "books",
        [TOOL],
    )
    client.update(instructions="again")
    assert client.types[-1] == "session.updated"


def test_an_unknown_server_cannot_be_reached() -> None:
    client = MemoryClient()
    client.update(tools=[SERVER])
    assert "mcp_list_tools.failed" in client.types


def test_a_call_runs_at_the_server() -> None:
    call = McpCall(server_label="books", name="find", arguments='{"title": "X"}', output="found")
    client = planned(call)
    kinds = [kind for kind in client.types if "mcp" in kind and not kind.endswith(".delta")]
    assert kinds == [
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
    ]
    deltas = "".join(event["delta"] for event in client.of("response.mcp_call_arguments.delta"))
    assert deltas == client.of("response.mcp_call_arguments.done")[0]["arguments"]
    item = client.of("response.done")[0]["response"]["output"][0]
    assert (item["type"], item["output"], item["error"]) == ("mcp_call", "found", None)
    assert item["arguments"] == '{"title": "X"}'


def test_a_call_that_fails() -> None:
    client = planned(McpCall(server_label="books", name="find", output=None))
    assert "response.mcp_call.failed" in client.types
    item = client.of("response.done")[0]["response"]["output"][0]
    assert item["error"]["type"] == "tool_execution_error"


def test_an_approval_is_asked_for_and_given() -> None:
    client = planned(McpApprovalRequest(server_label="books", name="find"))
    asked = client.of("response.output_item.done")[0]["item"]
    assert asked["type"] == "mcp_approval_request"
    given: Json = {"approval_request_id": asked["id"], "approve": True}
    client.send("conversation.item.create", item={"type": "mcp_approval_response", **given})
    assert client.events[-1]["item"]["approve"] is True
