"""Model and code side by side: what Spin lets happen is told to a real session, step by step.

Spin takes random walks through the model and prints each event, what the model's gateway sends
and shows, and how it stands then. A session of the core gets the same events; it has to send and
show the same, in the same order, and to stand the same. The model may speak of the code only as
far as this holds.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple, TypeAlias

from proof.model.source import Scenario

from turngate import errors
from turngate.core import effects, events, items, limits
from turngate.core.changes import AGAIN
from turngate.core.events import Timer, TimerFired
from turngate.core.session import Policy, Session
from turngate.core.standing import Standing
from turngate.units import Ms

TYPED, SPOKEN, LATE, RESULTS, OUTPUT, CALLED = 0, 3, 6, 8, 10, 12
"""Where each kind of wish or item begins among the model's numbers."""

CHANGES = ("0", "1", "2", AGAIN)
"""What the code calls the model's changes."""

STATUS = ("completed", "cancelled", "failed")

STRANGER = 14
"""The model's number of a response that nobody knows; each time it is another one."""

OF_RESPONSES = ("ResponseCreated", "ResponseDone", "CallAsked", "AudioBegan")
NAMING_RESPONSES = ("OpenGate", "SendCancel")

_OF_ITEMS: Mapping[str, Callable[[str], events.Event]] = {
    "ItemAcknowledged": events.ItemAcknowledged,
    "ItemRejected": lambda item_id: events.Rejected(item_id, "invalid_value", "No."),
}

_OF_ITEMS_HEARD: Mapping[str, Callable[[str], events.Event]] = {
    "SpeechStarted": events.SpeechStarted,
    "SpeechStopped": events.SpeechStopped,
    "SpeechCommitted": events.SpeechCommitted,
}

Own: TypeAlias = Callable[[int], str | None]
"""Tells what the session called a request or an update of the model's."""

_EVENTS: Mapping[str, Callable[[Own, int, int, int], events.Event]] = {
    "UserTyped": lambda _own, a, _b, _c: events.UserTyped(f"typed{a}"),
    "Reconfigure": lambda _own, a, _b, _c: events.Reconfigure(str(a), {f"setting{a}": 1}),
    "CallResult": lambda _own, a, _b, _c: events.CallResult(f"call{a}", "weather", "sunny"),
    "Opened": lambda _own, _a, _b, _c: events.UpstreamOpened(),
    "Lost": lambda _own, _a, _b, _c: events.UpstreamFailed(errors.UpstreamLost("it is gone")),
    "Updated": lambda _own, _a, _b, _c: events.Updated(),
    "ResponseCreated": lambda own, a, b, _c: events.ResponseCreated(f"r{a}", own(b)),
    "ResponseDone": lambda own, a, b, c: events.ResponseDone(f"r{a}", own(b), STATUS[c], "why"),
    "CallAsked": lambda _own, a, b, _c: events.CallAsked(f"r{a}", f"call{b}", "weather", "{}"),
    "AudioBegan": lambda _own, a, _b, _c: events.AudioBegan(f"r{a}", f"audio{a}"),
    "SlotTaken": lambda own, a, b, _c: events.SlotTaken(own(a), f"r{b}" if b else None),
    "CancelMissed": lambda _own, _a, _b, _c: events.CancelMissed(),
    "Rejected": lambda own, a, _b, _c: events.Rejected(own(a), "invalid_value", "No.", "session.x"),
    "Trouble": lambda _own, _a, _b, _c: events.Rejected("elsewhere", "server_error", "It failed."),
}


class Disagreement(AssertionError):
    """Model and code part here."""


class Step(NamedTuple):
    """An event of the model, what follows from it, and how the model's gateway stands then."""

    event: tuple[str, int, int, int]
    said: tuple[tuple[str, int], ...]
    stands: tuple[str, ...]


def steps(lines: Iterable[str]) -> Iterator[Step]:
    """Read what Spin printed."""
    event, said = ("", 0, 0, 0), list[tuple[str, int]]()
    for line in lines:
        mark, name, *rest = line.split()
        match mark:
            case ">":
                a, b, c = map(int, rest)
                event, said = (name, a, b, c), []
            case "<":
                said.append((name, int(rest[0])))
            case _:
                yield Step(event, tuple(said), (name, *rest))


def walked(lines: Iterable[str], scenario: Scenario) -> int:
    """Take the steps of a random walk side by side; return their number.

    Raises:
        Disagreement: Model and code part.

    """
    twin, taken = Twin(scenario), 0
    for taken, step in enumerate(steps(lines), 1):  # noqa: B007 - the count is the result
        twin.take(step)
    return taken


