"""What is asked of the model: scenarios in which every promise holds, and rules without which none does.

One scenario has what befalls a call of an honest upstream all at once. With what an upstream may do
besides, the product of all bounds is beyond any memory, so the other scenarios take some of them to
their full size and leave the others small. Every pair of concerns meets in some scenario.
"""

from collections.abc import Mapping
from typing import NamedTuple

from proof.model.source import Scenario, read


class Case(NamedTuple):
    """A scenario and its name."""

    name: str
    scenario: Scenario


class Rule(NamedTuple):
    """A rule of the gateway, the switch that takes it away, and where it cannot be done without."""

    switch: str
    means: str
    scenario: Scenario


def _cases(rows: Mapping[str, str]) -> tuple[Case, ...]:
    return tuple(Case(name, read(bounds)) for name, bounds in rows.items())


# Every concern to its full size, with the others small or absent. The first takes longest.
LARGE = _cases(
    {
        "typed, spoken, calls, a change refused, reconnected": (
            "3 wishes, 3 speeches, 2 calls, changes, bad changes, losses, reconnects, 0 lag, 0 noise"
        ),
        "three typed, three spoken": "3 wishes, 3 speeches, 3 lag",
        "three spoken, the server answers": "3 wishes, 3 speeches, server turns, 2 lag, 0 noise",
        "two calls, a change refused": "3 wishes, speeches, 2 calls, changes, bad changes, lag, 0 noise",
        "two changes, the call lost": "2 wishes, speeches, calls, 2 changes, bad changes, losses, 2 lag",
        "drained": "2 wishes, speeches, calls, drains, 2 lag",
        "reconnected": "3 wishes, 2 speeches, losses, reconnects, 2 lag, 0 noise",
        "reconnected, a change refused": "2 wishes, speeches, changes, bad changes, losses, reconnects, 2 lag",
        "reconnected beside calls": "wishes, speeches, 2 calls, losses, reconnects, 2 lag",
        "reconnected twice, faults": "wishes, calls, changes, faults, 2 losses, reconnects, 2 lag",
        "reconnected, the server answers": "2 wishes, 2 speeches, server turns, losses, reconnects, lag",
        "reconnected and drained": "2 wishes, speeches, losses, reconnects, drains, 2 lag",
        "unasked responses": "2 wishes, 2 speeches, whims, changes, 2 lag",
        "three refusals, nobody named": "2 wishes, speeches, 3 whims, 0 names errors, 2 lag",
        "two faults": "2 wishes, speeches, 2 faults, changes, 2 lag",
        "faults and calls": "wishes, speeches, 2 calls, faults, 2 lag",
        "faults, the server answers": "2 wishes, 2 speeches, faults, server turns, 2 lag",
        "requests are not named": "3 wishes, 2 speeches, calls, 0 echo, 0 echoed, 2 lag",
        "updates meet responses": "2 wishes, speeches, 2 whims, 2 changes, strict updates, 2 lag",
    }
)

# Every concern at once, small: also in the short form, and with the questions about the end.
SMALL = _cases(
    {
        "all small": "wishes, speeches, calls, changes, 2 lag",
        "unasked, small": "2 wishes, whims, changes",
        "lost, small": "wishes, speeches, changes, bad changes, losses, drains, lag",
        "reconnected, small": "wishes, speeches, changes, losses, reconnects, lag",
        "faults, small": "wishes, speeches, changes, faults",
        "server answers, small": "wishes, 2 speeches, server turns",
    }
)

# Followed step by step by a session of the core; the long form follows every small case too.
FOLLOWED = _cases(
    {
        "typed": "wishes, changes, whims, strict updates",
        "calls": "2 wishes, 2 calls, lag",
        "server answers": "speeches, wishes, server turns",
        "updates meet answers": "2 speeches, changes, server turns, strict updates",
        "changes": "wishes, 2 changes, bad changes, faults, 2 lag",
        "reconnected": "wishes, calls, changes, losses, reconnects, lag",
    }
)

