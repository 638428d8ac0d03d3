"""Where a server gets the ears of its connections from: the extra `local`, if it is installed."""

import asyncio

from turngate.emulator.hearing import Ear
from turngate.emulator.knobs import Knobs


class Ears:
    """Gives each connection an ear of its own, or none."""

    def __init__(self) -> None:
        self.description = "nothing is understood of what is said: transcripts come from the script"
        self._missing: str | None = None

    async def start(self) -> None:
        """Load what all ears share, off the event loop; `description` says what came of it."""
        if await asyncio.to_thread(self._ear):
            self.description = "the ears understand a small set of English sentences"

    def ear(self, knobs: Knobs) -> Ear | None:
        """Return an ear for a connection with these knobs, or None where it has none."""
        return self._ear() if knobs.ears == "auto" else None

    def _ear(self) -> Ear | None:
        if self._missing is not None:
            return None
        try:
            from turngate.emulator.ears.ear import Ear as LocalEar  # noqa: PLC0415  only the extra brings it
        except (ImportError, OSError) as error:
            self._missing = str(error)
            self.description = (
                "the ears only tell loud from quiet, and transcripts come from the script: "
                f"{error}; install turngate[local]"
            )
            return None
        return LocalEar()