def searched(lines: Iterable[str], scenario: Scenario) -> int:
    """Take every step of a whole search side by side; return their number.

    A search goes back from where it has seen everything, so each session is kept as long as the
    search may come back to it. `@` tells how deep a step is.

    Raises:
        Disagreement: Model and code part.

    """
    kept: list[tuple[int, bytes]] = [(-1, pickle.dumps(Twin(scenario)))]
    depth, step, taken = 0, list[str](), 0
    for line in lines:
        if line.startswith("@"):
            depth, step = int(line[1:]), []
            while kept[-1][0] >= depth:
                kept.pop()
            continue
        step.append(line)
        if line.startswith("="):
            twin: Twin = pickle.loads(kept[-1][1])  # noqa: S301 - it is our own
            for each in steps(step):
                twin.take(each)
            kept.append((depth, pickle.dumps(twin)))
            taken += 1
    return taken


class Twin:
    """A session of the core beside the model's gateway."""

    def __init__(self, scenario: Scenario) -> None:
        self._policy = Policy(
            server_turns=bool(scenario.bound("SERVER_TURNS")),
            echoes=bool(scenario.bound("ECHOED")),
            redials=bool(scenario.bound("RECONNECTS")),
        )
        self._dial()

    def _dial(self) -> None:
        self._session = Session(self._policy)
        self._now = 0
        self._timers: set[Timer] = set()
        self._names: dict[tuple[str, int], str] = {}
        self._responses: dict[int, int] = {0: 0}
        self._begun = 0
        self._before: tuple[str, ...] = ()
        for event in (
            events.Configure("settings", {"settings": 1}),
            events.UpstreamOpened(),
            events.Updated(),
        ):
            self._tell(event)

    def take(self, step: Step) -> None:
        """Let the session take a step of the model's.

        Raises:
            Disagreement: It says or does something else.

        """
        step = self._unique(step)
        match step.event[0]:
            case "Dialled" | "Again":
                self._dial()
            case "Drain":
                pass  # the gateway looks whether the call is in a turn
            case "Left" | "DrainOverdue":
                return  # and ends it by itself
            case _:
                said = self._tell(self._event(*step.event))
                self._compare(said, step)
        self._before = step.stands

    def _unique(self, step: Step) -> Step:
        """Give each response a number of its own: the model uses one again when nobody means it."""
        name, a, b, c = step.event
        if name == "ResponseCreated" or (name, a) == ("ResponseDone", STRANGER):
            self._begun += 1
            self._responses[a] = self._begun
        numbers = self._responses
        slot, run, *rest = step.stands
        return Step(
            (
                name,
                numbers[a] if name in OF_RESPONSES else a,
                numbers[b] if name == "SlotTaken" else b,
                c,
            ),
            tuple((what, numbers[n] if what in NAMING_RESPONSES else n) for what, n in step.said),
            (slot, str(numbers[int(run)]), *rest),
        )

    def _tell(self, event: events.Event) -> list[effects.Effect]:
        self._now += 1
        if isinstance(event, TimerFired) and event.timer not in self._timers:
            raise Disagreement(f"no deadline runs for {event.timer}")
        said = self._session.receive(event, Ms(self._now))
        for effect in said:
            match effect:
                case effects.SetTimer(timer):
                    self._timers.add(timer)
                case effects.CancelTimer(timer):
                    self._timers.discard(timer)
                case _:
                    pass
        return said

    # -- from the model to the session

    def _event(self, name: str, a: int, b: int, c: int) -> events.Event:
        if name.startswith("Timer"):
            return TimerFired(self._timer(name, a), limits.SILENCE_MS)
        if name == "ItemAcknowledged" and SPOKEN <= a < LATE:
            self._tell(events.UserTranscribed(self._item(a), f"spoken{a - SPOKEN}"))
        if name in _OF_ITEMS:
            return _OF_ITEMS[name](self._item(a))
        if name.startswith("Speech"):
            return _OF_ITEMS_HEARD[name](self._item(SPOKEN + a))
        return _EVENTS[name](self._own, a, b, c)

    def _timer(self, name: str, a: int) -> Timer:
        match name:
            case "TimerAsk" if a >= RESULTS:
                names = (each for each in self._timers if each.of.startswith("tg_results"))
                return next(names, Timer("ask"))
            case "TimerAsk":
                return Timer("ask", self._item(a))
            case "TimerCall":
                return Timer("call", f"call{a}")
            case "TimerInterrupt":
                return Timer("interrupt", f"r{self._before[1]}")
            case _:
                return Timer(name.removeprefix("Timer").lower())

    def _own(self, number: int) -> str | None:
        return self._names["event", number] if number else None

    def _item(self, number: int) -> str:
        return _item(number, self._names)

    # -- from the session to the model

    def _compare(self, said: list[effects.Effect], step: Step) -> None:
        spoken = [line for effect in said if (line := self._line(effect, step)) is not None]
        if _unordered(spoken) != _unordered([*step.said]):
            raise Disagreement(f"at {step.event} the model says {step.said}, the code {spoken}")
        if "Hangup" in dict(step.said):
            return
        stands = _in_code(self._session.standing(), is_in_turn=self._session.is_in_turn)
        wanted = _in_model(step.stands, self._names)
        if stands != wanted:
            raise Disagreement(f"after {step.event} the model stands {wanted}, the code {stands}")

    def _line(self, effect: effects.Effect, step: Step) -> tuple[str, int] | None:
        """Return an effect as the model says it; None for what it does not speak of."""
        name = type(effect).__name__
        match effect:
            case effects.SendItem(item_id, item):
                number = _number(item)
                self._names["item", number] = item_id
                self._names.setdefault(("ask", number), item_id)
            case effects.SendRequest(event_id) | effects.SendUpdate(event_id):
                number = dict(step.said).get(name, 0)
                self._names["event", number] = event_id
            case effects.Report(errors.SettingsRefused()):
                return "Refuse", 0  # it does not name the change
            case _:
                return _shown(name, effect)
        return name, number


