"""Changes the code in one place at a time, and lets the tests with a name notice.

python -m proof.mutation [TREE ...]      only what changed since the last run, or was not noticed
python -m proof.mutation --long          all of it anew

What no test notices has to be explained in survivors.toml, one by one, or it fails. Progress goes
to standard error; the figures, as one line of JSON, to standard output.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from proof.mutation.told import BAR
from proof.mutation.trees import CACHE, TREES, Mutant, Survivor, Tree, explained, run


class Row(NamedTuple):
    """What came of the changes of one module."""

    module: str
    changes: int
    noticed: int
    explained: int


def known(mutant: Mutant) -> Survivor:
    """Return what the change is known by."""
    return Survivor(mutant.module, mutant.function, mutant.before, mutant.after)


def row(module: str, mutants: Sequence[Mutant], reasons: Mapping[Survivor, str]) -> Row:
    """Return what came of these changes of a module."""
    missed = [known(each) for each in mutants if each.fate != "killed"]
    noticed = len(mutants) - len(missed)
    return Row(module, len(mutants), noticed, sum(each in reasons for each in missed))


def score(rows: Sequence[Row]) -> float:
    """Return what part of the changes was noticed."""
    return sum(each.noticed for each in rows) / max(1, sum(each.changes for each in rows))


def figures(trees: Sequence[Tree], form: str, jobs: int) -> dict[str, object]:
    """Try these trees; return what came of it."""
    start = time.monotonic()
    reasons = explained()
    rows: dict[str, list[Row]] = {}
    missed: list[Mutant] = []
    for tree in trees:
        mutants = run(tree, jobs)
        missed += [each for each in mutants if each.fate != "killed"]
        of = {module: [m for m in mutants if m.module == module] for module in tree.modules}
        rows[tree.name] = [row(module, mine, reasons) for module, mine in of.items()]
        sys.stderr.writelines(f"{each}\n" for each in rows[tree.name])
    unexplained = [each for each in missed if known(each) not in reasons]
    asked = {module for tree in trees for module in tree.modules}
    stale = {each for each in reasons if each.module in asked} - {known(each) for each in missed}
    for each in unexplained:
        told = f"{each.module} {each.function}: {each.fate}"
        sys.stderr.write(f"{told}\n  - {each.before}\n  + {each.after}\n")
    sys.stderr.writelines(f"explained, but noticed or gone: {each}\n" for each in stale)
    scores = {name: round(score(told), 4) for name, told in rows.items()}
    return {
        "piece": "mutation",
        "form": form,
        "ok": not unexplained and all(each >= BAR for each in scores.values()),
        "scores": scores,
        "modules": [each._asdict() for told in rows.values() for each in told],
        "unexplained": [each._asdict() for each in unexplained],
        "stale": [each._asdict() for each in stale],
        "seconds": round(time.monotonic() - start, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where everything was noticed or explained."""
    parser = argparse.ArgumentParser(prog="python -m proof.mutation", description=__doc__)
    parser.add_argument("--long", action="store_true", help="all anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="tried at a time")
    parser.add_argument("trees", nargs="*", metavar="TREE", help="the trees to try; else all")
    asked = parser.parse_args()
    trees = {tree.name: tree for tree in TREES}
    if unknown := set(asked.trees) - trees.keys():
        parser.error(f"no such tree: {', '.join(sorted(unknown))}. There are: {', '.join(trees)}.")
    if asked.long:
        shutil.rmtree(CACHE, ignore_errors=True)
    chosen = [trees[name] for name in asked.trees] or TREES
    made = figures(chosen, "long" if asked.long else "short", asked.jobs)
    print(json.dumps(made))
    return 0 if made["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
