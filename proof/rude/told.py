"""What came of the rude clients, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried, plain


def tried(figures: Figures) -> Tried:
    """Return how many sessions were played, and in how many batches of them something broke."""
    return Tried(figures["sessions"], "sessions of rude clients", len(figures["broken"]))


def told(figures: Figures) -> Iterator[str]:
    """Yield what is played, and the figures."""
    yield (
        "A client of `/v1/realtime` says fifty things at random moments of made-up time, half of them to a server "
        "that answers speech by itself. Each request has to end exactly once, and nothing may be refused that turngate "
        "could have prevented. What the client hears has to be what the server said, byte for byte, less refusals "
        "that were absorbed and turngate's marks. Where the server answers no speech by itself, it also has to be "
        "what an emulator of the same seed says to the same events without turngate. *Races* are requests that crossed "
        "a response which the server had begun."
    )
    yield from plain(figures)
