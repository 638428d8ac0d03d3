"""The minds besides the echo: rules, a script alone, and a language model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from turngate.emulator import (
    Call,
    FunctionCall,
    Knobs,
    Message,
    Reply,
    Script,
)
from turngate.emulator.llm import LanguageModel, LanguageModelFailed
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json
from turngate.emulator.script import load

RULES = Knobs(mind="rules")
MODEL = Knobs(mind="llm")
DEADLINE_S = 10


def tool(name: str, **properties: str) -> Json:
    schema = {field: {"type": kind} for field, kind in properties.items()}
    return {
        "type": "function",
        "name": name,
        "parameters": {"type": "object", "properties": schema, "required": list(schema)},
    }


SHOP = [
    tool("order_status", order_id="string"),
    tool("add_to_basket", product="string", quantity="integer"),
    tool("remove_from_basket", product="string"),
    tool("opening_hours"),
]


def answered(client: MemoryClient, text: str) -> Json:
    client.say(text)
    client.send("response.create", response={"output_modalities": ["text"]})
    return client.until("response.done")["response"]


def said(response: Json) -> str:
    return response["output"][0]["content"][0]["text"]


@pytest.mark.parametrize(
    "asked, answer",
    [
        ("hello there", "Hello! How can I help?"),
        ("how are you today", "I am well, thank you. How are you?"),
        ("what time is it", "It is 14:13, Coordinated Universal Time."),
        ("what day is it", "It is Monday, 21 September."),
        ("what is the weather in Paris", "I cannot see the weather from here."),
        ("no thank you", "All right."),
        ("thank you", "You are welcome."),
        ("purple elephants", "You said: purple elephants"),
    ],
)
def test_small_talk(asked: str, answer: str) -> None:
    assert said(answered(MemoryClient(RULES), asked)).startswith(answer)


@pytest.mark.parametrize(
    "asked, name, arguments",
    [
        ("where is my order A-1234?", "order_status", {"order_id": "A-1234"}),
        ("please track order 77", "order_status", {"order_id": "77"}),
        (
            "please add two apples to my basket",
            "add_to_basket",
            {"product": "apples", "quantity": 2},
        ),
        ("i want to buy a blue shirt", "add_to_basket", {"product": "blue shirt", "quantity": 1}),
        (
            "remove the boots from my basket",
            "remove_from_basket",
            {"product": "boots"},
        ),
        ("when are you open", "opening_hours", {}),
        ("what are your opening hours", "opening_hours", {}),
    ],
)
def test_a_shop(asked: str, name: str, arguments: Json) -> None:
    client = MemoryClient(RULES)
    client.update(tools=SHOP)
    called = answered(client, asked)["output"][0]
    assert (called["name"], msgspec.json.decode(called["arguments"])) == (name, arguments)


def test_a_session_without_a_shop_has_no_shop() -> None:
    assert said(answered(MemoryClient(RULES), "add apples to my basket")).startswith("You said")


def test_a_script_alone_says_when_it_has_nothing() -> None:
    script = Script(replies=(Reply(match="hello", text="Hi."),))
    client = MemoryClient(Knobs(mind="script"), script)
    assert said(answered(client, "hello")) == "Hi."
    assert said(answered(client, "tools")) == "My script has nothing for that."


def test_a_script_file(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "replies:\n"
        "  - when: weather\n"
        "    answer: One moment.\n"
        "    calls: [{name: get_weather, arguments: {city: Paris}}]\n"
        "    then: {answer: It is fine.}\n"
    )
    expected = Reply(
        match="weather",
        text="One moment.",
        calls=(Call("get_weather", {"city": "Paris"}),),
        then=Reply(text="It is fine."),
    )
    assert load(plan) == Script(replies=(expected,))
    same = tmp_path / "plan.json"
    same.write_bytes(msgspec.json.encode(Script(replies=(expected,))))
    assert load(same) == load(plan)


def test_a_misspelt_script_names_the_field(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("replies: [{moment: x}]")
    with pytest.raises(msgspec.ValidationError, match="moment"):
        load(plan)


# A language model, without sockets


def test_a_model_is_told_the_conversation() -> None:
    client = MemoryClient(MODEL)
    client.update(instructions="Be brief.", tools=[tool("get_time", city="string")])
    answered_call = {"type": "function_call", "name": "get_time", "arguments": "{}"}
    client.say("hello")
    client.send("conversation.item.create", item={**answered_call, "call_id": "call_1"})
    client.output("call_1", "noon")
    client.send("response.create")
    asked = client.thinking[0].request
    assert [message["role"] for message in asked["messages"]] == [
        "system", "user", "assistant", "tool",
    ]  # fmt: skip
    assert asked["messages"][2]["tool_calls"][0]["id"] == "call_1"
    assert asked["tools"][0]["function"]["name"] == "get_time"
    assert asked["tool_choice"] == "auto"


def test_what_a_model_says_is_spoken_piece_by_piece() -> None:
    client = MemoryClient(MODEL)
    client.say("hello")
    client.send("response.create")
    client.wait(50)
    assert client.types[-1] == "response.created"
    client.think(Message(text="One. "), Message(text="Two."), FunctionCall(name="f"))
    client.settle()
    done = client.of("response.done")[0]["response"]
    assert [item["type"] for item in done["output"]] == ["message", "function_call"]
    assert done["output"][0]["content"][0]["transcript"] == "One. Two."
    assert len(client.of("response.output_item.added")) == 2
    assert client.of("response.output_audio.delta")


def test_a_model_that_is_silent_gives_an_empty_answer() -> None:
    client = MemoryClient(MODEL)
    client.say("hello")
    client.send("response.create", response={"output_modalities": ["text"]})
    client.think(Message(text=""))
    client.settle()
    assert client.of("response.done")[0]["response"]["status"] == "completed"


def test_a_model_that_fails_fails_the_response() -> None:
    client = MemoryClient(MODEL)
    client.say("hello")
    client.send("response.create")
    client.think(Message(text="One. "), failure="it broke off")
    client.settle()
    done = client.of("response.done")[0]["response"]
    assert (done["status"], done["status_details"]["error"]["message"]) == (
        "failed",
        "it broke off",
    )


def test_a_cancelled_response_wants_no_more() -> None:
    client = MemoryClient(MODEL)
    client.say("hello")
    client.send("response.create")
    client.wait(10)
    client.send("response.cancel")
    client.settle()
    assert client.types.count("response.done") == 1
    client.think(Message(text="late"))
    client.settle()
    assert client.types.count("response.done") == 1
    assert "late" not in str(client.events)


# A language model behind a server


@asynccontextmanager
async def chat_server(*chunks: bytes, status: int = 200) -> AsyncGenerator[tuple[str, list[bytes]]]:
    """A server that answers every request with these chunks; yield its URL and what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        asked.append(head + await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: text/event-stream\r\n".encode())
        writer.write(b"Connection: close\r\n\r\n")
        for chunk in chunks:
            writer.write(b"data: " + chunk + b"\n\n")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", asked


def chunk(**delta: object) -> bytes:
    return msgspec.json.encode({"choices": [{"index": 0, "delta": delta}]})


def call(index: int, **function: str) -> Json:
    return {"index": index, "function": function}


ANSWER = (
    chunk(role="assistant", content=""),
    chunk(content="Let me "),
    chunk(content="see. One"),
    chunk(content=" moment."),
    chunk(tool_calls=[call(0, name="get_time", arguments="")]),
    chunk(tool_calls=[call(0, arguments='{"city": ')]),
    chunk(tool_calls=[call(0, arguments='"Paris"}'), call(1, name="roll_dice")]),
    msgspec.json.encode({"choices": [], "usage": {"total_tokens": 9}}),
    b"[DONE]",
)


async def outputs(url: str, key: str = "") -> list[Message | FunctionCall]:
    model = LanguageModel(url, "small", key)
    try:
        return [output async for output in model.answer({"messages": [], "stream": True})]
    finally:
        await model.close()


async def test_a_stream_becomes_sentences_and_calls() -> None:
    async with chat_server(*ANSWER) as (url, asked):
        assert await outputs(url, "sk-1") == [
            Message(text="Let me see. "),
            Message(text="One moment."),
            FunctionCall(name="get_time", arguments='{"city": "Paris"}'),
            FunctionCall(name="roll_dice", arguments="{}"),
        ]
    assert b"POST /v1/chat/completions" in asked[0]
    assert b"Bearer sk-1" in asked[0]
    assert b'"model":"small"' in asked[0]


@pytest.mark.parametrize(
    "chunks, status, reason",
    [((), 401, "answered 401"), ((b"nonsense",), 200, "no chat completion")],
)
async def test_a_server_that_fails(chunks: tuple[bytes, ...], status: int, reason: str) -> None:
    async with chat_server(*chunks, status=status) as (url, _):
        with pytest.raises(LanguageModelFailed, match=reason):
            await outputs(url)


async def test_a_server_that_is_not_there() -> None:
    async with chat_server() as (url, _):
        pass
    with pytest.raises(LanguageModelFailed, match="failed"):
        await outputs(url)
