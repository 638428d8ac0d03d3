"""How a function behaves towards the conversation: what waits for it, and for how long."""

from typing import Literal, TypeAlias

from msgspec import Struct

from turngate.core import limits
from turngate.units import Ms

OnTurn: TypeAlias = Literal["wait", "keep", "cancel"]
"""What becomes of a call that runs when the user takes a turn.

- wait: the turn waits a while for the result; then as keep.
- keep: the turn is answered at once, and the result follows when it comes.
- cancel: the turn is answered at once, and the result is not wanted any more.
"""


class Manners(Struct, frozen=True, kw_only=True):
    """The manners of one function.

    - deadline_ms: so long after the call the model gets an error as its result.
    - on_turn: what becomes of a call when the user takes a turn.
    - filler: about what the agent says while the call runs; empty for nothing.
    - filler_after_ms: the silence before the first filler.
    - filler_interval_ms: the silence before each other one.
    - filler_max_count: how many in all. What the model says itself when it calls is the first.
    - defer_until_eot: the call waits for the end of the response that makes it and of the user's
      turn. If the user goes on before, it is cancelled and nobody is told of it: for what cannot
      be undone.
    """

    deadline_ms: Ms = limits.CALL_MS
    on_turn: OnTurn = "wait"
    filler: str = ""
    filler_after_ms: Ms = limits.FILLER_MS
    filler_interval_ms: Ms = limits.FILLER_INTERVAL_MS
    filler_max_count: int = 1
    defer_until_eot: bool = False


USUAL = Manners()
"""Those of a function of which nothing else is known."""
