"""What the emulated model answers."""

import base64

import msgspec
import pytest

from turngate.audio.tone import silence, tone
from turngate.emulator import Call, FunctionCall, Message, Reply, Script
from turngate.emulator.memory import MemoryClient
from turngate.emulator.refusal import Json
from turngate.emulator.script import decode_header


def tool(name: str, **properties: Json) -> Json:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "name": name, "parameters": schema}


WEATHER = tool("get_weather", city={"type": "string"})
TIME = tool("get_time", city={"type": "string"})
LAMP = tool("turnOnLamp", level={"type": "integer"}, room={"enum": ["kitchen", "hall"]})


def answer(client: MemoryClient, text: str) -> Json:
    """Type a turn and return the whole answer."""
    client.say(text)
    client.send("response.create", response={"output_modalities": ["text"]})
    return client.until("response.done")["response"]


def said(response: Json) -> str:
    return response["output"][0]["content"][0]["text"]


def calls(response: Json) -> list[tuple[str, Json]]:
    return [
        (item["name"], msgspec.json.decode(item["arguments"]))
        for item in response["output"]
        if item["type"] == "function_call"
    ]


def test_it_echoes() -> None:
    assert said(answer(MemoryClient(), "good morning")) == "You said: good morning"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("use your tools", ["get_weather", "get_time", "turnOnLamp"]),
        ("what is the weather in Paris", ["get_weather"]),
        ("what time is it in Paris?", ["get_time"]),
        ("please turn on the lamp", ["turnOnLamp"]),
        ("hello", []),
    ],
)
def test_it_calls_what_is_named(text: str, expected: list[str]) -> None:
    client = MemoryClient()
    client.update(tools=[WEATHER, TIME, LAMP])
    assert [name for name, _ in calls(answer(client, text))] == expected


def test_it_guesses_arguments() -> None:
    client = MemoryClient()
    client.update(tools=[WEATHER, TIME])
    text = "What is the weather in Paris and the time in New York? Use your tools."
    assert calls(answer(client, text)) == [
        ("get_weather", {"city": "Paris"}),
        ("get_time", {"city": "New York"}),
    ]


def test_it_guesses_figures_and_choices() -> None:
    client = MemoryClient()
    client.update(tools=[LAMP])
    assert calls(answer(client, "turn on the lamp at 40 percent")) == [
        ("turnOnLamp", {"level": 40, "room": "kitchen"})
    ]


@pytest.mark.parametrize(
    "asked, required, expected",
    [
        ("roll a dice", False, {}),
        ("roll a dice", True, {"sides": 6}),
        ("roll two dice", True, {"sides": 6}),
        ("roll a dice with twenty sides", False, {"sides": 20}),
        ("roll a 12-sided dice", True, {"sides": 12}),
    ],
)
def test_a_number_that_is_not_said_is_left_out(asked: str, required: bool, expected: Json) -> None:
    client = MemoryClient()
    dice = tool("roll_dice", sides={"type": "integer"})
    dice["parameters"]["required"] = ["sides"] if required else []
    client.update(tools=[dice])
    assert calls(answer(client, asked)) == [("roll_dice", expected)]


@pytest.mark.parametrize(
    "choice, expected",
    [
        ("none", []),
        ("required", ["get_weather"]),
        ({"type": "function", "name": "get_time"}, ["get_time"]),
    ],
)
def test_tool_choice(choice: str | Json, expected: list[str]) -> None:
    client = MemoryClient()
    client.update(tools=[WEATHER, TIME], tool_choice=choice)
    assert [name for name, _ in calls(answer(client, "hello"))] == expected


def test_it_uses_every_output() -> None:
    client = MemoryClient()
    client.update(tools=[WEATHER, TIME], output_modalities=["text"])
    first, second = answer(client, "use your tools")["output"]
    client.output(first["call_id"], "It is foggy and 12 degrees in London.")
    client.output(second["call_id"], '{"city": "Tokyo", "time": "12:00"}')
    client.send("response.create")
    done = client.until("response.done")["response"]
    assert said(done) == "It is foggy and 12 degrees in London and 12:00 in Tokyo."


def test_it_chains_calls() -> None:
    client = MemoryClient()
    client.update(tools=[WEATHER], output_modalities=["text"])
    done = answer(client, "chain 3 calls")
    for fact in ("sunny", "warm"):
        client.output(done["output"][0]["call_id"], fact)
        client.send("response.create")
        done = client.until("response.done")["response"]
        assert len(calls(done)) == 1
    client.output(done["output"][0]["call_id"], "dry")
    client.send("response.create")
    assert said(client.until("response.done")["response"]) == "It is sunny and warm and dry."


