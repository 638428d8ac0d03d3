"""`turngate talk`: a conversation from the terminal, typed, spoken, or with recorded speech."""

import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, TypeAlias, assert_never

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


class Recorded(Struct, frozen=True):
    """A recording speaks: s16le mono at 24 kHz."""

    pcm: bytes


class Given(Struct, frozen=True):
    """The messages of the command line or of a pipe."""

    lines: list[str]


class Typed(Struct, frozen=True):
    """What a person types at the prompt."""


class Spoken(Struct, frozen=True):
    """What a person says into the microphone, or types."""


Said: TypeAlias = Recorded | Given | Typed | Spoken


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
        said = _said(text, wav, mic=mic)
    client = Client(
        url,
        settings(prompt),
        FUNCTIONS,
        key=key,
        connect_s=min(timeout, CONNECT_S),
        settings_s=timeout,
        reconnect_s=timeout if isinstance(said, Typed | Spoken) else 0.0,
    )
    is_plain = plain or as_json or not sys.stdout.isatty() or not _has_view()

    async def conversation() -> None:
        with advised(url, has_key=bool(key)):
            match said:
                case Spoken():
                    speech = await _on_screen(client, url, with_sound=True)
                case Typed() if not is_plain:
                    speech = await _on_screen(client, url, with_sound=False)
                case _:
                    speech = await _line_by_line(client, said, timeout, as_json=as_json)
        if out is not None:
            write_speech(out, speech)
            seconds = pcm_ms(len(speech)) / 1000
            screen.print(f"{out}: {seconds:.1f} s of speech", markup=False)

    run(conversation())


def _said(texts: list[str] | None, wav: Path | None, *, mic: bool) -> Said:
    """Return where what is said comes from.

    Raises:
        ConfigError: The options exclude each other, the recording cannot be read, the extra is not
            installed, or there is nothing to say.

    """
    if mic:
        if wav is not None or texts:
            raise ConfigError("--mic", "speaks instead of text or a recording; leave these out")
        if not _has_view():
            raise ConfigError("--mic", "needs the extra: pip install 'turngate[mic]'")
        return Spoken()
    if wav is not None:
        if texts:
            raise ConfigError("--wav", "speaks instead of typing; leave the text out")
        return Recorded(read_speech(wav))
    if not texts and sys.stdin.isatty():
        return Typed()
    lines = [line.strip() for line in texts or sys.stdin.read().splitlines() if line.strip()]
    if not lines:
        raise ConfigError("TEXT", "there is nothing to say")
    return Given(lines)


def _has_view() -> bool:
    return find_spec("textual") is not None


async def _on_screen(client: Client, url: str, *, with_sound: bool) -> bytes:
    """Hold the conversation on a full screen and return what the agent spoke."""
    from turngate.cli.talk_view import TalkView  # noqa: PLC0415 - an extra, and slow to load

    async with client, Sound() if with_sound else nullcontext() as sound:
        view = TalkView(client, url, sound)
        end = await view.run_async()
        if end is not None:
            raise end
        return bytes(view.transcript.speech)


async def _line_by_line(
    client: Client, said: Recorded | Given | Typed, timeout_s: float, *, as_json: bool
) -> bytes:
    """Hold the conversation and return what the agent spoke."""
    shown = JsonLines() if as_json else Transcript(echo_user=not isinstance(said, Typed))
    async with client:
        match said:
            case Recorded(pcm):
                await speak(client, pcm, shown, timeout_s)
            case Given(lines):
                await type_lines(client, given(lines), shown, timeout_s)
            case Typed():
                if not as_json:
                    screen.print("type, and press Enter; Ctrl-D ends the conversation", style="dim")
                await type_lines(client, prompted(shows_prompt=not as_json), shown, timeout_s)
            case _:
                assert_never(said)
        if isinstance(shown, JsonLines):
            await show_rest(client, shown)
    return bytes(shown.speech)
