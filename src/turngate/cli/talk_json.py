"""`turngate talk --json`: each event a line, as the protocol writes it."""

import msgspec
import typer
from msgspec import Struct

from turngate.client import Audio, Event, agent
from turngate.units import pcm_ms


class JsonLines:
    """Prints events as JSON, the agent's speech by its length only, and keeps that speech."""

    def __init__(self) -> None:
        self.speech = bytearray()
        self._unheard_lines = 0
        self._is_timed = True

    @property
    def is_complete(self) -> bool:
        """Whether what a server tells after `AgentAudioDone` has come.

        That is how long the turn took, and what of each line of the agent's was heard.
        """
        return self._is_timed and self._unheard_lines <= 0

    def asked(self) -> None:
        """Do nothing: whoever reads JSON has a clock."""

    def show(self, event: Event) -> None:
        """Print an event; what is not the protocol's is called by its name in the client."""
        if isinstance(event, Audio):
            self.speech += event.pcm
            line: dict[str, object] = {"type": "Audio", "ms": pcm_ms(len(event.pcm))}
        else:
            line = _fields(event)
        typer.echo(msgspec.json.encode(line).decode())
        self._count(event)

    def _count(self, event: Event) -> None:
        match event:
            case agent.ConversationText(role="assistant"):
                self._unheard_lines += 1
            case agent.History(role="assistant"):
                self._unheard_lines -= 1
            case agent.AgentAudioDone():
                self._is_timed = False
            case agent.LatencyReport():
                self._is_timed = True
            case _:
                pass


def _fields(event: Struct) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(event, str_keys=True, enc_hook=str)
    return {"type": type(event).__name__} | fields
