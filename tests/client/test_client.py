"""The client against a real WebSocket server that plays the agent by the letter."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from turngate.client import (
    Audio,
    Client,
    Closed,
    ConnectFailed,
    Event,
    FunctionAnswered,
    NoAnswer,
    Refused,
    Unknown,
    Unreadable,
    agent,
)
from turngate.client.client import EVENTS

SETTINGS = agent.Settings(
    audio=agent.AudioSettings(),
    agent=agent.AgentSettings(
        think=agent.ThinkSettings(provider=agent.ThinkProvider(type="open_ai"))
    ),
)
APPLIED = '{"type":"SettingsApplied"}'


class Agent(WSListener):
    """One accepted connection: what the client said, and a hand to say things back."""

    def __init__(self, on_settings: Callable[["Agent"], None]) -> None:
        self.said: asyncio.Queue[dict[str, object] | bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.transport: WSTransport | None = None
        self.on_settings = on_settings

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is WSMsgType.BINARY:
            self.said.put_nowait(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.TEXT:
            message = msgspec.json.decode(frame.get_payload_as_bytes(), type=dict[str, object])
            self.said.put_nowait(message)
            if message["type"] == "Settings":
                self.on_settings(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it
        self.gone.set()

    def tell(self, *messages: str | bytes) -> None:
        assert self.transport is not None
        for message in messages:
            kind = WSMsgType.TEXT if isinstance(message, str) else WSMsgType.BINARY
            self.transport.send(kind, message)

    def close(self, code: WSCloseCode, reason: str) -> None:
        assert self.transport is not None
        self.transport.send_close(code, reason)

    def leave(self) -> None:
        self.close(WSCloseCode.GOING_AWAY, "restart")

    def vanish(self) -> None:
        assert self.transport is not None
        self.transport.disconnect(graceful=False)

    async def heard(self, kind: str) -> dict[str, object]:
        """Return the next message of this type, whatever came before it."""
        while True:
            message = await self.said.get()
            if isinstance(message, dict) and message["type"] == kind:
                return message


class Server:
    """Where it listens, whom it has accepted, and with what keys they came."""

    def __init__(self) -> None:
        self.url = ""
        self.accepted: list[Agent] = []
        self.keys: list[str | None] = []


@asynccontextmanager
async def serving(
    on_settings: Callable[[Agent], None] = lambda agent: agent.tell(APPLIED), status: int = 101
) -> AsyncGenerator[Server]:
    server = Server()

    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | WSListener:
        server.keys.append(request.headers.get("Authorization"))
        if status != 101:
            refusal = WSUpgradeResponse.create_error_response(status)
            return WSUpgradeResponseWithListener(refusal, None)
        server.accepted.append(Agent(on_settings))
        return server.accepted[-1]

    listening = await ws_create_server(accept, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"ws://127.0.0.1:{port}/v1/agent/converse"
    try:
        yield server
    finally:
        listening.close()
        for each in server.accepted:
            if each.transport is not None:
                each.transport.disconnect()


async def until(client: Client, *kinds: type) -> list[Event]:
    """Return the events up to the first of one of `kinds`."""
    seen: list[Event] = []
    async for event in client:
        seen.append(event)
        if isinstance(event, kinds):
            break
    return seen


def request(*calls: tuple[str, str, str], client_side: bool = True) -> str:
    return msgspec.json.encode(
        agent.FunctionCallRequest(
            functions=tuple(
                agent.FunctionCall(
                    id=call_id, name=name, arguments=arguments, client_side=client_side
                )
                for call_id, name, arguments in calls
            )
        )
    ).decode()


async def test_settings_go_first_and_what_is_said_follows() -> None:
    async with serving() as server, Client(server.url, SETTINGS) as client:
        await client.say("hello")
        await client.send_audio(b"\x01\x02")
        said = [await server.accepted[0].said.get() for _ in range(3)]
    assert said[0] == msgspec.to_builtins(SETTINGS, str_keys=True)
    assert said[1:] == [{"type": "InjectUserMessage", "content": "hello"}, b"\x01\x02"]


async def test_events_come_in_order_audio_among_them() -> None:
    def speak(agent: Agent) -> None:
        agent.tell(
            '{"type":"Welcome","request_id":"r"}',
            APPLIED,
            '{"type":"ConversationText","role":"assistant","content":"hi"}',
            b"\x01\x00",
            b"\x02\x00",
            '{"type":"AgentAudioDone"}',
        )

    async with serving(speak) as server, Client(server.url, SETTINGS) as client:
        assert await until(client, agent.AgentAudioDone) == [
            agent.Welcome(request_id="r"),
            agent.SettingsApplied(),
            agent.ConversationText(role="assistant", content="hi"),
            Audio(b"\x01\x00"),
            Audio(b"\x02\x00"),
            agent.AgentAudioDone(),
        ]


async def test_fragments_make_one_message() -> None:
    def in_parts(agent: Agent) -> None:
        assert agent.transport is not None
        agent.transport.send(WSMsgType.TEXT, APPLIED[:10], fin=False)
        agent.transport.send(WSMsgType.CONTINUATION, APPLIED[10:])

    async with serving(in_parts) as server, Client(server.url, SETTINGS) as client:
        assert await until(client, agent.SettingsApplied) == [agent.SettingsApplied()]


async def test_what_is_unknown_or_broken_does_not_end_the_conversation() -> None:
    def strange(agent: Agent) -> None:
        agent.tell('{"type":"FromTheFuture"}', '{"type":"Warning"}', "not JSON", APPLIED)

    async with serving(strange) as server, Client(server.url, SETTINGS) as client:
        first, second, third, _ = await until(client, agent.SettingsApplied)
    assert isinstance(first, Unknown)
    assert first.type == "FromTheFuture"
    assert isinstance(second, Unreadable)
    assert "code" in second.reason
    assert isinstance(third, Unreadable)


async def test_functions_of_every_kind_are_answered_once() -> None:
    async def later(city: str) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"city": city}

    def broken() -> None:
        raise LookupError("no such thing")

    async with serving() as server:
        client = Client(server.url, SETTINGS, {"later": later, "broken": broken})

        @client.function
        def plain(number: int) -> str:
            return f"got {number}"

        async with client:
            server.accepted[0].tell(
                request(
                    ("1", "plain", '{"number":4}'),
                    ("2", "later", '{"city":"Paris"}'),
                    ("3", "broken", "{}"),
                    ("4", "absent", "{}"),
                    ("5", "plain", "[]"),
                    ("6", "plain", '{"colour":"red"}'),
                )
            )
            answers = [await server.accepted[0].heard("FunctionCallResponse") for _ in range(6)]
            told: list[FunctionAnswered] = []
            async for event in client:
                if isinstance(event, FunctionAnswered):
                    told.append(event)
                if len(told) == 6:
                    break
    assert plain(1) == "got 1"
    contents = {str(answer["id"]): str(answer["content"]) for answer in answers}
    assert contents["1"] == "got 4"
    assert contents["2"] == '{"city":"Paris"}'
    assert contents["3"] == '{"error":"LookupError: no such thing"}'
    assert contents["4"] == '{"error":"there is no function absent here"}'
    assert "not a JSON object" in contents["5"]
    assert "TypeError" in contents["6"]
    assert {each.call_id: each.content for each in told} == contents
    assert {each.call_id for each in told if each.failed} == {"3", "4", "5", "6"}


async def test_calls_that_the_server_runs_are_left_to_it() -> None:
    ran: list[str] = []

    async with (
        serving() as server,
        Client(server.url, SETTINGS, {"ours": lambda: ran.append("ours")}) as client,
    ):
        server.accepted[0].tell(request(("1", "ours", "{}"), client_side=False))
        await until(client, agent.FunctionCallRequest)
        await client.say("next")
        await server.accepted[0].heard("InjectUserMessage")
    assert ran == []


async def test_a_cancelled_call_is_stopped_and_not_answered() -> None:
    started = asyncio.Event()
    stopped = asyncio.Event()

    async def slow() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with serving() as server, Client(server.url, SETTINGS, {"slow": slow}) as client:
        server.accepted[0].tell(request(("1", "slow", "{}")))
        await started.wait()
        server.accepted[0].tell(
            '{"type":"FunctionCallCancelled","functions":[{"id":"1","name":"slow"}]}'
        )
        await stopped.wait()
        await client.say("next")
        kinds: list[object] = []
        while "InjectUserMessage" not in kinds:
            message = await server.accepted[0].said.get()
            assert isinstance(message, dict)
            kinds.append(message["type"])
    assert "FunctionCallResponse" not in kinds


async def test_refused_settings_are_an_exception_with_the_code() -> None:
    refusal = '{"type":"Error","code":"INVALID_SETTINGS","description":"agent.think is missing"}'
    async with serving(lambda agent: agent.tell(refusal)) as server:
        with pytest.raises(Refused, match="agent") as caught:
            async with Client(server.url, SETTINGS):
                pass
        await server.accepted[0].gone.wait()
    assert caught.value.code == "INVALID_SETTINGS"


async def test_another_failure_does_not_blame_the_settings() -> None:
    error = '{"type":"Error","code":"FAILED_TO_THINK","description":"It is gone."}'
    async with serving(lambda agent: agent.tell(error)) as server:
        with pytest.raises(Refused, match=r"^It is gone\. \(FAILED_TO_THINK\)$"):
            async with Client(server.url, SETTINGS):
                pass


async def test_silence_about_the_settings_is_an_exception() -> None:
    async with serving(lambda _: None) as server:
        with pytest.raises(NoAnswer, match=r"no SettingsApplied within 0\.05 s"):
            async with Client(server.url, SETTINGS, settings_s=0.05):
                pass
        await server.accepted[0].gone.wait()


async def test_an_end_before_the_settings_are_applied_is_an_exception() -> None:
    async with serving(lambda agent: agent.close(WSCloseCode.TRY_AGAIN_LATER, "full")) as server:
        with pytest.raises(Closed) as caught:
            async with Client(server.url, SETTINGS):
                pass
    assert caught.value == Closed(1013, "full")


async def test_an_orderly_end_ends_the_iteration() -> None:
    async with serving() as server, Client(server.url, SETTINGS) as client:
        server.accepted[0].close(WSCloseCode.OK, "bye")
        assert [event async for event in client] == [agent.SettingsApplied()]


@pytest.mark.parametrize(
    "end, expected",
    [
        (Agent.leave, Closed(1001, "restart")),
        (Agent.vanish, Closed(1006)),
    ],
)
async def test_any_other_end_is_raised_after_what_came_before(
    end: Callable[[Agent], None], expected: Closed
) -> None:
    async with serving() as server, Client(server.url, SETTINGS) as client:
        end(server.accepted[0])
        events = aiter(client)
        assert await anext(events) == agent.SettingsApplied()
        with pytest.raises(Closed) as caught:
            await anext(events)
    assert caught.value == expected


async def test_closing_says_goodbye_and_may_be_repeated() -> None:
    async with serving() as server:
        async with Client(server.url, SETTINGS) as client:
            await client.close()
            await client.close()
            assert [event async for event in client] == [agent.SettingsApplied()]
        await server.accepted[0].gone.wait()
        transport = server.accepted[0].transport
        assert transport is not None
        assert transport.close_handshake.recv is not None
        assert transport.close_handshake.recv.code == WSCloseCode.OK
        await client.say("into the void")


async def test_a_slow_reader_holds_the_server_back_and_loses_nothing() -> None:
    pieces = EVENTS * 5  # more than what the kernel takes on the way
    piece = bytes(20_000)

    async with serving() as server, Client(server.url, SETTINGS) as client:
        peer = server.accepted[0]
        peer.tell(*(piece for _ in range(pieces)))
        peer.tell('{"type":"AgentAudioDone"}')
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.gone.wait(), 0.3)
        assert peer.transport is not None
        assert peer.transport.underlying_transport.get_write_buffer_size() > 0
        seen = await until(client, agent.AgentAudioDone)
    assert sum(isinstance(event, Audio) for event in seen) == pieces


async def test_the_key_is_presented() -> None:
    async with serving() as server, Client(server.url, SETTINGS, key="k"):
        assert server.keys == ["Token k"]


@pytest.mark.parametrize(
    "status, says",
    [(401, "refused with HTTP 401 Unauthorized"), (404, r"no WebSocket is served .*HTTP 404")],
)
async def test_a_refused_handshake_tells_its_status(status: int, says: str) -> None:
    async with serving(status=status) as server:
        with pytest.raises(ConnectFailed, match=says) as caught:
            async with Client(server.url, SETTINGS):
                pass
    assert caught.value.status == status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nobody_listening_is_told(host: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(ConnectFailed, match="nothing listens there"):
            async with Client(f"ws://{host}:{port}", SETTINGS):
                pass


@pytest.mark.parametrize(
    "answer, says",
    [
        (b"", "closed before the handshake"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "no WebSocket"),
        (b"220 mail.example.com ESMTP\r\n\r\n", "not a WebSocket server"),
        (None, "no answer in time"),
    ],
    ids=["hangs up", "plain HTTP", "another protocol", "silent"],
)
async def test_what_is_not_a_websocket_server_is_told(answer: bytes | None, says: str) -> None:
    async def strange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()
        done.set()

    done = asyncio.Event()

    async with await asyncio.start_server(strange, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectFailed, match=says):
            async with Client(f"ws://127.0.0.1:{port}", SETTINGS, connect_s=0.5):
                pass
        await done.wait()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "nonsense", "ws://127.0.0.1:notaport"])
async def test_a_bad_address_is_told(url: str) -> None:
    with pytest.raises(ConnectFailed, match="not a ws:// or wss:// URL"):
        async with Client(url, SETTINGS):
            pass
