"""What became of the changes, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried
from tools.reference.markdown import table


def tried(figures: Figures) -> Tried:
    """Return how many changes were tried, and how many nobody noticed or explained."""
    changes = sum(each["changes"] for each in figures["trees"])
    return Tried(changes, "changes of the code", len(figures["unexplained"]))


def told(figures: Figures) -> Iterator[str]:
    """Yield how many changes the tests noticed, by group of modules."""
    yield (
        "[mutmut](https://mutmut.readthedocs.io) changes one expression or takes away one arm of a `match` at a "
        "time. Golden tables and random walks are left out: only tests with a name may notice. Arms that the type "
        "checker has proven to be unreachable count apart. What no test notices is explained, one by one, in "
        "[survivors.toml](../proof/mutation/survivors.toml), or fails the proof."
    )
    yield table(
        ("modules", "changes", "unreachable", "noticed", "explained", "score"),
        (
            (
                ", ".join(f"`{module}`" for module in tree["modules"]),
                f"{tree['changes']:,}",
                str(tree["unreachable"]),
                f"{tree['noticed']:,}",
                str(tree["explained"]),
                f"{tree['score']:.1%}",
            )
            for tree in figures["trees"]
        ),
    )
