"""How a conversation looks in the terminal: one line for whoever speaks, one for each call."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from rich.text import Text

from turngate.cli.figures import Figures
from turngate.cli.plain import screen
from turngate.client import (
    Audio,
    Event,
    FunctionAnswered,
    Lost,
    Reconnected,
    Unreadable,
    agent,
)
from turngate.units import pcm_ms

WIDTH = 7
"""Columns of the first column; the longest label is `warning`."""


class Line(NamedTuple):
    """Who or what, in which colour, and what about it."""

    label: str
    style: str
    text: str
    aside: str = ""

    @property
    def words(self) -> Text:
        """All but the label."""
        gap = "  " if self.text and self.aside else ""
        return Text.assemble(self.text, gap, (self.aside, "dim"))


def as_text(line: Line) -> Text:
    """Write a line as one line, however long."""
    return Text.assemble((f"{line.label:>{WIDTH}}  ", line.style), line.words)


class Transcript:
    """Shows events as lines, and keeps the agent's speech and how long it took to begin."""

    def __init__(
        self,
        *,
        echo_user: bool = True,
        show: Callable[[Line], object] = lambda line: screen.print(as_text(line)),
    ) -> None:
        self.speech = bytearray()
        self.figures = Figures()
        self._echo_user, self._print = echo_user, show

    def asked(self) -> None:
        """Start the clock: the user has finished asking."""
        self.figures.asked()

    def show(self, event: Event) -> None:
        """Show what a person wants to see of `event`; most messages are for programs only."""
        self.figures.take(event)
        match event:
            case agent.ConversationText(role="user", content=text) if self._echo_user:
                self._line("you", "cyan", text)
            case agent.ConversationText(role="assistant", content=text):
                self._line("agent", "bold green", text)
            case agent.FunctionCallRequest(functions=calls):
                for call in calls:
                    self._line("call", "magenta", f"{call.name}({_arguments(call.arguments)})")
            case agent.FunctionCallCancelled(functions=calls):
                for call in calls:
                    self._line("call", "magenta", f"{call.name} is no longer wanted")
            case FunctionAnswered(name=name, content=content, took_ms=took_ms, failed=failed):
                style = "red" if failed else "magenta"
                self._line("result", style, f"{name}: {content}", in_ms(took_ms))
            case Audio(pcm):
                self.speech += pcm
            case agent.AgentAudioDone():
                self._line_of_figures()
            case _:
                self._trouble(event)

    def _trouble(self, event: Event) -> None:
        match event:
            case agent.AgentWarning(code="SETTINGS_FIELDS_IGNORED"):
                pass  # the client names models for servers that want them
            case agent.AgentWarning(code=code, description=description):
                self._line("warning", "yellow", f"{description} ({code})")
            case agent.InjectionRefused(message=reason) | Unreadable(reason=reason):
                self._line("warning", "yellow", reason)
            case Lost(end=end):
                self._line("warning", "yellow", f"{end}; trying again")
            case Reconnected(after_ms=after_ms):
                self._line("", "", "connected again", in_ms(after_ms))
            case _:
                pass

    def _line_of_figures(self) -> None:
        figures = [
            f"{what} after {in_ms(ms)}"
            for what, ms in (("text", self.figures.text_ms), ("sound", self.figures.sound_ms))
            if ms is not None
        ]
        figures.append(f"{pcm_ms(self.figures.turn_bytes) / 1000:.1f} s of speech")
        self._line("", "", "", ", ".join(figures))

    def _line(self, label: str, style: str, text: str, aside: str = "") -> None:
        self._print(Line(label, style, text, aside))


def _arguments(text: str) -> str:
    """Show a JSON object as a call would be written; anything else as it is."""
    try:
        values = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return text
    return ", ".join(
        f"{name}={msgspec.json.encode(value).decode()}" for name, value in values.items()
    )


def in_ms(value: float) -> str:
    """Write a time."""
    return f"{value:.0f} ms"
