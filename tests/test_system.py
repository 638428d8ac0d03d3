"""What the checks need of the machine: found, installed, or asked for in one command."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "system.py"


@pytest.fixture(scope="module")
def system() -> Any:
    spec = spec_from_file_location("system", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_what_is_not_there_is_missing(system: Any) -> None:
    def find(command: str) -> str | None:
        return None if command == "spin" else f"/usr/bin/{command}"

    assert [each.package for each in system.missing(system.PROGRAMS, find)] == ["spin"]


def test_the_complaint_ends_with_one_command_that_can_be_pasted(system: Any) -> None:
    told = system.complaint(list(system.PROGRAMS), has_apt=True)
    command = told.splitlines()[-1]
    assert command.startswith("sudo apt-get update && sudo apt-get install --yes ")
    assert all(each.package in command for each in system.PROGRAMS)


def test_without_apt_nothing_is_promised(system: Any) -> None:
    told = system.complaint(list(system.PROGRAMS), has_apt=False)
    assert "apt-get" not in told
    assert "chromium" in told
