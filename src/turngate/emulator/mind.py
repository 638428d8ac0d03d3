"""The emulated model: decides what a response says and calls. Deterministic, without language.

A plan comes first, then exact speech asked for in the instructions, then fixtures, then rules:
tools by name, weather and time, chains, a long story; whatever is left is echoed.
"""

import re
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from turngate.emulator.conversation import Item
from turngate.emulator.refusal import Json
from turngate.emulator.script import FunctionCall, Message, Output, Reply, Script

STORY = (
    "Once upon a time there was a small gate at the end of a long road, and whoever came there "
    "waited for a turn. The first to come was a miller, who wished to tell of the wind. The second "
    "was a sailor, who wished to tell of the sea. They began to speak at the same moment, and "
    "neither was heard. So the gate closed, and opened for one, and closed again, and opened for "
    "the other; and ever since then everybody has had an answer, and nobody has had two."
)
STORY_DELTA_MS = 15.0
_EXACTLY = re.compile(r'say exactly:\s*"(.*)"', re.IGNORECASE | re.DOTALL)
_PLACE = re.compile(r"\b(?:in|for|of|at)\s+((?:[A-Z][\w'-]*)(?:\s+[A-Z][\w'-]*)*)")
_ANY_PLACE = re.compile(r"\bin\s+([\w'-]+)", re.IGNORECASE)
_CHAIN = re.compile(r"\bchain\s+(\d+)", re.IGNORECASE)
_PLACE_FIELDS = ("city", "location", "place", "town", "timezone")
_SMALL_WORDS = {"get", "set", "a", "the", "to", "of", "for", "in", "is", "it", "do", "my"}


def asks_exactly(instructions: str) -> bool:
    """Whether the instructions of a request dictate what is said, word for word."""
    return _EXACTLY.search(instructions) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model sees when a response begins.

    items: the conversation, or the input of the request. tools, tool_choice: in force for this
    response. instructions: those of the request itself, or empty.
    """

    items: tuple[Item, ...]
    tools: tuple[Json, ...]
    tool_choice: Any = "auto"
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The outputs of one response in order, and the pace it is spoken at, if it has its own."""

    outputs: tuple[Output, ...]
    per_delta_ms: float | None = None


