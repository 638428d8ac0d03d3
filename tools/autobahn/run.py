"""Tries the frame layer of both legs with the Autobahn suite: run.py FOLDER [listen] [dial].

FOLDER is one that setup.sh has filled. `listen` is the callers' leg, against the fuzzing client;
`dial` is the upstream's leg, against the fuzzing server; without either, both. The exit code is 1
if any case failed, ended uncleanly or was not run at all.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias

from rich.console import Console
from rich.table import Table

ECHO = Path(__file__).with_name("echo.py")
AGENT = "turngate"
CASES = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*")
COUNT = 247
"""What CASES comes to. Sections 9, 12 and 13 are left out: limits and compression."""

DEADLINE_S = 300.0
WORSE = {"behavior": {"FAILED", "UNIMPLEMENTED"}, "behaviorClose": {"FAILED", "UNCLEAN"}}
SECTIONS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragments",
    "6": "UTF-8",
    "7": "closing",
    "10": "many fragments",
}
COLUMNS = {
    "OK": "ok",
    "NON-STRICT": "not strict",
    "INFORMATIONAL": "informational",
    "FAILED": "failed",
    "UNCLEAN": "unclean",
}
"""The suite's words, and ours."""

SUITE = "import sys; from autobahntestsuite.wstest import run; sys.argv[0] = 'wstest'; run()"

Results: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By the number of the case, such as "7.1.5"."""

console = Console(highlight=False)


class Suite:
    """The suite in its folder; each run has a folder of its own below `reports`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, leg: str, mode: str, spec: Mapping[str, Any]) -> "subprocess.Popen[str]":
        """Start wstest; the cases are added to `spec`."""
        reports = self._reports(leg)
        reports.mkdir(parents=True, exist_ok=True)
        (reports / "index.json").unlink(missing_ok=True)
        path = reports / "spec.json"
        skipped: dict[str, Any] = {"exclude-cases": (), "exclude-agent-cases": {}}
        path.write_text(json.dumps({"outdir": str(reports), "cases": CASES, **skipped, **spec}))
        paths = f"{self._folder / 'site'}:{self._folder / 'autobahntestsuite'}"
        return subprocess.Popen(
            [self._folder / "python", "-u", "-c", SUITE, "-m", mode, "-s", path, "-u", "0"],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def results(self, leg: str) -> Results:
        """Return what the run found."""
        try:
            return json.loads((self._reports(leg) / "index.json").read_text())[AGENT]
        except (OSError, KeyError):
            return {}

    def _reports(self, leg: str) -> Path:
        return self._folder / "reports" / leg


@contextmanager
def ended(program: "subprocess.Popen[str]") -> Generator["subprocess.Popen[str]"]:
    """End a program at the end, or at its deadline, at which its output ends too."""
    deadline = threading.Timer(DEADLINE_S, program.kill)
    deadline.start()
    try:
        yield program
    finally:
        deadline.cancel()
        program.terminate()
        program.wait()


def echo(*arguments: str) -> "subprocess.Popen[str]":
    """Start the echo."""
    return subprocess.Popen(
        [sys.executable, ECHO, *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def printed(program: "subprocess.Popen[str]") -> IO[str]:
    """Return what a program prints, as it comes."""
    if program.stdout is None:
        raise ValueError("the program was not started with a pipe")
    return program.stdout


def followed(leg: str, output: IO[str]) -> None:
    """Show the progress of a run until its report is there."""
    began, count = time.monotonic(), 0
    with console.status(f"{leg}: starting") as status:
        for line in output:
            count += line.startswith("Running test case ID")
            status.update(f"{leg}: {count} of {COUNT} cases")
            if not console.is_terminal and line.startswith("Running") and count % 50 == 0:
                console.print(f"{leg}: {count} of {COUNT} cases")
            if "Report generation complete" in line:
                break
    console.print(f"{leg}: {count} cases in {time.monotonic() - began:.0f} s")


def listen(suite: Suite) -> Results:
    """Try the callers' leg."""
    with ended(echo("listen")) as listener:
        port = int(printed(listener).readline())
        servers = [{"agent": AGENT, "url": f"ws://127.0.0.1:{port}"}]
        with ended(suite.start("listen", "fuzzingclient", {"servers": servers})) as client:
            followed("listen", printed(client))
            client.wait(DEADLINE_S)
    return suite.results("listen")


def dial(suite: Suite) -> Results:
    """Try the upstream's leg."""
    url = f"ws://127.0.0.1:{_free_port()}"
    with ended(suite.start("dial", "fuzzingserver", {"url": url})) as server:
        for line in printed(server):
            if line.startswith("Ok, will run"):
                break
        _until_open(url)
        with ended(echo("dial", url)) as dialler:
            followed("dial", printed(server))
            dialler.wait(DEADLINE_S)
    return suite.results("dial")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def _until_open(url: str) -> None:
    address = "127.0.0.1", int(url.rpartition(":")[2])
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(address).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return


def is_bad(result: Mapping[str, Any]) -> bool:
    """Tell whether a case failed or ended uncleanly."""
    return any(result[what] in words for what, words in WORSE.items())


def shown(leg: str, results: Results) -> bool:
    """Print a table by section and the bad cases; return whether all were run and none is bad."""
    console.print(_table(leg, results))
    bad = {case: result for case, result in results.items() if is_bad(result)}
    for case, result in sorted(bad.items(), key=lambda pair: _in_order(pair[0])):
        console.print(f"  {case}: {result['behavior']}, close {result['behaviorClose']}")
    return not bad and len(results) == COUNT


def _table(leg: str, results: Results) -> Table:
    table = Table("", f"{leg}: {len(results)} of {COUNT}", *COLUMNS.values())
    for column in table.columns[2:]:
        column.justify = "right"
    for section, words in {**SECTIONS, "": "all"}.items():
        found = Counter[str]()
        for case, result in results.items():
            if not section or case.partition(".")[0] == section:
                found[result["behavior"]] += 1
                found["UNCLEAN"] += result["behaviorClose"] in WORSE["behaviorClose"]
        table.add_row(section, words, *(str(found[column]) for column in COLUMNS))
    return table


def _in_order(case: str) -> list[int]:
    return [int(part) for part in case.split(".")]


LEGS = {"listen": listen, "dial": dial}


def main(folder: str, *legs: str) -> int:
    """Run the legs and show what was found."""
    suite = Suite(Path(folder).resolve())
    found = {leg: LEGS[leg](suite) for leg in legs or LEGS}
    fine = [shown(leg, results) for leg, results in found.items()]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
