"""Messages that no honest client sends, each with the code and the field that it is answered by.

The generated ones take a whole message and spoil it at one place: a value of another kind, or a
required field that is missing. The others are picked by hand.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

from turngate.errors import BadField
from turngate.wire.codec import decode_client_message

UNPARSABLE = "UNPARSABLE_CLIENT_MESSAGE"
INVALID = "INVALID_SETTINGS"
IGNORED = "SETTINGS_FIELDS_IGNORED"

Place: TypeAlias = tuple[str | int, ...]

KINDS: tuple[Any, ...] = (True, 7, 7.5, "seven", [], {}, [7], [None], None)
"""A value of each kind; what a field takes of them is no spoiling."""


class Hostile(NamedTuple):
    """What is sent, the code of the answer, and a part of its text: the field's name, mostly."""

    said: str | bytes
    code: str
    names: str


# -- generated


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield every place in a message, the message itself left out."""
    for key in _keys(value):
        yield (*at, key)
        yield from places(value[key], (*at, key))


def _keys(value: Any) -> list[str | int]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value))
    return list(range(len(cast("list[Any]", value)))) if isinstance(value, list) else []


def spoilt(message: dict[str, Any], place: Place, wrong: Any) -> dict[str, Any]:
    """Return the message with something else at a place; `...` removes what is there."""
    copy: Any = json.loads(json.dumps(message))
    holder = copy
    for key in place[:-1]:
        holder = holder[key]
    if wrong is ...:
        del holder[place[-1]]
    else:
        holder[place[-1]] = wrong
    return copy


VAGUE = {"messages": 2, "headers": 1}
"""How far into these an answer goes: a line of the past has two shapes, a header is the client's."""


NEEDED = {"InjectAgentMessage": "message", "FunctionCallResponse": "content"}
"""What is missing where one of several fields is removed that stand for each other."""


def name_of(place: Place) -> str:
    """Return a place as the answer names it."""
    for name, depth in VAGUE.items():
        if name in place:
            place = place[: place.index(name) + depth]
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)[1:]


def generated(messages: Sequence[dict[str, Any]]) -> list[Hostile]:
    """Return the messages spoilt in each way at each place."""
    return [
        hostile
        for message in messages
        for place in places(message)
        for hostile in _spoilt_at(message, place)
    ]


def _spoilt_at(message: dict[str, Any], place: Place) -> Iterator[Hostile]:
    for wrong in () if place == ("type",) else (*KINDS, ...):
        text = json.dumps(spoilt(message, place, wrong))
        try:
            decode_client_message(text)
        except BadField:
            is_gone = wrong in (..., None) and place != ("name",)
            needed = NEEDED.get(message["type"]) if is_gone else None
            yield Hostile(text, UNPARSABLE, needed or name_of(place))


# -- picked by hand


def text(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})


def settings(block: Any = None, **more: Any) -> str:
    return text("Settings", **{"audio": {}, "agent": {} if block is None else block, **more})


def audio(way: str, **form: Any) -> str:
    return settings(audio={way: form})


def speak(**provider: Any) -> str:
    return text("UpdateSpeak", speak={"provider": provider})


def think(**fields: Any) -> str:
    return text("UpdateThink", think={"provider": {}, **fields})


HUGE = 10**400
DEEP = "[" * 5_000 + "]" * 5_000

NOT_JSON = [
    "", " ", "{", "}", "{]", "nul", "truefalse", "'{}'", "{'type':'KeepAlive'}", "{type:KeepAlive}",
    '{"type":"KeepAlive"', '{"type":"KeepAlive",}', '{"type":"KeepAlive"}{', '{"type":"KeepAlive"} x',
    '{"type":"Keep\nAlive"}', '{"type":"\\x41"}', '{"type":"\\ud800"}', "\x00", "\x00" * 999,
    "\ufeff{}", "[object Blob]", "undefined", "NaN", "-", "1e", "0x10", "//", "<xml/>",
    '{"a":1,"type":NaN}', '{"type":Infinity}', "GET / HTTP/1.1", "\u202e{}", "[" * 100_000,
    '{"a":' * 3_000, "\\", '"', '{"type":"KeepAlive","a":01}', "{}" * 9, '{"":', "{,}",
]  # fmt: skip
"""Text that no parser takes."""

