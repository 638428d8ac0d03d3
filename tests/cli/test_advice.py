"""What `turngate talk` advises where an address does not lead to an agent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from picows import (
    WSListener,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)
from typer.testing import CliRunner

from turngate.cli.advice import agent_url
from turngate.cli.commands import app


@asynccontextmanager
async def answering(status: int) -> AsyncGenerator[str]:
    """Refuse with this status; or accept with 101, and say nothing ever."""

    def answer(_: WSUpgradeRequest) -> WSUpgradeResponseWithListener | WSListener:
        if status == 101:
            return WSListener()
        refusal = WSUpgradeResponse.create_error_response(status)
        return WSUpgradeResponseWithListener(refusal, None)

    server = await ws_create_server(answer, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    "status, path, words, advice",
    [
        (401, "/v1/agent/converse", (), "; give --key (or TURNGATE_KEY)\n"),
        (401, "/v1/agent/converse", ("--key", "k1"), "; the key is none of those that"),
        (404, "/talk", (), "; the agent is at /v1/agent/converse\n"),
        (503, "/v1/agent/converse", (), "HTTP 503 Service Unavailable\n"),
        (101, "/v1/realtime", (), "; the path /v1/realtime is probably wrong, the agent is at"),
        (101, "", (), "no SettingsApplied within 0.2 s\n"),
    ],
)
async def test_advice(status: int, path: str, words: tuple[str, ...], advice: str) -> None:
    async with answering(status) as address:
        told = ["talk", "hi", "--timeout", "0.2", "--url", f"{address}{path}", *words]
        result = await asyncio.to_thread(CliRunner().invoke, app, told, env={"COLUMNS": "200"})
    assert result.exit_code == 1
    assert advice in result.stderr
    assert "k1" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "given, leads_to",
    [
        ("ws://127.0.0.1:8080", "ws://127.0.0.1:8080/v1/agent/converse"),
        ("wss://voice.example/", "wss://voice.example/v1/agent/converse"),
        ("ws://[::1]:8080?trace", "ws://[::1]:8080/v1/agent/converse?trace"),
        ("ws://127.0.0.1:8080/openai", "ws://127.0.0.1:8080/openai"),
    ],
)
def test_an_address_without_a_path_leads_to_the_agent(given: str, leads_to: str) -> None:
    assert agent_url(given) == leads_to
