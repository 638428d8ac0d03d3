"""The agent's side, as the client is told of it: its audio's gate, its words, its troubles.

Couples playback with the agent's lines, and with complaints of the upstream that must not overtake
the words that they belong to.
"""

from typing import assert_never

from turngate import errors
from turngate.core import effects, events, limits, playback
from turngate.core.events import Timer
from turngate.core.lines import Lines
from turngate.core.names import Names
from turngate.units import Ms

GRACE = Timer("grace")

ENDLESS = errors.ResponseIncomplete("the upstream did not say how it ended")
SILENT = errors.ResponseIncomplete("the upstream fell silent, or did not come to an end")


class Agent:
    """What the agent says, response by response."""

    def __init__(self, names: Names, out: list[effects.Effect]) -> None:
        self._names, self._out = names, out
        self._playback: playback.Phase = playback.Silent()
        self._lines = Lines()
        self._complaints: list[errors.TurngateError] = []
        self._waited_ms = Ms(0)
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

    def audio_began(self, response_id: str, item_id: str, waited_ms: Ms) -> None:
        """Let an item be heard, `waited_ms` after the response was asked for."""
        self.has_spoken = True
        self._waited_ms = waited_ms
        self._advance(playback.AudioBegan(response_id, item_id))

    def said(self, response_id: str, item_id: str, delta: str) -> None:
        """Take a piece of an item's text."""
        self._lines.add(response_id, item_id, delta)

    def said_all(self, response_id: str, item_id: str, text: str) -> None:
        """Show an item's text, once."""
        whole = self._lines.close(response_id, item_id, text)
        if whole is not None:
            self._show(response_id, whole)

    def interrupted(self, response_id: str | None) -> None:
        """Fall silent. What the running response has said so far was said."""
        if response_id is not None:
            self._show_unfinished(response_id)
        self._advance(playback.Interrupted(response_id))

    def cut(self, unheard: tuple[events.Heard, ...]) -> None:
        """Make the upstream forget what the user has not heard, for the model builds on it."""
        for heard in unheard:
            name = self._names.new("cut")
            if heard.heard_ms > 0:
                heard_ms = min(heard.heard_ms, heard.sent_ms)
                self._out.append(effects.SendTruncate(name, heard.item_id, heard_ms))
            else:
                self._out.append(effects.SendDelete(name, heard.item_id))

    def response_ended(
        self, response_id: str, failure: errors.TurngateError | None, *, goes_on: bool
    ) -> None:
        """Finish the turn, unless it goes on with another response; then say what went wrong."""
        if not self.is_cut(response_id):
            self._show_unfinished(response_id)
        self._lines.forget(response_id)
        ended = playback.Continued if goes_on else playback.Over
        self._advance(ended(response_id))
        if failure is not None:
            self._out.append(effects.Report(failure))
        self.air()

    def abandoned(self) -> None:
        """Give up the response by which the turn was to go on."""
        self._advance(playback.Abandoned())

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

    def _show(self, response_id: str, text: str) -> None:
        self._out.append(effects.ShowAgentText(text))
        self._advance(playback.TextShown(response_id))

    def _show_unfinished(self, response_id: str) -> None:
        for text in self._lines.close_all(response_id):
            self._show(response_id, text)

    def _advance(self, event: playback.Event) -> None:
        self._playback, produced = playback.advance(self._playback, event)
        for effect in produced:
            match effect:
                case playback.Start():
                    self._out.append(effects.AgentStarted(self._waited_ms))
                case playback.Open(response_id, item_id):
                    self._out.append(effects.OpenGate(response_id, item_id))
                case playback.Flush():
                    self._out.append(effects.FlushGate())
                case playback.Discard():
                    self._out.append(effects.DiscardGate())
                case playback.Finish():
                    self._out.append(effects.AgentFinished())
                case _:
                    assert_never(effect)


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
