"""From the first connection until audio may flow: what is held, and what releases it.

`session.created` of an upstream is not readiness. Nothing of the client flows before its first
configuration is confirmed; a refused one leaves the client free to send a corrected one.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct


class Unconfigured(Struct, frozen=True):
    """The client has not said what it wants, and the upstream is not open."""


class Connected(Struct, frozen=True):
    """The upstream is open, and the client has not said what it wants."""


class Dialling(Struct, frozen=True):
    """The client has configured, and the upstream is not open yet."""


class Configuring(Struct, frozen=True):
    """The first configuration is on its way to the upstream."""


class Refused(Struct, frozen=True):
    """The upstream refused it; a corrected one is awaited."""


class Ready(Struct, frozen=True):
    """A configuration is in force; everything flows."""


Phase: TypeAlias = Unconfigured | Connected | Dialling | Configuring | Refused | Ready


class Configured(Struct, frozen=True):
    """The client sent a configuration."""


class Opened(Struct, frozen=True):
    """The upstream connection is there."""


class Confirmed(Struct, frozen=True):
    """The upstream took a configuration over."""


class Lost(Struct, frozen=True):
    """The upstream connection is being replaced by a new one."""


class Declined(Struct, frozen=True):
    """The upstream refused a configuration, or did not answer it."""


Event: TypeAlias = Configured | Opened | Confirmed | Declined | Lost


class Release(Struct, frozen=True):
    """Let what was held flow: context, then the client's messages, then the microphone."""


Effect: TypeAlias = Release
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        case Unconfigured(), Configured():
            return Dialling(), ()
        case Unconfigured(), Opened():
            return Connected(), ()
        case ((Connected() | Refused()), Configured()):
            return Configuring(), ()
        case Dialling(), Opened():
            return Configuring(), ()
        case ((Configuring() | Refused()), Confirmed()):
            return Ready(), (Release(),)
        case Configuring(), Declined():
            return Refused(), ()
        case ((Configuring() | Ready()), Lost()):
            return Dialling(), ()
        case _, Configured() | Opened() | Confirmed() | Declined() | Lost():
            return phase, ()
        case _:
            assert_never(event)


def may_send(phase: Phase) -> bool:
    """Tell whether configurations may go to the upstream."""
    match phase:
        case Unconfigured() | Connected() | Dialling():
            return False
        case Configuring() | Refused() | Ready():
            return True
        case _:
            assert_never(phase)
