"""What is mutated, and which tests have to notice; and the run of mutmut on both."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".mutation"
"""Kept between runs, so that only functions that changed are tried again."""


EXPLAINED = Path(__file__).parent / "survivors.toml"


class Tree(NamedTuple):
    """Modules of the gateway, and the tests that have to notice a change in them."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    idles: bool = False
    """Whether the tests wait for a socket for most of their time, and can be many at once."""


# The golden tables visit every transition and would notice anything; random walks notice much, but
# nobody who reads a failed walk knows what is broken. What is left are tests with a name.
NAMED_TESTS = "not table and not soak"

CORE = ("tests/core",)
TREES = (
    Tree(
        "machines",
        ("asks", "floor", "reservation", "setup", "slot", "tools", "waiting"),
        CORE,
    ),
    Tree(
        "slot",
        ("conversation", "fillers", "names", "owed", "responses", "sequencer", "standing"),
        CORE,
    ),
    Tree(
        "call",
        (
            *("admission", "changes", "configuration", "connections", "continuity", "deadlines"),
            *("ending", "onlooker", "patch", "presence", "refusals", "session", "wishes"),
        ),
        CORE,
    ),
    Tree(
        "speech",
        (
            *("agent", "captions", "commits", "committing", "latency", "lines", "playback"),
            *("reasons", "sentences", "speech", "user"),
        ),
        CORE,
    ),
    Tree("native", ("calls", "early", "line", "native", "order", "watched"), CORE),
    Tree(
        "frames",
        ("gateway/frames", "gateway/peer"),
        ("tests/gateway/test_frames.py", "tests/gateway/test_peer.py"),
        idles=True,
    ),
)


IDLE = 6
"""How many tests that mostly wait one processor can run at a time."""


class Mutant(NamedTuple):
    """A change that was tried in a function: what became of it, and the lines before and after."""

    module: str
    function: str
    fate: str
    before: str
    after: str


class Survivor(NamedTuple):
    """What a change that no test notices is known by, wherever its lines stand."""

    module: str
    function: str
    before: str
    after: str


# What mutmut writes down of a mutant's tests: pytest's exit code, or a signal.
_FATES = {0: "survived", 1: "killed", 3: "killed", 5: "no tests", 33: "no tests", 36: "timeout"}
_KILLED_BY_TIME = {24, -24, 36, 152, 255}


def run(tree: Tree, jobs: int) -> list[Mutant]:
    """Try every mutant of a tree that was not tried before, so many at a time; return all."""
    folder = CACHE / tree.name
    _lay_out(folder, tree)
    _forget_survivors(folder)
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(_children(tree, jobs))]
    done = subprocess.run(command, cwd=folder, env=_environment(), check=False, stdout=sys.stderr)
    if done.returncode:
        msg = f"mutmut ended with {done.returncode}"
        raise RuntimeError(msg)
    return list(_mutants(folder, tree))


def _children(tree: Tree, jobs: int) -> int:
    return jobs * IDLE if tree.idles else jobs


