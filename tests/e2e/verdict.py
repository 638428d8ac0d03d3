"""What a relay did to the turns of a call: from the emulator's audit and from the record."""

from msgspec import Struct

from e2e.record import Record
from turngate.emulator import Audit


class Verdict(Struct, frozen=True):
    """Violations, turns without an answer or with two, and acknowledgements that were not true."""

    violations: int
    unanswered: int
    twice: int
    unconfirmed: int

    @property
    def is_kept(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.violations or self.unanswered or self.twice or self.unconfirmed)

    def __str__(self) -> str:
        counted = (
            (self.violations, "too early"),
            (self.unanswered, "lost"),
            (self.twice, "twice"),
            (self.unconfirmed, "untrue"),
        )
        return ", ".join(f"{count} {what}" for count, what in counted if count) or "kept"


def judged(audit: Audit, record: Record, start: int = 0) -> Verdict:
    """Return the verdict on a call that has gone quiet; acknowledgements count from `start` on."""
    return Verdict(
        audit.violations, audit.unanswered_turns, audit.answered_twice, unconfirmed(record, start)
    )


def unconfirmed(record: Record, start: int = 0) -> int:
    """Count the `SettingsApplied` that came while the upstream had not confirmed those Settings."""
    asked: list[str] = []
    in_force, untrue = "", 0
    for position, line in enumerate(record.lines):
        if line.is_like("C>", "Settings"):
            asked.append(line.label.removeprefix("Settings "))
        elif line.is_like("U>", "session.updated"):
            in_force = line.label.removeprefix("session.updated ")
        elif line.is_like(">C", "SettingsApplied"):
            is_true = asked.pop(0) == in_force
            untrue += position >= start and not is_true
    return untrue
