"""How much of something a client may send, so that one cannot take what all need."""

from collections.abc import Callable

from turngate.units import Ms


class Allowance:
    """A bucket that fills at `per_s` up to `burst`; whoever takes subtracts from `left`.

    Below zero `refill` is to be called: only then the clock is looked at, so that whoever keeps
    within the allowance pays for a subtraction and a comparison. What was earned while nobody
    looked counts up to `burst`, so that in any stretch of `t` seconds at most twice the burst and
    `per_s * t` pass.
    """

    __slots__ = ("_burst", "_exceeded", "_now_ms", "_per_ms", "_rest", "_since_ms", "left")

    def __init__(
        self, per_s: float, burst: float, now_ms: Callable[[], Ms], exceeded: Callable[[], None]
    ) -> None:
        self._per_ms, self._burst = per_s / 1_000, int(burst)
        self._now_ms, self._exceeded = now_ms, exceeded
        self._since_ms = now_ms()
        self._rest = 0.0  # of what was earned, less than one
        self.left = self._burst

    def refill(self) -> None:
        """Add what was earned since the last time; tell if that is still too little."""
        now_ms = self._now_ms()
        earned = self._rest + (now_ms - self._since_ms) * self._per_ms
        self._since_ms, self._rest = now_ms, earned % 1
        self.left = min(self._burst, self.left + int(earned))
        if self.left < 0:
            self.left = self._burst
            self._exceeded()

    def scale(self, factor: float) -> None:
        """Count in other units from now on, of which one old one is `factor`."""
        self._per_ms *= factor
        self._burst = int(self._burst * factor)
        self.left = int(self.left * factor)
