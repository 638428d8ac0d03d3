"""Plays thousands of rude clients: the long form of tests/e2e/test_rude_clients.py, on every core.

python -m proof.rude             500 sessions, as make test does
python -m proof.rude --long      10,000 sessions

Progress goes to standard error, and the last line of standard output is the figures as JSON.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from proof.form import Form, asked

ROOT = Path(__file__).parents[2]
TESTS = "tests/e2e/test_rude_clients.py"
LONG = "test_ten_thousand_rude_clients_cause_no_refusal_and_lose_nothing"
SHORT = "test_rude_clients_cause_no_refusal_and_lose_nothing"


def played(name: str, report: Path) -> int:
    """Run a test of many batches, some at once, which report to a file; return its exit code."""
    workers = str(os.cpu_count() or 1)
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "-m", "soak or not soak"]
    command += [f"{TESTS}::{name}", f"--junitxml={report}"]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode


def run(form: Form) -> dict[str, object]:
    """Play the sessions of a form; return the figures, `ok` among them."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = played(LONG if form == "long" else SHORT, report)
        suite = ET.parse(report)  # noqa: S314 - it was written here
    counts: Counter[str] = Counter()
    for each in suite.iter("property"):
        counts[each.attrib["name"]] += int(each.attrib["value"])
    broken = [str(each.attrib["message"]) for each in suite.iter("failure")]
    return {
        "piece": "rude",
        "form": form,
        "ok": code == 0 and not broken and counts["sessions"] > 0,
        **counts,
        "broken": broken,
        "seconds": round(time.monotonic() - began_s, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where nothing broke."""
    return asked("rude", __doc__, "10,000 sessions", run)