def _unordered(said: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the same with items that follow each other in the order of their numbers.

    A new connection is told the conversation in its order, and the model does not keep that.
    """
    runs = groupby(said, key=lambda line: line[0] == "SendItem")
    return [line for is_items, run in runs for line in (sorted(run) if is_items else run)]


def _shown(name: str, effect: effects.Effect) -> tuple[str, int] | None:
    match effect:
        case effects.SendCancel(_, response_id):
            return name, int(response_id.removeprefix("r")) if response_id else 0
        case effects.OpenGate(response_id):
            return name, int(response_id.removeprefix("r"))
        case effects.Acknowledge(change_id):
            return name, int(change_id)
        case effects.AskFunctions((call,)) | effects.CancelFunctions((call,)):
            return name, int(call.call_id.removeprefix("call"))
        case effects.UserStarted() | effects.Redial() | effects.Hangup():
            return name, 0
        case _:
            return None


def _number(item: items.Item) -> int:
    match item:
        case items.UserText(text) if text.startswith("spoken"):
            return SPOKEN + int(text.removeprefix("spoken"))
        case items.UserText(text):
            return TYPED + int(text.removeprefix("typed"))
        case items.PastCall(call_id):
            return CALLED + int(call_id.removeprefix("call"))
        case items.CallOutput(call_id):
            return OUTPUT + int(call_id.removeprefix("call"))
        case items.LateResult(call_id):
            return LATE + int(call_id.removeprefix("call"))
        case _:
            raise Disagreement(f"the model knows no such item: {item}")


class Stands(NamedTuple):
    """How a gateway stands, as far as both can tell: follow-ups of calls have no names in common."""

    slot: str
    response_id: str | None
    wishes: frozenset[str]
    follow_ups: int
    changes: frozenset[str]
    rounds: frozenset[str]
    is_in_turn: bool


def _in_model(stands: tuple[str, ...], names: Mapping[tuple[str, int], str]) -> Stands:
    slot, run, wishes, changes, rounds, is_in_turn = stands
    numbers = [number for number in range(OUTPUT) if int(wishes) >> number & 1]
    return Stands(
        slot.removeprefix("slot_").lower(),
        f"r{run}" if run != "0" else None,
        frozenset(_ask(number, names) for number in numbers if number < RESULTS),
        sum(number >= RESULTS for number in numbers),
        frozenset(CHANGES[number] for number in range(4) if int(changes) >> number & 1),
        frozenset(f"call{number}" for number in range(2) if int(rounds) >> number & 1),
        is_in_turn == "1",
    )


def _in_code(standing: Standing, *, is_in_turn: bool) -> Stands:
    requests = [of for hold in standing.holds if hold.what == "request" for of in hold.of]
    return Stands(
        standing.slot,
        standing.response_id,
        frozenset(of for of in requests if not of.startswith(("tg_results", "call"))),
        sum(of.startswith("tg_results") for of in requests),
        frozenset(of for hold in standing.holds if hold.what == "update" for of in hold.of),
        frozenset(of for of in requests if of.startswith("call")),
        is_in_turn,
    )


def _ask(number: int, names: Mapping[tuple[str, int], str]) -> str:
    """Return what the session calls a wish: by its item, as it was when it was first sent."""
    if SPOKEN <= number < LATE:
        return f"speech{number - SPOKEN}"
    return names["ask", number]


def _item(number: int, names: Mapping[tuple[str, int], str]) -> str:
    if SPOKEN <= number < LATE:
        return f"speech{number - SPOKEN}"
    return names["item", number]
