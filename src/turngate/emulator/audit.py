"""The judge: what a client did, what the rules say of it, and whether every turn was answered.

It looks only at client events and at what had been written when they arrived, so a client that
hides errors is caught all the same.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

VIOLATIONS = (
    "create_while_active",
    "session_update_while_active",
    "output_for_unknown_call",
    "output_for_answered_call",
    "create_with_unanswered_calls",
    "append_before_ready",
)
"""What a client must never do. Each counts the client events that did it."""

INFORMATION = ("race", "vad_create_suppressed")
"""What happens without anybody's fault.

race: a create or update during a response that the server had begun by itself and that its sender
could not have read of. vad_create_suppressed: speech ended during a response, and no response
was begun for it.
"""

RACE_WINDOW_MS = 250
"""For so long after the announcement of a response begun by the server its sender may be late."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One client event and its verdict.

    at_ms: since the connection opened. active_id: the response that held the slot at that
    moment. verdict: accepted, or the code of the error, or what was counted. times: so many
    alike in a row, which only appends are. heard_words: with a conversation.item.truncate, the
    words that were over at the cut.
    """

    connection: int
    at_ms: float
    type: str
    event_id: str | None
    active_id: str | None
    verdict: str
    times: int = 1
    heard_words: str | None = None


@dataclass(slots=True)
class Turn:
    """Something that wants an answer: a user's turn, or the complete outputs of a response.

    answers: responses that were for it. is_excused: a response may have been meant for it: begun
    by the server, with instructions of its own, or ended before its time. So is a system message
    that has no answer: it may want one, as a function's late result does, or be a mere remark.
    """

    key: str
    answers: int = 0
    is_excused: bool = False


class Ledger:
    """The audit of one connection."""

    def __init__(self, connection: int) -> None:
        self.connection = connection
        self.counters: Counter[str] = Counter()
        self.records: list[Record] = []
        self.answered_twice = 0
        self.heard_words: str | None = None
        """What the client said was heard of the answer that the event of the moment cuts."""
        self._turns: dict[str, Turn] = {}
        self._covered: dict[str, list[Turn]] = {}

    def record(
        self, *, at_ms: float, event_type: str, event_id: str | None, active_id: str | None,
        verdict: str,
    ) -> None:  # fmt: skip
        """Write down one client event; equal appends in a row become one record."""
        last = self.records[-1] if self.records else None
        if (
            last
            and event_type == last.type == "input_audio_buffer.append"
            and (verdict, active_id) == (last.verdict, last.active_id)
        ):
            self.records[-1] = msgspec.structs.replace(last, times=last.times + 1)
            return
        self.records.append(
            Record(
                connection=self.connection,
                at_ms=round(at_ms, 3),
                type=event_type,
                event_id=event_id,
                active_id=active_id,
                verdict=verdict,
                heard_words=self.heard_words,
            )
        )
        self.heard_words = None

    def count(self, name: str) -> None:
        """Count a violation or an information."""
        self.counters[name] += 1

    @property
    def violations(self) -> int:
        """How often a rule was broken."""
        return sum(self.counters[name] for name in VIOLATIONS)

    @property
    def turns(self) -> int:
        """How many turns there were so far that want an answer."""
        return len(self._turns)

    @property
    def unanswered_turns(self) -> int:
        """Turns that no response has followed so far."""
        return len(self.unanswered)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The keys of these turns, in order: of a user's, the id of the item."""
        turns = self._turns.values()
        return tuple(turn.key for turn in turns if not turn.answers and not turn.is_excused)

    @property
    def answered(self) -> tuple[str, ...]:
        """The keys of the turns that a response was for, or may have been, whatever became of it."""
        turns = self._turns.values()
        return tuple(turn.key for turn in turns if turn.answers or turn.is_excused)

    def turn(self, key: str, *, is_excused: bool = False) -> None:
        """Note that a turn wants an answer."""
        self._turns[key] = Turn(key, is_excused=is_excused)

    def excuse(self, key: str) -> None:
        """Expect no answer to a turn that nobody outside can know to be without one."""
        self._turns[key].is_excused = True

    def history(self) -> None:
        """Note an assistant message by a client: what stands before it was answered elsewhere."""
        self._turns = {key: turn for key, turn in self._turns.items() if turn.answers}

    def withdrawn(self, key: str) -> None:
        """Forget a turn that was deleted before it was answered."""
        turn = self._turns.get(key)
        if turn and not turn.answers:
            del self._turns[key]

    def asked(self, response_id: str, *, is_told: bool) -> None:
        """Note a client's accepted request for a response of the default conversation.

        is_told: it had instructions or an input of its own, so it may be for nothing new.
        """
        covered = [turn for turn in self._turns.values() if not turn.answers]
        if covered:
            for turn in self._turns.values():
                turn.is_excused = False
        elif self._turns and not is_told:
            self._again()
        self._cover(response_id, covered)

    def began(self, response_id: str, own: str) -> None:
        """Note a response that the server began for the spoken turn `own`; it saw the others too."""
        for turn in self._turns.values():
            turn.is_excused = turn.is_excused or not turn.answers
        self._cover(response_id, [self._turns[own]])

    def _cover(self, response_id: str, turns: list[Turn]) -> None:
        for turn in turns:
            turn.answers += 1
            turn.is_excused = False
        self._covered[response_id] = turns

    def _again(self) -> None:
        """Judge a request for nothing new: excused when the last answer ended before its time."""
        excused = [turn for turn in self._turns.values() if turn.is_excused]
        if excused:
            excused[-1].is_excused = False
        else:
            self.answered_twice += 1

    def ended(self, response_id: str, *, is_whole: bool) -> None:
        """Note the end of a response; whoever asks again after a broken one asks rightly."""
        for turn in self._covered.pop(response_id, []):
            turn.is_excused = not is_whole


