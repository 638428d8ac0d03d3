"""The page of the proof: what a run writes, what it leaves, and that nobody writes it by hand."""

import sys
from pathlib import Path
from typing import Any

import pytest
from proof.pieces import PIECES, PROMISES

from proof import page, run

BY_NAME = {piece.name: piece for piece in PIECES}
FUZZ, SIMULATION = BY_NAME["fuzz"], BY_NAME["simulation"]
RUN: dict[str, Any] = {
    "ok": True,
    "took_s": 12.3,
    "commit": "1234567",
    "day": "2026-01-01",
    "machine": "two cores",
}
FIGURES: dict[str, Any] = {
    **RUN,
    "piece": "simulation",
    "turns": 1_000_000,
    "violations": {},
    "same_hash_twice": True,
}


DIED: dict[str, Any] = {
    **RUN,
    "ok": False,
    "last_words": "ended after 16 minutes",
}


def test_every_piece_tries_to_break_a_promise_and_every_promise_is_tried() -> None:
    assert {promise for each in PIECES for promise in each.tries.split()} == set(PROMISES)


def test_the_long_form_is_planned_in_less_than_an_hour() -> None:
    assert sum(each.minutes for each in PIECES) < 60


def test_a_run_of_one_piece_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    page.save("simulation", FIGURES, tmp_path)
    page.save("fuzz", {**DIED, "last_words": "renewed since"}, tmp_path)
    page.save("fuzz", DIED, tmp_path)
    text = (tmp_path / "proof.md").read_text()
    assert page.section(SIMULATION, FIGURES) in text
    assert page.section(FUZZ, DIED) in text
    assert "renewed since" not in text
    assert (tmp_path / "proof" / "tried.svg").exists()


def test_what_was_found_is_told_with_its_figures() -> None:
    text = page.section(SIMULATION, FIGURES)
    assert "It held. Again: `python -m proof.run --long simulation`." in text
    assert "1,000,000" in page.written({"simulation": FIGURES})


def test_the_rows_that_were_passed_are_told_in_words() -> None:
    rows: dict[str, Any] = {
        "in_all": 700,
        "passed": 594,
        "only_lied_to": 50,
        "only_told_anything": 4,
        "never_sent": {"no deadline runs there": 100},
        "rare": ["slot: Idle Updated"],
        "unlisted": [],
        "impossible": [],
    }
    text = page.section(SIMULATION, {**FIGURES, "rows": rows})
    assert "**594** were passed of the 600 that can be (99.0 %): 50 only in worlds" in text
    assert "| no deadline runs there | 100 |" in text
    assert "Not passed this time, for it takes rare luck: `slot: Idle Updated`." in text
    assert "Passed, though" not in text


def test_a_promise_that_did_not_hold_is_marked_in_every_place() -> None:
    violated = {**FIGURES, "ok": False, "violations": {"I1": 2}, "last_words": "seed 17"}
    text = page.written({"simulation": violated})
    assert "| 1,000,000 turns beside a fault | **2** | 0.2 | **FAILED** |" in text
    assert "**It did not hold.**" in text
    assert "seed 17" in text
    assert all("**✗**" in line for line in text.splitlines() if line.startswith("| I1 |"))


def test_a_piece_that_came_to_no_end_is_told_without_figures() -> None:
    text = page.written({"fuzz": DIED})
    assert "| [fuzz](#fuzz) |  |  | 0.2 | **FAILED** |" in text
    assert "ended after 16 minutes" in text


def test_a_piece_that_dies_has_proven_nothing_and_its_last_words_are_kept() -> None:
    figures = run.run([sys.executable, "-c", "print('{\"ok\": true}'); raise OSError('ill')"], 20)
    assert not figures["ok"]
    assert figures["last_words"].endswith("OSError: ill")


def test_a_piece_that_does_not_end_is_ended_with_all_that_it_started() -> None:
    forks = (
        "import os, time; os.fork(); print('here', file=__import__('sys').stderr); time.sleep(60)"
    )
    figures = run.run([sys.executable, "-c", forks], 0.5)
    assert figures["took_s"] < 10
    assert not figures["ok"]
    assert "ended after" in figures["last_words"]


def test_an_unknown_piece_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["nonsense"])
    assert "no such piece: nonsense" in capsys.readouterr().err


def test_the_page_says_what_was_found() -> None:
    if (page.DOCS / "proof.md").read_text() != page.written(page.load()):
        pytest.fail("docs/proof.md differs from docs/proof; run python -m proof.page")
