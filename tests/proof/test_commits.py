"""Which commits the judge of requests has the gateway wait for."""

from proof.simulation.commits import Commits

from turngate.core.limits import COMMIT_MS

_WAITS_S = COMMIT_MS / 1000


def test_a_commit_is_awaited_until_it_is_taken_or_refused() -> None:
    commits = Commits()
    for each in ("a", "b", "c"):
        commits.left(each, 1.0)
    commits.taken(1.1)
    commits.refused("c", 1.1)
    commits.refused("somebody's", 1.1)
    assert commits.awaited(1.1) == ["b"]
    commits.clear()
    assert not commits.awaited(1.2)


def test_what_leaves_while_the_first_is_awaited_is_given_up_with_it() -> None:
    commits = Commits()
    commits.left("a", 1.0)
    commits.left("b", 1.5)
    assert commits.awaited(_WAITS_S + 0.9) == ["a", "b"]
    assert not commits.awaited(_WAITS_S + 1.0)
    assert len(commits) == 2
    commits.left("c", _WAITS_S + 1.1)
    assert commits.awaited(_WAITS_S + 1.2) == ["c"]


def test_one_that_was_given_up_and_is_taken_stands_for_one_that_is_awaited() -> None:
    commits = Commits()
    commits.left("a", 1.0)
    commits.left("b", 4.0)
    commits.taken(4.1)
    assert not commits.awaited(4.1)
    assert len(commits) == 1
