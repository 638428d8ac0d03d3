"""`turngate talk`: a conversation from the terminal, typed or with recorded speech."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from turngate.cli.advice import URL, advised, check_url
from turngate.cli.demo_functions import FUNCTIONS
from turngate.cli.plain import Failed, plain_errors, run, screen
from turngate.cli.transcript import Transcript
from turngate.client import Audio, Client, Event, agent, declare
from turngate.client.speech import (
    FRAME_MS,
    check_place,
    read_speech,
    speech_end_ms,
    spoken,
    write_speech,
)
from turngate.errors import ConfigError
from turngate.units import RATE_HZ, pcm_ms

CONNECT_S = 10.0
"""A gateway that takes longer to accept a connection is not there."""

PROMPT = "You are a helpful voice assistant. Answer in one or two short sentences."


def talk(
    text: Annotated[
        list[str] | None,
        typer.Argument(help="What to say, one message each. Without any: type at the prompt."),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(metavar="WAV", help="Speak this recording instead of typing.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="WAV", help="Write the spoken answer to this file.")
    ] = None,
    url: Annotated[str, typer.Option(envvar="TURNGATE_URL", help="The gateway.")] = URL,
    key: Annotated[
        str | None, typer.Option(envvar="TURNGATE_KEY", help="A key that the gateway asks for.")
    ] = None,
    prompt: Annotated[str, typer.Option(help="What the agent is told to be.")] = PROMPT,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="How long to wait for an answer, seconds.")
    ] = 30.0,
) -> None:
    """Talk to a gateway: type, or speak a WAV file, and see who says and calls what.

    The functions get_time and roll_dice are answered here, in this program.
    """
    with plain_errors():
        check_url(url)
        if out is not None:
            check_place(out)
        recording = _recording(wav, text)
        lines = _lines(text) if recording is None else []
    client = Client(
        url,
        _settings(prompt),
        FUNCTIONS,
        key=key,
        connect_s=min(timeout, CONNECT_S),
        settings_s=timeout,
    )

    async def conversation() -> None:
        with advised(url, has_key=bool(key)):
            speech = await _talk(client, recording, lines, timeout)
        if out is not None:
            write_speech(out, speech)
            seconds = pcm_ms(len(speech)) / 1000
            screen.print(f"{out}: {seconds:.1f} s of speech", markup=False)

    run(conversation())


def _recording(wav: Path | None, texts: list[str] | None) -> bytes | None:
    if wav is not None and texts:
        raise ConfigError("--wav", "speaks instead of typing; leave the text out")
    return None if wav is None else read_speech(wav)


def _lines(texts: list[str] | None) -> list[str] | None:
    """Return the messages of the command line or of a pipe; None where a person types them."""
    if not texts and sys.stdin.isatty():
        return None
    lines = [line.strip() for line in texts or sys.stdin.read().splitlines() if line.strip()]
    if not lines:
        raise ConfigError("TEXT", "there is nothing to say")
    return lines


def _settings(prompt: str) -> agent.Settings:
    return agent.Settings(
        audio=agent.AudioSettings(
            input=agent.AudioInput(encoding="linear16", sample_rate=RATE_HZ),
            output=agent.AudioOutput(encoding="linear16", sample_rate=RATE_HZ, container="none"),
        ),
        agent=agent.AgentSettings(
            listen=agent.ListenSettings(
                provider=agent.ListenProvider(type="deepgram", model="nova-3")
            ),
            think=agent.ThinkSettings(
                provider=agent.ThinkProvider(type="open_ai", model="gpt-4o-mini"),
                prompt=prompt,
                functions=tuple(declare(function) for function in FUNCTIONS.values()),
            ),
        ),
    )


async def _talk(
    client: Client, recording: bytes | None, lines: list[str] | None, timeout_s: float
) -> bytes:
    """Hold the conversation and return what the agent spoke."""
    transcript = Transcript(echo_user=lines is not None)
    async with client:
        if recording is not None:
            await _speak(client, recording, transcript, timeout_s)
        elif lines is None:
            screen.print("type, and press Enter; Ctrl-D ends the conversation", style="dim")
            await _type(client, _prompted(), transcript, timeout_s)
        else:
            await _type(client, _given(lines), transcript, timeout_s)
    return bytes(transcript.speech)


async def _type(
    client: Client, lines: AsyncIterator[str], transcript: Transcript, timeout_s: float
) -> None:
    """Say each line, and the next one when the answer to it is complete."""
    events = aiter(client)
    async for line in lines:
        transcript.asked()
        await client.say(line)
        await _answered(events, transcript, timeout_s)


async def _answered(events: AsyncIterator[Event], transcript: Transcript, timeout_s: float) -> None:
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


async def _speak(
    client: Client, recording: bytes, transcript: Transcript, timeout_s: float
) -> None:
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
    transcript: Transcript,
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


async def _answered_after(
    said: asyncio.Event,
    events: AsyncIterator[Event],
    transcript: Transcript,
    recording: bytes,
    timeout_s: float,
) -> None:
    """Show what comes until the recording is over and no turn of it is unanswered.

    A pause in the recording can end a turn before its end, so an early answer may not be the last;
    and the end of an answer that was interrupted is no answer to what interrupted it.
    """
    total_s = timeout_s + pcm_ms(len(recording)) / 1000
    is_open, is_answering = True, False
    try:
        async with asyncio.timeout(total_s):
            async for event in events:
                transcript.show(event)
                match event:
                    case agent.UserStartedSpeaking():
                        is_open, is_answering = True, False
                    case Audio() | agent.ConversationText(role="assistant"):
                        is_answering = True
                    case _ if _is_final(event) and is_answering:
                        is_open = False
                    case _:
                        pass
                if said.is_set() and not is_open:
                    return
    except TimeoutError as error:
        raise Failed(f"no complete answer within {timeout_s:g} s of the speech's end") from error
    raise Failed("the gateway ended the conversation before it answered")


async def _given(lines: list[str]) -> AsyncGenerator[str]:
    for line in lines:
        yield line


async def _prompted() -> AsyncGenerator[str]:
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
            screen.print("    you  ", style="cyan", end="")
            line = await lines.get()
            if not line:
                screen.print()
                return
            if line.strip():
                yield line.strip()
    finally:
        loop.remove_reader(sys.stdin.fileno())
