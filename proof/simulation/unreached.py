"""Which rows of the golden tables the worlds need not pass.

Those that the coupling never sends, with the code that excludes each, and those that nothing has
provoked, which are listed in `not_provoked.txt`.
"""

from collections.abc import Iterable
from pathlib import Path

from proof.simulation.rows import Row

NOT_PROVOKED = Path(__file__).with_name("not_provoked.txt")
"""Nobody has shown whether these can be reached end to end. To pass one is no error."""


def is_never_sent(row: Row) -> bool:
    """Tell whether the coupling never sends this event in this phase."""
    if row.machine != "slot":
        return False
    name = row.event.partition("(")[0]
    if row.phase == "Idle":
        # Sequencer.overdue takes it for the reservation's deadline.
        return name == "Overdue"
    # Sequencer.next lets an entry leave only while the slot is free.
    return name in ("UpdateSent", "RequestSent")


def not_provoked() -> set[str]:
    """Return the rows that are listed, as they are written."""
    return set(NOT_PROVOKED.read_text().splitlines())


def impossible(passed: Iterable[Row]) -> list[str]:
    """Return the rows that were passed although they are said never to be."""
    return sorted(str(row) for row in passed if is_never_sent(row))


def unlisted(missed: Iterable[Row]) -> list[str]:
    """Return the rows that were not passed and that nothing accounts for."""
    listed = not_provoked()
    return sorted(str(row) for row in missed if not is_never_sent(row) and str(row) not in listed)
