"""Sessions of the core that are told anything at all, in any order.

What the upstream says here is neither honest nor in order; only what the gateway itself does is kept
to: a connection opens once and says nothing before, a deadline fires if it runs, audio is told of
where it is measured.
"""

from collections.abc import Iterable, Sequence
from random import Random

from proof.simulation.rows import Visits

from turngate import errors
from turngate.core import effects, events, native
from turngate.core.events import Timer
from turngate.core.manners import Manners
from turngate.core.native import NativeSession, TurnsKnown
from turngate.core.order import ClientSent, Kind
from turngate.core.session import Policy, Session
from turngate.units import Ms

STEPS = 150
"""So much each session is told."""
LOST = errors.UpstreamLost("anything")
FUNCTIONS = {
    "keeps": Manners(on_turn="keep"),
    "cancels": Manners(on_turn="cancel", filler="wait", filler_max_count=2),
    "waits": Manners(defer_until_eot=True),
    "usual": Manners(),
}
STATUSES = ("completed", "completed", "failed", "cancelled", "incomplete")


class Gossip:
    """Says anything of what it has heard of, and of what does not exist."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._invents = chance, chance.choice((0.05, 0.1, 0.3))
        self._names, self._items = ["else"], ["i"]
        self._responses, self.calls = ["r"], ["c"]

    def hear(self, effect: object) -> None:
        """Take what the gateway names."""
        match effect:
            case effects.SendItem(item_id):
                self._items.append(item_id)
                self._names.append(item_id)
            case effects.SendUpdate(event_id) | effects.SendRequest(event_id):
                self._names.append(event_id)
            case effects.SendCommit(event_id) | effects.SendCancel(event_id):
                self._names.append(event_id)
            case native.ForwardAs(_, event_id):
                self._names.append(event_id)
            case _:
                pass

    def _one_of(self, known: list[str]) -> str:
        if self._chance.random() < self._invents:
            known.append(f"{known[0]}{len(known)}")
        # mostly of the same, or nothing would go as far as an end
        return self._chance.choice((*known[-3:], *known[-1:] * 2))

    def _maybe(self, name: str) -> str | None:
        return None if self._chance.random() < 0.2 else name

    def say(self) -> events.UpstreamEvent:
        """Return anything."""
        pick = self._chance.choice
        response_id, item_id = self._one_of(self._responses), self._one_of(self._items)
        name = self._maybe(pick((*self._names[-3:], *self._names[-1:] * 2)))
        is_spoken = self._chance.random() < 0.5
        call = self._one_of(self.calls), pick((*FUNCTIONS,)), "{}"
        field = pick(("", "session", "response"))
        holder = self._maybe(response_id)
        return pick(
            (
                events.Updated(),
                events.ResponseCreated(response_id, name),
                events.ResponseCreated(response_id, name),
                events.ResponseDone(holder, name, pick(STATUSES)),
                events.ResponseDone(holder, name, pick(STATUSES)),
                events.ItemAcknowledged(item_id),
                events.CallAsked(response_id, *call),
                events.AgentText(response_id, item_id, "So it is. And so ", is_spoken),
                events.AgentTextDone(response_id, item_id, pick(("So. Be it.", "")), is_spoken),
                events.AudioBegan(response_id, item_id),
                events.AudioBegan(response_id, item_id),
                events.AudioEnded(response_id, item_id),
                events.SpeechStarted(item_id),
                events.SpeechStopped(item_id),
                events.SpeechCommitted(item_id),
                events.SilenceTold(item_id),
                events.SpeechCleared(),
                events.UserTranscribed(item_id, pick(("hm", ""))),
                events.SlotTaken(name, holder),
                events.CancelMissed(name),
                events.Rejected(name, pick(("invalid_value", "session_expired")), "No.", field),
            )
        )


class Told:
    """A session, its deadlines, and whoever tells it things."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.gossip = chance, Gossip(chance)
        self.now_ms, self.is_over = 0, False
        self._timers: dict[Timer, int] = {}
        self._steps = 0

    def name(self) -> str:
        """Return a name that nothing had before."""
        self._steps += 1
        return str(self._steps)

    def mind(self, effect: object) -> None:
        """Do what the gateway does, as far as it comes back."""
        self.gossip.hear(effect)
        match effect:
            case effects.SetTimer(timer, after_ms):
                self._timers[timer] = self.now_ms + after_ms
            case effects.CancelTimer(timer):
                self._timers.pop(timer, None)
            case effects.Hangup():
                self.is_over = True
            case _:
                pass

    def pass_time(self) -> events.TimerFired | None:
        """Let time pass, at most to the next deadline; return that if it passed."""
        due_ms = min(self._timers.values(), default=self.now_ms + 1_000)
        if not self._timers or self.chance.random() < 0.3:
            self.now_ms = min(due_ms, self.now_ms + self.chance.choice((0, 10, 300, 3_000)))
            return None
        timer = min(self._timers, key=lambda each: self._timers[each])
        del self._timers[timer]
        self.now_ms = due_ms
        return events.TimerFired(timer, Ms(self.chance.choice((0, 30_000))))


