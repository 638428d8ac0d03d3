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

    `deadline_ms` after the call the model gets an error as its result. With a `filler`, a call that
    still runs after `filler_after_ms` is told of to the user in about these words.
    """

    deadline_ms: Ms = limits.CALL_MS
    on_turn: OnTurn = "wait"
    filler: str = ""
    filler_after_ms: Ms = limits.FILLER_MS


USUAL = Manners()
"""Those of a function of which nothing else is known."""
