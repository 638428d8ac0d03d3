"""`turngate talk` on a whole screen: the conversation, whose turn it is, what took how long."""

from typing import ClassVar

from rich.table import Column, Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Input, RichLog, Static

from turngate.cli.figures import Figures
from turngate.cli.sound import Sound
from turngate.cli.transcript import WIDTH, Line, Transcript, in_ms
from turngate.client import Audio, Client, ClientError, Closed, Event, Flushed, agent
from turngate.units import pcm_ms

COLOURS = {"your turn": "cyan", "listening": "yellow", "thinking": "magenta", "speaking": "green"}
CALLS_SHOWN = 6


class TalkView(App[ClientError | None]):
    """The screen; returns what ended the conversation, if that was not the user."""

    CSS = """
    #top { height: 1; background: $panel; padding: 0 1; }
    #lines { width: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    #side { width: 26; border-left: solid $panel; padding: 0 1; }
    Input { border: round $panel; height: 3; }
    Input:focus { border: round $accent; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "silence", "Silence the answer"),
        ("f2", "microphone", "Microphone"),
        ("ctrl+q", "quit", "End"),
    ]

    def __init__(self, client: Client, url: str, sound: Sound | None) -> None:
        super().__init__()
        self._client, self._url, self._sound = client, url, sound
        self._client.is_muted = True
        self.transcript = Transcript(show=self._write)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(Text.assemble(("turngate  ", "bold"), (self._url, "dim")), id="top")
        with Horizontal():
            yield RichLog(id="lines", wrap=True, min_width=0)
            yield Static(id="side")
        yield Input(placeholder="Type, and press Enter")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to listen."""
        self.query_one(Input).focus()
        self.run_worker(self._listen())
        if self._sound is not None:
            self.run_worker(self._hear(self._sound))
        self._show_side()

    async def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Say what was typed."""
        line = submitted.value.strip()
        submitted.input.clear()
        if line:
            self.transcript.asked()
            self._show_side()
            await self._client.say(line)

    def action_silence(self) -> None:
        """Hear no more of this answer."""
        self._client.interrupt()

    def action_microphone(self) -> None:
        """Switch the microphone."""
        if self._sound is None:
            self.notify("start with --mic to speak", severity="warning")
            return
        self._client.is_muted = not self._client.is_muted
        self._show_side()

    async def _listen(self) -> None:
        try:
            async for event in self._client:
                self._take(event)
        except Closed as end:
            self.exit(end)
        else:
            self.exit()

    async def _hear(self, sound: Sound) -> None:
        async for frame in sound.frames():
            await self._client.send_audio(frame)

    def _take(self, event: Event) -> None:
        self.transcript.show(event)
        if self._sound is not None:
            match event:
                case Audio(pcm):
                    self._sound.loudspeaker.play(pcm)
                case Flushed() | agent.UserStartedSpeaking():
                    self._sound.loudspeaker.clear()
                case _:
                    pass
        if isinstance(event, agent.Error):
            self._write(Line("error", "bold red", event.description, event.code))
        self._show_side()

    def _write(self, line: Line) -> None:
        row = Table.grid(Column(width=WIDTH, justify="right"), Column(), padding=(0, 2, 0, 0))
        row.add_row(Text(line.label, line.style), line.words)
        self.query_one("#lines", RichLog).write(row, expand=True)

    def _show_side(self) -> None:
        microphone = "none" if self._sound is None else "off" if self._client.is_muted else "on"
        self.query_one("#side", Static).update(side(self.transcript.figures, microphone))


def side(figures: Figures, microphone: str) -> Text:
    """Return what stands beside the conversation."""
    rows = [
        ("first text", "" if figures.text_ms is None else in_ms(figures.text_ms)),
        ("first sound", "" if figures.sound_ms is None else in_ms(figures.sound_ms)),
        ("speech", f"{pcm_ms(figures.turn_bytes) / 1000:.1f} s"),
        ("turns", str(figures.turns)),
        ("microphone", microphone),
    ]
    shown = Text.assemble((f"● {figures.state}\n\n", f"bold {COLOURS[figures.state]}"))
    for name, value in rows:
        shown.append_text(Text.assemble((f"{name:<12}", "dim"), f"{value:>10}\n"))
    if figures.calls:
        shown.append("\nfunctions\n", "dim")
    for call in [*figures.calls.values()][-CALLS_SHOWN:]:
        took = "..." if call.took_ms is None else in_ms(call.took_ms)
        shown.append(f"{call.name:<13.13} {took:>8}\n", "red" if call.failed else "magenta")
    return shown
