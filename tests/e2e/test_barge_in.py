"""The user interrupts a long answer, at fifty moments: what remains of it is what was heard."""

import asyncio
import re
import time
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from e2e.record import PATIENCE_S, Record
from e2e.script import assert_kept
from e2e.stage import Caller, configured, through_turngate
from turngate.audio.tone import silence, tone
from turngate.emulator import Knobs, Message, Script, serving
from turngate.wire.agent import Flags, InjectUserMessage
from turngate.wire.codec import encode

MOMENTS, SEED = 50, 459
SPREAD_S, LONGEST_S = 3.0, 5.0
TEXT = (
    "Once there was a king who could not sleep. He counted sheep, and then he counted the hills "
    "that they stood on; nothing helped. At last he asked a fisherman. The fisherman said: listen "
    "to the water, your majesty, and think of nothing. Is that all? It is, as far as I know."
)
ANSWERS = Script(responses=((Message(text=TEXT),),))
KNOBS = Knobs(per_delta_ms=15, stragglers=3)
"""About six times as fast as it is heard: early interruptions meet an answer that still grows, and
some of it comes after its end."""

LETTER_MS = 60
"""The pace of the emulated voice, which is the same all the time."""


class Listener(Caller):
    """A client that notes when it heard what."""

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self.heard: list[tuple[float, dict[str, Any] | bytes]] = []

    def received(self, payload: bytes, *, is_binary: bool) -> None:
        said = payload if is_binary else msgspec.json.decode(payload)
        self.heard.append((time.monotonic(), said))
        super().received(payload, is_binary=is_binary)

    def at(self, kind: str, nth: int = 0) -> int:
        """Return the place of the nth message of a kind; `audio` is binary."""
        places = [place for place, (_, said) in enumerate(self.heard) if _kind(said) == kind]
        return places[nth]

    def all(self, kind: str, begin: int = 0, end: int | None = None) -> list[dict[str, Any]]:
        said = [said for _, said in self.heard[begin:end]]
        return [each for each in said if isinstance(each, dict) and each["type"] == kind]

    async def until(self, kind: str, times: int) -> None:
        def found() -> bool | None:
            return sum(_kind(said) == kind for _, said in self.heard) >= times or None

        await self.record.until(found, f"{kind} for the {times}. time")


def _kind(said: dict[str, Any] | bytes) -> str:
    return "audio" if isinstance(said, bytes) else said["type"]


class Lateness:
    """How late this process was for its appointments, and when: so badly it can tell the time."""

    def __init__(self) -> None:
        self._found: list[tuple[float, float]] = []

    async def watch(self) -> None:
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            self._found.append((due, time.monotonic() - due))

    def between(self, begin_s: float, end_s: float) -> float:
        """Return the worst in ms."""
        near = [late for due, late in self._found if begin_s - 1 < due < end_s + 1]
        return max(near, default=0.0) * 1000


def words_over(heard_ms: float) -> int:
    """Count the words of the answer that are over after so long."""
    return len(TEXT[: max(0, int(heard_ms / LETTER_MS)) + 1].split(" ")) - 1


async def interrupted(
    url: str, begin_s: float, after_s: float, *, has_microphone: bool
) -> Listener:
    """Ask, listen for a while, interrupt, and wait for the answer to that.

    Whose microphone is open before is sent the answer at the pace of its playing.
    """
    await asyncio.sleep(begin_s)  # fifty answers that begin at once would all be late
    listener = await Listener.connected(url, Record(4 * PATIENCE_S))
    listener.say(encode(replace(configured(), flags=Flags(history=True))).decode())
    await listener.until("SettingsApplied", 1)
    if has_microphone:
        listener.say(silence(40))
    listener.say(encode(InjectUserMessage("Tell me a story.")).decode())
    await listener.until("AgentStartedSpeaking", 1)
    await asyncio.sleep(after_s)  # the moment is what is tried
    listener.say(tone(600))
    await listener.until("UserStartedSpeaking", 1)
    listener.say(silence(900))
    await listener.until("AgentAudioDone", 2)
    listener.leave()
    await listener.record.until(lambda: True if listener.is_over else None, "the end")
    return listener


def verify(listener: Listener, lateness: Lateness) -> int:
    """Judge one call, and return how many words of the answer it remembers."""
    begun, cut = listener.at("AgentStartedSpeaking"), listener.at("UserStartedSpeaking")
    again = listener.at("AgentStartedSpeaking", 1)
    assert "audio" not in map(_kind, (said for _, said in listener.heard[cut:again]))
    first_at, cut_at = listener.heard[listener.at("audio")][0], listener.heard[cut][0]
    heard_ms, late_ms = (cut_at - first_at) * 1000, lateness.between(first_at, cut_at)
    kept, shown = (
        " ".join(
            each["content"]
            for each in listener.all(kind, begun, again)
            if each.get("role") == "assistant"
        )
        for kind in ("History", "ConversationText")
    )
    assert TEXT.startswith(kept)
    assert TEXT.startswith(shown)
    assert shown.startswith(kept)
    least, most = words_over(heard_ms - late_ms) - 1, words_over(heard_ms + late_ms) + 1
    assert least <= len(kept.split()) <= most, (heard_ms, late_ms, kept)
    # What was shown and not heard is no more than the rest of the sentence that was being said.
    assert not re.search(r"[.?!] ", shown[len(kept) + 1 :]), (kept, shown)
    return len(kept.split())


@pytest.mark.timeout(60)
async def test_s26_fifty_interruptions_leave_what_was_heard() -> None:
    chance = Random(SEED)
    moments = [(chance.uniform(0, SPREAD_S), chance.uniform(0, LONGEST_S)) for _ in range(MOMENTS)]
    async with (
        serving(knobs=KNOBS, script=ANSWERS) as emulator,
        through_turngate()(emulator.url) as front,
    ):
        lateness = Lateness()
        watching = asyncio.create_task(lateness.watch())
        calls = await asyncio.gather(
            *(
                interrupted(front.url, *each, has_microphone=place % 2 == 0)
                for place, each in enumerate(moments)
            )
        )
        assert_kept(emulator.audit)
        watching.cancel()
        kept = sorted(verify(listener, lateness) for listener in calls)
        cuts = [
            record
            for record in emulator.audit.records
            if record.type in ("conversation.item.truncate", "conversation.item.delete")
        ]
    assert {record.verdict for record in cuts} == {"accepted"}
    upstream = sorted(len((record.heard_words or "").split()) for record in cuts)
    assert len(upstream) == MOMENTS
    assert all(abs(one - other) <= 1 for one, other in zip(kept, upstream, strict=True))
