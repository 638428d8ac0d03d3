"""Sees to it that the programs which the checks run are on this machine.

As root on Debian or Ubuntu it installs what is missing; otherwise it prints the one command that
does, and fails. `python tools/system.py`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Program(NamedTuple):
    """A command that a check runs, the Debian package that has it, and what it is for."""

    command: str
    package: str
    purpose: str


PROGRAMS = (
    Program("chromium", "chromium", "the page, in a real browser"),
    Program("spin", "spin", "the model"),
    Program("gcc", "build-essential", "the model, which Spin turns into C"),
    Program("haproxy", "haproxy", "the example of a balancer"),
    Program("tmux", "tmux", "the terminal program, in a real terminal"),
)

Find = Callable[[str], str | None]


def found(command: str) -> str | None:
    """Return where a command is; daemons lie where a user's path does not lead."""
    return shutil.which(command) or shutil.which(command, path="/usr/local/sbin:/usr/sbin:/sbin")


def missing(programs: Iterable[Program], find: Find = found) -> list[Program]:
    """Return the programs that are not on the path."""
    return [program for program in programs if find(program.command) is None]


def install_command(programs: Iterable[Program]) -> list[str]:
    """Return the command that installs them, without what makes it root's."""
    packages = sorted({program.package for program in programs})
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages]


def install(programs: list[Program]) -> int:
    """Install these with apt; returns its exit code."""
    print(f"installing {', '.join(program.package for program in programs)}: a minute or two")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "--quiet"], install_command(programs)):
        code = subprocess.run(command, env=environment, check=False).returncode
        if code:
            return code
    return 0


def complaint(programs: list[Program], *, has_apt: bool) -> str:
    """Say what is missing, and the command that installs it."""
    lines = [f"  {each.command:<9} for {each.purpose}" for each in programs]
    if has_apt:
        command = " ".join(install_command(programs))
        advice = f"sudo apt-get update && sudo {command}"
    else:
        advice = "install these with this system's package tool; Debian and Ubuntu are supported"
    return "\n".join(("The checks need programs that are not here:", *lines, "", advice))


def main() -> int:
    """Install what is missing where that is allowed; returns the exit code."""
    absent = missing(PROGRAMS)
    if not absent:
        return 0
    has_apt = shutil.which("apt-get") is not None
    if not has_apt or os.geteuid() != 0:
        print(complaint(absent, has_apt=has_apt))
        return 1
    return install(absent)


if __name__ == "__main__":
    sys.exit(main())
