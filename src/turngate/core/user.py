"""The user's side: who has the floor, when what was said becomes an item, and what it was.

Couples the floor with the commits, where these are ours, and what became of them; and with the
user's lines.
"""

from typing import assert_never

from turngate.core import commits, committing, effects, floor, limits
from turngate.core.conversation import Conversation
from turngate.core.events import Timer
from turngate.core.items import UserText
from turngate.core.latency import Stopwatch
from turngate.core.lines import Lines
from turngate.core.names import Names


class User:
    """What the user says, utterance by utterance."""

    def __init__(
        self,
        names: Names,
        stopwatch: Stopwatch,
        lines: Lines,
        conversation: Conversation,
        out: list[effects.Effect],
    ) -> None:
        self._names, self._stopwatch, self._lines, self._out = names, stopwatch, lines, out
        self._conversation = conversation
        self.floor: floor.Phase = floor.Quiet()
        self.gathered: commits.Phase = commits.Detected()
        self.committing: committing.Phase = committing.Settled()
        self.silence: str | None = None  # the item of the last long silence

    def speaks(self) -> bool:
        """Tell whether the user has the floor."""
        return self.floor != floor.Quiet()

    def is_quiet(self) -> bool:
        """Tell whether the floor is free, and nothing of what was said is on its way."""
        return not self.speaks() and self.committing == committing.Settled()

    def has_ended(self) -> bool:
        """Tell whether nothing is being said, and all that was is committed."""
        return not self.speaks() and not isinstance(self.gathered, commits.Gathering)

    def advance(self, event: floor.Event) -> tuple[floor.Effect, ...]:
        """Take what the upstream says of the user's speech; return what follows."""
        self.floor, produced = floor.advance(self.floor, event)
        if isinstance(event, floor.Committed):
            self.settle(committing.Committed())
        match event:
            case floor.Stopped():
                self._stopwatch.spoke()
            case floor.Committed(item_id) if item_id == self.silence:
                pass  # there is nothing to be written down
            case floor.Committed(item_id):
                self._committed(item_id)
            case _:
                pass
        return produced

    def settle(self, event: committing.Event) -> None:
        """Take what becomes of our commits."""
        self.committing, given_up = committing.advance(self.committing, event)
        self._out += [effects.Count("commit_overdue") for _ in given_up]

    def _committed(self, item_id: str) -> None:
        self._conversation.spoken(item_id)
        if self._lines.spoken(item_id):
            timer = Timer("transcript", item_id)
            self._out.append(effects.SetTimer(timer, limits.TRANSCRIPT_MS))

    def suspend(self) -> tuple[floor.Effect, ...]:
        """Give up the connection, and what it was about to hear or write down; return what follows."""
        for item_id in self._lines.awaited():
            self._out.append(effects.CancelTimer(Timer("transcript", item_id)))
            self._show(self._lines.given_up(item_id))
        self.settle(committing.Lost())
        return self.advance(floor.Cleared())

    # -- what the user said, in writing

    def typed(self, text: str) -> None:
        """Show what the user wrote, after what they said before."""
        self._stopwatch.wished()
        self._show(self._lines.typed(text))

    def written(self, item_id: str, text: str) -> None:
        """Show what the user said; "" where it was nothing, or could not be written down."""
        self._stopwatch.transcribed()
        self._conversation.written(item_id, text)
        self._out.append(effects.CancelTimer(Timer("transcript", item_id)))
        self._show(self._lines.written(item_id, text))

    def unwritten(self, item_id: str) -> None:
        """Wait no longer for what the user said."""
        self._out.append(effects.Count("transcript_overdue"))
        self._show(self._lines.given_up(item_id))

    def _show(self, texts: list[str]) -> None:
        for text in texts:
            self._out.append(effects.ShowUserText(text))
            self._out.append(effects.Remember(UserText(text)))

    # -- the ends of turns

    def turn_ended(self) -> None:
        """Take the client's word that the turn is over, as far as there is one."""
        if isinstance(self.floor, floor.Speaking):
            self._commit()
        elif isinstance(self.gathered, commits.Gathering):
            self.gather(commits.Forced())
        else:
            self._out.append(effects.Count("end_of_no_turn"))

    def gather(self, event: commits.Event) -> None:
        """Take audio that is committed by us, and what decides when."""
        self.gathered, produced = commits.advance(self.gathered, event)
        for effect in produced:
            match effect:
                case commits.Measure(is_on):
                    self._out.append(effects.MeasureAudio(is_on))
                case commits.Pad(silence_ms):
                    self._out.append(effects.PadAudio(silence_ms))
                case commits.Commit():
                    self._commit()
                case _:
                    assert_never(effect)

    def _commit(self) -> None:
        event_id = self._names.new("commit")
        self.settle(committing.Sent(event_id))
        self._out.append(effects.SendCommit(event_id))