class Agent(Told):
    """A session of the agent front."""

    def __init__(self, chance: Random) -> None:
        super().__init__(chance)
        policy = Policy(
            server_turns=chance.random() < 0.4,
            redials=chance.random() < 0.8,
            strict=chance.random() < 0.2,
            locked=(("voice",),),
            manners=FUNCTIONS,
            echoes=chance.random() < 0.3,
        )
        self._session = Session(policy)
        self._is_dialling, self._is_there = True, False
        self._is_measured = False
        self._asked = [""]
        self._playing: dict[str, tuple[int, int]] = {}

    def tell(self, event: events.Event | None) -> None:
        """Tell the session something."""
        if event is None or self.is_over:
            return
        for effect in self._session.receive(event, Ms(self.now_ms), self._playout()):
            self.mind(effect)
            match effect:
                case effects.Redial():
                    self._is_dialling = True
                case effects.OpenGate(_, item_id):
                    self._playing[item_id] = (0, 100)
                case effects.DiscardGate():
                    self._playing.clear()
                case effects.AskFunctions(calls):
                    self._asked += [call.call_id for call in calls]
                case effects.MeasureAudio(is_on):
                    self._is_measured = is_on
                case _:
                    pass

    def _playout(self) -> Sequence[events.Heard]:
        for item_id, (heard_ms, generated_ms) in self._playing.items():
            all_ms = generated_ms + self.chance.choice((0, 0, 100, 900))
            some_ms = min(all_ms, heard_ms + self.chance.choice((0, 0, 50, 500)))
            self._playing[item_id] = some_ms, all_ms
        return [events.Heard(item_id, *played) for item_id, played in self._playing.items()]

    def step(self) -> None:
        """Let something happen."""
        chance = self.chance.random()
        if chance < 0.15:
            self.tell(self._client())
        elif chance < 0.27:
            self.tell(self.pass_time())
        elif self._is_dialling:
            self._is_dialling = False
            self._is_there = self.chance.random() < 0.8
            opened = events.UpstreamOpened()
            self.tell(opened if self._is_there else events.UpstreamFailed(LOST))
        elif self._is_there and chance < 0.275:
            self._is_there = False
            self.tell(events.UpstreamFailed(LOST))
        elif self._is_there:
            self.tell(self.gossip.say())

    def _client(self) -> events.ClientEvent:
        pick, name = self.chance.choice, self.name()
        audio = events.UserAudio(pick((20, 60, 250)))
        call_id = pick((*self._asked[-2:], *self.gossip.calls[-2:]))
        is_manual = self.chance.random() < 0.4
        said: tuple[events.ClientEvent, ...] = (
            events.Configure(name, {name: 1}, greeting=pick(("", "hi")), manual_turns=is_manual),
            events.Reconfigure(name, {pick((name, "voice")): name}),
            events.UserTyped(name),
            events.CallResult(call_id, pick((*FUNCTIONS,)), "sunny"),
            events.CallResult(call_id, pick((*FUNCTIONS,)), "sunny"),
            events.AgentLine(name, pick(tuple(events.Manner))),
            events.TurnEnded(),
            audio if self._is_measured else events.TurnEnded(),
        )
        return pick(said)


class Native(Told):
    """A session of the native front."""

    def __init__(self, chance: Random) -> None:
        super().__init__(chance)
        self._session = NativeSession(
            hold_updates=chance.random() < 0.7, echoes=chance.random() < 0.3
        )

    def tell(self, event: native.Event | None) -> None:
        """Tell the session something."""
        if event is not None and not self.is_over:
            for effect in self._session.receive(event):
                self.mind(effect)

    def step(self) -> None:
        """Let something happen."""
        chance = self.chance.random()
        if chance < 0.3:
            kind = self.chance.choice((*Kind, Kind.REQUEST, Kind.UPDATE))
            self.tell(ClientSent(int(self.name()), kind, makes=("i",), about=("c",)))
        elif chance < 0.4:
            self.tell(self.pass_time())
        elif chance < 0.45:
            self.tell(TurnsKnown(self.chance.random() < 0.5, self.chance.random() < 0.7))
        else:
            self.tell(self.gossip.say())


def pass_rows(seeds: Iterable[int]) -> Visits:
    """Tell a session anything for each seed; return which rows were passed."""
    visits = Visits()
    with visits.observed():
        for seed in seeds:
            chance = Random(seed)
            told = Agent(chance) if seed % 4 else Native(chance)
            for _ in range(STEPS):
                told.step()
    return visits
