"""What a client says, in the core's words; and what the core wants told, in the client's."""

import json
from importlib import import_module
from typing import Any, cast, get_args

import pytest
from msgspec import Struct

from turngate import errors
from turngate.answers import answer_to
from turngate.core import effects, events, items
from turngate.core.latency import Latency
from turngate.core.patch import Append
from turngate.core.tools import Call
from turngate.dialects import agent as front
from turngate.dialects import settings
from turngate.units import Ms
from turngate.wire import agent
from turngate.wire.codec import decode_client_message, encode

OWN = settings.own(server_turns=False, voice=None)


def read(**message: Any) -> tuple[events.ClientEvent, ...]:
    return front.read(decode_client_message(json.dumps(message)), OWN)


def configure(**fields: Any) -> events.Configure:
    (event,) = read(type="Settings", audio={}, agent=fields)
    assert isinstance(event, events.Configure)
    return event


def fault(**message: Any) -> errors.TurngateError:
    (event,) = read(**message)
    assert isinstance(event, events.ClientFaulted)
    return event.error


# -- every message has its place


@pytest.mark.parametrize("message", get_args(agent.ClientMessage), ids=lambda each: each.__name__)
def test_message_is_either_read_or_ignored_with_a_reason(message: type[Struct]) -> None:
    assert (message in front.READS) != (message in front.IGNORED)
    assert front.IGNORED.get(message, "a b").count(" ")


def test_tables_hold_nothing_that_a_client_cannot_say() -> None:
    assert {*front.READS, *front.IGNORED} == set(get_args(agent.ClientMessage))


# -- Settings


def test_settings_configure_the_session_as_the_table_says() -> None:
    message = decode_client_message('{"type": "Settings", "audio": {}, "agent": {}}')
    assert isinstance(message, agent.Settings)
    assert front.read(message, OWN) == (
        events.Configure("Settings", settings.from_settings(message, OWN)),
    )


def test_greeting_is_kept_for_later() -> None:
    assert configure(greeting="Hello.").greeting == "Hello."


def test_earlier_conversation_becomes_items_in_its_order() -> None:
    call = {
        "id": "call_1",
        "name": "get_time",
        "client_side": True,
        "arguments": '{"city": "Paris"}',
        "response": "noon",
    }
    messages = [
        {"type": "History", "role": "user", "content": "what time is it in Paris?"},
        {"type": "History", "function_calls": [call, call | {"id": "call_2", "name": "roll"}]},
        {"type": "History", "role": "assistant", "content": "It is noon."},
    ]
    assert configure(context={"messages": messages}).context == (
        items.UserText("what time is it in Paris?"),
        items.PastCall("call_1", "get_time", '{"city": "Paris"}'),
        items.CallOutput("call_1", "noon"),
        items.PastCall("call_2", "roll", '{"city": "Paris"}'),
        items.CallOutput("call_2", "noon"),
        items.AgentText("It is noon."),
    )


@pytest.mark.parametrize("context", [{}, {"messages": []}, {"messages": None}])
def test_empty_context_is_none(context: dict[str, Any]) -> None:
    assert configure(context=context).context == ()


def test_call_id_of_another_service_is_cut_to_what_the_upstream_takes() -> None:
    call = {"id": "fc_2f1c6b0e-7a39-4d21-9e0b-8f6d5c4b3a21", "name": "f", "client_side": True}
    history = {"type": "History", "function_calls": [call | {"arguments": "{}", "response": ""}]}
    asked, output = configure(context={"messages": [history]}).context
    assert isinstance(asked, items.PastCall)
    assert isinstance(output, items.CallOutput)
    assert asked.call_id == output.call_id == "6b0e-7a39-4d21-9e0b-8f6d5c4b3a21"


