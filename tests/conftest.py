"""Fixtures for every test: the golden files."""

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest

TABLES = Path(__file__).parent / "tables"

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-tables",
        action="store_true",
        help="write the golden files in tests/tables instead of comparing with them",
    )


def difference(kept: str, printed: str) -> str:
    """Return the lines in which two texts differ, in the form of a patch; empty if in none."""
    return "\n".join(
        unified_diff(kept.splitlines(), printed.splitlines(), "kept", "printed", lineterm="", n=1)
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with `tests/tables/<name>.txt`, or write that file with --update-tables."""
    update = bool(request.config.getoption("--update-tables"))

    def compare(name: str, text: str) -> None:
        path = TABLES / f"{name}.txt"
        printed = text.rstrip("\n") + "\n"
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(printed, encoding="utf-8")
            return
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        if changes := difference(kept, printed):
            pytest.fail(
                f"tests/tables/{name}.txt no longer holds:\n{changes}\n\n"
                "If the change is meant, run `make table` and review the rows.",
                pytrace=False,
            )

    return compare
