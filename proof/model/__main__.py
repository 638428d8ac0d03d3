"""Checks the model: `python -m proof.model [--form short|long] [--json FILE]`.

Every scenario has to hold, and every rule that is taken away has to be missed. Progress and the
table go to standard error; the figures, as one line of JSON, to standard output. The exit code is
1 if anything was not as expected.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from proof.model.catalogue import CASES, RULES
from proof.model.search import Found, Question, search
from proof.model.source import Scenario

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
        yield Asked(f"without: {rule.means}", scenario, rule.question, "violated")
    for case in CASES:
        if case.is_short or form == "long":
            for question in case.questions:
                if form == "long" or question is not Question.SERVED:
                    yield Asked(case.name, case.scenario, question, "holds")


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
    shown = Table("", "bounds", "question", "states", "s", "MB", "verdict", box=None, pad_edge=False)
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


def figures(form: str, answers: list[Answer]) -> dict[str, object]:
    """Return what is published of a run."""
    return {
        "piece": "model",
        "form": form,
        "ok": all(answer.is_good for answer in answers),
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
    return figures(form, answers)


def main(arguments: list[str] | None = None) -> int:
    """Run a form; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proof.model", description=__doc__)
    parser.add_argument("--form", choices=("short", "long"), default="short")
    made = run(parser.parse_args(arguments).form)
    print(json.dumps(made))
    return 0 if made["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
