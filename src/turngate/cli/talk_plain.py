"""`turngate talk` line by line: for pipes, recordings, and whoever wants no full screen."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from enum import Enum, auto
from typing import Protocol

from rich.progress import BarColumn, Progress, TextColumn

from turngate.cli.plain import Failed, screen
from turngate.cli.talk_json import JsonLines
from turngate.client import Audio, Client, Event, agent
from turngate.client.speech import FRAME_MS, speech_end_ms, spoken
from turngate.units import pcm_ms

REST_S = 1.0
"""What follows the end of an answer comes at once; a server that says less is not waited for."""


class Shown(Protocol):
    """Where events are shown."""

    def asked(self) -> None:
        """Start the clock: the user has finished asking."""

    def show(self, event: Event) -> None:
        """Show an event."""


async def type_lines(
    client: Client, lines: AsyncIterator[str], transcript: Shown, timeout_s: float
) -> None:
    """Say each line, and the next one when the answer to it is complete."""
    events = aiter(client)
    async for line in lines:
        transcript.asked()
        await client.say(line)
        await _answered(events, transcript, timeout_s)


async def _answered(events: AsyncIterator[Event], transcript: Shown, timeout_s: float) -> None:
    """Show what comes until the agent has finished.

    Raises:
        Failed: it does not finish, or says that something is wrong.

    """
    try:
        async with asyncio.timeout(timeout_s):
            async for event in events:
                transcript.show(event)
                if _is_final(event):
                    return
    except TimeoutError as error:
        raise Failed(f"no complete answer within {timeout_s:g} s") from error
    raise Failed("the gateway ended the conversation before it answered")


def _is_final(event: Event) -> bool:
    if isinstance(event, agent.Error):
        raise Failed(f"{event.description} ({event.code})")
    return isinstance(event, agent.AgentAudioDone)


async def speak(client: Client, recording: bytes, transcript: Shown, timeout_s: float) -> None:
    """Speak the recording and show what comes until all of it is answered."""
    with Progress(
        TextColumn("{task.description:>7}"),
        BarColumn(),
        TextColumn("{task.completed:.1f} of {task.total:.1f} s"),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as progress:
        said = asyncio.Event()
        microphone = asyncio.create_task(_stream(client, recording, progress, transcript, said))
        try:
            await _answered_after(said, aiter(client), transcript, recording, timeout_s)
        finally:
            microphone.cancel()
            await asyncio.wait([microphone])


async def _stream(
    client: Client,
    recording: bytes,
    progress: Progress,
    transcript: Shown,
    said: asyncio.Event,
) -> None:
    """Be the microphone until cancelled: the recording, then silence."""
    total_ms = pcm_ms(len(recording))
    bar = progress.add_task("you", total=total_ms / 1000)
    end_ms = speech_end_ms(recording)
    sent_ms = 0
    async for frame in spoken(recording):
        await client.send_audio(frame)
        sent_ms += FRAME_MS
        progress.update(bar, completed=min(sent_ms, total_ms) / 1000)
        if sent_ms == end_ms:
            transcript.asked()
        if sent_ms >= total_ms:
            said.set()


class _Turn(Enum):
    """How far the answer to what was said last has come."""

    ASKED = auto()
    ANSWERING = auto()
    ANSWERED = auto()


async def _answered_after(
    said: asyncio.Event,
    events: AsyncIterator[Event],
    transcript: Shown,
    recording: bytes,
    timeout_s: float,
) -> None:
    """Show what comes until the recording is over and no turn of it is unanswered.

    Raises:
        Failed: it is not answered, or something is wrong.

    """
    total_s = timeout_s + pcm_ms(len(recording)) / 1000
    turn = _Turn.ASKED
    try:
        async with asyncio.timeout(total_s):
            async for event in events:
                transcript.show(event)
                turn = _turn_after(turn, event)
                if said.is_set() and turn is _Turn.ANSWERED:
                    return
    except TimeoutError as error:
        raise Failed(f"no complete answer within {timeout_s:g} s of the speech's end") from error
    raise Failed("the gateway ended the conversation before it answered")


def _turn_after(turn: _Turn, event: Event) -> _Turn:
    """Return how far the answer has come with this event.

    A pause in the recording can end a turn before its end, so an early answer may not be the last;
    and the end of an answer that was interrupted is no answer to what interrupted it.
    """
    match event:
        case agent.UserStartedSpeaking():
            return _Turn.ASKED
        case Audio() | agent.ConversationText(role="assistant"):
            return _Turn.ANSWERING if turn is _Turn.ASKED else turn
        case _ if _is_final(event) and turn is _Turn.ANSWERING:
            return _Turn.ANSWERED
        case _:
            return turn


async def show_rest(client: Client, shown: JsonLines) -> None:
    """Show what belongs to the last answer and comes once that has been heard."""
    events = aiter(client)
    with suppress(TimeoutError, StopAsyncIteration):
        async with asyncio.timeout(client.unheard_ms / 1000 + REST_S):
            while not shown.is_complete:
                shown.show(await anext(events))


async def given(lines: list[str]) -> AsyncGenerator[str]:
    """Yield lines that are known beforehand."""
    for line in lines:
        yield line


async def prompted(*, shows_prompt: bool = True) -> AsyncGenerator[str]:
    """Yield lines as they are typed, until Ctrl-D.

    The descriptor is watched, not read in a thread: a thread that waits for Enter cannot be ended.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue(maxsize=16)

    def typed() -> None:
        if not lines.full():
            lines.put_nowait(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), typed)
    try:
        while True:
            if shows_prompt:
                screen.print("    you  ", style="cyan", end="")
            line = await lines.get()
            if not line:
                if shows_prompt:
                    screen.print()
                return
            if line.strip():
                yield line.strip()
    finally:
        loop.remove_reader(sys.stdin.fileno())
