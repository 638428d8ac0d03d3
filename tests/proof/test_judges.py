"""What the judges of proof/simulation can know from outside, and what they must not forgive."""

from random import Random

import pytest
from picows import WSMsgType
from proof.simulation.agent_caller import AgentCaller
from proof.simulation.clock import VirtualLoop
from proof.simulation.line import Line
from proof.simulation.network import End, Frame

from turngate.emulator.memory import MemoryClient


class Scene:
    """A caller without a gateway, who is told what a test likes; `broken` is what it complains of."""

    def __init__(self) -> None:
        loop = VirtualLoop()
        self.broken: list[str] = []
        line = Line(loop, Random(0), "x", lambda _, what: self.broken.append(what))
        self._upstream = MemoryClient()
        line.servers = [self._upstream.connection]
        self.caller = AgentCaller(line, may_be_manual=False)
        self._end = End("caller", self.caller, loop)
        loop.close()

    def told(self, message: str, more: str = "") -> None:
        payload = f'{{"type":"{message}"{more}}}'.encode()
        self.caller.on_ws_frame(self._end, Frame(WSMsgType.TEXT, payload))

    def refused(self) -> None:
        self.told("Error", ',"code":"INVALID_SETTINGS"')

    def rests(self) -> None:
        self.caller.judge(self._upstream.connection)

    def puts_in_force(self, *words: int) -> None:
        prompt = " ".join(f"word_x_{each}" for each in words)
        self._upstream.send("session.update", session={"type": "realtime", "instructions": prompt})


def configured() -> Scene:
    scene = Scene()
    scene.caller.configure()
    scene.puts_in_force(1)
    scene.told("SettingsApplied")
    return scene


def test_settings_that_are_refused_first_leave_what_waits_for_them() -> None:
    scene = Scene()
    scene.caller.update()
    scene.caller.configure()
    scene.refused()
    scene.caller.configure()
    scene.puts_in_force(3, 1)
    scene.told("SettingsApplied")
    scene.told("PromptUpdated")
    assert scene.broken == []


def test_a_refusal_is_of_a_change_that_is_not_in_force() -> None:
    scene = configured()
    scene.caller.update()
    scene.caller.update()
    scene.refused()
    scene.puts_in_force(1, 3)
    scene.told("PromptUpdated")
    assert scene.broken == []


def test_changes_are_acknowledged_after_a_refusal_though_the_last_is_in_force_already() -> None:
    scene = configured()
    scene.caller.configure()
    scene.refused()
    scene.caller.update()
    scene.caller.update()
    scene.puts_in_force(1, 3, 4)
    scene.told("PromptUpdated")
    scene.told("PromptUpdated")
    assert scene.broken == []


def test_settings_that_waited_together_hold_by_the_last_of_them_after_a_refusal_too() -> None:
    scene = configured()
    scene.caller.update()
    scene.refused()
    scene.caller.configure()
    scene.caller.configure()
    scene.puts_in_force(4)
    scene.told("SettingsApplied")
    scene.told("SettingsApplied")
    assert scene.broken == []


def test_a_change_of_which_nothing_is_told_is_found_out_at_rest() -> None:
    scene = configured()
    scene.caller.update()
    scene.rests()
    scene.told("PromptUpdated")
    assert len(scene.broken) == 2
    assert "neither acknowledged nor refused" in scene.broken[0]
    assert "nothing was asked" in scene.broken[1]


@pytest.mark.parametrize("in_force", [(1,), (1, 2)])
def test_what_was_refused_is_not_acknowledged_too(in_force: tuple[int, ...]) -> None:
    scene = configured()
    scene.caller.update()
    scene.refused()
    scene.puts_in_force(*in_force)
    scene.told("PromptUpdated")
    assert "nothing was asked" in scene.broken[0]
