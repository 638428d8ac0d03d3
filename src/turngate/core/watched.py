"""Deadlines that run for as long as what they are for stays what it is."""

from typing import Any

from turngate.core import effects
from turngate.core.events import Timer
from turngate.units import Ms


class Watched:
    """The timers that follow something; what is to be set or cancelled is added to `out`."""

    def __init__(self, out: list[Any]) -> None:
        self._out = out
        self._running: dict[Timer, object] = {}

    def follow(self, timer: Timer, what: object, after_ms: Ms | None) -> None:
        """Run a timer anew where `what` has changed; None is no timer."""
        if after_ms is None:
            if self._running.pop(timer, None) is not None:
                self._out.append(effects.CancelTimer(timer))
        elif self._running.get(timer) != what:
            self.run(timer, what, after_ms)

    def run(self, timer: Timer, what: object, after_ms: Ms) -> None:
        """Run a timer for `what`, from now on."""
        self._running[timer] = what
        self._out.append(effects.SetTimer(timer, after_ms))

    def fired(self, timer: Timer) -> None:
        """Note that a timer does not run any more."""
        self._running.pop(timer, None)
