"""Every machine, in every phase, on every event: printed, and compared with what was reviewed.

In the tables `r` and `e` are the response and the event that a phase knows, `x` is a foreign one,
`-` is none, and `*` stands for all of them. A phase that stays is `.`, and so is no effect.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from types import ModuleType
from typing import Any, NamedTuple, get_args

import pytest
from msgspec import Struct
from msgspec.structs import astuple

from turngate.core import (
    asks,
    commits,
    committing,
    continuity,
    floor,
    playback,
    reservation,
    setup,
    slot,
    tools,
)

Golden = Callable[[str, str], None]


class Sample(NamedTuple):
    """A class of phases or events, and the values that each of its fields takes."""

    cls: type[Struct]
    fields: tuple[Sequence[object], ...] = ()


class Machine(NamedTuple):
    """A machine's module, with samples of its phases and events."""

    module: ModuleType
    phases: tuple[Sample, ...]
    events: tuple[Sample, ...]


OWN = ("r",)
ANY = ("r", "x")
NAMED = ("r", "x", None)
AUTHOR = ("e", "x", None)

SLOT = Machine(
    slot,
    (
        Sample(slot.Idle),
        Sample(slot.Updating, (("e",), (None, "r"))),
        Sample(slot.Requested, (("e",),)),
        Sample(slot.Withdrawn, (("e",),)),
        Sample(slot.Crossed, (OWN, ("e",))),
        Sample(slot.Occupied, ((None, "r"),)),
        Sample(slot.Active, (OWN, ("e", None))),
        Sample(slot.Cancelling, ((None, "r"),)),
        Sample(slot.Ending, (OWN,)),
    ),
    (
        Sample(slot.UpdateSent, (("e",),)),
        Sample(slot.RequestSent, (("e",),)),
        Sample(slot.Updated),
        Sample(slot.Created, (ANY, AUTHOR)),
        Sample(slot.Done, (NAMED, AUTHOR)),
        Sample(slot.Taken, (AUTHOR, NAMED)),
        Sample(slot.Rejected, (AUTHOR,)),
        Sample(slot.Cancel),
        Sample(slot.CancelMissed),
        Sample(slot.Overdue),
    ),
)

RESERVATION = Machine(
    reservation,
    (Sample(reservation.Free), Sample(reservation.Reserved, (OWN,))),
    (
        Sample(reservation.Committed, (ANY,)),
        Sample(reservation.Claimed, (("x",),)),
        Sample(reservation.Overdue),
    ),
)

FLOOR = Machine(
    floor,
    (Sample(floor.Quiet), Sample(floor.Speaking, (OWN,)), Sample(floor.Ended, (OWN,))),
    (
        Sample(floor.Started, (ANY,)),
        Sample(floor.Stopped, (ANY,)),
        Sample(floor.Committed, (ANY,)),
        Sample(floor.Cleared),
        Sample(floor.Overdue),
    ),
)

COMMITS = Machine(
    commits,
    (
        Sample(commits.Detected),
        Sample(commits.Empty, ((True, False),)),
        Sample(commits.Gathering, ((True, False), (60, 250))),
    ),
    (
        Sample(commits.TakenOver),
        Sample(commits.HandedBack),
        Sample(commits.Spoke, ((20,),)),
        Sample(commits.Overdue),
        Sample(commits.Forced),
    ),
)

ASKS = Machine(
    asks,
    (
        Sample(asks.Awaiting, ((frozenset("r"), frozenset("rs")),)),
        Sample(asks.Placed, ((frozenset[str](), frozenset("r"), frozenset("rs")),)),
        Sample(asks.Promised),
    ),
    (
        Sample(asks.Acknowledged, (ANY,)),
        Sample(asks.Refused, (ANY,)),
        Sample(asks.Unclaimed),
        Sample(asks.Overdue),
        Sample(asks.Lost),
    ),
)

COMMITTING = Machine(
    committing,
    (Sample(committing.Settled), Sample(committing.Committing, ((("r",), ("r", "s")),))),
    (
        Sample(committing.Sent, (("y",),)),
        Sample(committing.Committed),
        Sample(committing.Refused, (ANY,)),
        Sample(committing.Lost),
        Sample(committing.Overdue),
    ),
)

TOOLS = Machine(
    tools,
    (
        Sample(tools.Asked),
        Sample(tools.Running),
        Sample(tools.Answered),
        Sample(tools.Parked),
        Sample(tools.Cancelled),
    ),
    (
        Sample(tools.Announce),
        Sample(tools.Result, (("sunny",),)),
        Sample(tools.Overdue),
        Sample(tools.Park),
        Sample(tools.Cancel),
    ),
)