@pytest.mark.parametrize(
    "flags, wanted",
    [(None, True), ({}, True), ({"history": True}, True), ({"history": False}, False)],
)
def test_history_is_sent_unless_it_is_switched_off(
    flags: dict[str, bool] | None, wanted: bool
) -> None:
    text = json.dumps({"type": "Settings", "audio": {}, "agent": {}, "flags": flags})
    message = decode_client_message(text)
    assert isinstance(message, agent.Settings)
    assert front.wants_history(message) == wanted


def test_setting_that_cannot_be_had_becomes_a_fault_that_names_it() -> None:
    error = fault(type="Settings", audio={"input": {"encoding": "opus"}}, agent={})
    assert isinstance(error, errors.SettingsRefused)
    assert error.field == "audio.input.encoding"


def test_stored_agent_is_a_fault() -> None:
    error = fault(type="Settings", audio={}, agent="b2c1")
    assert isinstance(error, errors.SettingsRefused)
    assert error.field == "agent"


# -- the other messages


def test_prompt_is_added_to() -> None:
    assert read(type="UpdatePrompt", prompt="Speak French.") == (
        events.Reconfigure("UpdatePrompt", {"instructions": Append("Speak French.")}),
    )


def test_updates_carry_the_patch_of_their_block() -> None:
    think: dict[str, Any] = {"provider": {}, "prompt": "Be kind."}
    speak = {"provider": {"voice": "ash"}}
    listen = {"provider": {"language": "de"}}
    (thought,) = read(type="UpdateThink", think=think)
    assert isinstance(thought, events.Reconfigure)
    assert thought.change_id == "UpdateThink"
    assert thought.patch["instructions"] == "Be kind."
    assert read(type="UpdateSpeak", speak=speak) == (
        events.Reconfigure("UpdateSpeak", {"audio": {"output": {"voice": "ash", "speed": 1.0}}}),
    )
    assert read(type="UpdateListen", listen=listen) == (
        events.Reconfigure(
            "UpdateListen",
            {
                "audio": {
                    "input": {
                        "transcription": {
                            "model": "gpt-4o-transcribe",
                            "language": "de",
                            "prompt": "",
                        }
                    }
                }
            },
        ),
    )


def test_update_that_cannot_be_had_is_a_fault_that_names_the_field() -> None:
    error = fault(type="UpdateSpeak", speak={"provider": {"speed": 9}})
    assert error == errors.SettingsRefused("agent.speak.provider.speed", "between 0.25 and 1.5")


def test_typed_line_is_the_users() -> None:
    assert read(type="InjectUserMessage", content="hi") == (events.UserTyped("hi"),)


@pytest.mark.parametrize(
    "answer, output",
    [({"content": "noon"}, "noon"), ({"error": "no"}, '{"error":"no"}'), ({"result": 7}, "7")],
)
def test_function_result_is_taken_in_every_spelling(answer: dict[str, Any], output: str) -> None:
    assert read(type="FunctionCallResponse", id="call_1", name="f", **answer) == (
        events.CallResult("call_1", "f", output),
    )


def test_function_result_without_an_id_goes_by_its_name() -> None:
    assert read(type="FunctionCallResponse", name="f", content="") == (
        events.CallResult("", "f", ""),
    )


def test_sign_of_life_means_nothing() -> None:
    assert read(type="KeepAlive") == ()


def test_forced_end_of_the_users_turn() -> None:
    assert read(type="ForceEndTurn") == (events.TurnEnded(),)


@pytest.mark.parametrize(
    "message, code",
    [
        ({"type": "InjectAgentMessage", "is_dynamic": True}, "UNSUPPORTED"),
        ({"type": "UpdateThink_Live", "think_live": {"provider": {}}}, "UNSUPPORTED"),
        ({"type": "__customToThinkProvider", "content": 1}, "UNSUPPORTED"),
    ],
)
def test_message_that_is_not_acted_on_is_answered_under_its_own_name(
    message: dict[str, Any], code: str
) -> None:
    told = front.failure(fault(**message))
    assert isinstance(told, agent.AgentWarning)
    assert (told.code, message["type"] in told.description) == (code, True)