class Audit:
    """The ledgers of all connections of a server as one."""

    def __init__(self, ledgers: Iterable[Ledger]) -> None:
        self._ledgers = tuple(ledgers)

    @property
    def counters(self) -> Mapping[str, int]:
        """Every counter by name; those that never counted are 0."""
        total: Counter[str] = Counter(dict.fromkeys((*VIOLATIONS, *INFORMATION), 0))
        for ledger in self._ledgers:
            total.update(ledger.counters)
        return {
            **total,
            "unanswered_turns": self.unanswered_turns,
            "answered_twice": self.answered_twice,
        }

    @property
    def violations(self) -> int:
        """The sum of the violations; races and suppressed responses are none."""
        return sum(ledger.violations for ledger in self._ledgers)

    @property
    def unanswered_turns(self) -> int:
        """User turns, or complete sets of function outputs, that no response has followed."""
        return sum(ledger.unanswered_turns for ledger in self._ledgers)

    @property
    def answered_twice(self) -> int:
        """Responses that were asked for without anything new to answer."""
        return sum(ledger.answered_twice for ledger in self._ledgers)

    @property
    def records(self) -> list[Record]:
        """Every client event, by connection and in order."""
        return [record for ledger in self._ledgers for record in ledger.records]

    def frozen(self) -> "Audit":
        """Return a copy that stays as it is, whatever clients do."""
        return Audit(copy.deepcopy(ledger) for ledger in self._ledgers)

    def as_dict(self) -> dict[str, object]:
        """Return all of it as JSON-ready values."""
        return {
            "violations": self.violations,
            "counters": dict(self.counters),
            "records": [msgspec.to_builtins(record) for record in self.records],
        }

    def table(self) -> str:
        """Return the client events with their verdicts as text, a line each, then the counters."""
        lines = [
            f"{record.connection:>3} {record.at_ms:>10.1f}  {record.type:<32} "
            f"{record.verdict:<40} {record.active_id or '-'}"
            + (f" x{record.times}" if record.times > 1 else "")
            for record in self.records
        ]
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """Return the counters that counted, as one line."""
        counted = [f"{name}: {count}" for name, count in self.counters.items() if count]
        return ", ".join([f"violations: {self.violations}", *counted])
