"""When the client's wishes flow: held until a configuration is in force, then let go in order.

Couples setup with what waits for it: the context and greeting of the first configuration, the
messages that the client sent meanwhile, and the deadlines of its functions.
"""

from typing import TypeAlias, assert_never

from turngate import errors
from turngate.core import effects, events, limits, setup
from turngate.core.standing import Hold, Kept, Why

Wish: TypeAlias = (
    events.Reconfigure | events.UserTyped | events.CallResult | events.AgentLine | events.TimerFired
)

NOTHING = events.Configure("", {})
"""A configuration without context and greeting."""


class Admission:
    """The first stretch of a session; later everything passes."""

    def __init__(self, out: list[effects.Effect], *, strict: bool) -> None:
        self._out, self._strict = out, strict
        self._setup: setup.Phase = setup.Unconfigured()
        self._held: list[Wish] = []
        self.first = NOTHING

    def begin(self) -> events.Configure:
        """Return the first configuration, for its context and greeting, which are told once."""
        first, self.first = self.first, NOTHING
        return first

    def may_send(self) -> bool:
        """Tell whether configurations may go to the upstream."""
        return setup.may_send(self._setup)

    def is_ready(self) -> bool:
        """Tell whether a configuration is in force."""
        return self._setup == setup.Ready()

    def held_messages(self) -> int:
        """Count the wishes for a response that are held."""
        return sum(isinstance(wish, events.UserTyped | events.AgentLine) for wish in self._held)

    def holds(self) -> list[Hold]:
        """Return what waits until a configuration is in force."""
        kept = Kept(Why.SETTINGS)
        return [Hold("message", (type(wish).__name__,), kept) for wish in self._held]

    def configure(self, event: events.Configure) -> bool:
        """Take a whole configuration; False if it comes too late to be one."""
        match self._setup:
            case setup.Dialling() | setup.Configuring() | setup.Ready() if self._strict:
                self._out.append(effects.Report(errors.AlreadyApplied()))
                return False
            case setup.Ready():
                return True
            case _:
                self.first = event
                self.advance(setup.Configured())
                return True

    def admit(self, wish: Wish) -> bool:
        """Tell whether a wish flows now; if not, it is held, or the client is told."""
        match self._setup:
            case setup.Ready():
                return True
            case setup.Unconfigured() | setup.Connected():
                self._out.append(effects.Report(errors.TooEarly()))
            case setup.Dialling() | setup.Configuring() | setup.Refused():
                if len(self._held) < limits.HELD or isinstance(wish, events.TimerFired):
                    self._held.append(wish)
                else:
                    full = errors.QueueFull("messages before Settings", limits.HELD)
                    self._out.append(effects.Report(full))
            case _:
                assert_never(self._setup)
        return False

    def advance(self, event: setup.Event) -> list[Wish] | None:
        """Take what happened; return the wishes that flow now, if setup ends with it."""
        self._setup, released = setup.advance(self._setup, event)
        if not released:
            return None
        wishes, self._held = self._held, []
        return wishes
