"""Random walks: whatever happens in whatever order, each wish is answered once.

The upstream of these walks is honest and strict. Both directions keep their order and take their
time; nothing stays on the way for longer than a second. A response answers what the conversation
holds when it begins, so one that finds nothing new there was asked for once too often.
"""

from collections import Counter, deque
from collections.abc import Callable
from random import Random

import pytest

from transcript import Course, Says
from turngate import errors
from turngate.core import effects, events, items, limits
from turngate.core.session import Policy

WALKS, STEPS = 300, 200
ON_THE_WAY_MS = 1_000


class Response:
    """One that runs upstream."""

    def __init__(self, response_id: str, mark: str | None, answers: list[str], now_ms: int) -> None:
        self.response_id, self.mark, self.answers, self.since_ms = (
            response_id,
            mark,
            answers,
            now_ms,
        )
        self.has_begun = False
        self.calls: list[str] = []


class Upstream:
    """Takes what the gateway sends, one at a time, and says what the protocol makes it say."""

    def __init__(self, chance: Random, *, server_turns: bool) -> None:
        self._chance, self.server_turns = chance, server_turns
        self.said: deque[tuple[int, events.UpstreamEvent]] = deque()
        self.now_ms = 0
        self.active: Response | None = None
        self.owes: str | None = None
        self.speaking: str | None = None
        self.new: list[str] = []
        self.may_repeat = False
        self.unanswered_calls: set[str] = set()
        self._answered_calls: set[str] = set()
        self.lost: set[str] = set()
        self.config: set[str] = set()
        self.wrongs: list[str] = []
        self.races = 0
        self.answered: set[str] = set()
        self._ids: Counter[str] = Counter()

    def _id(self, kind: str) -> str:
        self._ids[kind] += 1
        return f"{kind}{self._ids[kind]}"

    def say(self, event: events.UpstreamEvent) -> None:
        self.said.append((self.now_ms, event))

    def lose(self) -> None:
        """Forget the connection; what was answered on it was answered all the same."""
        response, self.active = self.active, None
        if response is not None and not response.has_begun:
            self.answered -= set(response.answers)
        self.owes = self.speaking = None
        self.new, self.may_repeat = [], True
        self.unanswered_calls, self._answered_calls = set(), set()
        self.config = set()
        self.said.clear()

    def take(self, effect: effects.ToUpstream) -> None:
        match effect:
            case effects.SendUpdate(event_id, patch):
                self._update(event_id, set(patch))
            case effects.SendItem(item_id, item):
                self._item(item_id, item)
            case effects.SendRequest(event_id, say):
                self._request(event_id, say)
            case effects.SendCancel(_, response_id):
                self.may_repeat = True
                if self.active is None or response_id not in (None, self.active.response_id):
                    self.say(events.CancelMissed())
                else:
                    self.end("cancelled", "client_cancelled")
            case effects.SendTruncate() | effects.SendDelete() | effects.SendCommit():
                pass

    def _update(self, event_id: str, keys: set[str]) -> None:
        if self.active is not None and not self.server_turns:
            self.wrongs.append(f"{event_id} during {self.active.response_id}")
        self.may_repeat = True
        if any(key.startswith("bad") for key in keys):
            self.say(events.Rejected(event_id, "invalid_value", "No.", "session.bad"))
        else:
            self.config |= keys
            self.say(events.Updated())

    def _item(self, item_id: str, item: items.Item) -> None:
        match item:
            case items.CallOutput(call_id):
                self.unanswered_calls.discard(call_id)
                self._answered_calls.add(call_id)
            case items.UserText(text) if self._chance.random() < 0.05:
                self.lost.add(text)
                self.say(events.Rejected(item_id, "invalid_value", "No."))
                return
            case items.UserText(text):
                self.new += [] if text in self.answered else [text]
            case items.PastCall(call_id):
                self.unanswered_calls.add(call_id)
            case _:
                pass
        if not isinstance(item, items.UserText):
            self.new.append(item_id)
        if self._chance.random() < 0.95:
            self.say(events.ItemAcknowledged(item_id))

    def _request(self, event_id: str, say: str | None) -> None:
        if self.active is not None or self.owes is not None:
            self.races += 1
            if not self.server_turns:
                self.wrongs.append(f"{event_id} met a response")
            holder = self.active.response_id if self.active else None
            named = event_id if self._chance.random() < 0.8 else None
            self.say(events.SlotTaken(named, holder))
            return
        if self.unanswered_calls and not self.server_turns:
            self.wrongs.append(f"{event_id} beside calls without an output")
        # A change keeps its place between two messages, and each then has its own response. What
        # was cancelled may have ended by itself before, and was not shown to the user.
        has_a_reason = self.new or say or self.may_repeat or self.server_turns
        if not has_a_reason:
            self.wrongs.append(f"{event_id} has nothing to answer")
        self.may_repeat = False
        self.begin(event_id, [] if say else self._take_new())

    def _take_new(self) -> list[str]:
        answers, self.new = self.new, []
        self.answered |= set(answers)
        return answers

    def begin(self, mark: str | None, answers: list[str]) -> None:
        self.active = Response(self._id("r"), mark, answers, self.now_ms)
        self.say(events.ResponseCreated(self.active.response_id, mark))

    def end(self, status: str = "completed", reason: str = "") -> None:
        response = self.active
        if response is None:
            return
        self.active = None
        if status == "cancelled" and not response.has_begun:
            self.new = response.answers + self.new
            self.answered -= set(response.answers)
        if status == "completed":
            self.unanswered_calls |= set(response.calls) - self._answered_calls
        done = events.ResponseDone(response.response_id, response.mark, status, reason)
        self.say(done)

    # -- what it does by itself

    def go_on(self) -> None:
        """Let the running response bring something, or end; begin one that is owed."""
        response = self.active
        if response is None:
            if self.owes is not None:
                self.owes = None
                self.begin(None, self._take_new())
            return
        response_id = response.response_id
        match self._chance.randrange(8):
            case 0 | 1:
                response.has_begun = True
                self.say(events.AudioBegan(response_id, self._id("a")))
            case 2:
                response.has_begun = True
                self.say(events.AgentText(response_id, "t", "la "))
            case 3:
                response.has_begun = True
                self.say(events.AgentTextDone(response_id, self._id("t"), "words"))
            case 4 if len(response.calls) < 3:
                response.has_begun = True
                call_id = self._id("c")
                response.calls.append(call_id)
                self.say(events.CallAsked(response_id, call_id, "weather", "{}"))
            case 5:
                self.end(*self._chance.choice((("failed", "server_error"), ("completed", ""))))
            case _:
                self.end()

    def speech(self) -> None:
        """Let the user begin to speak, or come to an end."""
        if self.speaking is None:
            self.speaking = self._id("u")
            self.say(events.SpeechStarted(self.speaking))
            self.owes = None
            if self._chance.random() < 0.8:
                self.end("cancelled", "turn_detected")
            return
        item_id, self.speaking = self.speaking, None
        self.say(events.SpeechStopped(item_id))
        if self._chance.random() < 0.2:
            return
        self.new.append(item_id)
        self.say(events.SpeechCommitted(item_id))
        self.say(events.ItemAcknowledged(item_id))
        if self.server_turns and self._chance.random() < 0.9:
            self.owes = item_id