PLAYBACK = Machine(
    playback,
    (
        Sample(playback.Silent),
        Sample(playback.Shown, (OWN,)),
        Sample(playback.Audible, (OWN,)),
        Sample(playback.Pending),
        Sample(playback.Paused),
        Sample(playback.Draining),
        Sample(playback.Cut, (OWN, (False, True))),
    ),
    (
        Sample(playback.AudioBegan, (ANY, ("j",))),
        Sample(playback.TextShown, (ANY,)),
        Sample(playback.Interrupted, (NAMED,)),
        Sample(playback.Over, (ANY, (False, True))),
        Sample(playback.AllShown),
        Sample(playback.Continued, (ANY,)),
        Sample(playback.Abandoned),
    ),
)

SETUP = Machine(
    setup,
    (
        Sample(setup.Unconfigured),
        Sample(setup.Connected),
        Sample(setup.Dialling),
        Sample(setup.Configuring),
        Sample(setup.Refused),
        Sample(setup.Ready),
    ),
    (
        Sample(setup.Configured),
        Sample(setup.Opened),
        Sample(setup.Confirmed),
        Sample(setup.Declined),
        Sample(setup.Lost),
    ),
)

CONTINUITY = Machine(
    continuity,
    (
        Sample(continuity.Linked),
        Sample(continuity.Relinking, ((1, 3),)),
        Sample(continuity.Proving, ((1, 3),)),
    ),
    (
        Sample(continuity.Lost),
        Sample(continuity.Unfit),
        Sample(continuity.Restored),
        Sample(continuity.Proved),
    ),
)

MACHINES = {
    "continuity": CONTINUITY,
    "slot": SLOT,
    "reservation": RESERVATION,
    "floor": FLOOR,
    "commits": COMMITS,
    "committing": COMMITTING,
    "asks": ASKS,
    "tools": TOOLS,
    "playback": PLAYBACK,
    "setup": SETUP,
}


def values(sample: Sample) -> Iterable[Struct]:
    return (sample.cls(*fields) for fields in product(*sample.fields))


def word(value: object) -> str:
    """Return a field as it stands in a table."""
    if isinstance(value, tuple | frozenset):
        return "+".join(sorted(map(str, value)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - a set of anything prints
    return "-" if value is None else str(value) if len(str(value)) < 8 else "..."


def name(value: Struct) -> str:
    fields = ", ".join(map(word, astuple(value)))
    return type(value).__name__ + (f"({fields})" if fields else "")


def patterns(sample: Sample, group: set[tuple[Any, ...]]) -> list[str]:
    """Return the field values of a group in short, with `*` where a field does not matter."""
    found: dict[str, None] = {}
    for fields in product(*sample.fields):
        if fields not in group:
            continue
        wide = [[each] for each in fields]
        for at, every in enumerate(sample.fields):
            widened = [*wide[:at], list(every), *wide[at + 1 :]]
            if len(every) > 1 and set(product(*widened)) <= group:
                wide = widened
        words = ("*" if len(each) > 1 else word(each[0]) for each in wide)
        found[", ".join(words)] = None
    return [f"{sample.cls.__name__}({each})" if each else sample.cls.__name__ for each in found]


def rows(machine: Machine) -> Iterable[tuple[str, str, str, str]]:
    """Yield phase, event, next phase and effects; events that make no difference share a row."""
    for phase in (phase for sample in machine.phases for phase in values(sample)):
        for sample in machine.events:
            groups: dict[tuple[str, str], set[tuple[Any, ...]]] = {}
            for event in values(sample):
                after, effects = machine.module.advance(phase, event)
                step = "." if after == phase else name(after), " ".join(map(name, effects)) or "."
                groups.setdefault(step, set()).add(astuple(event))
            for step, group in groups.items():
                for pattern in patterns(sample, group):
                    yield name(phase), pattern, *step


def aligned(lines: Iterable[tuple[str, ...]]) -> str:
    """Return rows as text in columns, with a blank line where the first one changes."""
    lines = list(lines)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text, before = list[str](), ""
    for line in lines:
        text += [""] if before not in ("", line[0]) else []
        text.append("  ".join(map(str.ljust, line, widths)).rstrip())
        before = line[0]
    return "\n".join(text)


@pytest.mark.table
@pytest.mark.parametrize("title", MACHINES)
def test_transitions_are_those_that_were_reviewed(title: str, golden: Golden) -> None:
    golden(title, aligned(rows(MACHINES[title])))


@pytest.mark.table
@pytest.mark.parametrize("title", MACHINES)
def test_no_phase_and_no_event_is_left_out(title: str) -> None:
    machine = MACHINES[title]
    assert {sample.cls for sample in machine.phases} == set(get_args(machine.module.Phase))
    assert {sample.cls for sample in machine.events} == set(get_args(machine.module.Event))
