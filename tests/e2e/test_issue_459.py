"""Every criterion and step of ISSUE-459 names a test or a page, and that test or page exists."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "issues" / "ISSUE-459"
PROOF = re.compile(r"\[`?([^\]`]+)`?\]\(([^)#]+)[^)]*\)")


def rows(page: str) -> list[str]:
    """Return the rows of a page's table of proofs."""
    lines = (FOLDER / page).read_text(encoding="utf-8").splitlines()
    [head] = [n for n, line in enumerate(lines) if line.endswith("| proved by |")]
    return list(takewhile(lambda line: line.startswith("|"), lines[head + 2 :]))


def missing(row: str) -> list[str]:
    """Return the proofs in a row that do not exist; a row without any lacks one."""
    proofs: list[tuple[str, str]] = PROOF.findall(row.rsplit(" | ", 1)[-1])
    return [name for name, link in proofs if not exists(name, FOLDER / link)] or (
        [] if proofs else ["(no proof)"]
    )


def exists(name: str, path: Path) -> bool:
    if not path.is_file():
        return False
    is_test = path.suffix == ".py"
    return not is_test or bool(
        re.search(rf"^(async )?def {name}\(", path.read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize("row", [*rows("README.md"), *rows("TRACKING.md")])
def test_every_proof_exists(row: str) -> None:
    assert missing(row) == []


def test_all_criteria_and_steps_are_there() -> None:
    assert len(rows("README.md")) == 13
    steps = [row.split("|")[1].strip().partition(":")[0] for row in rows("TRACKING.md")]
    assert steps == ["Investigate", "Tests red", "Gating green", "Validate", "Document", "Close"]


def test_missing_proof_is_found() -> None:
    assert missing("| 1 | something | hope |") == ["(no proof)"]
    assert missing("| 1 | something | [`test_gone`](../../../tests/e2e/test_naive.py) |") == [
        "test_gone"
    ]
    assert missing("| 1 | something | [a page](gone.md) |") == ["a page"]
