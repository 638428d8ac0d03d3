"""Changes the code in one place at a time, and lets the tests with a name notice.

python -m proof.mutation [TREE ...]      only functions that changed since the last run
python -m proof.mutation --long          all of them anew

What no test notices has to be explained in survivors.toml, one by one, or it fails. Progress goes
to standard error; the figures, as one line of JSON, to standard output.
"""

import argparse
import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable

from proof.mutation.trees import CACHE, TREES, Mutant, Tree, explained, run

BAR = 0.95
"""What part of the changes that can make a difference has to be noticed."""


def is_unreachable(mutant: Mutant) -> bool:
    """Tell whether a change is in a branch that the type checker has proven to be unreachable."""
    return "assert_never(" in mutant.before


def figures(trees: Iterable[Tree], form: str) -> dict[str, object]:
    """Try these trees; return what came of it."""
    start = time.monotonic()
    reasons, told = explained(), list[dict[str, object]]()
    unexplained: list[Mutant] = []
    for tree in trees:
        mutants = run(tree)
        left = [each for each in mutants if each.fate != "killed" and not is_unreachable(each)]
        unreachable = sum(each.fate != "killed" for each in mutants) - len(left)
        open_ = [each for each in left if (each.module, each.before, each.after) not in reasons]
        unexplained += open_
        told.append(
            {
                "tree": tree.name,
                "modules": tree.modules,
                "changes": len(mutants),
                "unreachable": unreachable,
                "noticed": len(mutants) - unreachable - len(left),
                "explained": len(left) - len(open_),
                "fates": Counter(each.fate for each in left),
                "score": round(1 - len(left) / max(1, len(mutants) - unreachable), 3),
            }
        )
        sys.stderr.write(f"{json.dumps(told[-1])}\n")
    for each in unexplained:
        sys.stderr.write(
            f"{each.module} {each.name}: {each.fate}\n  - {each.before}\n  + {each.after}\n"
        )
    return {
        "piece": "mutation",
        "form": form,
        "ok": not unexplained and all(float(str(each["score"])) >= BAR for each in told),
        "trees": told,
        "unexplained": [each._asdict() for each in unexplained],
        "seconds": round(time.monotonic() - start, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where everything was noticed or explained."""
    parser = argparse.ArgumentParser(prog="python -m proof.mutation", description=__doc__)
    parser.add_argument("--long", action="store_true", help="all anew")
    parser.add_argument("trees", nargs="*", metavar="TREE", help="the trees to try; else all")
    asked = parser.parse_args()
    known = {tree.name: tree for tree in TREES}
    if unknown := set(asked.trees) - known.keys():
        parser.error(f"no such tree: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    if asked.long:
        shutil.rmtree(CACHE, ignore_errors=True)
    chosen = [known[name] for name in asked.trees] or TREES
    made = figures(chosen, "long" if asked.long else "short")
    print(json.dumps(made))
    return 0 if made["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
