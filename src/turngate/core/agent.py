"""The agent's side, as the client is told of it: its audio's gate, its words, its troubles.

Couples playback with the captions, the latencies, and complaints of the upstream that must not
overtake the words that they belong to.
"""

from collections.abc import Iterable, Iterator
from math import ceil, inf
from typing import assert_never

from msgspec.structs import astuple

from turngate import errors
from turngate.core import effects, events, items, limits, playback
from turngate.core.captions import Caption, Captions, Playout
from turngate.core.conversation import Conversation
from turngate.core.events import Timer
from turngate.core.latency import Stopwatch
from turngate.core.lines import Lines
from turngate.core.names import Names
from turngate.units import Ms

GRACE, CAPTION = Timer("grace"), Timer("caption")

ENDLESS = errors.ResponseIncomplete("the upstream did not say how it ended")
LOST = errors.ResponseIncomplete("the upstream connection was lost")
SILENT = errors.ResponseIncomplete("the upstream fell silent, or did not come to an end")


class Agent:
    """What the agent says, response by response; `lines` are the user's, which are read first."""

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
        self._playback: playback.Phase = playback.Silent()
        self._captions = Captions()
        self._playout: Playout = {}
        self._caption_at: Ms | None = None
        self._elsewhere: set[str] = set()
        self._complaints: list[errors.TurngateError] = []
        self.has_spoken = False

    def is_cut(self, response_id: str) -> bool:
        """Tell whether the user cut this response off."""
        match self._playback:
            case playback.Cut(cut_id):
                return cut_id == response_id
            case _:
                return False

    def is_unheard(self, response_id: str) -> bool:
        """Tell whether the user cut this response off before its first word."""
        return self._playback == playback.Cut(response_id, unheard=True)

    # -- what the upstream says

    def played(self, playout: Iterable[events.Heard]) -> None:
        """Take how far the audio has been played by now."""
        self._playout = {heard.item_id: heard for heard in playout}
        self._captions.follow(self._playout)

    def left_ms(self) -> Ms:
        """Return how long what has been generated goes on being heard."""
        heard = self._playout.values()
        return Ms(sum(each.generated_ms - each.heard_ms for each in heard))

    def said(self, event: events.AgentText) -> None:
        """Take a piece of an item's text."""
        self._stopwatch.text()
        line = self._captions.line(event.response_id, event.item_id)
        line.is_spoken = event.is_spoken
        line.speech.add(event.delta)

    def said_all(self, event: events.AgentTextDone) -> None:
        """Take the end of an item's text."""
        line = self._captions.line(event.response_id, event.item_id)
        line.is_spoken = event.is_spoken
        line.speech.finish(event.text)

    def audio_began(self, response_id: str, item_id: str) -> None:
        """Let an item be heard."""
        self.has_spoken = True
        self._stopwatch.audio()
        self._finish_ended_turn()
        self._captions.line(response_id, item_id).begin_audio(self._playout)
        self._advance(playback.AudioBegan(response_id, item_id))

    def audio_ended(self, event: events.AudioEnded) -> None:
        """Take the end of an item's audio."""
        line = self._captions.line(event.response_id, event.item_id)
        if line.heard_ms is not None:
            line.speech.end_audio()

    def response_ended(
        self, response_id: str, failure: errors.TurngateError | None, *, goes_on: bool
    ) -> None:
        """Finish the turn, unless it goes on with another response; then say what went wrong."""
        self._captions.finish(response_id)
        if failure is not None:
            self._complaints.insert(0, failure)
        if goes_on:
            self._show(self._captions.written(response_id))
            self._advance(playback.Continued(response_id))
        else:
            self._turn_ended(response_id)
        if not isinstance(self._playback, playback.Draining):
            self.air()
        elif self._complaints:
            self._out.append(effects.SetTimer(GRACE, limits.GRACE_MS))

    def _turn_ended(self, response_id: str) -> None:
        if self._captions.has_words(response_id):
            self._finish_ended_turn()
        self._show_due()
        self._captions.end_turn()
        has_words = self._captions.waits()
        self._advance(playback.Over(response_id, has_words))
        self._drained()

    def abandoned(self) -> None:
        """Give up the response by which the turn was to go on."""
        self._captions.end_turn()
        self._advance(playback.Abandoned())
        self._drained()

    def suspend(self) -> None:
        """Give up the connection: what is still being played belongs to none that comes."""
        self.has_spoken = False
        self._elsewhere = set(self._playout)
        self._captions.suspend()

    def catch_up(self) -> None:
        """Take what is being heard for heard, as the user goes on beside it.

        A new connection has to be told of it before that, or the answer would follow the question
        that it came before.
        """
        for caption in self._captions.untold():
            self._conversation.heard(caption.text, is_elsewhere=True)

    def has_said(self, response_id: str) -> bool:
        """Tell whether anything of a response was heard or read, or is about to be."""
        match self._playback:
            case playback.Audible(mine) | playback.Shown(mine):
                return mine == response_id
            case _:
                return False

    def has_said_enough(self, response_id: str) -> bool:
        """Tell whether nothing is missing of a response but its end, or the user heard enough."""
        was_cut_short = self._playback == playback.Cut(response_id, unheard=False)
        return was_cut_short or self._captions.is_whole(response_id)

    def lost(self, response_id: str) -> None:
        """Forget a response of which nothing was said."""
        self._captions.forget(response_id)

    # -- the user takes the floor

    def interrupted(self, response_id: str | None) -> None:
        """Fall silent. Of what was said, only the words remain that the user has heard.

        The upstream has to forget the others too, for the model builds on what it believes to have
        said.
        """
        cuts = list(self._cuts())
        for caption, is_new in self._captions.cut():
            if is_new:
                self._show((caption,))
            self._remember(caption)
        self._advance(playback.Interrupted(response_id))
        self._out += cuts

    def _cuts(self) -> Iterator[effects.ToUpstream]:
        for item_id, heard_ms, generated_ms in map(astuple, self._playout.values()):
            if item_id in self._elsewhere:
                continue
            if heard_ms <= 0:
                yield effects.SendDelete(self._names.new("cut"), item_id)
            elif heard_ms < generated_ms or self._captions.is_growing(item_id):
                cut_ms = min(heard_ms, generated_ms)
                yield effects.SendTruncate(self._names.new("cut"), item_id, cut_ms)
        for item_id in self._captions.unheard_items():
            yield effects.SendDelete(self._names.new("cut"), item_id)

    # -- what the client is told, and when

    def settle(self) -> None:
        """Show and remember what is due, and have a look again when more will be."""
        self._show_due()
        for caption in self._captions.heard():
            self._remember(caption)
        self._drained()
        wait_ms = self._captions.next_ms(may_show=self._lines.are_complete())
        self._look_again(None if wait_ms == inf else max(limits.CAPTION_MS, Ms(ceil(wait_ms))))

    def caption_due(self) -> None:
        """Note that the deadline of a caption has passed."""
        self._caption_at = None

    def complain(self, error: errors.TurngateError, *, after_words: bool) -> None:
        """Report a trouble of the upstream's; after the words that are on their way."""
        self._complaints.append(error)
        if after_words:
            self._out.append(effects.SetTimer(GRACE, limits.GRACE_MS))
        else:
            self.air()

    def air(self) -> None:
        """Report what was held back."""
        self._out += [effects.Report(complaint) for complaint in self._complaints]
        self._complaints = []

    def _show_due(self) -> None:
        if self._lines.are_complete():
            self._show(self._captions.due())

    def _show(self, captions: Iterable[Caption]) -> None:
        for caption in captions:
            if not caption.is_past:
                self._advance(playback.AllShown())
            self._out.append(effects.ShowAgentText(caption.text))
            self._advance(playback.TextShown(caption.response_id))

    def _finish_ended_turn(self) -> None:
        """Show what is left of a turn that is over, since the next one begins."""
        if isinstance(self._playback, playback.Draining):
            self._show(self._captions.rest())
            self._advance(playback.AllShown())

    def _drained(self) -> None:
        if not self._captions.waits():
            self._advance(playback.AllShown())

    def _remember(self, caption: Caption) -> None:
        if not caption.is_told:
            self._conversation.heard(caption.text, is_elsewhere=caption.is_elsewhere)
        self._out.append(effects.Remember(items.AgentText(caption.text)))

    def _look_again(self, after_ms: Ms | None) -> None:
        """Run the captions' timer; one that runs for about as long is left alone."""
        if after_ms is None:
            if self._caption_at is not None:
                self._out.append(effects.CancelTimer(CAPTION))
            self._caption_at = None
            return
        at = Ms(self._stopwatch.now + after_ms)
        if self._caption_at is None or abs(at - self._caption_at) > limits.CAPTION_MS:
            self._caption_at = at
            self._out.append(effects.SetTimer(CAPTION, after_ms))

    def _advance(self, event: playback.Event) -> None:
        self._playback, produced = playback.advance(self._playback, event)
        for effect in produced:
            match effect:
                case playback.Start():
                    self._out.append(self._started())
                case playback.Open(response_id, item_id):
                    self._out.append(effects.OpenGate(response_id, item_id))
                case playback.Flush():
                    self._out.append(effects.FlushGate())
                case playback.Discard():
                    self._out.append(effects.DiscardGate())
                case playback.Finish():
                    self._finished()
                case _:
                    assert_never(effect)

    def _started(self) -> effects.AgentStarted:
        latency = self._stopwatch.latency()
        return effects.AgentStarted(
            latency.total_ms or Ms(0), latency.text_ms or Ms(0), latency.tts_ms or Ms(0)
        )

    def _finished(self) -> None:
        self._out.append(effects.AgentFinished())
        self._out.append(effects.TurnTimed(self._stopwatch.finish()))
        self.air()


def refusal_of(
    line: events.AgentLine, *, user_speaks: bool, agent_is_busy: bool
) -> errors.TurngateError | None:
    """Return why a line may not be spoken now; one that waits or cuts in always may."""
    if line.manner is not events.Manner.DEFAULT:
        return None
    if user_speaks:
        return errors.UserHasFloor()
    return errors.AgentHasFloor() if agent_is_busy else None


def failure_of(done: events.ResponseDone) -> errors.TurngateError | None:
    """Return what a response's end says of a failure."""
    match done.status:
        case "failed" if done.reason in errors.EXHAUSTED_CODES:
            return errors.UpstreamExhausted(done.reason, done.message)
        case "failed":
            return errors.ResponseFailed(done.reason, done.message)
        case "incomplete":
            return errors.ResponseIncomplete(done.reason)
        case _:
            return None


def trouble(rejected: events.Rejected) -> errors.TurngateError:
    """Return what a complaint is that belongs to nothing of ours."""
    if rejected.code in errors.EXHAUSTED_CODES:
        return errors.UpstreamExhausted(rejected.code, rejected.message)
    return errors.UpstreamTrouble(rejected.code, rejected.message)
