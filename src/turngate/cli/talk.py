"""`turngate talk`: a conversation from the terminal, typed, spoken, or with recorded speech."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from turngate.cli.advice import URL, advised, agent_url
from turngate.cli.demo_functions import FUNCTIONS
from turngate.cli.plain import plain_errors, run, screen
from turngate.cli.sound import Sound
from turngate.cli.talk_json import JsonLines
from turngate.cli.talk_plain import given, prompted, show_rest, speak, type_lines
from turngate.cli.transcript import Transcript
from turngate.client import Client, settings
from turngate.client.speech import check_place, read_speech, write_speech
from turngate.errors import ConfigError
from turngate.units import pcm_ms

CONNECT_S = 10.0
"""A gateway that takes longer to accept a connection is not there."""

PROMPT = "You are a helpful voice assistant. Answer in one or two short sentences."


def talk(  # noqa: PLR0913 - one parameter an option
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT",
            help="What to say, one message each. Without any: type at the prompt.",
        ),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(metavar="WAV", help="Speak this recording instead of typing.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="WAV", help="Write the spoken answer to this file.")
    ] = None,
    url: Annotated[
        str,
        typer.Option(
            envvar="TURNGATE_URL", metavar="URL", help="The gateway; the path may be left out."
        ),
    ] = URL,
    key: Annotated[
        str | None,
        typer.Option(envvar="TURNGATE_KEY", metavar="KEY", help="A key that the gateway asks for."),
    ] = None,
    prompt: Annotated[
        str, typer.Option(metavar="PROMPT", help="What the agent is told to be.")
    ] = PROMPT,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="How long to wait for an answer, seconds.")
    ] = 30.0,
    *,
    mic: Annotated[
        bool, typer.Option("--mic", help="Speak and hear, on a full screen. Needs the extra `mic`.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Line by line also where a full screen could be had.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every event as a line of JSON, for programs.")
    ] = False,
) -> None:
    """Talk to a gateway: type, or speak, and see who says and calls what.

    The functions get_time and roll_dice are answered here, in this program.
    """
    with plain_errors():
        url = agent_url(url)
        if out is not None:
            check_place(out)
        if mic and (wav is not None or text):
            raise ConfigError("--mic", "speaks instead of text or a recording; leave these out")
        if mic and not _has_view():
            raise ConfigError("--mic", "needs the extra: pip install 'turngate[mic]'")
        recording = _recording(wav, text)
        lines = _lines(text) if recording is None and not mic else None
        is_typed = recording is None and lines is None
    client = Client(
        url,
        settings(prompt),
        FUNCTIONS,
        key=key,
        connect_s=min(timeout, CONNECT_S),
        settings_s=timeout,
        reconnect_s=timeout if is_typed else 0.0,
    )
    wanted = Wanted(recording, lines, timeout, as_json=as_json)

    async def conversation() -> None:
        with advised(url, has_key=bool(key)):
            if mic or (
                is_typed and not plain and not as_json and sys.stdout.isatty() and _has_view()
            ):
                speech = await _on_screen(client, url, with_sound=mic)
            else:
                speech = await _line_by_line(client, wanted)
        if out is not None:
            write_speech(out, speech)
            seconds = pcm_ms(len(speech)) / 1000
            screen.print(f"{out}: {seconds:.1f} s of speech", markup=False)

    run(conversation())


class Wanted(Struct):
    """What is to be said: a recording, lines, or neither, which means what is typed."""

    recording: bytes | None
    lines: list[str] | None
    timeout_s: float
    as_json: bool


def _has_view() -> bool:
    return find_spec("textual") is not None


async def _on_screen(client: Client, url: str, *, with_sound: bool) -> bytes:
    """Hold the conversation on a full screen and return what the agent spoke."""
    from turngate.cli.talk_view import TalkView  # noqa: PLC0415 - an extra, and slow to load

    async with client, _sound(wanted=with_sound) as sound:
        view = TalkView(client, url, sound)
        end = await view.run_async()
        if end is not None:
            raise end
        return bytes(view.transcript.speech)


@asynccontextmanager
async def _sound(*, wanted: bool) -> AsyncGenerator[Sound | None]:
    if not wanted:
        yield None
        return
    async with Sound() as sound:
        yield sound


async def _line_by_line(client: Client, wanted: Wanted) -> bytes:
    """Hold the conversation and return what the agent spoke."""
    is_typed = wanted.recording is None and wanted.lines is None
    shown = JsonLines() if wanted.as_json else Transcript(echo_user=not is_typed)
    async with client:
        if wanted.recording is not None:
            await speak(client, wanted.recording, shown, wanted.timeout_s)
        elif wanted.lines is not None:
            await type_lines(client, given(wanted.lines), shown, wanted.timeout_s)
        else:
            if not wanted.as_json:
                screen.print("type, and press Enter; Ctrl-D ends the conversation", style="dim")
            lines = prompted(shows_prompt=not wanted.as_json)
            await type_lines(client, lines, shown, wanted.timeout_s)
        if isinstance(shown, JsonLines):
            await show_rest(client, shown)
    return bytes(shown.speech)


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
