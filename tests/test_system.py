"""What the checks need of the machine: found, installed, or asked for in one command."""

from tools import system


def test_only_what_is_not_there_is_missing() -> None:
    def find(command: str) -> str | None:
        return None if command == "spin" else f"/usr/bin/{command}"

    assert [each.package for each in system.missing(system.PROGRAMS, find)] == ["spin"]


def test_the_complaint_ends_with_one_command_that_can_be_pasted() -> None:
    told = system.complaint(list(system.PROGRAMS), has_apt=True)
    command = told.splitlines()[-1]
    assert command.startswith("sudo apt-get update && sudo apt-get install --yes ")
    assert all(each.package in command for each in system.PROGRAMS)


def test_without_apt_nothing_is_promised() -> None:
    told = system.complaint(list(system.PROGRAMS), has_apt=False)
    assert "apt-get" not in told
    assert "chromium" in told
