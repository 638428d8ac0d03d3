"""What became of the changes, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Score, Tried
from tools.reference.markdown import table

BAR = 0.95
"""So much of the changes has to be noticed, in each part of the code."""


def tried(figures: Figures) -> Tried:
    """Return how many changes were tried, and how many nobody noticed or explained."""
    changes = sum(each["changes"] for each in figures["modules"])
    return Tried(changes, "changes of the code", len(figures["unexplained"]))


def score(figures: Figures) -> Score:
    """Return the share of changes that the tests notice."""
    noticed = sum(each["noticed"] for each in figures["modules"])
    return Score("noticed by the tests", noticed / tried(figures).times, BAR)


def told(figures: Figures) -> Iterator[str]:
    """Yield how many changes the tests noticed, by module."""
    yield (
        "[mutmut](https://mutmut.readthedocs.io) changes one expression or takes away one arm of a `match` at a "
        "time, but for arms that the type checker has proven to be unreachable. Golden tables and random walks are "
        "left out: only tests with a name may notice. What no test notices is explained, one by one, in "
        "[survivors.toml](../proof/mutation/survivors.toml), or fails the proof."
    )
    rows = [each for each in figures["modules"] if each["changes"]]
    total = {key: sum(each[key] for each in rows) for key in ("changes", "noticed", "explained")}
    yield table(
        ("module", "changes", "noticed", "explained", "score"),
        (
            (
                f"`{each['module']}`" if "module" in each else "all",
                f"{each['changes']:,}",
                f"{each['noticed']:,}",
                str(each["explained"]),
                f"{each['noticed'] / each['changes']:.1%}",
            )
            for each in (*rows, total)
        ),
    )
