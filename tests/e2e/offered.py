"""Functions that a gateway under test offers, run in its process."""

import asyncio
import threading

from turngate.functions import Manners, Registry
from turngate.units import Ms

functions = Registry()


class Gates:
    """What holds the functions that wait, and what they have come to."""

    def __init__(self) -> None:
        self.slow = asyncio.Event()
        self.blocking = threading.Event()
        self.was_cancelled = asyncio.Event()


gates = Gates()


@functions.register
async def get_stock(item: str = "hat") -> str:
    """Tell how many of an item there are."""
    return f"There are 2 of {item}."


@functions.register
async def get_slow() -> str:
    """Wait until the test lets go."""
    try:
        await gates.slow.wait()
    except asyncio.CancelledError:
        gates.was_cancelled.set()
        raise
    return "It is done."


@functions.register(manners=Manners(on_turn="keep"))
async def get_kept() -> str:
    """Wait until the test lets go, beside the user's turns."""
    return await get_slow()


@functions.register(manners=Manners(on_turn="cancel"))
async def get_dropped() -> str:
    """Wait until the test lets go, unless the user goes on."""
    return await get_slow()


@functions.register(manners=Manners(filler="One moment.", filler_after_ms=Ms(50)))
async def get_filled() -> str:
    """Wait until the test lets go, and have the user told."""
    return await get_slow()


@functions.register(manners=Manners(deadline_ms=Ms(80)))
async def get_overdue() -> str:
    """Never return."""
    return await get_slow()


@functions.register
def get_blocked() -> str:
    """Block a thread until the test lets go."""
    gates.blocking.wait(20)
    return "It is done."


@functions.register(manners=Manners(on_turn="keep"))
def get_kept_blocked() -> str:
    """Block a thread until the test lets go, beside the user's turns."""
    return get_blocked()


@functions.register
def get_large() -> str:
    """Return 10 MiB."""
    return "x" * (10 * 1024 * 1024)


@functions.register
def get_broken() -> str:
    """Raise."""
    raise ValueError("password=hush")
