"""Scripts over sockets: what the client says, what everybody is seen to say, and what must not be.

    await play(
        stage,
        client >> InjectUserMessage("hi"),             # the client says
        client << 'ConversationText user "hi"',        # the client is told
        openai << "conversation.item.create user",     # the upstream is told
        never(openai << "response.create"),            # from here to the line that shows it
        openai >> "conversation.item.added user",      # the upstream says, by its own rules
        openai << "response.create",
    )

A line is awaited by its first words. Each side keeps its order, and what the gateway says comes
after what it was told before in the script. At the end the call is let go quiet; then every
line of a kind that matters to the turn must have stood in the script, so a second answer fails as
surely as a missing one.
"""

from typing import Protocol, TypeAlias, TypeVar

import pytest
from msgspec import Struct

from e2e.record import Line, Record, Side
from turngate.emulator import Audit
from turngate.wire import agent
from turngate.wire.codec import encode


class Says(Struct, frozen=True):
    """The client says this; text is sent as text and bytes as binary."""

    frame: str | bytes


class Seen(Struct, frozen=True):
    """Somebody is seen to say a line that begins with these words."""

    side: Side
    label: str

    def __str__(self) -> str:
        return f"{self.side:<4}{self.label}"


class Never(Struct, frozen=True):
    """No such line from here on, up to the next one in the script."""

    seen: Seen


class Inserts(Struct, frozen=True):
    """A frame that the upstream did not send is put into its stream; `{r1}` is that response."""

    frame: str
    is_binary: bool = False


Step: TypeAlias = Says | Seen | Never | Inserts


class Stage(Protocol):
    """A call under way."""

    record: Record

    def say(self, frame: str | bytes) -> None:
        """Let the client say something."""
        ...

    def insert(self, frame: str, *, is_binary: bool) -> None:
        """Put a frame into what the upstream says."""
        ...

    async def until(self, side: Side, label: str, start: int) -> int:
        """Wait for a line, and return its position."""
        ...

    async def quiet(self) -> None:
        """Wait until nobody has anything more to say."""
        ...


class _Client:
    """The program at the front."""

    def __rshift__(self, said: agent.ClientMessage | str | bytes) -> Says:
        return Says(said if isinstance(said, str | bytes) else encode(said).decode())

    def __lshift__(self, label: str) -> Seen:
        return Seen(">C", label)


class _OpenAI:
    """The server at the back."""

    def __rshift__(self, label: str) -> Seen:
        return Seen("U>", label)

    def __lshift__(self, label: str) -> Seen:
        return Seen(">U", label)


client = _Client()
openai = _OpenAI()


def never(seen: Seen) -> Never:
    """Forbid a line from here on, up to the next one in the script."""
    return Never(seen)


def inserted(frame: str, *, is_binary: bool = False) -> Inserts:
    """Put a frame into what the upstream says."""
    return Inserts(frame, is_binary)


TURN: dict[Side, frozenset[str]] = {
    ">U": frozenset(
        {
            "session.update",
            "response.create",
            "response.cancel",
            "conversation.item.create",
            "conversation.item.truncate",
            "conversation.item.delete",
        }
    ),
    ">C": frozenset(
        {
            "SettingsApplied",
            "PromptUpdated",
            "ConversationText",
            "FunctionCallRequest",
            "FunctionCallCancelled",
            "AgentAudioDone",
            "UserStartedSpeaking",
            "Error",
            "Warning",
        }
    ),
}
"""The kinds of lines that must all stand in a script."""

Kind = TypeVar("Kind")


async def follow(stage: Stage, *script: Step) -> list[int]:
    """Play the client's part and wait for the lines; return the position of every step."""
    start = len(stage.record.lines)
    cursors = {"C": start, "U": start}
    told = start
    positions: list[int] = []
    for step in script:
        position = told
        match step:
            case Says(frame):
                position = len(stage.record.lines)
                stage.say(frame)
                told = position + 1
            case Inserts(frame, is_binary):
                stage.insert(frame, is_binary=is_binary)
            case Seen(side, label):
                leg = "C" if "C" in side else "U"
                is_input = side.endswith(">")
                position = await stage.until(
                    side, label, cursors[leg] if is_input else max(cursors[leg], told)
                )
                cursors[leg] = position + 1
                told = max(told, position + 1) if is_input else told
            case Never():
                position = max(told, *cursors.values())
        positions.append(position)
    return positions


async def play(stage: Stage, *script: Step, start: int | None = None) -> None:
    """Play a script to its end, let the call go quiet, and fail unless everything is as written."""
    begin = len(stage.record.lines) if start is None else start
    positions = await follow(stage, *script)
    await stage.quiet()
    lines = stage.record.lines
    matched = {
        position for step, position in zip(script, positions, strict=True) if isinstance(step, Seen)
    }
    for position in range(begin, len(lines)):
        if position not in matched and _matters(lines[position]):
            _fail(stage, f"not in the script: {lines[position]}")
    for index, step in enumerate(script):
        if isinstance(step, Never):
            end = _shown(step, script[index:], positions[index:], len(lines))
            for line in lines[positions[index] : end]:
                if line.is_like(step.seen.side, step.seen.label):
                    _fail(stage, f"came too early, or at all: {step.seen}")


def _shown(never: Never, script: tuple[Step, ...], positions: list[int], end: int) -> int:
    """Return where the script itself shows the line again."""
    for step, position in zip(script, positions, strict=True):
        if (
            isinstance(step, Seen)
            and step.side == never.seen.side
            and step.label.startswith(never.seen.label)
        ):
            return position
    return end


def _matters(line: Line) -> bool:
    return line.label.partition(" ")[0] in TURN.get(line.side, ())


def _fail(stage: Stage, why: str) -> None:
    pytest.fail(f"{why}\n{stage.record}", pytrace=False)


def assert_kept(audit: Audit) -> None:
    """Fail unless no rule was broken, every turn was answered, and none twice."""
    assert audit.violations == 0, audit.table()
    assert audit.unanswered_turns == 0, audit.table()
    assert audit.answered_twice == 0, audit.table()
