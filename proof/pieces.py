"""The pieces of the proof: what each is to show, in what time, and how what it found is told.

A piece is a package that runs for itself: `python -m proof.<piece> [--long]`. Progress goes to
standard error, and the last line of standard output is its figures as JSON, `ok` among them. Its
module `told` turns those figures into a section of docs/proof.md.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from proof.fuzz import told as fuzz
from proof.leaks import told as leaks
from proof.model import told as model
from proof.mutation import told as mutation
from proof.rude import told as rude
from proof.simulation import told as simulation
from proof.sockets import told as sockets
from proof.telling import Figures, Score, Tried


class Piece(NamedTuple):
    """A package of the proof.

    - minutes: what its long form takes on two cores; it is ended at twice that.
    - tries: the promises that it tries to break, as in `PROMISES`.
    - told: yields the paragraphs and tables of its section.
    - tried: how often something was tried, and broke.
    - score: what has to reach a bar, where a piece may break something and hold all the same.
    - is_short: whether the short form has it, or it takes too long.
    """

    name: str
    shows: str
    minutes: int
    tries: str
    told: Callable[[Figures], Iterator[str]]
    tried: Callable[[Figures], Tried]
    score: Callable[[Figures], Score] | None = None
    is_short: bool = True


PROMISES = {
    "I1": "At most one response is active: no request and no session update leaves before its end",
    "I2": "Each text and each function result reaches the model once, and each turn is answered once, "
    "or its author is told",
    "I4": "After an interruption nobody hears the answer that was interrupted",
    "I5": "A call's memory is bounded, and goes with the call",
    "I7": "Nothing of one call is seen in another",
    "I8": "When the faults stop, a call goes on within 10 s, or has been ended with a reason",
    "truth": "Nothing is acknowledged before it is in force",
    "bugs": "Nothing that arrives breaks anything inside",
}
"""In the words of a user. I3 and I6 are of what does not exist: see the end of the page."""

PIECES = (
    Piece(
        "model",
        "No promise is broken in any state of the model, and the code does what it does.",
        4,
        "I1 I2 I4 I8 truth",
        model.told,
        model.tried,
    ),
    Piece(
        "mutation",
        "The tests notice what is changed in the code, one place at a time.",
        11,
        "bugs",
        mutation.told,
        mutation.tried,
        mutation.score,
        is_short=False,
    ),
    Piece(
        "simulation",
        "Whatever breaks, each turn is answered once or its author is told.",
        23,
        "I1 I2 I4 I5 I7 I8 truth bugs",
        simulation.told,
        simulation.tried,
    ),
    Piece(
        "rude",
        "Realtime clients that race are refused nothing that could be avoided, and lose nothing.",
        5,
        "I1 I2",
        rude.told,
        rude.tried,
        is_short=False,
    ),
    Piece(
        "sockets",
        "In bad weather on real sockets, calls go on or end with a reason.",
        3,
        "I2 I8",
        sockets.told,
        sockets.tried,
    ),
    Piece(
        "leaks",
        "When calls are gone, nothing of them is left.",
        3,
        "I5",
        leaks.told,
        leaks.tried,
    ),
    Piece(
        "fuzz",
        "Whatever arrives is survived, and quickly.",
        8,
        "I5 bugs",
        fuzz.told,
        fuzz.tried,
    ),
)