def test_fixtures_come_before_rules_and_can_follow_each_other() -> None:
    then = Reply(calls=(Call("second"),), then=Reply(text="All done."))
    script = Script(replies=(Reply(match="ORDER", calls=(Call("first", {"n": 1}),), then=then),))
    client = MemoryClient(script=script)
    client.update(output_modalities=["text"])
    done = answer(client, "my order please")
    assert calls(done) == [("first", {"n": 1})]
    client.output(done["output"][0]["call_id"])
    client.send("response.create")
    done = client.until("response.done")["response"]
    assert calls(done) == [("second", {})]
    client.output(done["output"][0]["call_id"])
    client.send("response.create")
    assert said(client.until("response.done")["response"]) == "All done."
    assert said(answer(client, "hello")) == "You said: hello"


def test_a_plan_comes_before_everything_asked() -> None:
    planned = ((FunctionCall(name="x", arguments='{"a": 1}'),), (Message(text="planned"),))
    client = MemoryClient(script=Script(responses=planned))
    assert calls(answer(client, "hello")) == [("x", {"a": 1})]
    assert said(answer(client, "hello")) == "planned"
    assert said(answer(client, "hello")) == "You said: hello"


def test_a_plan_in_a_header() -> None:
    plan = b'{"responses": [[{"type": "message", "modality": "text", "text": "x"}]]}'
    script = decode_header(base64.b64encode(plan).decode())
    assert script.responses == ((Message(text="x", modality="text"),),)
    with pytest.raises(ValueError, match="base64 JSON"):
        decode_header("not base64!")
    with pytest.raises(ValueError, match="bogus"):
        decode_header(base64.b64encode(b'{"bogus": 1}').decode())


def test_without_ears_it_says_how_long_the_speech_was() -> None:
    client = MemoryClient()
    client.hear(silence(500) + tone(2400) + silence(300))
    transcript = spoken(client)
    assert transcript == "I heard 2.4 seconds of speech."


def test_the_length_of_speech_in_a_manual_commit() -> None:
    client = MemoryClient()
    client.update(audio={"input": {"turn_detection": None}})
    client.hear(silence(300) + tone(700) + silence(500))
    client.send("input_audio_buffer.commit")
    client.send("response.create")
    assert spoken(client) == "I heard 0.7 seconds of speech."


def test_an_out_of_band_request_brings_its_own_items() -> None:
    client = MemoryClient()
    client.say("in the conversation")
    item_id = client.events[-1]["item"]["id"]
    for given, expected in (
        ([{"type": "item_reference", "id": item_id}], "You said: in the conversation"),
        ([], "Hello, how can I help?"),
    ):
        aside = {"conversation": "none", "output_modalities": ["text"], "input": given}
        client.send("response.create", response=aside)
        assert said(client.until("response.done")["response"]) == expected


def test_a_reference_to_an_item_that_is_not_there() -> None:
    client = MemoryClient()
    given = [{"type": "item_reference", "id": "nope"}]
    error = client.send("response.create", response={"input": given})[0]["error"]
    assert error["param"] == "response.input"
    assert client.connection.responder.active is None


def spoken(client: MemoryClient) -> str:
    """The transcript of the answer that runs."""
    client.settle()
    return client.of("response.output_audio_transcript.done")[-1]["transcript"]


def test_a_functions_late_result_is_told_and_not_asked_for_again() -> None:
    client = MemoryClient()
    client.update(tools=[TIME])
    called = answer(client, "what time is it in Paris?")["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": called, "output": "It takes a while."}
    client.send("conversation.item.create", item=output)
    client.send("response.create", response={"output_modalities": ["text"]})
    assert said(client.until("response.done")["response"]) == "It takes a while."
    text = {"type": "input_text", "text": "The function get_time has answered: It is noon."}
    late = {"type": "message", "role": "system", "content": [text]}
    client.send("conversation.item.create", item=late)
    client.send("response.create", response={"output_modalities": ["text"]})
    assert said(client.until("response.done")["response"]) == "It is noon."
    assert calls(answer(client, "and what time is it in Rome?")) == [("get_time", {"city": "Rome"})]
