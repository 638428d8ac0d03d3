"""The client against a real WebSocket server that plays the agent by the letter."""

import asyncio
import socket
from collections.abc import Callable

import msgspec
import pytest
from picows import (
    WSCloseCode,
    WSMsgType,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from client.server import APPLIED, SETTINGS, Agent, request, serving, until
from turngate.client import (
    Audio,
    Client,
    Closed,
    ConnectFailed,
    FunctionAnswered,
    NoAnswer,
    Refused,
    Unknown,
    Unreadable,
    agent,
)
from turngate.client.inbox import EVENTS


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

    def ours() -> None:
        ran.append("ours")

    async with (
        serving() as server,
        Client(server.url, SETTINGS, {"ours": ours}) as client,
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
