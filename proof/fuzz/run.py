"""Every target under libFuzzer, each in a process of its own, from a small corpus that is kept.

    python -m proof.fuzz              the short form, seconds
    python -m proof.fuzz --long       more than a million inputs

An input that breaks something, or is the slowest of all and too slow, is left in a folder, which is named.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from proof.form import Form, asked

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
SHORT = 2_000
LONG = {
    "agent_call": 40_000,
    "native_call": 60_000,
    "agent": 120_000,
    "native": 160_000,
    "upstream": 160_000,
    "frames": 250_000,
    "credentials": 250_000,
    "urls": 250_000,
}
"""How many inputs each target is given: fewer where one is a whole call. The longest come first."""
SLOWEST_MS = 100.0


def fuzz(target: str, runs: int, folder: Path) -> dict[str, Any]:
    """Try so many inputs on one target; return its figures."""
    figures, grown = folder / f"{target}.json", folder / f"{target}.grown"
    grown.mkdir()
    command = ["-m", "proof.fuzz.one", target, str(runs), str(figures), str(grown)]
    done = subprocess.run(
        [sys.executable, *command, str(CORPUS / target)],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    told: dict[str, Any] = {"runs": 0, "slowest_ms": 0.0}
    if figures.exists():
        told = msgspec.json.decode(figures.read_bytes())
    sys.stderr.write(f"{target}: {told['runs']:,} inputs\n")
    if done.returncode or told["slowest_ms"] >= SLOWEST_MS:
        sys.stderr.write(f"{target}: see {folder}\n{done.stderr[-3000:]}\n")
    return told | {"crashed": done.returncode != 0}


def replay() -> dict[str, dict[str, Any]]:
    """Try the corpus and nothing else, where libFuzzer is not to be had."""
    from proof.fuzz import targets  # noqa: PLC0415 - libFuzzer's processes import their own

    found: dict[str, dict[str, Any]] = {}
    for name in LONG:
        inputs = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
        for data in inputs:
            targets.TARGETS[name](data)
        found[name] = {"runs": len(inputs), "slowest_ms": 0.0, "crashed": False}
    return found


def grow(form: Form) -> dict[str, dict[str, Any]]:
    """Fuzz every target, as many at once as there are cores."""
    asked = LONG if form == "long" else dict.fromkeys(LONG, SHORT)
    folder = Path(tempfile.mkdtemp(prefix="turngate-fuzz-"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {name: pool.submit(fuzz, name, runs, folder) for name, runs in asked.items()}
        found = {name: job.result() for name, job in jobs.items()}
    if not any(each["crashed"] or each["slowest_ms"] >= SLOWEST_MS for each in found.values()):
        shutil.rmtree(folder)
    return found


def run(form: Form) -> dict[str, object]:
    """Fuzz every target; return the figures, `ok` among them."""
    began_s = time.monotonic()
    is_guided = find_spec("atheris") is not None
    found = grow(form) if is_guided else replay()
    slowest_ms = max(each["slowest_ms"] for each in found.values())
    crashes = sum(each["crashed"] for each in found.values())
    runs = sum(each["runs"] for each in found.values())
    wanted = len(LONG) * SHORT if form == "short" else sum(LONG.values())
    return {
        "piece": "fuzz",
        "form": form,
        "ok": crashes == 0 and slowest_ms < SLOWEST_MS and (runs >= wanted or not is_guided),
        "is_guided": is_guided,
        "executions": runs,
        "targets": found,
        "crashes": crashes,
        "slowest_ms": slowest_ms,
        "seconds": round(time.monotonic() - began_s, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where everything was survived."""
    return asked("fuzz", __doc__, "more than a million inputs", run)
