"""What was measured as a page, a plot and JSON."""

import json
import os
import platform
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from measures import Figures, Options, Talk

Measured = dict[str, list[Figures]]
Curves = dict[str, dict[int, Talk]]
"""By relay, by number of calls."""
Ages = dict[str, list[Talk]]
"""By relay, one stretch of the same calls after the other."""

AGENT, NATIVE, BARE, DIRECT = (
    "turngate, agent front",
    "turngate, native front",
    "bare relay",
    "direct",
)
FOREIGN = ("turngate, agent, 16 kHz", "turngate, agent, mulaw")
AGED_CALLS, STRETCH_S = 25, 10
"""How many calls show what length does to their cost, and how long each stretch of them is."""
TOLERABLE_MS = 20.0
"""Beyond this p99 a core has more calls than it can carry."""

COLUMNS = (
    ("CPU ms a call-second", "cpu_ms", 2),
    ("p50 ms", "p50_ms", 2),
    ("p99 ms", "p99_ms", 2),
    ("CPU µs a delta", "blast_us", 1),
    ("set-up CPU ms", "setup_ms", 2),
    ("KiB a held call", "held_kib", 0),
)


class Found(NamedTuple):
    """Everything that was measured."""

    measured: Measured
    curves: Curves
    ages: Ages


class Bar(NamedTuple):
    """A figure beside the one that it should reach."""

    what: str
    value: float
    bar: float
    unit: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it does."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def middle(measured: list[Figures], field: str) -> float | None:
    """Return the median of the rounds; of memory, the first."""
    looked_at = measured[:1] if field == "held_kib" else measured
    values = [value for each in looked_at if (value := getattr(each, field)) is not None]
    return median(values) if values else None


def ratio(measured: Measured, one: str, other: str) -> float:
    """Return the median of what one costs against the other, compared round by round."""
    pairs = zip(measured[one], measured[other], strict=True)
    return median((a.cpu_ms or 0.0) / b.cpu_ms for a, b in pairs if b.cpu_ms)


def added(measured: Measured, name: str, other: str, field: str) -> float:
    """Return the median of the ms by which one delays more than the other."""
    pairs = zip(measured[name], measured[other], strict=True)
    return median(getattr(a, field) - getattr(b, field) for a, b in pairs)


def bars(found: Found) -> list[Bar]:
    """Return the figures that have a bar; those of relays that were not measured are left out."""
    measured, curves, _ = found
    ours = measured[AGENT]
    rows = [
        Bar("CPU, agent front against the bare relay", ratio(measured, AGENT, BARE), 1.25, "x"),
        Bar("CPU, native front against the bare relay", ratio(measured, NATIVE, BARE), 1.1, "x"),
        Bar("a delta's delay, p50, more than direct", added(measured, AGENT, DIRECT, "p50_ms"), 0.3, "ms"),
        Bar("CPU of setting a call up", middle(ours, "setup_ms") or 0.0, 2.0, "ms"),
        Bar("memory of a held call", middle(ours, "held_kib") or 0.0, 96.0, "KiB"),
    ]  # fmt: skip
    if "HAProxy" in measured:
        worse = added(measured, AGENT, "HAProxy", "p99_ms")
        rows.insert(3, Bar("a delta's delay, p99, more than HAProxy's", worse, 1.0, "ms"))
    if AGENT in curves:
        carried = carries(curves, AGENT)
        rows.append(Bar("calls that a core carries", carried, 300, "", at_least=True))
    return rows


def carries(curves: Curves, name: str) -> int:
    """Return the largest number of calls with a p99 that adds no more than is tolerable."""
    fine = [
        calls
        for calls, talked in curves[name].items()
        if talked.p99_ms - curves[DIRECT][calls].p99_ms <= TOLERABLE_MS
    ]
    return max(fine, default=0)


