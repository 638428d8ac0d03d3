"""The golden files can fail."""

from collections.abc import Callable

import pytest

Golden = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def comparing(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-tables"):
        pytest.skip("golden files are being written, not compared")


def test_text_without_its_file_fails_and_says_what_to_do(golden: Golden) -> None:
    with pytest.raises(pytest.fail.Exception, match="make table"):
        golden("no-such-table", "Idle  Done  Idle")


def test_failure_shows_the_rows(golden: Golden) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"(?m)^\+Idle  Done  Idle$"):
        golden("no-such-table", "Idle  Done  Idle")