def test_samples_here_are_all_that_is_not_acted_on() -> None:
    not_yet = {name for name, reading in front.READS.items() if reading.__name__ == "_not_yet"}
    assert {each.__name__ for each in not_yet} == {
        "UpdateThinkLive",
        "CustomToThinkProvider",
    }


@pytest.mark.parametrize(
    "behavior, manner",
    [
        (None, events.Manner.DEFAULT),
        ("default", events.Manner.DEFAULT),
        ("queue", events.Manner.QUEUE),
        ("interrupt", events.Manner.INTERRUPT),
    ],
)
@pytest.mark.parametrize("field", ["message", "content"])
def test_line_for_the_agent(behavior: str | None, manner: events.Manner, field: str) -> None:
    sent = {"type": "InjectAgentMessage", field: "Hello."}
    sent |= {"behavior": behavior} if behavior else {}
    assert read(**sent) == (events.AgentLine("Hello.", manner),)


@pytest.mark.parametrize(
    "error, code",
    [
        (errors.UserHasFloor(), "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH"),
        (errors.AgentHasFloor(), "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH"),
    ],
)
def test_line_that_is_refused_is_told_twice(error: errors.TurngateError, code: str) -> None:
    refused, warned = front.write(effects.Report(error))
    assert refused == agent.InjectionRefused(str(error))
    assert warned == agent.AgentWarning(code, str(error))


# -- what the client is told

CALL = Call("call_1", "get_time", '{"city": "Paris"}')

TOLD: list[tuple[effects.ToClient, list[dict[str, Any]]]] = [
    (effects.Welcome("r1"), [{"type": "Welcome", "request_id": "r1"}]),
    (effects.Acknowledge("Settings"), [{"type": "SettingsApplied"}]),
    (effects.Acknowledge("UpdatePrompt"), [{"type": "PromptUpdated"}]),
    (effects.Acknowledge("UpdateThink"), [{"type": "ThinkUpdated"}]),
    (effects.Acknowledge("UpdateSpeak"), [{"type": "SpeakUpdated"}]),
    (effects.Acknowledge("UpdateListen"), [{"type": "ListenUpdated"}]),
    (
        effects.ShowUserText("hi"),
        [
            {
                "type": "ConversationText",
                "role": "user",
                "content": "hi",
                "conversational_behavior": "default",
            },
        ],
    ),
    (
        effects.ShowAgentText("Hello."),
        [
            {
                "type": "ConversationText",
                "role": "assistant",
                "content": "Hello.",
                "conversational_behavior": "default",
            },
        ],
    ),
    (
        effects.AgentStarted(Ms(640), Ms(410), Ms(30)),
        [
            {
                "type": "AgentStartedSpeaking",
                "total_latency": 0.64,
                "tts_latency": 0.03,
                "ttt_latency": 0.41,
            }
        ],
    ),
    (effects.AgentThinks(), [{"type": "AgentThinking", "content": ""}]),
    (effects.AgentFinished(), [{"type": "AgentAudioDone"}]),
    (effects.UserStarted(), [{"type": "UserStartedSpeaking"}]),
    (
        effects.AskFunctions((CALL, Call("call_2", "roll", "{}"))),
        [
            {
                "type": "FunctionCallRequest",
                "functions": [
                    {
                        "id": "call_1",
                        "name": "get_time",
                        "arguments": '{"city": "Paris"}',
                        "client_side": True,
                    },
                    {"id": "call_2", "name": "roll", "arguments": "{}", "client_side": True},
                ],
            }
        ],
    ),
    (
        effects.CancelFunctions((CALL,)),
        [
            {
                "type": "FunctionCallCancelled",
                "functions": [{"id": "call_1", "name": "get_time"}],
            }
        ],
    ),
    (
        effects.Report(errors.TooEarly()),
        [
            {
                "type": "Error",
                "code": "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS",
                "description": str(errors.TooEarly()),
            }
        ],
    ),
    (
        effects.Report(errors.ResponseFailed("rate_limit_exceeded", "Slow down.")),
        [
            {
                "type": "Warning",
                "code": "THINK_REQUEST_FAILED",
                "description": "The answer failed (rate_limit_exceeded): Slow down.",
            }
        ],
    ),
]


