"""Scripts: what everybody says, line by line, and what the session makes of it.

    play(
        client >> UserTyped("hi"),                       # the client says
        client << ShowUserText("hi"),                    # the client is told
        openai << SendItem("tg_item_1", UserText("hi")),  # the upstream is told
        after(ms=300),                                   # time passes; deadlines that fall due fire
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
    )

A script holds whole lists: all that goes to a client or to the upstream stands in it, at its
place, and so does the end of the session. Anything missing fails, and so does anything unexpected.

What the gateway does by itself is compared by kind: as soon as a script names `itself << Count(
"race")`, every count of races in the course of it has to be named, and no other effect has.
Deadlines are kinds by their timer's name, counts by what they count, every other effect by its
type. A deadline that is set is kept whether or not the script names it.

Audio is no event: `sounds("a1", ms=2_000)` lets it come, and it plays as time passes.

The peers' names are of equal length, so that the lines stay aligned however they are formatted.
"""

from collections.abc import Callable, Iterable, Iterator
from difflib import ndiff
from typing import Generic, TypeAlias, TypeVar

import pytest
from msgspec import Struct

from turngate.audio.playhead import Playhead
from turngate.core import effects, events
from turngate.core.events import Timer, TimerFired
from turngate.core.items import AgentText
from turngate.core.session import Policy, Session
from turngate.units import Ms


class Says(Struct, frozen=True):
    """Somebody said this to the session."""

    peer: str
    event: events.Event

    def __str__(self) -> str:
        return f"{self.peer} >> {self.event!r}"


class Hears(Struct, frozen=True):
    """The session said this to somebody."""

    peer: str
    effect: effects.Effect

    def __str__(self) -> str:
        return f"{self.peer} << {self.effect!r}"


class Passes(Struct, frozen=True):
    """Time went by."""

    ms: int

    def __str__(self) -> str:
        return f"after {self.ms} ms"


class Sounds(Struct, frozen=True):
    """So much audio of an item came, and was sent to the client as it came."""

    item_id: str
    ms: int

    def __str__(self) -> str:
        return f"sounds {self.item_id} {self.ms} ms"


Line: TypeAlias = Says | Hears | Passes | Sounds

Event = TypeVar("Event", bound=events.Event)
Effect = TypeVar("Effect", bound=effects.Effect)


class Peer(Generic[Event, Effect]):
    """Somebody who may say `Event` and hear `Effect`; anything else is a type error."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __rshift__(self, event: Event) -> Says:
        return Says(self._name, event)

    def __lshift__(self, effect: Effect) -> Hears:
        return Hears(self._name, effect)


client: Peer[events.ClientEvent, effects.ToClient] = Peer("client")
openai: Peer[events.UpstreamEvent, effects.ToUpstream] = Peer("openai")
itself: Peer[TimerFired, effects.ToGateway] = Peer("itself")


def after(*, ms: int) -> Passes:
    """Let time pass."""
    return Passes(ms)


def sounds(item_id: str, *, ms: int) -> Sounds:
    """Let audio of an item come; it plays from now on, behind what plays already."""
    return Sounds(item_id, ms)


def addressee(effect: effects.Effect) -> str:
    """Return the name of the peer that an effect is for."""
    if isinstance(effect, effects.ToClient):
        return "client"
    return "openai" if isinstance(effect, effects.ToUpstream) else "itself"


def kind(effect: effects.Effect) -> tuple[str, str]:
    """Return what a script names or leaves out as a whole."""
    name = type(effect).__name__
    match effect:
        case effects.SetTimer(timer) | effects.CancelTimer(timer):
            return name, timer.name
        case effects.Count(what):
            return name, what
        case _:
            return name, ""


class Course:
    """A session under way: its clock, its deadlines, and the lines so far."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.session = Session(policy)
        self.lines: list[Line] = []
        self.now_ms = 0
        self.deadlines: dict[Timer, int] = {}
        self._playhead = Playhead()
        self._upstream_spoke_ms = 0

    def say(self, line: Says) -> list[effects.Effect]:
        """Let the session receive it; return the effects, which are lines by then."""
        self.lines.append(line)
        if isinstance(line.event, events.UpstreamEvent):
            self._upstream_spoke_ms = self.now_ms
        return self._receive(line.event)

    def sound(self, line: Sounds) -> None:
        """Let audio be sent to the client."""
        self.lines.append(line)
        self._playhead.note(line.item_id, line.ms, self.now_ms)

    def let_pass(self, ms: int) -> list[effects.Effect]:
        """Advance the clock; every deadline on the way fires at its time."""
        self.lines.append(Passes(ms))
        end, produced = self.now_ms + ms, list[effects.Effect]()
        while self.deadlines and min(self.deadlines.values()) <= end:
            timer = min(self.deadlines, key=self.deadlines.__getitem__)
            self.now_ms = self.deadlines.pop(timer)
            quiet = Ms(self.now_ms - self._upstream_spoke_ms)
            produced += self._receive(TimerFired(timer, quiet))
        self.now_ms = end
        return produced

    def _receive(self, event: events.Event) -> list[effects.Effect]:
        playout = [events.Heard(*heard) for heard in self._playhead.heard(self.now_ms)]
        produced = self.session.receive(event, Ms(self.now_ms), playout)
        for effect in produced:
            match effect:
                case effects.SetTimer(timer, ms):
                    self.deadlines[timer] = self.now_ms + ms
                case effects.CancelTimer(timer):
                    self.deadlines.pop(timer, None)
                case effects.DiscardGate():
                    self._playhead.clear()
                case effects.Hangup():
                    self.deadlines.clear()
                case _:
                    pass
            self.lines.append(Hears(addressee(effect), effect))
        return produced


def course_of(*script: Line, policy: Policy | None = None) -> Course:
    """Play everybody's part against a session; what it should say is not compared."""
    course = Course(policy)
    for line in script:
        match line:
            case Says():
                course.say(line)
            case Passes(ms):
                course.let_pass(ms)
            case Sounds():
                course.sound(line)
            case Hears():
                pass
    return course


def play(*script: Line, policy: Policy | None = None) -> None:
    """Play everybody's part against a session, and fail unless every line is as written."""
    course = course_of(*script, policy=policy)
    named = {kind(line.effect) for line in script if isinstance(line, Hears)}
    named.add(kind(effects.Hangup()))
    actual = list(_compared(course.lines, lambda effect: kind(effect) in named))
    if actual != list(script):
        pytest.fail(f"The script does not hold:\n{_arrows(script, actual)}", pytrace=False)


def remembered(*script: Line) -> list[str]:
    """Play a script and return what of the agent's words is remembered."""
    told = [line.effect for line in course_of(*script).lines if isinstance(line, Hears)]
    entries = [effect.entry for effect in told if isinstance(effect, effects.Remember)]
    return [entry.text for entry in entries if isinstance(entry, AgentText)]


def _compared(lines: Iterable[Line], is_named: Callable[[effects.Effect], bool]) -> Iterator[Line]:
    for line in lines:
        if not isinstance(line, Hears) or line.peer != "itself" or is_named(line.effect):
            yield line


def _arrows(script: Iterable[Line], actual: Iterable[Line]) -> str:
    """Show where two courses part: `-` stands in the script only, `+` happened only."""
    return "\n".join(
        shown
        for shown in ndiff([*map(str, script)], [*map(str, actual)])
        if not shown.startswith("?")
    )
