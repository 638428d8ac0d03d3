"""Which rows of the golden tables nothing can pass, in groups, and why.

Each group is a fact of what couples the machines, not of the machine. None of it is believed: a world,
or a session that is told anything at all, that passes such a row fails the run, and so it is with
those rows that are neither passed nor in a group. `rare.txt` lists those that not every run passes.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from proof.simulation.row import Row

RARE = Path(__file__).with_name("rare.txt")
"""Each of these has been passed, but so seldom that a run may miss it."""


class Group(NamedTuple):
    """Rows that are never passed, as a pattern of how they are written, and why."""

    why: str
    pattern: str


NO_DEADLINE = Group(
    "no deadline runs in these phases",
    r"(slot: Idle|floor: Quiet|commits: (Detected|Empty.*)|committing: Settled) Overdue",
)
NOTHING_SENT = Group(
    "no configuration leaves before the client has said what it wants and a connection stands, so none "
    "is answered",
    r"setup: (Unconfigured|Connected|Dialling) (Confirmed|Declined)",
)
NEVER = (
    Group(
        "a request or an update leaves only while the slot is idle",
        r"slot: (?!Idle ).* (Update|Request)Sent.*",
    ),
    Group(
        "the slot hears of a refusal only by the name of what is unanswered, and where something is",
        r"slot: ((Idle|Occupied|Active|Cancelling|Ending).* Rejected.*|.* Rejected\((x|-)\))",
    ),
    NO_DEADLINE,
    Group(
        "an ask's deadline ends with its waiting",
        r"asks: Placed\(.*\) Overdue",
    ),
    Group(
        "the server's right to the next response goes before the wishes hear of a lost connection",
        r"asks: Promised Lost",
    ),
    Group(
        "only function results are awaited two at a time, and a refused one counts as there",
        r"asks: (Awaiting|Placed)\(r\+s\) Refused\(r\)",
    ),
    Group(
        "audio is measured only while turns are committed here",
        r"commits: Detected Spoke.*",
    ),
    Group(
        "a turn is forced to its end only where something was gathered",
        r"commits: (Detected|Empty.*) Forced",
    ),
    Group("a call's deadline begins when it is announced", r"tools: Asked Overdue"),
    Group(
        "a call is announced once",
        r"tools: (Running|Answered|Parked|Cancelled) Announce",
    ),
    Group(
        "only a call without an output is parked",
        r"tools: (Answered|Parked|Cancelled) Park",
    ),
    Group(
        "who is heard is the response that has the slot, and it is over before another has it",
        r"playback: Audible\(r\) (AudioBegan\(x.*|Interrupted\(-\)|Over\(x.*|Continued\(x\))",
    ),
    Group(
        "what is left of an ended turn is shown before another is heard",
        r"playback: Draining AudioBegan.*",
    ),
    Group(
        "what a response says that was cut off is dropped before",
        r"playback: Cut.* (AudioBegan|TextShown)\(r.*",
    ),
    NOTHING_SENT,
    Group(
        "a connection opens once, when it was asked for",
        r"setup: (Connected|Configuring|Refused|Ready) Opened",
    ),
    Group(
        "a connection is replaced only after a configuration was in force, and one that refuses it "
        "then ends the call",
        r"setup: (Unconfigured|Connected|Refused) Lost",
    ),
    Group(
        "Settings that come later are a change like any other",
        r"setup: Ready Configured",
    ),
    Group(
        "whether a connection is fit is asked only while it is in use",
        r"continuity: Relinking.* Unfit",
    ),
    Group(
        "a conversation is told once on each connection",
        r"continuity: Proving.* Restored",
    ),
    Group(
        "where updates pass, none waits",
        r"native_order_updates_pass: (update|input) .*",
    ),
)


def group_of(row: Row) -> Group | None:
    """Return the group of rows to which one belongs that nothing can pass."""
    return next((each for each in NEVER if re.fullmatch(each.pattern, str(row))), None)


def is_never_sent(row: Row) -> bool:
    """Tell whether the coupling never sends this event in this phase."""
    return group_of(row) is not None


def counted(rows: Iterable[Row]) -> dict[str, int]:
    """Count the rows of each group, by why nothing can pass them; the largest first."""
    groups = map(group_of, rows)
    return dict(Counter(group.why for group in groups if group is not None).most_common())


def rare() -> set[str]:
    """Return the rows that are listed, as they are written."""
    return set(RARE.read_text().splitlines())


def impossible(passed: Iterable[Row]) -> list[str]:
    """Return the rows that were passed although they are said never to be."""
    return sorted(str(row) for row in passed if is_never_sent(row))


def unlisted(missed: Iterable[Row]) -> list[str]:
    """Return the rows that were not passed and that nothing accounts for."""
    listed = rare()
    return sorted(str(row) for row in missed if not is_never_sent(row) and str(row) not in listed)
