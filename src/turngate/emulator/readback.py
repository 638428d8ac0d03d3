"""What is said about what was heard: a recogniser errs, so its guess is read back, or owned up to."""

from collections.abc import Sequence

from turngate.emulator.conversation import Item
from turngate.emulator.guess import spaced
from turngate.emulator.refusal import Json
from turngate.emulator.script import Message, Output

ABILITIES = "tell the time, the weather or a joke, roll dice, and help in a small shop"


def last_heard(items: Sequence[Item]) -> Item | None:
    """Return the last user item when ears have heard it."""
    users = (item for item in reversed(items) if item.wire.get("role") == "user")
    last = next(users, None)
    return last if last and last.heard else None


def not_understood(items: Sequence[Item], functions: Sequence[Json], speech_ms: float) -> str:
    """Return the answer to a spoken turn without a transcript."""
    item = last_heard(items)
    seconds = f"I heard {speech_ms / 1000:.1f} seconds of"
    if item is None or item.heard is None:
        return f"{seconds} speech."
    if not item.heard.had_voice:
        return f"{seconds} sound, but no words."
    names = ", ".join(spaced(function["name"]) for function in functions)
    also = f", and use your functions: {names}" if names else ""
    return f"I did not understand. I can only {ABILITIES}{also}."


def read_back(items: Sequence[Item], outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Return `outputs` with what was understood of a spoken turn before them."""
    item = last_heard(items)
    if item is None or item.heard is None or item.heard.text is None:
        return tuple(outputs)
    understood = f"I understood: {item.heard.text}."
    first, *rest = outputs
    if isinstance(first, Message):
        together = Message(text=f"{understood} {first.text}", modality=first.modality)
        return (together, *rest)
    return (Message(text=understood), *outputs)
