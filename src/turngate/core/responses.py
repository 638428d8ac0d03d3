"""What becomes of responses: what they say, how they end, and what that means for the wishes.

Couples the sequencer, which knows whose a response is, with what is owed and with the agent, who
has been heard. It knows neither the configuration nor why a connection is lost.
"""

from typing import TypeAlias, assert_never

from turngate import errors
from turngate.core import effects, events, limits, reservation, slot
from turngate.core.agent import ENDLESS, LOST, Agent
from turngate.core.events import Timer
from turngate.core.latency import Stopwatch
from turngate.core.names import Names
from turngate.core.owed import Owed
from turngate.core.sequencer import OfResponses, Sequencer, Served, Unserved

Words: TypeAlias = events.AudioBegan | events.AgentText | events.AgentTextDone | events.AudioEnded


class Responses:
    """The responses of one session, ours and the server's."""

    def __init__(
        self,
        sequencer: Sequencer,
        owed: Owed,
        agent: Agent,
        names: Names,
        stopwatch: Stopwatch,
        out: list[effects.Effect],
    ) -> None:
        self._sequencer, self._owed, self._agent = sequencer, owed, agent
        self._names, self._stopwatch, self._out = names, stopwatch, out

    def is_busy(self) -> bool:
        """Tell whether the slot is taken, or a wish not answered."""
        return self._sequencer.phase != slot.Idle() or self._owed.unanswered() > 0

    # -- what they say

    def called(self, event: events.CallAsked) -> None:
        """Take a call of the model's."""
        if self._sequencer.is_over(event.response_id):
            return
        self._stopwatch.called()
        self._owed.called(event, is_wanted=not self._is_void(event.response_id))

    def said(self, event: Words) -> None:
        """Let the agent say it, unless it comes too late or from a response that may not speak."""
        response_id = event.response_id
        if self._sequencer.is_over(response_id) or self._is_void(response_id):
            return
        if not slot.may_speak(self._sequencer.phase, response_id):
            self._out.append(effects.Count("stray"))
            return
        match event:
            case events.AudioBegan(_, item_id):
                self._agent.audio_began(response_id, item_id)
            case events.AgentText():
                self._agent.said(event)
            case events.AgentTextDone():
                self._agent.said_all(event)
            case events.AudioEnded():
                self._agent.audio_ended(event)
            case _:
                assert_never(event)

    def _is_void(self, response_id: str) -> bool:
        """Tell whether what the response still says comes too late: it was cut off or stopped."""
        return self._agent.is_cut(response_id) or self._sequencer.is_stopping(response_id)

    # -- how they are stopped

    def cut_in(self) -> None:
        """Silence the agent, and stop what it says or was asked to say."""
        self._agent.interrupted(slot.active_id(self._sequencer.phase))
        self.stop()

    def silence(self, response_id: str | None) -> None:
        """Keep a response from the user. The server stops it by itself, or has to be told."""
        if response_id is not None:
            timer = Timer("interrupt", response_id)
            self._out.append(effects.SetTimer(timer, limits.INTERRUPT_MS))
        self._agent.interrupted(response_id)

    def stop(self) -> None:
        """Have the server stop what runs, or what was asked for as soon as it begins."""
        for outcome in self._sequencer.cancel():
            self.act(outcome, None)

    # -- how they end

    def ended(
        self, response_id: str, failure: errors.TurngateError | None, *, was_cancelled: bool = False
    ) -> None:
        """Take the end of a response; a wish of whose answer nothing was heard is asked again."""
        goes_on = self._owed.response_ended(
            response_id,
            was_cancelled=was_cancelled,
            has_spoken=self._agent.has_said(response_id),
        )
        if self._agent.is_unheard(response_id) and failure is None and not goes_on:
            self._owed.unheard(response_id)
        self._agent.response_ended(response_id, failure, goes_on=goes_on)

    def suspend(self) -> None:
        """Give up the connection: what runs has ended, and what waits for its word waits no more."""
        for outcome in self._sequencer.suspend():
            match outcome:
                case slot.Ended(response_id):
                    self._lost(response_id)
                case _:
                    self.act(outcome, None)
        self._owed.suspend()
        self._agent.suspend()

    def _lost(self, response_id: str) -> None:
        """Have a response asked for again of which nothing was heard; what was heard stays.

        One that the user cut off lacks nothing either.
        """
        has_calls = self._owed.has_calls(response_id)
        if has_calls or self._agent.has_said_enough(response_id):
            self.ended(response_id, None)
        elif self._agent.has_said(response_id):
            self.ended(response_id, LOST)
        else:
            self._agent.lost(response_id)
            self._owed.unheard(response_id)

    # -- what became of what was asked for

    def act(self, outcome: OfResponses, why: errors.TurngateError | None) -> None:
        """Tell those whom it concerns; `why` it failed, where it has."""
        match outcome:
            case Served(request):
                self._owed.settle(request)
            case Unserved():
                self._unserved(outcome, why)
            case slot.Ended(response_id):
                self.ended(response_id, why or ENDLESS)
            case slot.SendCancel(response_id):
                self._out.append(effects.SendCancel(self._names.new("cancel"), response_id))
            case reservation.Adopted(_, response_id):
                self._owed.adopted(response_id)
            case reservation.Unclaimed():
                self._owed.unclaimed()
            case _:
                assert_never(outcome)

    def _unserved(self, outcome: Unserved, why: errors.TurngateError | None) -> None:
        self._owed.settle(outcome.request)
        self._agent.abandoned()
        if outcome.worn_out:
            why = errors.RequestRefused("", f"the slot was taken {limits.TRIES} times")
        if why is not None:
            self._out.append(effects.Report(why))
