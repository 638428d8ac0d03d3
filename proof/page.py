"""docs/proof.md: what was run, on what, and what came of it. Written by `make proof`."""

import datetime as dt
import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]

HEAD = """# The proof

Made by `make proof`; changes here are overwritten. What turngate claims can be refuted: each piece
below looks for a case in which a claim does not hold, and each can fail. `make test` runs a short
form of all of them."""


def written(page: Path, shows: Mapping[str, str], found: Mapping[str, Figures]) -> str:
    """Return the page with the sections of these pieces; the others stay as they are there."""
    kept = sections(page.read_text()) if page.exists() else {}
    made = {name: section(name, shows[name], figures) for name, figures in found.items()}
    texts = [made.get(name) or kept.get(name) for name in shows]
    return "\n\n".join([HEAD, *(text for text in texts if text)]) + "\n"


def sections(text: str) -> dict[str, str]:
    """Return the sections of a page by their names."""
    parts = re.split(r"^## (?=\w)", text, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0].lower(): f"## {part.strip()}" for part in parts}


def section(name: str, shows: str, figures: Figures) -> str:
    """Return what a piece found: its own tables where it has some, else every figure by name."""
    told = TELLERS.get(name, plain)(figures)
    verdict = "Every claim held." if figures["ok"] else "**A claim did not hold.**"
    ran = f"{verdict} {figures['took_s']:,.0f} s on {machine()}; {today()}, {figures['commit']}."
    again = f"Again: `python -m proof.run --long {name}`."
    return "\n\n".join([f"## {name.capitalize()}", f"{shows} {ran} {again}", *told])


def plain(figures: Figures) -> Iterator[str]:
    """Yield a table of all figures that are not told otherwise."""
    known = {"piece", "form", "ok", "took_s", "seconds", "commit"}
    yield table(
        ("figure", "value"),
        ((key.replace("_", " "), shown(figures[key])) for key in figures if key not in known),
    )


def model(figures: Figures) -> Iterator[str]:
    """Yield the searches of the model, and the way to each broken promise."""
    searches = figures["searches"]
    held = [each for each in searches if each["expected"] == "holds"]
    rules = [each for each in searches if each["expected"] == "violated"]
    yield (
        "A [model](../proof/model) of one call is searched in every state that its bounds allow. The "
        "machines in it are made from the code's own tables; what couples them is written by hand, and "
        f"a session of the core took each of {figures['steps_beside_the_code']:,} steps of whole "
        "searches beside it, with the same messages in the same order. *Promises* asks whether every "
        "assertion holds in every state; *ends*, whether every run ends; *served*, whether in every run "
        "everybody is served from some moment on. `lag` bounds what the upstream says of its own accord "
        "while earlier messages are under way."
    )
    yield table(
        ("scenario", "bounds", "question", "states", "s", "MB", "verdict"),
        (
            (
                each["name"],
                bounds(each["bounds"]),
                each["question"],
                f"{each['states']:,}",
                f"{each['seconds']:.0f}",
                str(each["megabytes"]),
                each["verdict"],
            )
            for each in held
        ),
    )
    yield (
        "A model that cannot fail proves nothing. Each of these rules is taken away in turn, and then a "
        "promise has to be broken; the steps are the events of the shortest way there."
    )
    yield table(
        ("rule taken away", "bounds", "promise that is broken", "steps"),
        (
            (
                each["name"].removeprefix("without: "),
                bounds(each["bounds"]),
                each["broken"] or each["verdict"],
                str(sum(line.startswith("> ") for line in each["way"])),
            )
            for each in rules
        ),
    )
    first = next(each for each in rules if each["way"])
    yield f"The way to the first of them, `>` what the gateway hears, `<` what it says:\n\n```\n{way(first)}\n```"


def mutation(figures: Figures) -> Iterator[str]:
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


def way(each: Figures) -> str:
    """Return the events and messages on the way to an error."""
    return "\n".join(line for line in each["way"] if line[0] in "><")


TELLERS: Mapping[str, Callable[[Figures], Iterator[str]]] = {"model": model, "mutation": mutation}


def bounds(values: Mapping[str, int]) -> str:
    """Return bounds in short."""
    return ", ".join(f"{name.lower().replace('_', ' ')} {value}" for name, value in values.items())


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shown(value: object) -> str:
    """Return a figure as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) if isinstance(value, str | float) else f"`{json.dumps(value)}`"


# -- where and when


def machine() -> str:
    """Describe the machine: processor, cores, memory, system, and what does the work."""
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (
        f"{processor()}, {cores} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}, "
        f"{first_words('spin', '-V')}, gcc {first_words('gcc', '-dumpfullversion')}"
    )


def processor() -> str:
    """Return the processor's name, as far as the system tells."""
    known = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", known.read_text()) if known.exists() else None
    return found[1].strip() if found else platform.machine()


def first_words(*command: str) -> str:
    """Return the first line that a program prints, without its date."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return f"no {command[0]}"
    return done.stdout.splitlines()[0].partition(" -- ")[0] if done.stdout else "unknown"


def today() -> str:
    """Return the date in UTC."""
    return dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%d")


def commit() -> str:
    """Return the commit that is run."""
    return f"commit {first_words('git', 'rev-parse', '--short', 'HEAD')}"