def table(measured: Measured) -> str:
    """Return the medians as a Markdown table."""
    head = "| | " + " | ".join(name for name, _, _ in COLUMNS) + " |"
    lines = [head, "|---|" + "--:|" * len(COLUMNS)]
    for name, figures in measured.items():
        cells = [_cell(name, figures, field, digits) for _, field, digits in COLUMNS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(name: str, figures: list[Figures], field: str, digits: int) -> str:
    value = middle(figures, field)
    unknown = value is None or (name in FOREIGN and field in {"p50_ms", "p99_ms"})
    return "" if unknown else f"{value:.{digits}f}"


def bar_table(rows: list[Bar]) -> str:
    """Return the figures beside their bars as a Markdown table."""
    lines = ["| what | measured | bar | |", "|---|--:|--:|---|"]
    for row in rows:
        sign, digits = (">=", 0) if row.at_least else ("<=", 2)
        verdict = "met" if row.is_met else "**missed**"
        measured = f"{row.value:.{digits}f} {row.unit}".rstrip()
        bar = f"{sign} {row.bar:g} {row.unit}".rstrip()
        lines.append(f"| {row.what} | {measured} | {bar} | {verdict} |")
    return "\n".join(lines)


def curve_table(curves: Curves) -> str:
    """Return cost and p99 by number of calls as a Markdown table."""
    calls = list(next(iter(curves.values())))
    lines = ["| calls | " + " | ".join(map(str, calls)) + " |", "|---|" + "--:|" * len(calls)]
    for name, points in curves.items():
        if name != DIRECT:
            cells = " | ".join(f"{points[n].cpu_ms:.2f}" if n in points else "" for n in calls)
            lines.append(f"| {name}: CPU ms a call-second | {cells} |")
        cells = " | ".join(f"{points[n].p99_ms:.1f}" if n in points else "" for n in calls)
        lines.append(f"| {name}: p99 ms | {cells} |")
    return "\n".join(lines)


def age_table(ages: Ages) -> str:
    """Return cost and p99 by how long the calls have lasted as a Markdown table."""
    stretches = range(1, len(next(iter(ages.values()))) + 1)
    lines = [
        "| stretch | " + " | ".join(map(str, stretches)) + " |",
        "|---|" + "--:|" * len(stretches),
    ]
    for name, talked in ages.items():
        cpu = " | ".join(f"{each.cpu_ms:.2f}" for each in talked)
        p99 = " | ".join(f"{each.p99_ms:.1f}" for each in talked)
        lines += [f"| {name}: CPU ms a call-second | {cpu} |", f"| {name}: p99 ms | {p99} |"]
    return "\n".join(lines)


def formats(measured: Measured) -> str:
    """Return what callers of other formats cost beside one of the upstream's own, where measured."""
    told = [
        f"**{name.rpartition(', ')[2]}** {ratio(measured, name, AGENT):.2f} x"
        for name in FOREIGN
        if name in measured
    ]
    return (
        "CPU of callers of other formats against one at 24 kHz, without a bar: "
        + ", ".join(told)
        + "."
    )


def plot(measured: Measured, curves: Curves, path: Path) -> None:
    """Draw cost by relay, and cost and delay by number of calls."""
    figure = Figure(figsize=(10, 3.6 if not curves else 7), layout="constrained")
    cost, delay, *below = figure.subplots(2 if curves else 1, 2).flat
    names = [name for name in measured if middle(measured[name], "cpu_ms") is not None]
    ours = ["#c2410c" if name.startswith("turngate") else "#64748b" for name in names]
    cost.barh(names, [middle(measured[name], "cpu_ms") or 0.0 for name in names], color=ours)
    cost.set_xlabel("CPU, ms a call-second")
    cost.invert_yaxis()
    timed = [name for name in measured if name not in FOREIGN]
    for field, colour, label in (("p99_ms", "#cbd5e1", "p99"), ("p50_ms", "#0f766e", "p50")):
        values = [middle(measured[name], field) or 0.0 for name in timed]
        delay.barh(timed, values, color=colour, label=label)
    delay.set_xlabel("a delta's way, ms")
    delay.invert_yaxis()
    delay.legend()
    for axes, field, label in zip(
        below, ("cpu_ms", "p99_ms"), ("CPU, ms a call-second", "p99, ms"), strict=False
    ):
        for name, points in curves.items():
            axes.plot(
                list(points), [getattr(each, field) for each in points.values()], "o-", label=name
            )
        axes.set(xlabel="calls at once, on one core", ylabel=label)
        axes.legend(fontsize=8)
    if below:
        below[1].axhline(TOLERABLE_MS, color="#94a3b8", linestyle=":")
        below[1].set_yscale("log")
    FigureCanvasSVG(figure).print_svg(str(path))  # pyright: ignore[reportUnknownMemberType] - its options have no type


def machine() -> str:
    """Describe the machine in a line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, {platform.system()}"


def as_json(found: Found, options: Options) -> str:
    """Return everything that was measured."""
    measured, curves, ages = found
    everything: dict[str, Any] = {
        "machine": machine(),
        "options": options._asdict(),
        "rounds": {name: [each._asdict() for each in rows] for name, rows in measured.items()},
        "curves": {
            name: {calls: talked._asdict() for calls, talked in points.items()}
            for name, points in curves.items()
        },
        "ages": {name: [each._asdict() for each in talked] for name, talked in ages.items()},
    }
    return json.dumps(everything, indent=1) + "\n"


def page(found: Found, options: Options, cores: list[int]) -> str:
    """Return the page with the figures and where they come from."""
    measured, curves, ages = found
    pinned = "one for the relay, one for the load" if len(cores) > 1 else "shared by all"
    by_number = (
        f"\n## By number of calls\n\nAll on one core. Between two rows of `direct` lies what the load "
        f"itself takes.\n\n{curve_table(curves)}\n"
        if curves
        else ""
    )
    by_length = (
        f"\n## By length of call\n\n{AGED_CALLS} calls, one stretch of {STRETCH_S} s of them after the other.\n\n"
        f"{age_table(ages)}\n"
        if ages
        else ""
    )
    return f"""# What the gateway costs

Written by `make bench`; run it again rather than edit this page.

![CPU and delay of each relay](cost.svg)

{options.calls} calls, each with 50 microphone frames a second up and ten deltas of 100 ms a second down, \
for {options.seconds} s; a blast of {options.deltas} deltas on one call; {options.held} calls set up and held. \
The median of {options.rounds} rounds, in which the rows take turns; the memory is the first round's. \
Metrics are on, as they always are.

{table(measured)}

CPU is the relay's own process. p50 and p99 are the time from the upstream's writing of a delta to the \
caller's reading of it; in the row *direct* no relay is between them. The bare relay is \
[relay.py](../../bench/relay.py): two picows connections, frames passed on untouched. HAProxy is C and \
translates nothing either. What has no figure was not measured.

## Against the bars

{bar_table(bars(found))}

Ratios and differences are the median over the rounds, each compared within its round. {formats(measured)}
{by_number}{by_length}
## Where

{machine()} ({pinned}). It is small and shared, and others may have worked on it: the rows \
compare with each other; they are no capacity plan. All figures are in [cost.json](cost.json).

```sh
make bench                                    # this page; LiteLLM only where BENCH_LITELLM names a Python that has it
```
"""
