"""Checks the model, and that the code does what the model does.

python -m proof.model            the short form, about half a minute
python -m proof.model --long     every bound to its full size, and every step beside the code

Every scenario has to hold, and every rule that is taken away has to be missed. Progress and the
table go to standard error; the figures, as one line of JSON, to standard output. The exit code is
1 if anything was not as expected.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from proof.model.agreement import Disagreement, searched
from proof.model.catalogue import FOLLOWED, LARGE, RULES, SMALL, Case
from proof.model.search import Found, Question, follow, search
from proof.model.source import Scenario
from rich.console import Console
from rich.table import Table

SEARCHES_AT_ONCE = 2
LIMIT_S = 1_200

console = Console(stderr=True, highlight=False, width=150)


class Asked(NamedTuple):
    """A search to be made, and the verdict that it has to have."""

    name: str
    scenario: Scenario
    question: Question
    expected: str


class Answer(NamedTuple):
    """What came of it."""

    asked: Asked
    found: Found

    @property
    def is_good(self) -> bool:
        """Whether the verdict is the one that was expected."""
        return self.found.verdict == self.asked.expected


def questions(form: str) -> Iterator[Asked]:
    """Yield what a form asks: the rules first, since a model without failures proves nothing."""
    for rule in RULES:
        scenario = rule.scenario._replace(without=(rule.switch,))
        yield Asked(f"without: {rule.means}", scenario, Question.SHORTEST, "violated")
    for case in SMALL:
        yield Asked(case.name, case.scenario, Question.ENDS, "holds")
        if form == "long":
            yield Asked(case.name, case.scenario, Question.SERVED, "holds")
    for case in LARGE if form == "long" else ():
        yield Asked(case.name, case.scenario, Question.PROMISES, "holds")


def ask(asked: list[Asked]) -> Iterator[Answer]:
    """Make the searches, and yield each answer as it comes."""
    with ThreadPoolExecutor(SEARCHES_AT_ONCE) as pool:
        running = {
            pool.submit(search, each.scenario, each.question, limit_s=LIMIT_S): each
            for each in asked
        }
        for done in as_completed(running):
            yield Answer(running[done], done.result())


def table(answers: list[Answer]) -> Table:
    """Show every search with its states, its time and its verdict."""
    shown = Table(
        "", "bounds", "question", "states", "s", "MB", "verdict", box=None, pad_edge=False
    )
    for asked, found in answers:
        as_expected = found.verdict == asked.expected
        verdict = f"{found.verdict}: {found.broken}" if found.broken else found.verdict
        shown.add_row(
            asked.name,
            str(asked.scenario),
            asked.question,
            f"{found.states:,}",
            f"{found.seconds:.0f}",
            str(found.megabytes),
            verdict if as_expected else f"[bold red]UNEXPECTED {verdict}[/]",
        )
    return shown


class Followed(NamedTuple):
    """A search in which a session of the core took every step beside the model."""

    name: str
    bounds: str
    steps: int
    seconds: float
    parted: str = ""
    """Where model and code part; empty if nowhere."""


def followed(case: Case) -> Followed:
    """Let a session follow a whole search."""
    start = time.monotonic()
    steps, parted = 0, ""
    with tempfile.TemporaryDirectory(prefix="turngate-model-") as folder:
        try:
            steps = searched(follow(case.scenario, Path(folder)), case.scenario)
        except (Disagreement, ValueError) as disagreement:
            parted = str(disagreement)
    return Followed(case.name, str(case.scenario), steps, time.monotonic() - start, parted)


def follow_all(form: str) -> list[Followed]:
    """Follow every search of a form that a session can follow in time."""
    cases = (*SMALL, *FOLLOWED) if form == "long" else FOLLOWED
    done: list[Followed] = []
    with ProcessPoolExecutor(SEARCHES_AT_ONCE) as pool:
        for each in pool.map(followed, cases):
            done.append(each)
            said = each.parted or f"{each.steps:,} steps, the code took each of them"
            console.print(f"{'ok' if not each.parted else 'UNEXPECTED':>11} {each.name}: {said}")
    return done


def figures(form: str, answers: list[Answer], beside: list[Followed]) -> dict[str, object]:
    """Return what is published of a run."""
    good = all(answer.is_good for answer in answers)
    return {
        "piece": "model",
        "form": form,
        "ok": good and not any(each.parted for each in beside),
        "states": sum(answer.found.states for answer in answers),
        "steps_beside_the_code": sum(each.steps for each in beside),
        "followed": [each._asdict() for each in beside],
        "searches": [
            {
                "name": asked.name,
                "bounds": dict(asked.scenario.bounds),
                "without": asked.scenario.without,
                "question": asked.question,
                "expected": asked.expected,
                "verdict": found.verdict,
                "broken": found.broken,
                "states": found.states,
                "seconds": round(found.seconds, 1),
                "megabytes": found.megabytes,
                "way": found.way,
            }
            for asked, found in answers
        ],
    }


def run(form: str) -> dict[str, object]:
    """Make every search of a form, showing progress; return the figures."""
    asked = list(questions(form))
    answers: list[Answer] = []
    for answer in ask(asked):
        answers.append(answer)
        mark = "ok" if answer.is_good else "UNEXPECTED"
        where = f"[{len(answers)}/{len(asked)}]"
        console.print(
            f"{where:>8} {mark} {answer.asked.name} ({answer.asked.question}): "
            f"{answer.found.verdict}, {answer.found.states:,} states",
            markup=False,
        )
    answers.sort(key=lambda answer: asked.index(answer.asked))
    console.print(table(answers))
    for answer in answers:
        if not answer.is_good and answer.found.way:
            console.rule(answer.asked.name)
            console.print("\n".join(answer.found.way), markup=False)
    return figures(form, answers, follow_all(form))


def main(arguments: list[str] | None = None) -> int:
    """Run a form; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proof.model", description=__doc__)
    parser.add_argument("--long", action="store_true", help="every bound to its full size")
    made = run("long" if parser.parse_args(arguments).long else "short")
    print(json.dumps(made))
    return 0 if made["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
