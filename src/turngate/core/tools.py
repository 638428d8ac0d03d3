"""Function calls: asked for, running, answered. Every call has exactly one output.

`advance` is the life of one call. `Rounds` keeps the calls of each response together: when the
response is over and all of its calls are answered, exactly one follow-up is due. That is a state
and not the edge of some event, for the response may have ended long before the last result.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace


class Call(Struct, frozen=True):
    """What the model asked for. `arguments` is JSON text, as the model wrote it."""

    call_id: str
    name: str
    arguments: str


# -- phases


class Asked(Struct, frozen=True):
    """The model asks; nobody was told."""


class Running(Struct, frozen=True):
    """Somebody works on it; the conversation has no output."""


class Answered(Struct, frozen=True):
    """It has its output."""


class Parked(Struct, frozen=True):
    """Its output says that it still runs, because the user's turn could not wait."""


class Cancelled(Struct, frozen=True):
    """Its output says that it was cancelled; a result is not wanted any more."""


Phase: TypeAlias = Asked | Running | Answered | Parked | Cancelled

# -- events


class Announce(Struct, frozen=True):
    """The call is wanted."""


class Result(Struct, frozen=True):
    """The function's result came."""

    output: str


class Overdue(Struct, frozen=True):
    """Its deadline passed."""


class Park(Struct, frozen=True):
    """The user has to be answered now, by a turn of theirs or by a filler."""


class Cancel(Struct, frozen=True):
    """The response that asked was cut off, or the user goes on."""


Event: TypeAlias = Announce | Result | Overdue | Park | Cancel

# -- effects


class Ask(Struct, frozen=True):
    """Have somebody work on it."""


class Output(Struct, frozen=True):
    """Give the model this output for the call."""

    output: str


class Late(Struct, frozen=True):
    """Tell the model a result whose output was given before."""

    output: str


class Withdraw(Struct, frozen=True):
    """Tell whoever works on it that nobody waits any more."""


class Expired(Struct, frozen=True):
    """Report that the function was too slow."""


class Repeated(Struct, frozen=True):
    """Report that the call has its result already."""


class Unwanted(Struct, frozen=True):
    """Report that nobody waits for the result any more."""


Effect: TypeAlias = Ask | Output | Late | Withdraw | Expired | Repeated | Unwanted
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]

NO_RESULT = '{"error": "The function gave no result in time."}'
STILL_RUNNING_TEXT = "The function is still running; its result will follow."
STILL_RUNNING = f'{{"status": "{STILL_RUNNING_TEXT}"}}'
CANCELLED = '{"status": "The call was cancelled, because the user went on."}'


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase of one call and what follows, in order."""
    match phase, event:
        case Asked(), Announce():
            return Running(), (Ask(),)
        case _, Announce():
            return phase, ()

        case ((Asked() | Running()), Result(output)):
            return Answered(), (Output(output),)
        case Parked(), Result(output):
            return Answered(), (Late(output),)
        case Answered(), Result():
            return phase, (Repeated(),)
        case Cancelled(), Result():
            return phase, (Unwanted(),)

        case ((Asked() | Running()), Overdue()):
            return Answered(), (Output(NO_RESULT), Expired())
        case Parked(), Overdue():
            return Answered(), (Late(NO_RESULT), Expired())
        case _, Overdue():
            return phase, ()

        case Running(), Park():
            return Parked(), (Output(STILL_RUNNING),)
        case _, Park():
            return phase, ()

        case Asked(), Cancel():
            return Cancelled(), (Output(CANCELLED),)
        case Running(), Cancel():
            return Cancelled(), (Output(CANCELLED), Withdraw())
        case Parked(), Cancel():
            return Cancelled(), (Withdraw(),)
        case _, Cancel():
            return phase, ()
        case _:
            assert_never(event)


class Round(Struct, frozen=True):
    """The calls of one response. `over` once that response has ended."""

    response_id: str
    calls: tuple[str, ...]
    over: bool = False


class Rounds:
    """All calls of a session and the rounds that are not answered yet."""

    def __init__(self) -> None:
        self._calls: dict[str, tuple[Call, Phase]] = {}
        self._running: dict[str, None] = {}
        self._open: dict[str, Round] = {}

    def note(self, call: Call) -> bool:
        """Note a call; False if it was noted before, for servers announce one more than once."""
        if call.call_id in self._calls:
            return False
        self._calls[call.call_id] = (call, Asked())
        self._running[call.call_id] = None
        return True

    def join(self, response_id: str, call_id: str) -> None:
        """Count a call among those that the response's follow-up waits for."""
        round_ = self._open.get(response_id, Round(response_id, ()))
        self._open[response_id] = replace(round_, calls=(*round_.calls, call_id))

    def call(self, call_id: str) -> Call:
        """Return a call that was noted."""
        return self._calls[call_id][0]

    def find(self, call_id: str, name: str) -> Call | None:
        """Return the call by id or, without an id, the oldest of that name without a result."""
        if call_id:
            return self.call(call_id) if call_id in self._calls else None
        without = (Running(), Parked())
        fitting = (
            call for call, phase in self._calls.values() if call.name == name and phase in without
        )
        return next(fitting, None)

    def receive(self, call_id: str, event: Event) -> tuple[Call, tuple[Effect, ...]]:
        """Advance one call; return it and what follows, in order."""
        call, phase = self._calls[call_id]
        phase, effects = advance(phase, event)
        self._calls[call_id] = (call, phase)
        if not isinstance(phase, Asked | Running):
            self._running.pop(call_id, None)
        return call, effects

    def untold(self) -> tuple[str, ...]:
        """Return the calls of which nobody was told, oldest first."""
        return tuple(each for each in self._running if isinstance(self._calls[each][1], Asked))

    def is_made(self, call_id: str) -> bool:
        """Tell whether the response that makes a call is over."""
        return all(each.over or call_id not in each.calls for each in self._open.values())

    def is_wanted(self, call_id: str) -> bool:
        """Tell whether a call has no result, and one is wanted."""
        return isinstance(self._calls[call_id][1], Asked | Running | Parked)

    def running(self) -> tuple[str, ...]:
        """Return the calls without an output, oldest first: no request may leave beside them."""
        return tuple(self._running)

    def unanswered(self) -> tuple[Round, ...]:
        """Return the rounds whose follow-up is not due yet, oldest first."""
        return tuple(self._open.values())

    def calls_of(self, response_id: str) -> tuple[str, ...]:
        """Return the calls of a round that is not answered yet."""
        round_ = self._open.get(response_id)
        return round_.calls if round_ else ()

    def close(self, response_id: str) -> None:
        """Note that the response is over."""
        if response_id in self._open:
            self._open[response_id] = replace(self._open[response_id], over=True)

    def forget(self, response_id: str) -> None:
        """Let a round go for which no follow-up is due."""
        self._open.pop(response_id, None)

    def forget_all(self) -> None:
        """Let every round go: what is asked for next takes in their outputs too."""
        self._open.clear()

    def complete(self) -> tuple[Round, ...]:
        """Take out the rounds that are over and answered: each is due exactly one follow-up."""
        due = [
            each
            for each in self._open.values()
            if each.over and self._running.keys().isdisjoint(each.calls)
        ]
        for each in due:
            del self._open[each.response_id]
        return tuple(due)
