"""The picture of the proof: how often each piece tried, and how often something broke."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rcParams
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from proof.telling import Tried

HELD, BROKEN = "#0f766e", "#c2410c"


def draw(tried: Sequence[Tried], place: Path) -> None:
    """Draw what was tried, on a scale on which a single break can be seen."""
    figure = Figure(figsize=(9, 0.45 * len(tried) + 0.9), layout="constrained")
    axes: Any = figure.subplots()
    names = [each.what for each in tried]
    bars = axes.barh(names, [max(1, each.times) for each in tried], color=HELD)
    axes.bar_label(
        bars, [f"{each.times:,} tried, {each.broken:,} broken" for each in tried], padding=4
    )
    axes.barh(names, [each.broken for each in tried], color=BROKEN)
    axes.set_xscale("log")
    axes.set_xlim(0.3, 300 * max(each.times for each in tried))
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    rcParams["svg.hashsalt"] = "proof"  # else each drawing differs
    FigureCanvasSVG(figure).print_svg(str(place), metadata={"Date": None})  # pyright: ignore[reportUnknownMemberType] - its options have no type