WALKED = _cases(
    {
        "typed": "3 wishes, 2 speeches, 2 changes, 2 bad changes",
        "calls": "2 wishes, 2 speeches, 2 calls, faults",
        "server answers": "3 wishes, 3 speeches, changes, server turns",
        "server fails": "3 wishes, 2 speeches, 2 calls, 2 faults, server turns",
        "unasked": "3 wishes, 2 speeches, calls, 3 whims, 0 names errors",
        "faults": "3 wishes, 2 speeches, 2 calls, 3 changes, 4 bad changes, 3 faults",
        "nothing is named": "3 wishes, 2 speeches, 2 calls, 0 echo, 0 echoed",
        "lost": "3 wishes, 2 speeches, calls, 2 changes, 2 losses, drains",
        "reconnected": "3 wishes, 3 speeches, 2 calls, 3 changes, 2 bad changes, 3 losses, reconnects",
        "reconnected, faults": "2 wishes, speeches, 2 calls, changes, 3 faults, 5 losses, reconnects",
        "reconnected, server answers": "3 wishes, 3 speeches, server turns, 2 losses, reconnects, drains",
        "updates": "2 wishes, 3 changes, 4 whims, strict updates",
    }
)

_RULES = {
    "FORGET_REFUSED": ("a refused request is kept and sent again", "wishes, whims"),
    "RESEND_AT_ONCE": (
        "a refused request waits for the end of whatever refused it",
        "wishes, whims",
    ),
    "NO_CORRELATION": ("a response is matched to who asked for it", "wishes, whims, changes"),
    "LEARN_ECHO": (
        "a server that names requests is known to before it has named one",
        "wishes, whims, changes",
    ),
    "END_ON_ANY_DONE": ("only its own end ends a response", "wishes, whims, changes"),
    "CLEAR_ON_ERROR": ("an error ends nothing but what it names", "wishes, faults, changes"),
    "IDLE_WHEN_CANCELLED": (
        "a response that was asked to stop has not stopped",
        "wishes, speeches",
    ),
    "SPEAK_OVER_THE_USER": ("nothing is asked while the user speaks", "wishes, speeches"),
    "FORGET_UNHEARD": (
        "an answer that was cut off before its first word is given again",
        "wishes, speeches",
    ),
    "ASK_BESIDE_CALLS": ("nothing is asked beside a call without its output", "2 wishes, calls"),
    "ASK_BEFORE_ITEMS": (
        "nothing is asked while an item is on its way into the conversation",
        "2 wishes",
    ),
    "ACKNOWLEDGE_WHEN_SENT": (
        "a change is acknowledged when it is in force",
        "changes, bad changes",
    ),
    "NO_DEADLINES": ("whatever cannot come any more is not waited for", "wishes, faults"),
    "FORGET_IN_FLIGHT": (
        "what was unanswered on a lost connection is sent on the next",
        "wishes, losses, reconnects",
    ),
    "ASK_AGAIN_ALL": (
        "an answer that was heard is not asked for again on another connection",
        "wishes, losses, reconnects",
    ),
    "ASK_BEFORE_TOLD": (
        "a connection is told the conversation before it is asked",
        "wishes, losses, reconnects",
    ),
    "FORGET_IN_FORCE": (
        "a connection is told what is in force",
        "wishes, changes, losses, reconnects",
    ),
    "FORGET_HELD": (
        "what comes while there is no connection waits",
        "wishes, losses, reconnects",
    ),
    "SEND_TO_NOBODY": (
        "nothing is sent between two connections",
        "wishes, calls, faults, losses, reconnects",
    ),
    "LEAVE_IN_TURN": ("a drained call ends when its turn is over", "wishes, drains"),
}

RULES = tuple(Rule(switch, means, read(bounds)) for switch, (means, bounds) in _RULES.items())
