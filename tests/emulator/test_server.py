"""The emulated server on a socket: its doors, its pages, and one whole turn."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from picows import (
    WSCloseCode,
    WSFrame,
    WSHandshakeError,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType]  picows leaves arguments untyped
)

from turngate.audio.tone import tone
from turngate.emulator import At, CloseAt, Emulator, Knobs, Llm, Reply, Script, serving
from turngate.emulator.refusal import Json

DEADLINE_S = 10


class Client(WSListener):
    """A plain client: events in a queue, None at the end."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Json | None] = asyncio.Queue()
        self.close_code: WSCloseCode | None = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            self.events.put_nowait(msgspec.json.decode(frame.get_payload_as_bytes()))
        elif frame.msg_type is WSMsgType.CLOSE:
            self.close_code = frame.get_close_code()
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002  picows' signature
        self.events.put_nowait(None)

    async def until(self, event_type: str) -> Json:
        async with asyncio.timeout(DEADLINE_S):
            while event := await self.events.get():
                if event["type"] == event_type:
                    return event
        raise ConnectionError(f"the server closed before {event_type}")

    async def until_closed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while await self.events.get():
                pass


async def connected(
    emulator: Emulator, query: str = "?model=gpt-realtime", **headers: str
) -> tuple[Client, Callable[..., None]]:
    """A client of `emulator` and its way to send events."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport, client = await ws_connect(Client, emulator.url + query, extra_headers=named)

    def send(event_type: str, **fields: Any) -> None:
        transport.send(WSMsgType.TEXT, msgspec.json.encode({"type": event_type, **fields}))

    assert isinstance(client, Client)
    return client, send


def message(text: str) -> Json:
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content}


async def page(emulator: Emulator, path: str) -> tuple[bytes, Any]:
    """GET a page of the emulator: its status line and its JSON body."""
    reader, writer = await asyncio.open_connection(emulator.host, emulator.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), DEADLINE_S)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0], msgspec.json.decode(body) if body.startswith(b"{") else body


async def test_a_turn_over_a_socket() -> None:
    async with serving() as emulator:
        client, send = await connected(emulator)
        await client.until("session.created")
        send("conversation.item.create", item=message("hello"))
        send("response.create", response={"output_modalities": ["text"]})
        done = await client.until("response.done")
        assert done["response"]["output"][0]["content"][0]["text"] == "You said: hello"
        assert emulator.audit.violations == 0
        assert emulator.audit.unanswered_turns == 0
        assert emulator.sessions[0]["is_open"]


async def test_spoken_answers_are_pcm_at_24_khz() -> None:
    async with serving() as emulator:
        client, send = await connected(emulator)
        send("conversation.item.create", item=message("hello"))
        send("response.create")
        delta = await client.until("response.output_audio.delta")
        assert base64.b64decode(delta["delta"]) == tone(100)


async def test_the_audit_and_the_sessions_are_pages() -> None:
    async with serving() as emulator:
        client, send = await connected(emulator)
        send("response.cancel")
        await client.until("error")
        status, audit = await page(emulator, "/audit")
        assert status == b"HTTP/1.1 200 OK"
        assert audit["records"][0]["verdict"] == "response_cancel_not_active"
        _, sessions = await page(emulator, "/sessions")
        assert b"gpt-realtime" in sessions
        assert (await page(emulator, "/elsewhere"))[0] == b"HTTP/1.1 404 Not Found"


async def test_knobs_and_script_come_with_a_connection() -> None:
    plan = b'{"responses": [[{"type": "message", "text": "planned"}]]}'
    header = base64.b64encode(plan).decode()
    async with serving(script=Script(replies=(Reply(text="of the server"),))) as emulator:
        query = '?model=m&emu={"default_voice":"ash"}'
        client, send = await connected(emulator, query, X_Emulator_Script=header)
        created = await client.until("session.created")
        assert created["session"]["audio"]["output"]["voice"] == "ash"
        send("response.create", response={"output_modalities": ["text"]})
        done = await client.until("response.output_text.done")
        assert done["text"] == "planned"


async def test_knobs_can_be_turned_while_it_runs() -> None:
    async with serving() as emulator:
        client, send = await connected(emulator)
        await client.until("session.created")
        emulator.control(Knobs(refuse_session_update=(1,)))
        send("session.update", session={"type": "realtime"})
        assert (await client.until("error"))["error"]["code"] == "unknown_parameter"


@pytest.mark.parametrize(
    "knobs, query, status",
    [
        (Knobs(http_status=429), "?model=m", 429),
        (Knobs(http_status=503), "?model=m", 503),
        (Knobs(key="sk-right"), "?model=m", 401),
        (Knobs(), "", 400),
        (Knobs(), '?model=m&emu={"bogus":1}', 400),
        (Knobs(), "?model=m&script=nonsense", 400),
    ],
)
async def test_the_door(knobs: Knobs, query: str, status: int) -> None:
    async with serving(knobs=knobs) as emulator:
        with pytest.raises(WSHandshakeError, match=str(status)):
            await connected(emulator, query)


async def test_the_right_key_opens() -> None:
    async with serving(knobs=Knobs(key="sk-right")) as emulator:
        client, _ = await connected(emulator, Authorization="Bearer sk-right")
        await client.until("session.created")
        client, _ = await connected(
            emulator, Sec_WebSocket_Protocol="realtime, openai-insecure-api-key.sk-right"
        )
        await client.until("session.created")


async def test_the_beta_header_is_refused() -> None:
    async with serving() as emulator:
        client, _ = await connected(emulator, OpenAI_Beta="realtime=v1")
        assert (await client.until("error"))["error"]["code"] == "beta_api_shape_disabled"
        await client.until_closed()
        async with serving(knobs=Knobs(beta="ignore")) as lenient:
            client, _ = await connected(lenient, OpenAI_Beta="realtime=v1")
            await client.until("session.created")


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(drop_at=At(event="session.updated")),
        Knobs(close_at=CloseAt(event="session.updated", code=4001)),
    ],
)
async def test_a_connection_that_ends(knobs: Knobs) -> None:
    async with serving(knobs=knobs) as emulator:
        client, send = await connected(emulator)
        send("session.update", session={"type": "realtime"})
        await client.until("session.updated")
        await client.until_closed()


async def test_a_slow_door_and_one_that_never_opens() -> None:
    async with serving(knobs=Knobs(upgrade_ms=20)) as emulator:
        client, _ = await connected(emulator)
        await client.until("session.created")
    async with serving(knobs=Knobs(hang_upgrade=True)) as emulator:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connected(emulator)


async def test_clients_are_told_when_it_stops() -> None:
    async with serving() as emulator:
        client, _ = await connected(emulator)
        await client.until("session.created")
    await client.until_closed()
    assert client.close_code is WSCloseCode.GOING_AWAY


async def test_it_notices_who_leaves() -> None:
    async with serving() as emulator:
        transport, _ = await ws_connect(Client, f"{emulator.url}?model=m")
        assert emulator.open_connections == 1
        transport.disconnect()
        await transport.wait_disconnected()
        async with asyncio.timeout(DEADLINE_S):
            while emulator.open_connections:
                await page(emulator, "/sessions")


async def test_who_comes_as_to_azure_meets_azure() -> None:
    async with serving() as emulator:
        azure = emulator.url.replace("/v1/", "/openai/v1/")
        transport, client = await ws_connect(Client, f"{azure}?model=m")
        assert isinstance(client, Client)
        transport.send(WSMsgType.TEXT, b'{"type": "response.create"}')
        added = await client.until("response.content_part.added")
        assert added["content"] == added["part"]


async def test_a_language_model_answers() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        writer.write(b'data: {"choices": [{"delta": {"content": "From afar."}}]}\n\n')
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as model:
        llm = Llm(f"http://127.0.0.1:{model.sockets[0].getsockname()[1]}", "small")
        async with serving(knobs=Knobs(mind="llm"), llm=llm) as emulator:
            client, send = await connected(emulator)
            send("conversation.item.create", item=message("hello"))
            send("response.create")
            done = await client.until("response.done")
            assert done["response"]["output"][0]["content"][0]["transcript"] == "From afar."


async def test_without_a_language_model_the_response_fails() -> None:
    async with serving(knobs=Knobs(mind="llm")) as emulator:
        client, send = await connected(emulator)
        send("response.create")
        done = await client.until("response.done")
        error = done["response"]["status_details"]["error"]
        assert error["message"] == "the emulator was started without a language model"
