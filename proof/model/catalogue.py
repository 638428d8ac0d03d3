"""What is asked of the model: scenarios in which every promise holds, and rules without which none does.

The product of all bounds at once is beyond any memory, so each scenario takes some of them to their
full size and leaves the others small. Every pair of concerns meets in some scenario.
"""

from typing import NamedTuple

from proof.model.search import Question
from proof.model.source import Scenario


class Case(NamedTuple):
    """A scenario, what is asked of it, and whether the short form asks it too."""

    name: str
    scenario: Scenario
    questions: tuple[Question, ...]
    is_short: bool = False


class Rule(NamedTuple):
    """A rule of the gateway, and a scenario in which it cannot be done without."""

    switch: str
    means: str
    scenario: Scenario
    question: Question = Question.SHORTEST


PROMISES = (Question.PROMISES,)
ALL = (Question.PROMISES, Question.ENDS, Question.SERVED)


def _scenario(**bounds: int) -> Scenario:
    return Scenario({name.upper(): value for name, value in bounds.items()})


CASES = (
    # every concern to its full size, with the others small or absent
    Case("three typed, three spoken", _scenario(wishes=3, speeches=3, lag=3), PROMISES),
    Case(
        "three spoken, the server answers",
        _scenario(wishes=3, speeches=3, server_turns=1, lag=2, noise=0),
        PROMISES,
    ),
    Case(
        "two calls, a change refused",
        _scenario(wishes=3, speeches=1, calls=2, changes=1, bad_changes=1, lag=1, noise=0),
        PROMISES,
    ),
    Case(
        "changes of which one is refused, a connection lost",
        _scenario(
            wishes=2, speeches=1, calls=1, changes=2, bad_changes=1, losses=1, drains=1, lag=2
        ),
        PROMISES,
    ),
    Case("unasked responses", _scenario(wishes=2, speeches=2, whims=1, changes=1, lag=2), PROMISES),
    Case(
        "three refusals, nobody named",
        _scenario(wishes=2, speeches=1, whims=3, names_errors=0, lag=2),
        PROMISES,
    ),
    Case("two faults", _scenario(wishes=2, speeches=1, faults=2, changes=1, lag=2), PROMISES),
    Case("faults and calls", _scenario(wishes=1, speeches=1, calls=2, faults=1, lag=2), PROMISES),
    Case(
        "faults, the server answers",
        _scenario(wishes=2, speeches=2, faults=1, server_turns=1, lag=2),
        PROMISES,
    ),
    Case(
        "requests are not named",
        _scenario(wishes=3, speeches=2, calls=1, echo=0, echoed=0, lag=2),
        PROMISES,
    ),
    Case(
        "updates meet responses",
        _scenario(wishes=2, speeches=1, whims=2, changes=2, strict_updates=1, lag=2),
        PROMISES,
    ),
    # every concern at once, small: also in the short form, and with the questions about the end
    Case(
        "all small", _scenario(wishes=1, speeches=1, calls=1, changes=1, lag=2), ALL, is_short=True
    ),
    Case("unasked, small", _scenario(wishes=2, whims=1, changes=1), ALL, is_short=True),
    Case(
        "lost, small",
        _scenario(wishes=2, speeches=1, changes=1, bad_changes=1, losses=1, drains=1),
        ALL,
        is_short=True,
    ),
    Case("faults, small", _scenario(wishes=1, speeches=1, changes=1, faults=1), ALL, is_short=True),
    Case(
        "server answers, small", _scenario(wishes=1, speeches=2, server_turns=1), ALL, is_short=True
    ),
)

# Followed step by step by a session of the core; the long form follows every small case.
FOLLOWED_SHORT = (
    Case("typed", _scenario(wishes=1, changes=1, whims=1, strict_updates=1), (), is_short=True),
    Case("calls", _scenario(wishes=1, calls=2, lag=2), (), is_short=True),
    Case("server answers", _scenario(speeches=1, wishes=1, server_turns=1), (), is_short=True),
    Case(
        "changes",
        _scenario(wishes=1, changes=2, bad_changes=1, faults=1, lag=2),
        (),
        is_short=True,
    ),
)

WALKED = (
    Case("typed", _scenario(wishes=3, speeches=2, changes=2, bad_changes=2), ()),
    Case("calls", _scenario(wishes=2, speeches=2, calls=2, faults=1), ()),
    Case("server answers", _scenario(wishes=3, speeches=3, changes=1, server_turns=1), ()),
    Case("server fails", _scenario(wishes=3, speeches=2, calls=2, faults=2, server_turns=1), ()),
    Case("unasked", _scenario(wishes=3, speeches=2, calls=1, whims=3, names_errors=0), ()),
    Case(
        "faults",
        _scenario(wishes=3, speeches=2, calls=2, changes=3, bad_changes=4, faults=3),
        (),
    ),
    Case("nothing is named", _scenario(wishes=3, speeches=2, calls=2, echo=0, echoed=0), ()),
    Case("lost", _scenario(wishes=3, speeches=2, calls=1, changes=2, losses=2, drains=1), ()),
    Case("updates", _scenario(wishes=2, changes=3, whims=4, strict_updates=1), ()),
)

RULES = (
    Rule(
        "FORGET_REFUSED",
        "a refused request is kept and sent again",
        _scenario(wishes=1, whims=1),
    ),
    Rule(
        "RESEND_AT_ONCE",
        "a refused request waits for the end of whatever refused it",
        _scenario(wishes=1, whims=1),
    ),
    Rule(
        "NO_CORRELATION",
        "a response is matched to who asked for it",
        _scenario(wishes=1, whims=1, changes=1),
    ),
    Rule(
        "END_ON_ANY_DONE",
        "only its own end ends a response",
        _scenario(wishes=1, whims=1, changes=1),
    ),
    Rule(
        "CLEAR_ON_ERROR",
        "an error ends nothing but what it names",
        _scenario(wishes=1, faults=1, changes=1),
    ),
    Rule(
        "IDLE_WHEN_CANCELLED",
        "a response that was asked to stop has not stopped",
        _scenario(wishes=1, speeches=1),
    ),
    Rule(
        "SPEAK_OVER_THE_USER",
        "nothing is asked while the user speaks",
        _scenario(wishes=1, speeches=1),
    ),
    Rule(
        "FORGET_UNHEARD",
        "an answer that was cut off before its first word is given again",
        _scenario(wishes=1, speeches=1),
    ),
    Rule(
        "ASK_BESIDE_CALLS",
        "nothing is asked beside a call without its output",
        _scenario(wishes=2, calls=1),
    ),
    Rule(
        "ASK_BEFORE_ITEMS",
        "nothing is asked while an item is on its way into the conversation",
        _scenario(wishes=2),
    ),
    Rule(
        "ACKNOWLEDGE_WHEN_SENT",
        "a change is acknowledged when it is in force",
        _scenario(changes=1, bad_changes=1),
    ),
    Rule(
        "NO_DEADLINES",
        "whatever cannot come any more is not waited for",
        Scenario({"WISHES": 1, "FAULTS": 1, "TIMERS": 0}),
        Question.PROMISES,
    ),
)
