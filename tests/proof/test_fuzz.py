"""The targets of proof/fuzz: they survive what is kept, and notice what must not be."""

from pathlib import Path

import pytest
from proof.fuzz import targets
from proof.fuzz.run import CORPUS
from proof.fuzz.targets import KEY, TARGETS

KEPT = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_kept_is_survived(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_each_target_has_a_corpus() -> None:
    assert {path.parent.name for path in KEPT} == set(TARGETS)


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