def _environment() -> dict[str, str]:
    """Return an environment in which only the mutated code can be imported."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def _lay_out(folder: Path, tree: Tree) -> None:
    """Copy what is tried and what tries it, as mutmut wants it: beside each other."""
    for kept in ("src", "tests"):
        shutil.rmtree(folder / kept, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "test_walks.py")
    shutil.copytree(ROOT / "src", folder / "src", ignore=unwanted)
    for package in {Path(*Path(test).parts[:2]) for test in tree.tests}:
        shutil.copytree(ROOT / package, folder / package, ignore=unwanted)
    for shared in (ROOT / "tests").glob("*.py"):
        if not shared.name.startswith("test_"):
            shutil.copy(shared, folder / "tests" / shared.name)
    settings = (ROOT / "pyproject.toml").read_text()
    written, asked = folder / "pyproject.toml", f"{settings}\n{_settings(tree)}"
    if written.exists() and written.read_text() != asked:
        # mutmut would take a module for tried that it was told to leave alone until now
        shutil.rmtree(folder / "mutants", ignore_errors=True)
    written.write_text(asked)
    for page in ("README.md", "LICENSE"):
        shutil.copy(ROOT / page, folder / page)


def _forget_survivors(folder: Path) -> None:
    """Have those tried again that were not noticed: there may be new tests, or other ways to them."""
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    for kept in folder.glob("mutants/**/*.meta"):
        noted: dict[str, Any] = msgspec.json.decode(kept.read_bytes())
        codes: dict[str, int | None] = noted["exit_code_by_key"]
        noted["exit_code_by_key"] = {
            k: v if _fate(v) == "killed" else None for k, v in codes.items()
        }
        kept.write_bytes(msgspec.json.encode(noted))


# All but what a test costs beside itself. Looking for coroutines that nobody awaited means several
# full collections of garbage, which is most of a run's time where there are none.
QUICK = ("-q", "-x", "--tb=no", "-p", "no:cacheprovider", "-p", "no:unraisableexception")


def _settings(tree: Tree) -> str:
    chosen = ", ".join(f'"src/turngate/{_path(module)}.py"' for module in tree.modules)
    tests = ", ".join(f'"{test}"' for test in tree.tests)
    arguments = ", ".join(f'"{each}"' for each in (*QUICK, "-m", NAMED_TESTS))
    return (
        "[tool.mutmut]\n"
        'source_paths = ["src/turngate"]\n'
        f"only_mutate = [{chosen}]\n"
        # pyright proves these arms to be unreachable
        "do_not_mutate_patterns = ['assert_never\\(']\n"
        f"timeout_multiplier = {5.0 if tree.idles else 2.5}\n"
        # above what a test itself waits for what does not come
        f"timeout_constant = {3.0 if tree.idles else 1.0}\n"
        f"pytest_add_cli_args = [{arguments}]\n"
        f"pytest_add_cli_args_test_selection = [{tests}]\n"
    )


def _path(module: str) -> str:
    return module if "/" in module else f"core/{module}"


def _fate(code: int | None) -> str:
    if code is None:
        return "not tried"
    return "killed" if code in _KILLED_BY_TIME else _FATES.get(code, f"exit code {code}")


def _mutants(folder: Path, tree: Tree) -> Iterator[Mutant]:
    codes: dict[str, tuple[str, int | None]] = {}
    for module in tree.modules:
        kept = folder / "mutants" / "src" / "turngate" / f"{_path(module)}.py.meta"
        if kept.exists():  # else nothing in it can be changed
            noted: dict[str, Any] = msgspec.json.decode(kept.read_bytes())
            codes |= {name: (module, code) for name, code in noted["exit_code_by_key"].items()}
    left = [name for name, (_, code) in codes.items() if _fate(code) != "killed"]
    differences = _differences(folder, {name: codes[name][0] for name in left})
    for name, (module, code) in codes.items():
        told = differences.get(name, "")
        before, after = _joined(told, "-"), _joined(told, r"\+")
        yield Mutant(module, _function(name), _fate(code), before, after)


def _function(mutant: str) -> str:
    """Return the name of what was changed: mutmut's own, without what it adds to it."""
    mangled = mutant.rpartition(".")[2].rpartition("__mutmut_")[0]
    return mangled.removeprefix("xǁ").removeprefix("x_").replace("ǁ", ".")


def explained() -> dict[Survivor, str]:
    """Return why some mutants survive."""
    entries: list[dict[str, str]] = tomllib.loads(EXPLAINED.read_text())["survivor"]
    return {Survivor(**{k: each[k] for k in Survivor._fields}): each["why"] for each in entries}


_SHOW = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
asked = json.load(sys.stdin)
print(json.dumps({name: get_diff_for_mutant(name, path=path) for name, path in asked.items()}))
"""


def _differences(folder: Path, modules: Mapping[str, str]) -> dict[str, str]:
    """Return what each of these mutants changes, as a patch; by one process, since each is slow."""
    asked = {name: f"src/turngate/{_path(module)}.py" for name, module in modules.items()}
    told = subprocess.run(
        [sys.executable, "-c", _SHOW],
        cwd=folder,
        env=_environment(),
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return json.loads(told.splitlines()[-1])


def _joined(difference: str, sign: str) -> str:
    lines = re.findall(rf"^{sign}(?!--|\+\+)(.*)$", difference, re.MULTILINE)
    return " ".join(" ".join(lines).split())
