"""docs/proof.md: what is promised, what was run, and what came of it.

python -m proof.page             writes the page again, from the figures in docs/proof
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from proof.pieces import PIECES, PROMISES, Piece
from proof.telling import Figures, shown
from tools.reference.markdown import table

from proof import plot

DOCS = Path(__file__).parent.parent / "docs"

Found = Mapping[str, Figures]
"""The figures of those pieces that were run, by name."""

HEAD = """# The proof

Made by `make proof`; changes here are overwritten. What turngate promises can be refuted: each piece
below looks for a case in which a promise does not hold, and each can fail. All of it takes under an
hour on two cores; `make test` runs a short form."""

LIMITS = """## What it cannot show

- **The real services.** What stands behind the gateway here is the emulator, or a model of such a server. Where OpenAI,
  Azure or a compatible server behaves in a way that neither knows, the proof is silent.
- **Every size.** The model is searched in every state *within its bounds*; that three wishes and two calls show what a
  hundred would is plausible and not proven. The other pieces try many cases and not all.
- **Its own blind spots.** The judges of the simulation are tested with gateways that do wrong on purpose, the model with
  rules taken away, the tests with changed code. A wrong that nobody thought of making may pass all of them.
- **Death of the machine, and bills.** That an acknowledged message outlives its node (I3), and that nobody is billed beyond
  a quota (I6), is not promised: calls live in one process, and there are no quotas by time.
- **Time.** In the simulation it is made up. What the gateway costs and delays is [measured apart](performance/cost.md)."""


def load(docs: Path = DOCS) -> dict[str, Figures]:
    """Return what was found when each piece was last run in its long form."""
    files = {piece.name: docs / "proof" / f"{piece.name}.json" for piece in PIECES}
    return {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}


def save(name: str, figures: Figures, docs: Path = DOCS) -> None:
    """Keep what a piece found, and write the page anew."""
    kept = docs / "proof" / f"{name}.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(figures, indent=1) + "\n")
    write(docs)


def write(docs: Path = DOCS) -> None:
    """Write the page and its picture, from what is kept."""
    found = load(docs)
    done = [piece for piece in PIECES if piece.name in found and ended(found[piece.name])]
    if done:
        tried = [piece.tried(found[piece.name]) for piece in done]
        plot.draw(tried, docs / "proof" / "tried.svg")
    (docs / "proof.md").write_text(written(found))


def written(found: Found) -> str:
    """Return the page."""
    sections = [section(piece, found[piece.name]) for piece in PIECES if piece.name in found]
    parts = (HEAD, *glance(found), *promises(found), *sections, LIMITS, where(found))
    return "\n\n".join(parts) + "\n"


def glance(found: Found) -> Iterator[str]:
    """Yield what was tried and what broke, to look at."""
    if any(ended(figures) for figures in found.values()):
        yield "![How often each piece tried to break a promise, and how often it did](proof/tried.svg)"
    yield table(
        ("piece", "tried", "broken", "minutes", ""), (_at_a_glance(each, found) for each in PIECES)
    )


def _at_a_glance(piece: Piece, found: Found) -> tuple[str, ...]:
    linked = f"[{piece.name}](#{piece.name})"
    if piece.name not in found:
        return piece.name, "", "", "", "not run yet"
    figures = found[piece.name]
    took, verdict = f"{figures['took_s'] / 60:.1f}", "held" if figures["ok"] else "**FAILED**"
    if not ended(figures):
        return linked, "", "", took, verdict
    tried = piece.tried(figures)
    broken = f"**{tried.broken:,}**" if tried.broken else "0"
    return linked, f"{tried.times:,} {tried.what}", broken, took, verdict


def promises(found: Found) -> Iterator[str]:
    """Yield each promise, and the pieces that try to break it."""
    yield (
        "## What is promised\n\n"
        "● a piece tried to break it, and it held; ○ tries to, and was not run yet; **✗** did not hold."
    )
    names = [piece.name for piece in PIECES]
    yield table(
        ("", "promise", *names),
        (
            (key, said, *(_mark(piece, key, found) for piece in PIECES))
            for key, said in PROMISES.items()
        ),
    )


def _mark(piece: Piece, promise: str, found: Found) -> str:
    if promise not in piece.tries.split():
        return ""
    if piece.name not in found:
        return "○"
    return "●" if found[piece.name]["ok"] else "**✗**"


def section(piece: Piece, figures: Figures) -> str:
    """Return what a piece found: its verdict, how to run it again, its tables."""
    verdict = "It held." if figures["ok"] else "**It did not hold.**"
    again = f"Again: `python -m proof.run --long {piece.name}`."
    parts = [f"## {piece.name.capitalize()}", f"**{piece.shows}** {verdict} {again}"]
    if figures.get("last_words"):
        parts.append(f"What it said last:\n\n```\n{figures['last_words']}\n```")
    if ended(figures):
        parts += piece.told(figures)
    return "\n\n".join(parts)


def ended(figures: Figures) -> bool:
    """Tell whether a piece came to its end, so that it has figures of its own."""
    return "piece" in figures


def where(found: Found) -> str:
    """Return when each piece was run, on what, and of which commit."""
    rows = (
        (name, figures["day"], f"`{figures['commit']}`", shown(figures["machine"]))
        for name, figures in found.items()
    )
    return f"## Where and when\n\n{table(('piece', 'day', 'commit', 'machine'), rows)}"


if __name__ == "__main__":
    write()