NOTED: list[tuple[agent.ServerMessage, dict[str, Any]]] = [
    (
        front.remembered(items.UserText("hi")),
        {"type": "History", "role": "user", "content": "hi"},
    ),
    (
        front.remembered(items.AgentText("Hello.")),
        {"type": "History", "role": "assistant", "content": "Hello."},
    ),
    (
        front.timed(Latency(stt_ms=Ms(250), tts_ms=Ms(0), total_ms=Ms(640))),
        {
            "type": "LatencyReport",
            "stt_latency": 0.25,
            "tts_latency": 0.0,
            "total_latency": 0.64,
        },
    ),
]


def told(effect: effects.ToClient) -> list[dict[str, Any]]:
    return [json.loads(encode(each)) for each in front.write(effect)]


@pytest.mark.parametrize("effect, messages", TOLD, ids=lambda each: type(each).__name__)
def test_effect_has_its_messages(effect: effects.ToClient, messages: list[dict[str, Any]]) -> None:
    assert told(effect) == messages


def test_every_effect_is_among_the_samples() -> None:
    assert {type(effect) for effect, _ in TOLD} == set(get_args(effects.ToClient))


def test_every_message_that_changes_the_configuration_has_its_acknowledgement() -> None:
    acknowledged = {
        effect.change_id for effect, _ in TOLD if isinstance(effect, effects.Acknowledge)
    }
    changes = {name.__name__ for name in front.READS if name.__name__.startswith(("Set", "Upd"))}
    assert acknowledged == changes - {"UpdateThinkLive"}


@pytest.mark.parametrize("message, written", NOTED, ids=lambda each: type(each).__name__)
def test_what_is_noted_down_is_told_as(
    message: agent.ServerMessage, written: dict[str, Any]
) -> None:
    assert json.loads(encode(message)) == written


MESSAGES = [
    *(message for _, messages in TOLD for message in messages),
    *(written for _, written in NOTED),
]
OPTIONAL = {"type", "conversational_behavior"}
REQUIRED = [
    (message, field)
    for message in MESSAGES
    for field in message
    if field not in OPTIONAL and message["type"] != "LatencyReport"
]


def sdk_model(kind: str) -> Any:
    """Return the official SDK's own type of a message; it validates strictly."""
    name = "ConversationHistoryMessage" if kind == "History" else f"AgentV1{kind}"
    return getattr(import_module("deepgram.agent.v1.types"), name)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: each["type"])
def test_official_sdk_takes_the_message(message: dict[str, Any]) -> None:
    model = sdk_model(message["type"])
    assert model.model_validate(message).type == message["type"]


@pytest.mark.parametrize("message, lost", REQUIRED)
def test_official_sdk_would_miss_a_field(message: dict[str, Any], lost: str) -> None:
    model = sdk_model(message["type"])
    with pytest.raises(ValueError, match=lost):
        model.model_validate({k: v for k, v in message.items() if k != lost})


# -- failures in the client's words


@pytest.mark.parametrize(
    "error, field",
    [
        (errors.SettingsRefused("session.instructions", "too long"), "agent.think.prompt"),
        (errors.SettingsRefused("audio.input.encoding", "no"), "audio.input.encoding"),
        (errors.VoiceKept("audio.output.voice"), "agent.speak.provider.voice"),
    ],
)
def test_failure_names_the_field_as_the_client_wrote_it(
    error: errors.TurngateError, field: str
) -> None:
    told = cast("agent.Error | agent.AgentWarning", front.failure(error))
    assert field in told.description
    assert told.code == answer_to(error).code


def test_failure_of_unknown_settings_names_none() -> None:
    told = front.failure(errors.SettingsRefused("", "they came too late"))
    assert told == agent.Error("INVALID_SETTINGS", "The settings were refused: they came too late")
