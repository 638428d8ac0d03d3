"""How a conversation looks in the terminal: one line for whoever speaks, one for each call."""

import time

import msgspec
from rich.text import Text

from turngate.cli.plain import screen
from turngate.client import Audio, Event, FunctionAnswered, Unreadable, agent
from turngate.units import pcm_ms

WIDTH = 7
"""Columns of the first column; the longest label is `warning`."""


class Transcript:
    """Prints events as they come, and keeps the agent's speech and how long it took to begin."""

    def __init__(self, *, echo_user: bool = True) -> None:
        self.speech = bytearray()
        self._echo_user = echo_user
        self._asked_at: float | None = None
        self._first_text_ms: float | None = None
        self._first_audio_ms: float | None = None
        self._turn_bytes = 0

    def asked(self) -> None:
        """Start the clock: the user has finished asking."""
        self._asked_at = time.perf_counter()
        self._first_text_ms = self._first_audio_ms = None
        self._turn_bytes = 0

    def show(self, event: Event) -> None:
        """Print what a person wants to see of `event`; most messages are for programs only."""
        match event:
            case agent.ConversationText(role="user", content=text) if self._echo_user:
                _line("you", "cyan", text)
            case agent.ConversationText(role="assistant", content=text):
                self._first_text_ms = self._first_text_ms or self._elapsed_ms()
                _line("agent", "bold green", text)
            case agent.FunctionCallRequest(functions=calls):
                for call in calls:
                    _line("call", "magenta", f"{call.name}({_arguments(call.arguments)})")
            case agent.FunctionCallCancelled(functions=calls):
                for call in calls:
                    _line("call", "magenta", f"{call.name} is no longer wanted")
            case FunctionAnswered(name=name, content=content, took_ms=took_ms, failed=failed):
                _line("result", "red" if failed else "magenta", f"{name}: {content}", _ms(took_ms))
            case Audio(pcm):
                self._first_audio_ms = self._first_audio_ms or self._elapsed_ms()
                self._turn_bytes += len(pcm)
                self.speech += pcm
            case agent.AgentAudioDone():
                self._line_of_figures()
            case agent.AgentWarning(code=code, description=description):
                _line("warning", "yellow", f"{description} ({code})")
            case agent.InjectionRefused(message=reason) | Unreadable(reason=reason):
                _line("warning", "yellow", reason)
            case _:
                pass

    def _elapsed_ms(self) -> float | None:
        return None if self._asked_at is None else (time.perf_counter() - self._asked_at) * 1000

    def _line_of_figures(self) -> None:
        figures = [
            f"{what} after {_ms(ms)}"
            for what, ms in (("text", self._first_text_ms), ("sound", self._first_audio_ms))
            if ms is not None
        ]
        figures.append(f"{pcm_ms(self._turn_bytes) / 1000:.1f} s of speech")
        _line("", "", "", ", ".join(figures))


def _line(label: str, style: str, text: str, aside: str = "") -> None:
    gap = "  " if text and aside else ""
    screen.print(Text.assemble((f"{label:>{WIDTH}}  ", style), text, gap, (aside, "dim")))


def _arguments(text: str) -> str:
    """Show a JSON object as a call would be written; anything else as it is."""
    try:
        values = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return text
    return ", ".join(
        f"{name}={msgspec.json.encode(value).decode()}" for name, value in values.items()
    )


def _ms(value: float) -> str:
    return f"{value:.0f} ms"
