"""When the user's audio is committed by us, because the upstream does not detect turns.

A commit follows a pause. Whoever never pauses, such as a microphone that also sends silence, is
committed a while after there is enough: a debounce alone would be postponed for ever.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms


class Detected(Struct, frozen=True):
    """The upstream detects the turns, and commits by itself."""


class Empty(Struct, frozen=True):
    """Everything that was said is committed; `is_first` until something was."""

    is_first: bool


class Gathering(Struct, frozen=True):
    """So much audio is not committed."""

    is_first: bool
    audio_ms: int


Phase: TypeAlias = Detected | Empty | Gathering


class TakenOver(Struct, frozen=True):
    """The client wants the turns to be committed here."""


class HandedBack(Struct, frozen=True):
    """The client wants the upstream to detect the turns."""


class Spoke(Struct, frozen=True):
    """The client sent so much audio."""

    audio_ms: int


class Overdue(Struct, frozen=True):
    """The user has paused, or gone on for long enough."""


class Forced(Struct, frozen=True):
    """The client says that the turn is over."""


Event: TypeAlias = TakenOver | HandedBack | Spoke | Overdue | Forced


class Measure(Struct, frozen=True):
    """Have all audio reported, or none."""

    is_on: bool


class Pad(Struct, frozen=True):
    """Append silence, for the upstream refuses a commit of less than it takes."""

    silence_ms: int


class Commit(Struct, frozen=True):
    """Make an item of the audio."""


Effect: TypeAlias = Measure | Pad | Commit
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case Detected(), TakenOver():
            return Empty(is_first=True), (Measure(is_on=True),)
        case ((Empty() | Gathering()), HandedBack()):
            return Detected(), (Measure(is_on=False),)
        case Empty(is_first), Spoke(audio_ms):
            return Gathering(is_first, audio_ms), ()
        case Gathering(is_first, before_ms), Spoke(audio_ms):
            return Gathering(is_first, before_ms + audio_ms), ()
        case Gathering(_, audio_ms), Overdue() | Forced():
            missing_ms = limits.COMMITTED_MS - audio_ms
            padding = (Pad(missing_ms),) if missing_ms > 0 else ()
            return Empty(is_first=False), (*padding, Commit())
        case _, TakenOver() | HandedBack() | Spoke() | Overdue() | Forced():
            return phase, ()
        case _:
            assert_never(event)


def pause_ms(phase: Phase) -> Ms | None:
    """Return how long nothing may be said before what was said is committed."""
    return limits.PAUSE_MS if isinstance(phase, Gathering) else None


def longest_ms(phase: Phase) -> Ms | None:
    """Return how long the user may go on, from now on, or None while it is too little."""
    match phase:
        case Gathering(is_first, audio_ms):
            least_ms = limits.FIRST_COMMITTED_MS if is_first else limits.COMMITTED_MS
            return limits.BREATH_MS if audio_ms >= least_ms else None
        case Detected() | Empty():
            return None
        case _:
            assert_never(phase)
