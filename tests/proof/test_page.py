"""The page of the proof: what a run writes, and what it leaves."""

from pathlib import Path
from typing import Any

import pytest
from proof.mutation.trees import explained

from proof import page, run

SHOWS = {"model": "The model holds.", "simulation": "Nothing is lost."}
FIGURES: dict[str, Any] = {
    "ok": True,
    "took_s": 12.3,
    "commit": "commit 1234567",
    "turns": 1_000_000,
    "violations": {},
    "same_hash_twice": True,
}


def test_a_run_of_one_piece_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    kept = tmp_path / "proof.md"
    kept.write_text("# The proof\n\n## Model\n\nOld.\n\n## Simulation\n\nOld too.\n")
    text = page.written(kept, SHOWS, {"simulation": FIGURES})
    assert "## Model\n\nOld.\n" in text
    assert "Old too." not in text
    assert "Every claim held. 12 s on" in text
    assert "| turns | 1,000,000 |" in text
    assert "| same hash twice | yes |" in text


def test_a_claim_that_did_not_hold_is_said_first(tmp_path: Path) -> None:
    text = page.written(tmp_path / "none.md", SHOWS, {"simulation": {**FIGURES, "ok": False}})
    assert "## Simulation\n\nNothing is lost. **A claim did not hold.**" in text
    assert "## Model" not in text


def test_a_piece_that_dies_has_proven_nothing() -> None:
    figures = run.run(run.Piece("nothing_of_that_name", "It runs."), "short")
    assert not figures["ok"]


def test_an_unknown_piece_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["nonsense"])
    assert "no such piece: nonsense" in capsys.readouterr().err


def test_every_explained_survivor_has_a_reason() -> None:
    reasons = explained()
    assert reasons
    assert [each for each, why in reasons.items() if len(why.split()) < 4] == []
