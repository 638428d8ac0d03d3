"""Which function's words fill a silence, and how often."""

from turngate.core.fillers import Filler, Fillers
from turngate.core.manners import Manners
from turngate.core.tools import Call
from turngate.units import Ms

SLOW, QUICK = Call("c1", "weather", "{}"), Call("c2", "time", "{}")


def talks(say: str, after_ms: int, interval_ms: int) -> Manners:
    return Manners(
        filler=say,
        filler_after_ms=Ms(after_ms),
        filler_interval_ms=Ms(interval_ms),
        filler_max_count=2,
    )


def test_function_that_wants_it_soonest_fills_the_silence() -> None:
    fillers = Fillers()
    fillers.begin(SLOW, talks("Soon.", 900, 3_000))
    fillers.begin(QUICK, talks("At once.", 500, 2_000))
    fillers.begin(Call("c3", "other", "{}"), Manners())
    assert fillers.next() == Filler(QUICK, "At once.", Ms(500), 0)
    fillers.said("c2")
    assert fillers.next() == Filler(SLOW, "Soon.", Ms(900), 0)
    fillers.said("c1", "c3")
    assert fillers.next() == Filler(QUICK, "At once.", Ms(2_000), 1)
    fillers.end("c2")
    fillers.end("c2")
    assert fillers.next() == Filler(SLOW, "Soon.", Ms(3_000), 1)
    fillers.said_of_all()
    assert fillers.next() is None
