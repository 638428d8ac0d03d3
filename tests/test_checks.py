"""The runner of the checks: what it reads from their output, and when it lets a run fail."""

from pathlib import Path

import pytest
from tools import checks


@pytest.mark.parametrize(
    "line, counted",
    [
        ("20 passed in 1.20s", "20 passed, 0 failed, 0 skipped"),
        ("3 failed, 20 passed, 1 skipped in 61.02s (0:01:01)", "20 passed, 3 failed, 1 skipped"),
        ("=== 2 passed, 612 deselected in 0.10s ===", "2 passed, 0 failed, 0 skipped"),
        ("1 failed, 2 errors in 0.10s", "0 passed, 3 failed, 0 skipped"),
        ("All checks passed!", ""),
    ],
)
def test_figures_are_read_from_the_last_line(line: str, counted: str) -> None:
    outcome = checks.Outcome(checks.Part("core", 60, ()))
    outcome.count(f"..F [100%]\n{line}\n")
    assert checks.counted(outcome.tests) == counted


@pytest.mark.parametrize(
    "ok, seconds, verdict, passed",
    [
        (True, 59.0, "ok", True),
        (True, 61.0, "ok, over budget", True),
        (True, 121.0, "FAILED: more than twice its budget", False),
        (False, 1.0, "FAILED", False),
    ],
)
def test_twice_the_budget_fails(ok: bool, seconds: float, verdict: str, passed: bool) -> None:
    outcome = checks.Outcome(checks.Part("core", 60, ()), ok=ok, seconds=seconds)
    assert (outcome.verdict, outcome.passed) == (verdict, passed)


def test_only_the_part_that_needs_a_key_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("TURNGATE_UPSTREAM", "openai")
    core = checks.environment(checks.Part("core", 60, ()))
    real = checks.environment(checks.Part("real service", 60, (), needs="OPENAI_API_KEY"))
    assert {"OPENAI_API_KEY", "TURNGATE_UPSTREAM"} & core.keys() == set()
    assert {"OPENAI_API_KEY", "TURNGATE_UPSTREAM"} & real.keys() == {"OPENAI_API_KEY"}


def test_every_part_runs_even_after_one_has_failed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    broken = checks.Part(
        "broken", 60, (("python", "-c", "print('its output'); raise SystemExit(3)"),)
    )
    sound = checks.Part("sound", 60, (("python", "-c", "pass"),))
    keyed = checks.Part("real service", 60, (("python", "-c", "1/0"),), needs="OPENAI_API_KEY")
    assert checks.perform_all([broken, sound, keyed]) == 1
    assert checks.perform_all([sound, keyed]) == 0
    out = capfd.readouterr().out
    assert "its output" in out
    assert "real service: not run (no OPENAI_API_KEY)" in out


def test_unknown_part_is_refused() -> None:
    assert checks.main(["nonsense"]) == 2


def test_no_test_file_is_left_out() -> None:
    tests = Path(__file__).parent
    run = {Path(word) for part in checks.PARTS for command in part.commands for word in command}
    named = {tests.parent / path for path in run}
    files = tests.rglob("test_*.py")
    assert [f for f in files if not named & {f, *f.parents} - {tests}] == []
