"""The targets of proof/fuzz: they survive what is kept, and notice what must not be."""

from pathlib import Path
from typing import NoReturn

import pytest
from proof.fuzz import legs, targets
from proof.fuzz.lines import changed
from proof.fuzz.run import CORPUS, LONG
from proof.fuzz.targets import KEY, TARGETS
from proof.fuzz.told import READS

from turngate.dialects import agent
from turngate.wire.agent import UpdatePrompt

KEPT = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_kept_is_survived(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_each_target_has_a_corpus() -> None:
    assert {path.parent.name for path in KEPT} == set(TARGETS) == set(LONG) == set(READS)
    assert sum(LONG.values()) >= 1_000_000


def kept(name: str) -> bytes:
    return (CORPUS / name).read_bytes()


def test_a_kept_call_reaches_from_the_first_frame_to_the_last_word() -> None:
    played = legs.agent_call(kept("agent_call/function"))
    told, asked = played.caller.told, played.asked.told
    assert told["FunctionCallRequest"] == told["AgentAudioDone"] == told["PromptUpdated"] == 1
    assert asked == {"SessionUpdate": 2, "ConversationItemCreate": 2, "ResponseCreate": 2}


def test_a_kept_call_of_a_realtime_client_is_put_in_order() -> None:
    played = legs.native_call(kept("native_call/race"))
    assert played.asked.told.total() == 4
    assert played.caller.told.total() == 30


def test_a_bug_is_not_contained_as_it_is_in_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> NoReturn:
        raise KeyError("odd")

    monkeypatch.setitem(agent.READS, UpdatePrompt, read)
    with pytest.raises(KeyError, match="odd"):
        legs.agent_call(kept("agent_call/function"))


def test_lines_are_moved_dropped_repeated_and_added() -> None:
    data = b"one\ntwo\nthree"
    lines = [changed(data, 100, seed, bytes.upper).split(b"\n") for seed in range(200)]
    assert {len(each) for each in lines} >= {2, 3, 4}
    assert [b"three", b"two", b"one"] in lines
    assert any(b"x" in each for each in lines)
    assert [b"one", b"TWO", b"three"] in lines
    assert changed(data, 9, 7, bytes.upper) == changed(data, 9, 7, bytes.upper)
    assert all(len(changed(data, 9, seed, bytes.upper)) <= 9 for seed in range(50))


class Open:
    """A guard that lets everybody in."""

    def refusal(self, head: object) -> None:
        del head

    def page(self, head: object) -> None:
        del head


def test_who_comes_in_without_a_key_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(targets), "_GUARD", Open())
    targets.credentials(f"/v1/realtime?token={KEY}".encode())
    with pytest.raises(AssertionError):
        targets.credentials(b"/v1/realtime")
