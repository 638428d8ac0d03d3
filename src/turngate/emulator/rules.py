"""Rules for small talk and for a shop: what the demo understands without a language model.

A rule is a pattern and an answer, or a pattern and the words that a function's name must have. The
shop's rules do nothing in a session without such functions.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from turngate.emulator.guess import words_of
from turngate.emulator.refusal import Json


class Talk(NamedTuple):
    """What is answered to a text that the pattern is found in."""

    pattern: str
    answer: str


class Errand(NamedTuple):
    """A function whose name has one of `words` is called for a text that the pattern is found in."""

    pattern: str
    words: frozenset[str]


SMALL_TALK = (
    Talk(r"\b(what time|the time)\b", "It is {now:%H:%M}, Coordinated Universal Time."),
    Talk(r"\b(what day|the date)\b", "It is {now:%A}, {now.day} {now:%B}."),
    Talk(r"\bweather\b", "I cannot see the weather from here. Give me a function for it."),
    Talk(r"\bhow are you\b", "I am well, thank you. How are you?"),
    Talk(r"\b(who|what) are you\b|\byour name\b", "I am the emulator, a stand-in for a voice."),
    Talk(r"\bwhat can you do\b|\bhelp( me)?\b", "I can tell the time, and call your functions."),
    Talk(r"\bjoke\b", "Two responses walk into a conversation. One of them is refused."),
    Talk(r"\b(a|with somebody|with someone) (person|human)\b", "There is nobody else here."),
    Talk(r"^no\b", "All right."),
    Talk(r"\b(thanks|thank you)\b", "You are welcome."),
    Talk(r"^(yes|stop)\b", "All right."),
    Talk(r"\b(goodbye|good bye|bye)\b", "Goodbye!"),
    Talk(r"^(hello|hi|hey|good (morning|day|afternoon|evening))\b", "Hello! How can I help?"),
)

SHOP = (
    Errand(
        r"\b(add|put|buy|remove|basket|cart)\b|\bi (want|would like)\b|\bcan i have\b",
        frozenset({"basket", "cart"}),
    ),
    Errand(r"\b(order|parcel|package|delivery)\b", frozenset({"order", "delivery", "parcel"})),
    Errand(r"\b(open|opening|close|closing|hours)\b", frozenset({"hours", "opening"})),
    Errand(r"\b(cost|price|how much)\b", frozenset({"price", "cost"})),
    Errand(r"\b(stock|available|do you have)\b", frozenset({"stock", "availability"})),
)


def errands(asked: str, tools: tuple[Json, ...]) -> tuple[Json, ...]:
    """Return the function of the first rule that fits both the text and a function, or none."""
    for errand in SHOP:
        if not re.search(errand.pattern, asked, re.IGNORECASE):
            continue
        fitting = [tool for tool in tools if words_of(tool["name"]) & errand.words]
        if fitting:
            heard = set(asked.lower().split())
            return (max(fitting, key=lambda tool: len(words_of(tool["name"]) & heard)),)
    return ()


def small_talk(asked: str, unix_s: int) -> str | None:
    """Return what is answered to `asked` at that second, or None when no rule fits."""
    for talk in SMALL_TALK:
        if re.search(talk.pattern, asked, re.IGNORECASE):
            return talk.answer.format(now=datetime.fromtimestamp(unix_s, UTC))
    return None
