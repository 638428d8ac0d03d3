"""Which questions want no answer on another connection, by what their author knows."""

from collections.abc import Callable
from random import Random

import pytest
from picows import WSListener, WSMsgType
from proof.simulation.agent_caller import AgentCaller
from proof.simulation.clock import VirtualLoop
from proof.simulation.judge import Turns, settled_elsewhere
from proof.simulation.line import Line
from proof.simulation.network import Connection, End
from proof.simulation.witness import Known, Witness

from turngate.emulator import Knobs
from turngate.emulator.memory import MemoryClient

QUESTION = b'{"type":"response.create","event_id":"tg_request_1"}'
LINE = b'{"type":"response.create","event_id":"tg_2","response":{"instructions":"Say exactly: x"}}'
CUT = b'{"type":"conversation.item.truncate","item_id":"a1","audio_end_ms":5}'
FAILED = b'{"type":"Warning","description":"x","code":"THINK_REQUEST_FAILED"}'
USER_BEGAN = b'{"type":"UserStartedSpeaking"}'
ENDS = b'{"type":"response.done","response":{"id":"r1","status":"completed"}}'
FAILS = b'{"type":"response.done","response":{"id":"r1","status":"failed"}}'
CREATED = b'{"type":"response.created","response":{"id":"r2","conversation_id":"c"}}'
BEGAN, ENDED = b'{"type":"AgentStartedSpeaking"}', b'{"type":"AgentAudioDone"}'
CUTS_IN = b'{"type":"InjectAgentMessage","behavior":"interrupt","message":"x"}'


class Scene:
    """One connection, whose server really answers, and another that was told of everything."""

    def __init__(self) -> None:
        self.client = MemoryClient(Knobs(first_delta_ms=50))
        self._servers = [self.client.connection, MemoryClient().connection]
        loop = VirtualLoop()
        self._line = line = Line(loop, Random(0), "x", lambda _, what: pytest.fail(what))
        self._known = Known(line)
        self.before, self.now = line.witness, Witness(float)
        self.end = End("gateway", WSListener(), loop)
        line.upstream = Connection(loop, self.end, End("upstream", WSListener(), loop), 0.0)
        loop.close()

    def ask(self) -> None:
        self.client.send("response.create")
        self.leaves(QUESTION)

    def leaves(self, frame: bytes) -> None:
        self.before.sent(self.end, WSMsgType.TEXT, frame)

    def comes(self, frame: bytes) -> None:
        self.before.taken(self.end, WSMsgType.TEXT, frame)

    def told(self, frame: bytes) -> None:
        self._known.sent(self.end, WSMsgType.TEXT, frame)

    def heard(self, frame: bytes) -> None:
        self._known.taken(self.end, WSMsgType.TEXT, frame)

    def is_replaced(self) -> None:
        self._line.witness, self._line.witnesses = self.now, [self.before, self.now]

    @property
    def settled(self) -> list[str]:
        return sorted(settled_elsewhere(self._servers, [self.before, self.now]).elements())


def test_a_question_that_was_never_asked_wants_its_answer() -> None:
    scene = Scene()
    scene.client.say("never answered")
    scene.leaves(CUT)
    assert scene.settled == []


def test_so_does_one_whose_answer_the_connection_took_along() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    scene.client.send("response.cancel")
    scene.client.settle()
    assert scene.settled == []


def running(scene: Scene) -> None:
    del scene


def cancelled(scene: Scene) -> None:
    scene.client.send("response.cancel")
    scene.client.settle()


def whole(scene: Scene) -> None:
    scene.client.settle()


@pytest.mark.parametrize("ended", [running, cancelled, whole])
def test_one_whose_answer_was_cut_wants_none(
    ended: Callable[[Scene], None],
) -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    ended(scene)
    scene.client.say("two")
    scene.leaves(CUT)
    assert scene.settled == ["one"]


def test_one_whose_answer_failed_is_asked_for_along_with_the_next() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    cancelled(scene)
    scene.told(FAILED)
    assert scene.settled == ["one"]
    scene.client.say("two")
    scene.ask()
    assert scene.settled == []
    scene.told(FAILED)
    assert scene.settled == ["one", "two"]


def test_a_line_that_failed_tells_nothing_of_the_question_before_it() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    scene.leaves(LINE)
    scene.told(FAILED)
    assert scene.settled == []


def test_whoever_cuts_in_has_to_have_heard_the_agent_begin() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    scene.heard(CUTS_IN)
    scene.told(BEGAN)
    scene.told(ENDED)
    scene.heard(CUTS_IN)
    assert scene.settled == []
    scene.told(BEGAN)
    scene.heard(CUTS_IN)
    assert scene.settled == ["one"]


def test_what_is_cut_while_the_connection_before_is_still_heard_is_that_ones() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    scene.told(BEGAN)
    scene.is_replaced()
    scene.heard(CUTS_IN)
    assert scene.settled == ["one"]


def test_so_is_the_rest_of_an_answer_that_had_come_whole() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    scene.is_replaced()
    scene.told(USER_BEGAN)
    assert scene.settled == []
    scene.comes(ENDS)
    scene.told(USER_BEGAN)
    assert scene.settled == ["one"]


def test_what_is_cut_between_two_connections_is_the_second_ones() -> None:
    scene = Scene()
    scene.client.say("one")
    scene.ask()
    scene.told(BEGAN)
    scene.end.is_over = True
    scene.heard(CUTS_IN)
    assert scene.settled == []


def test_a_question_whose_author_was_told_that_it_was_refused_is_let_go() -> None:
    broken: list[str] = []
    line = Line(VirtualLoop(), Random(0), "x", lambda _, what: broken.append(what))
    line.loop.close()
    caller, turns = AgentCaller(line, may_be_manual=False), Turns(line)
    before, now = MemoryClient(), MemoryClient()
    before.say("one")
    caller.errors["FAILED_TO_THINK"] += 1
    line.servers.append(before.connection)
    turns.judge(before.connection, caller)
    now.say("one")
    line.servers.append(now.connection)
    line.witnesses = [Witness(float), Witness(float)]
    turns.judge(now.connection, caller)
    assert broken == []
    now.say("two")
    turns.judge(now.connection, caller)
    assert "2 turns have no answer" in broken[0]


def test_a_failure_is_to_be_told_unless_the_answer_is_asked_for_again() -> None:
    scene = Scene()
    scene.ask()
    scene.comes(FAILS)
    assert scene.before.owes_word
    scene.ask()
    assert not scene.before.owes_word


def test_a_line_that_failed_may_be_asked_for_again_too() -> None:
    scene = Scene()
    scene.leaves(LINE)
    scene.comes(FAILS)
    assert scene.before.owes_word
    scene.leaves(LINE)
    assert not scene.before.owes_word


def test_a_server_that_answers_by_itself_may_ask_itself_again() -> None:
    scene = Scene()
    scene.comes(FAILS)
    scene.comes(CREATED)
    assert not scene.before.owes_word


def test_what_the_server_says_beside_a_request_is_no_answer_to_it() -> None:
    scene = Scene()
    scene.ask()
    scene.comes(FAILS)
    scene.leaves(LINE)
    scene.comes(CREATED)
    assert scene.before.owes_word