class Walk:
    """A session between that upstream and a restless client."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        policy = Policy(server_turns=self._chance.random() < 0.3, redials=True)
        self.upstream = Upstream(self._chance, server_turns=policy.server_turns)
        self.course = Course(policy)
        self._sent: deque[tuple[int, effects.ToUpstream]] = deque()
        self._running: list[str] = []
        self._ids: Counter[str] = Counter()
        self.asked: set[str] = set()
        self.outputs: Counter[str] = Counter()
        self.acknowledged: list[int] = []
        self.changes = self.refused = 0
        self._confirmed: set[str] = set()
        self._is_heard = False
        self._opens_at: int | None = None
        self._losses = 0
        self._say("client", events.Configure("0", {"0": 0}, greeting="hi"))
        self._say("openai", events.UpstreamOpened())

    def _say(self, peer: str, event: events.Event) -> None:
        self._mind(self.course.say(Says(peer, event)))

    def _mind(self, produced: list[effects.Effect]) -> None:
        for effect in produced:
            match effect:
                case effects.Acknowledge(change_id):
                    assert change_id in self._confirmed, "acknowledged before it was confirmed"
                    self.acknowledged.append(int(change_id))
                case effects.AskFunctions(calls):
                    self._running += [call.call_id for call in calls]
                case effects.Report(errors.SettingsRefused()):
                    self.refused += 1
                case effects.AgentStarted():
                    assert not self._is_heard, "began to speak twice"
                    self._is_heard = True
                case effects.AgentFinished():
                    self._is_heard = False
                case effects.SendItem(_, items.CallOutput(call_id)):
                    self.outputs[call_id] += 1
                case effects.SendItem(_, items.PastCall(call_id)):
                    self.asked.add(call_id)
                case effects.Redial(after_ms):
                    self._lost()
                    self._opens_at = self.course.now_ms + after_ms
                case effects.Hangup():
                    pytest.fail("hung up")
                case _:
                    pass
            if isinstance(effect, effects.ToUpstream):
                self._sent.append((self.course.now_ms, effect))

    def _lost(self) -> None:
        self._sent.clear()
        self.upstream.lose()
        self.asked, self.outputs = set(), Counter()

    # -- one step

    def step(self) -> None:
        """Let somebody do something."""
        there = [(10, self.upstream.go_on), (1, self.upstream.speech)]
        actions: list[tuple[float, Callable[[], None]]] = [
            (14, self.arrive_up),
            (16, self.arrive_down),
            *([] if self._opens_at is not None else there),
            (2, self.type),
            (1, self.change),
            (3, self.answer),
            (3, self.wait),
            (0.3, self.lose),
        ]
        weights = [weight for weight, _ in actions]
        (_, action), *_ = self._chance.choices(actions, weights)
        action()
        assert self.upstream.wrongs == []

    def arrive_up(self) -> None:
        if self._sent:
            self.upstream.take(self._sent.popleft()[1])

    def arrive_down(self) -> None:
        if not self.upstream.said:
            return
        _, event = self.upstream.said.popleft()
        match event:
            case events.Updated():
                self._confirmed = set(self.upstream.config)
            case events.CallAsked(_, call_id):
                self.asked.add(call_id)
            case events.ResponseDone(status="completed"):
                self._losses = 0
            case _:
                pass
        self._say("openai", event)

    def lose(self) -> None:
        """Let the connection end; another one is there after a while."""
        is_under_way = bool(self.acknowledged) and self._opens_at is None
        if is_under_way and self._losses < limits.REDIALS - 1:
            self._losses += 1
            self._say("openai", events.UpstreamFailed(errors.UpstreamLost("a walk")))

    def type(self) -> None:
        self._ids["typed"] += 1
        self._say("client", events.UserTyped(f"typed{self._ids['typed']}"))

    def change(self) -> None:
        self.changes += 1
        kind = "bad" if self._chance.random() < 0.2 else ""
        change = str(self.changes)
        self._say("client", events.Reconfigure(change, {f"{kind}{change}": 1}))

    def answer(self) -> None:
        if self._running:
            call_id = self._chance.choice(self._running)
            if self._chance.random() < 0.9:
                self._running.remove(call_id)
            self._say("client", events.CallResult(call_id, "weather", "sunny"))

    def wait(self, ms: int | None = None) -> None:
        """Let time pass, and whatever was on its way for long arrive."""
        late = self.course.now_ms - ON_THE_WAY_MS
        while self._sent and self._sent[0][0] < late:
            self.arrive_up()
        while self.upstream.said and self.upstream.said[0][0] < late:
            self.arrive_down()
        active = self.upstream.active
        if active is not None and active.since_ms < self.course.now_ms - 10_000:
            self.upstream.end()
        self._mind(self.course.let_pass(ms or self._chance.randrange(400)))
        if self._opens_at is not None and self._opens_at <= self.course.now_ms:
            self._opens_at = None
            self._say("openai", events.UpstreamOpened())
        self.upstream.now_ms = self.course.now_ms

    # -- the end

    def settle(self) -> None:
        """Let everything come to its end."""
        if self._opens_at is not None:
            self.wait(2_000)
        if self.upstream.speaking is not None:
            self.upstream.speech()
        for _ in range(80):
            while self._sent or self.upstream.said:
                self.arrive_up()
                self.arrive_down()
            if self._opens_at is None:
                self.upstream.end()
                self.upstream.go_on()
            self.wait(500)

    def verify(self) -> None:
        assert self.upstream.wrongs == []
        typed = {f"typed{n + 1}" for n in range(self._ids["typed"])}
        assert typed & set(self.upstream.new) == set(), "never answered"
        assert self.outputs == Counter(self.asked), "each call has one output"
        assert self.acknowledged == sorted(self.acknowledged)
        assert len(self.acknowledged) + self.refused == self.changes + 1
        assert not self._is_heard
        lost = errors.UpstreamLost("the end")
        produced: list[effects.Effect] = []
        while effects.Hangup() not in produced:
            produced = self.course.say(Says("openai", events.UpstreamFailed(lost)))
        assert effects.Report(lost) in produced, "nothing may be owed any more"


@pytest.mark.parametrize("first", range(0, WALKS, 50))
def test_each_wish_is_answered_once_whatever_happens(first: int) -> None:
    for seed in range(first, first + 50):
        walk = Walk(Random(seed))
        try:
            for _ in range(STEPS):
                walk.step()
            walk.settle()
            walk.verify()
        except (AssertionError, pytest.fail.Exception) as failure:
            transcript = "\n".join(map(str, walk.course.lines))
            pytest.fail(f"seed {seed}: {failure}\n{transcript}", pytrace=False)