NOT_A_MESSAGE = [
    "null", "true", "false", "0", "-7.5", "1e999", '""', '"KeepAlive"', "[]", "{}", "[{}]",
    '[{"type":"KeepAlive"}]', '{"Type":"KeepAlive"}', '{"type":null}', '{"type":7}', '{"type":[]}',
    '{"type":{}}', '{"type":["Settings"]}', '{"type":true}', '{"kind":"KeepAlive"}', DEEP,
]  # fmt: skip
"""JSON that has no type."""

NO_SUCH_TYPE = [
    "", " ", "keepalive", "KEEPALIVE", "KeepAlive ", "Welcome", "SettingsConfiguration", "Error",
    "__proto__", "constructor", "toString", "session.update", "response.create", "Settings\x00",
    "\u041aeepAlive", "InjectUserMessage\n", "UpdateInstructions", "AgentV1Settings", "null", "0",
    "a" * 100_000, "../../etc/passwd", "'; drop table calls; --", "${jndi:ldap://x}", "%s%n",
]  # fmt: skip

PICKED: list[Hostile] = [
    *(Hostile(each, UNPARSABLE, "cannot be read") for each in (*NOT_JSON, *NOT_A_MESSAGE)),
    *(Hostile(text(kind), UNPARSABLE, "message type") for kind in NO_SUCH_TYPE),
    # fields that are missing
    Hostile(text("Settings"), UNPARSABLE, "audio"),
    Hostile(text("Settings", audio={}), UNPARSABLE, "agent"),
    Hostile(text("Settings", agent={}), UNPARSABLE, "audio"),
    Hostile(text("UpdatePrompt"), UNPARSABLE, "prompt"),
    Hostile(text("UpdatePrompt", Prompt="x"), UNPARSABLE, "prompt"),
    Hostile(text("UpdateThink"), UNPARSABLE, "think"),
    Hostile(text("UpdateThink", think={}), UNPARSABLE, "think.provider"),
    Hostile(text("UpdateSpeak", speak={}), UNPARSABLE, "speak.provider"),
    Hostile(text("UpdateListen", listen={}), UNPARSABLE, "listen.provider"),
    Hostile(text("InjectUserMessage"), UNPARSABLE, "content"),
    Hostile(text("InjectUserMessage", message="x"), UNPARSABLE, "content"),
    Hostile(text("InjectAgentMessage"), UNPARSABLE, "message"),
    Hostile(text("InjectAgentMessage", is_dynamic=False), UNPARSABLE, "message"),
    Hostile(text("FunctionCallResponse"), UNPARSABLE, "name"),
    Hostile(text("FunctionCallResponse", name="f"), UNPARSABLE, "content"),
    Hostile(text("FunctionCallResponse", name="f", output="x"), UNPARSABLE, "content"),
    Hostile(text("__customToThinkProvider"), UNPARSABLE, "content"),
    Hostile(settings({"context": {"messages": [{"role": "user"}]}}), UNPARSABLE, "messages"),
    Hostile(settings({"think": {"provider": {}, "functions": [{}]}}), UNPARSABLE, "name"),
    # lists without an entry
    Hostile(text("UpdateThink", think=[]), UNPARSABLE, "think"),
    Hostile(text("UpdateSpeak", speak=[]), UNPARSABLE, "speak"),
    # values out of range
    Hostile(audio("input", sample_rate=HUGE), UNPARSABLE, "audio.input.sample_rate"),
    Hostile(audio("input", sample_rate=-HUGE), UNPARSABLE, "audio.input.sample_rate"),
    Hostile(audio("input", sample_rate=1.5), INVALID, "audio.input.sample_rate"),
    Hostile('{"type":"KeepAlive","a":' + "9" * 5_000 + "}", UNPARSABLE, "out of range"),
    Hostile(text("InjectAgentMessage", message="x", behavior="shout"), UNPARSABLE, "behavior"),
    Hostile(settings({"context": {"messages": [{"type": "Past"}]}}), UNPARSABLE, "messages"),
    # formats that cannot be had, both ways
    *(
        Hostile(audio(way, **form), INVALID, f"audio.{way}.{field}")
        for way in ("input", "output")
        for field, form in [
            *(
                ("encoding", {"encoding": each})
                for each in ("opus", "flac", "speex", "g729", "aac")
            ),
            *(("encoding", {"encoding": each}) for each in ("amr-nb", "linear32", "", "LINEAR16")),
            *(("sample_rate", {"sample_rate": each}) for each in (0, -1, 1, 24_001, 2**62)),
            ("sample_rate", {"encoding": "mulaw", "sample_rate": 24_000}),
        ]
    ),
    Hostile(audio("output", container="ogg"), INVALID, "audio.output.container"),
    Hostile(audio("output", container=""), INVALID, "audio.output.container"),
    # agents that are not there
    Hostile(settings("b2c1"), "AGENT_ID_NOT_SUPPORTED", "agent"),
    Hostile(settings(""), "AGENT_ID_NOT_SUPPORTED", "agent"),
    Hostile(settings("../../../etc/passwd"), "AGENT_ID_NOT_SUPPORTED", "agent"),
    # values that no session has
    Hostile(speak(speed=0), INVALID, "agent.speak.provider.speed"),
    Hostile(speak(speed=-1), INVALID, "agent.speak.provider.speed"),
    Hostile(speak(speed=1e300), INVALID, "agent.speak.provider.speed"),
    Hostile(think(outputModalities=[]), INVALID, "agent.think.outputModalities"),
    Hostile(think(outputModalities=["audio", "text"]), INVALID, "agent.think.outputModalities"),
    Hostile(think(outputModalities=["video"]), INVALID, "agent.think.outputModalities"),
    Hostile(think(maxOutputTokens=0), INVALID, "agent.think.maxOutputTokens"),
    Hostile(think(maxOutputTokens=-(2**62)), INVALID, "agent.think.maxOutputTokens"),
    Hostile(think(toolChoice="sometimes"), INVALID, "agent.think.toolChoice"),
    Hostile(think(toolChoice={"type": "magic"}), INVALID, "agent.think.toolChoice"),
    Hostile(settings({"sessionAudioOutput": {"speed": 9}}), INVALID, "sessionAudioOutput.speed"),
    Hostile(settings({"sessionAudioOutput": {"voice": "bob"}}), INVALID, "Output.voice"),
    Hostile(settings({"sessionAudioOutput": {"format": {"type": "mp3"}}}), INVALID, "format.type"),
    # what is known and has no effect, or comes to nothing
    Hostile(speak(model="aura-2-thalia-en"), IGNORED, "agent.speak.provider.voice"),
    Hostile(speak(voice={"mode": "id", "id": "x"}), IGNORED, "agent.speak.provider.voice"),
    Hostile(think(endpoint={"url": "http://169.254.169.254/"}), IGNORED, "agent.think.endpoint"),
    Hostile(text("UpdateThink_Live", think_live={"provider": {}}), "UNSUPPORTED", "UpdateThink"),
    Hostile(text("InjectAgentMessage", is_dynamic=True), "UNSUPPORTED", "InjectAgentMessage"),
    Hostile(text("__customToThinkProvider", content={}), "UNSUPPORTED", "ToThinkProvider"),
    Hostile(
        text("FunctionCallResponse", id="call_0", name="f", content="x"),
        "UNKNOWN_FUNCTION_CALL",
        "call_0",
    ),
    Hostile(
        text("FunctionCallResponse", id="", name="__proto__", content="x"),
        "UNKNOWN_FUNCTION_CALL",
        "(no id)",
    ),
    Hostile(text("UpdatePrompt", prompt="a" * 30_000), "PROMPT_TOO_LONG", "prompt"),
    Hostile(think(prompt="a" * 30_000), "PROMPT_TOO_LONG", "prompt"),
]