class Mind:
    """The model of one connection. It remembers only how far a plan or a chain has come."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._responses = 0
        self._then: Reply | None = None
        self._chain_left = 0

    def answer(self, prompt: Prompt) -> Answer:
        """Return what the response to `prompt` holds."""
        if exactly := _EXACTLY.search(prompt.instructions):
            return _said(exactly[1])
        self._responses += 1
        if self._responses <= len(self._script.responses):
            return Answer(self._script.responses[self._responses - 1])
        fresh = _since_last_answer(prompt.items)
        outputs = [item for item in fresh if item.wire["type"] == "function_call_output"]
        if outputs and fresh[-1].wire["type"] == "function_call_output":
            return self._after_outputs(prompt, outputs)
        return self._to_user(prompt)

    def _after_outputs(self, prompt: Prompt, outputs: list[Item]) -> Answer:
        if self._then is not None:
            return self._use(self._then)
        if self._chain_left > 0:
            self._chain_left -= 1
            return Answer(_calls(prompt.tools[:1], last_user_text(prompt.items)))
        facts = [fact for item in outputs if (fact := _fact(item.wire["output"]))]
        return _said(f"It is {' and '.join(facts)}." if facts else "That is done.")

    def _to_user(self, prompt: Prompt) -> Answer:
        self._then, self._chain_left = None, 0
        speech_ms = _unheard_ms(prompt.items)
        if speech_ms is not None:
            return _said(f"I heard {speech_ms / 1000:.1f} seconds of speech.")
        asked = last_user_text(prompt.items)
        for reply in self._script.replies:
            if reply.match.lower() in asked.lower():
                return self._use(reply)
        called = self._tools_for(asked, prompt)
        if called:
            return Answer(_calls(called, asked))
        if "long story" in asked.lower():
            return Answer((Message(text=STORY),), STORY_DELTA_MS)
        return _said(f"You said: {asked}" if asked else "Hello, how can I help?")

    def _use(self, reply: Reply) -> Answer:
        self._then = reply.then
        return Answer(reply.outputs(), reply.per_delta_ms)

    def _tools_for(self, asked: str, prompt: Prompt) -> tuple[Json, ...]:
        tools = tuple(tool for tool in prompt.tools if tool.get("type", "function") == "function")
        choice = prompt.tool_choice
        if choice == "none" or not tools:
            return ()
        if isinstance(choice, dict):
            wanted = cast("Json", choice).get("name")
            return tuple(tool for tool in tools if tool["name"] == wanted)
        if chain := _CHAIN.search(asked):
            self._chain_left = int(chain[1]) - 1
            return tools[:1]
        if "tools" in asked.lower():
            return tools
        named = tuple(tool for tool in tools if _is_named(tool["name"], asked))
        return named or (tools[:1] if choice == "required" else ())


def _said(text: str) -> Answer:
    return Answer((Message(text=text),))


def _since_last_answer(items: tuple[Item, ...]) -> list[Item]:
    """Return the items after the last assistant message, or all of them."""
    fresh: list[Item] = []
    for item in reversed(items):
        if item.wire.get("role") == "assistant" or item.wire["type"] == "function_call":
            if item.wire["type"] == "function_call":
                continue
            break
        fresh.append(item)
    return fresh[::-1]


def last_user_text(items: tuple[Item, ...]) -> str:
    """Return the text of the last user message that has one, or an empty string."""
    for item in reversed(items):
        if item.wire.get("role") != "user":
            continue
        parts: list[Json] = item.wire["content"]
        written = " ".join(part.get("text") or part.get("transcript") or "" for part in parts)
        if written.strip():
            return written.strip()
    return ""


def _unheard_ms(items: tuple[Item, ...]) -> float | None:
    """Return the length of the last user turn when it was spoken and nobody wrote it down."""
    for item in reversed(items):
        if item.wire.get("role") == "user":
            has_words = any(
                part.get("text") or part.get("transcript") for part in item.wire["content"]
            )
            return None if has_words else item.speech_ms
    return None


def _is_named(tool_name: str, asked: str) -> bool:
    """Whether the words of a function's name occur in the text: get_weather in "the weather"."""
    heard = set(re.findall(r"[a-z]+", asked.lower()))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", tool_name)
    words = [word for word in re.findall(r"[a-z]+", spaced.lower()) if word not in _SMALL_WORDS]
    telling = [word for word in words if word not in ("current", "local", "now", "lookup")]
    return bool(telling) and all(word in heard for word in telling)


def _calls(tools: tuple[Json, ...], asked: str) -> tuple[Output, ...]:
    places = _PLACE.findall(asked) or [name.title() for name in _ANY_PLACE.findall(asked)]
    return tuple(
        FunctionCall(
            name=tool["name"],
            arguments=msgspec.json.encode(
                _arguments(tool.get("parameters") or {}, asked, _nth(places, index))
            ).decode(),
        )
        for index, tool in enumerate(tools)
    )


def _nth(places: list[str], index: int) -> str:
    return places[min(index, len(places) - 1)] if places else "London"


def _arguments(parameters: Json, asked: str, place: str) -> dict[str, object]:
    """Guess arguments for a function: its required properties, or all of them."""
    properties: dict[str, Json] = parameters.get("properties") or {}
    wanted: list[str] = parameters.get("required") or list(properties)
    return {name: _argument(name, properties.get(name) or {}, asked, place) for name in wanted}


def _argument(name: str, schema: Json, asked: str, place: str) -> object:
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "integer" | "number":
            figures = re.findall(r"\d+", asked)
            return int(figures[0]) if figures else 1
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return {}
        case _:
            return place if any(word in name.lower() for word in _PLACE_FIELDS) else asked


def _fact(output: str) -> str:
    """Put a function's output into words: JSON objects by their values, text as it is."""
    try:
        known = msgspec.json.decode(output)
    except msgspec.DecodeError:
        return re.sub(r"^it('s| is) ", "", output.strip().rstrip("."), flags=re.IGNORECASE)
    if not isinstance(known, dict):
        return str(known)
    facts = cast("dict[str, object]", known)
    place = facts.get("city") or facts.get("location")
    said = ", ".join(
        f"{value}"
        for name, value in facts.items()
        if name not in ("city", "location") and isinstance(value, str | int | float)
    )
    return f"{said} in {place}" if place and said else said or str(place or "")
