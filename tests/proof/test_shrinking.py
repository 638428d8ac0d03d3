"""Sessions against an honest upstream, step by step, with steps that shrink when something breaks.

The walks by seed go further in the same time; these find the shortest way to what they break.
"""

from collections import Counter, deque
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from core.test_walks import Walk
from turngate.core import effects, events, native
from turngate.core.events import Timer
from turngate.core.order import ClientSent, Kind
from turngate.units import Ms

Chance = st.randoms(use_true_random=False)
SHORT = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
LONG = settings(SHORT, max_examples=2_000, stateful_step_count=80)


class AgentSteps(RuleBasedStateMachine):
    """The walk of the agent front, its steps chosen by Hypothesis."""

    walk: Walk | None = None

    @initialize(chance=Chance)
    def begin(self, chance: Random) -> None:
        self.walk = Walk(chance)

    def _walk(self) -> Walk:
        assert self.walk is not None
        assert self.walk.upstream.wrongs == []
        return self.walk

    @rule()
    def arrive_up(self) -> None:
        self._walk().arrive_up()

    @rule()
    def arrive_down(self) -> None:
        self._walk().arrive_down()

    @rule()
    def go_on(self) -> None:
        self._walk().upstream.go_on()

    @rule()
    def speak(self) -> None:
        self._walk().upstream.speech()

    @rule()
    def type(self) -> None:
        self._walk().type()

    @rule()
    def change(self) -> None:
        self._walk().change()

    @rule()
    def answer(self) -> None:
        self._walk().answer()

    @rule()
    def wait(self) -> None:
        self._walk().wait()

    def teardown(self) -> None:
        if self.walk is not None:
            self.walk.settle()
            self.walk.verify()


class Server:
    """A strict server that takes one event at a time and may begin responses by itself."""

    def __init__(self) -> None:
        self.said: deque[events.UpstreamEvent] = deque()
        self.active: tuple[str, str | None] | None = None
        self.responses = 0

    def begin(self, mark: str | None) -> None:
        self.responses += 1
        self.active = f"r{self.responses}", mark
        self.said.append(events.ResponseCreated(*self.active))

    def end(self, status: str = "completed") -> None:
        if self.active is not None:
            ended, self.active = self.active, None
            self.said.append(events.ResponseDone(*ended, status))

    def take(self, kind: Kind, event_id: str) -> None:
        match kind:
            case Kind.REQUEST if self.active is not None:
                self.said.append(events.SlotTaken(event_id, self.active[0]))
            case Kind.REQUEST:
                self.begin(event_id)
            case Kind.UPDATE if self.active is not None:
                self.said.append(events.SlotTaken(event_id, self.active[0]))
            case Kind.UPDATE:
                self.said.append(events.Updated())
            case Kind.CANCEL if self.active is None:
                self.said.append(events.CancelMissed(event_id))
            case Kind.CANCEL:
                self.end("cancelled")
            case _:
                pass


ENDINGS = (native.Lapse, native.Withdraw, native.Refuse, native.Blame, native.Lost)
UNANSWERED = native.Unanswered


class NativeSteps(RuleBasedStateMachine):
    """A Realtime client that never waits; each of its requests has one end."""

    @initialize()
    def begin(self) -> None:
        self.session, self.server = native.NativeSession(), Server()
        self.sent: deque[tuple[Kind, str]] = deque()
        self.kinds: dict[int, Kind] = {}
        self.names: dict[str, int] = {}
        self.ends: Counter[int] = Counter()
        self.running: set[str] = set()
        self._perform(self.session.receive(native.TurnsKnown(server_answers=True)))
        # One exchange shows that the server names requests.
        self._client(Kind.REQUEST)
        self.settle()

    def _client(self, kind: Kind) -> None:
        ticket = len(self.kinds) + 1
        self.kinds[ticket] = kind
        self._perform(self.session.receive(ClientSent(ticket, kind)))

    def _perform(self, produced: list[native.Effect]) -> None:
        for effect in produced:
            match effect:
                case native.ForwardAs(ticket, event_id):
                    assert not self.running, f"{event_id} during {self.running}"
                    self.names[event_id] = ticket
                    self.sent.append((self.kinds[ticket], event_id))
                case native.Forward(ticket):
                    self.sent.append((self.kinds[ticket], f"c{ticket}"))
                case effects.SendCancel(event_id):
                    self.sent.append((Kind.CANCEL, event_id))
                case _ if isinstance(effect, (*ENDINGS, UNANSWERED)):
                    self.ends[effect.ticket] += 1
                case effects.Hangup():
                    pytest.fail("hung up")
                case _:
                    pass

    @rule(kind=st.sampled_from((Kind.REQUEST, Kind.REQUEST, Kind.UPDATE, Kind.FOLLOW, Kind.CANCEL)))
    def say(self, kind: Kind) -> None:
        self._client(kind)

    @rule()
    def arrive_up(self) -> None:
        if self.sent:
            self.server.take(*self.sent.popleft())

    @rule()
    def arrive_down(self) -> None:
        if not self.server.said:
            return
        event = self.server.said.popleft()
        match event:
            case events.ResponseCreated(response_id, mark):
                self.running.add(response_id)
                if mark is not None:
                    self.ends[self.names[mark]] += 1
            case events.ResponseDone(str(response_id)):
                self.running.discard(response_id)
            case events.Updated():
                pass
            case _:
                pass
        self._perform(self.session.receive(event))

    @rule()
    def end(self) -> None:
        self.server.end()

    @rule()
    def race(self) -> None:
        if self.server.active is None:
            self.server.begin(None)

    def settle(self) -> None:
        for _ in range(40):
            while self.sent or self.server.said:
                self.arrive_up()
                self.arrive_down()
            self.server.end()

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        self.settle()
        requests = {ticket for ticket, kind in self.kinds.items() if kind is Kind.REQUEST}
        wrong = {ticket: self.ends[ticket] for ticket in requests if self.ends[ticket] != 1}
        assert not wrong, f"requests and how many ends they had: {wrong}"
        silent = self.session.receive(events.TimerFired(Timer("slot"), Ms(0)))
        assert not [each for each in silent if isinstance(each, native.ForwardAs)]


@pytest.mark.parametrize("steps", [AgentSteps, NativeSteps])
@pytest.mark.timeout(120)
def test_no_steps_break_a_session(steps: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(steps, settings=SHORT)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("steps", [AgentSteps, NativeSteps])
def test_nor_do_many_more(steps: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(steps, settings=LONG)
