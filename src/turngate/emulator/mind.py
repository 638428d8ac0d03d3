"""The emulated model: decides what a response says and calls.

A plan comes first, then exact speech asked for in the instructions, then fixtures, then whoever
the knob `mind` names: an echo that calls tools by name, rules, nobody, or a language model.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal, cast

from turngate.emulator import facts, guess, readback, rules
from turngate.emulator.conversation import Item
from turngate.emulator.refusal import Json
from turngate.emulator.script import Message, Output, Reply, Script

STORY = (
    "Once upon a time there was a small gate at the end of a long road, and whoever came there "
    "waited for a turn. The first to come was a miller, who wished to tell of the wind. The second "
    "was a sailor, who wished to tell of the sea. They began to speak at the same moment, and "
    "neither was heard. So the gate closed, and opened for one, and closed again, and opened for "
    "the other; and ever since then everybody has had an answer, and nobody has had two."
)
STORY_DELTA_MS = 15.0
NOTHING = "My script has nothing for that."
Kind = Literal["echo", "rules", "script", "llm"]

_EXACTLY = re.compile(r'say exactly:\s*"(.*)"', re.IGNORECASE | re.DOTALL)
_CHAIN = re.compile(r"\bchain\s+(\d+)", re.IGNORECASE)


def asks_exactly(instructions: str) -> bool:
    """Whether the instructions of a request dictate what is said, word for word."""
    return _EXACTLY.search(instructions) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model sees when a response begins.

    items: the conversation, or the input of the request. tools, tool_choice: in force for this
    response. instructions: those of the request itself, or empty. persona: the session's.
    unix_s: when it begins.
    """

    items: tuple[Item, ...]
    tools: tuple[Json, ...]
    tool_choice: Any = "auto"
    instructions: str = ""
    persona: str = ""
    unix_s: int = 0

    @property
    def functions(self) -> tuple[Json, ...]:
        """The functions that may be called; those of MCP servers are the service's own."""
        if self.tool_choice == "none":
            return ()
        return tuple(tool for tool in self.tools if tool.get("type", "function") == "function")


@dataclass(frozen=True, slots=True)
class Answer:
    """The outputs of one response in order, and the pace it is spoken at, if it has its own."""

    outputs: tuple[Output, ...]
    per_delta_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Ponder:
    """The language model is asked; what it says comes later."""

    prompt: Prompt


class Mind:
    """The model of one connection. It remembers only how far a plan or a chain has come."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._responses = 0
        self._then: Reply | None = None
        self._chain_left = 0

    def answer(self, prompt: Prompt, kind: Kind = "echo") -> Answer | Ponder:
        """Return what the response to `prompt` holds, or whom to ask for it."""
        if exactly := _EXACTLY.search(prompt.instructions):
            return _said(exactly[1])
        self._responses += 1
        if self._responses <= len(self._script.responses):
            return Answer(self._script.responses[self._responses - 1])
        fresh = _since_last_answer(prompt.items)
        outputs = [item for item in fresh if item.wire["type"] == "function_call_output"]
        if outputs and fresh[-1].wire["type"] == "function_call_output":
            return self._after_outputs(prompt, outputs, kind)
        if kind != "llm" and (news := _news(fresh)):
            return _said(facts.told(news))
        return self._to_user(prompt, kind)

    def _after_outputs(self, prompt: Prompt, outputs: list[Item], kind: Kind) -> Answer | Ponder:
        if self._then is not None:
            return self._use(self._then)
        if kind == "llm":
            return Ponder(prompt)
        if self._chain_left > 0:
            self._chain_left -= 1
            return Answer(guess.calls(prompt.tools[:1], last_user_text(prompt.items)))
        return _said(facts.told([item.wire["output"] for item in outputs]))

    def _to_user(self, prompt: Prompt, kind: Kind) -> Answer | Ponder:
        self._then, self._chain_left = None, 0
        asked = last_user_text(prompt.items)
        speech_ms = _unheard_ms(prompt.items)
        if speech_ms is None:
            for reply in self._script.replies:
                if reply.match.lower() in asked.lower():
                    return self._use(reply)
        match kind:
            case "script":
                return _said(NOTHING)
            case _ if speech_ms is not None:
                return _said(readback.not_understood(prompt.items, prompt.functions, speech_ms))
            case "llm":
                return Ponder(prompt)
            case "echo" | "rules":
                answer = self._by_rule(asked, prompt, kind)
                outputs = readback.read_back(prompt.items, answer.outputs)
                return Answer(outputs, answer.per_delta_ms)

    def _by_rule(self, asked: str, prompt: Prompt, kind: Kind) -> Answer:
        called = self._tools_for(asked, prompt)
        if kind == "rules" and not called:
            called = rules.errands(asked, prompt.functions)
        if called:
            return Answer(guess.calls(called, asked))
        if "long story" in asked.lower():
            return Answer((Message(text=STORY),), STORY_DELTA_MS)
        talk = rules.small_talk(asked, prompt.unix_s) if kind == "rules" else None
        return _said(talk or (f"You said: {asked}" if asked else "Hello, how can I help?"))

    def _use(self, reply: Reply) -> Answer:
        self._then = reply.then
        return Answer(reply.outputs(), reply.per_delta_ms)

    def _tools_for(self, asked: str, prompt: Prompt) -> tuple[Json, ...]:
        tools = prompt.functions
        choice = prompt.tool_choice
        if not tools:
            return ()
        if isinstance(choice, dict):
            wanted = cast("Json", choice).get("name")
            return tuple(tool for tool in tools if tool["name"] == wanted)
        if chain := _CHAIN.search(asked):
            self._chain_left = int(chain[1]) - 1
            return tools[:1]
        if "tools" in asked.lower():
            return tools
        named = tuple(tool for tool in tools if guess.is_named(tool["name"], asked))
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


def _news(fresh: list[Item]) -> list[str]:
    """Return what system messages tell behind a colon, where nobody has said anything since.

    A function's late result comes so; who took the user's last words for new would call it again.
    """
    texts = [part.get("text", "") for item in fresh for part in item.wire.get("content") or ()]
    if any(item.wire.get("role") == "user" for item in fresh):
        return []
    return [text.partition(": ")[2] for text in texts if ": " in text]


def last_user_text(items: tuple[Item, ...]) -> str:
    """Return the text of the last user message that has one, or an empty string."""
    for item in reversed(items):
        if item.wire.get("role") != "user":
            continue
        if item.said:
            return item.said
    return ""


def _unheard_ms(items: tuple[Item, ...]) -> float | None:
    """Return the length of the last user turn when it was spoken and nobody wrote it down."""
    for item in reversed(items):
        if item.wire.get("role") == "user":
            return None if item.said else item.speech_ms
    return None
