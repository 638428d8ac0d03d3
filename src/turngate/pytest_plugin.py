"""The pytest plugin: fixtures for tests of any client of the Realtime API.

pytest loads it by its entry point wherever turngate is installed; nothing else of turngate is
loaded before a fixture asks for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from turngate.emulator import Knobs, Script
    from turngate.testing import RealtimeEmulator


@pytest.fixture
def realtime_knobs() -> "Knobs":
    """Set up the emulator of this test; override it for delays and faults."""
    from turngate.emulator import Knobs  # noqa: PLC0415 - only where it is asked for

    return Knobs()


@pytest.fixture
def realtime_script() -> "Script":
    """Script the emulator of this test; override it, or set `realtime_emulator.script`."""
    from turngate.emulator import Script  # noqa: PLC0415 - only where it is asked for

    return Script()


@pytest.fixture
def realtime_emulator(
    realtime_knobs: "Knobs", realtime_script: "Script"
) -> Iterator["RealtimeEmulator"]:
    """Run a strict OpenAI Realtime server for this test; `.url` is where a client connects."""
    from turngate.testing import RealtimeEmulator  # noqa: PLC0415 - only where it is asked for

    with RealtimeEmulator(realtime_knobs, realtime_script) as emulator:
        yield emulator
