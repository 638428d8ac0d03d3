"""`turngate talk --json`: each event a line, as the protocol writes it."""

import msgspec
import typer
from msgspec import Struct

from turngate.client import Audio, Event
from turngate.units import pcm_ms


class JsonLines:
    """Prints events as JSON, the agent's speech by its length only, and keeps that speech."""

    def __init__(self) -> None:
        self.speech = bytearray()

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


def _fields(event: Struct) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(event, str_keys=True, enc_hook=str)
    return {"type": type(event).__name__} | fields
