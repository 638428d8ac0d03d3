"""What the model's searches found, for the page."""

from collections.abc import Iterator, Mapping

from proof.telling import Figures, Tried
from tools.reference.markdown import table


def tried(figures: Figures) -> Tried:
    """Return how many states were looked at, and in how many searches it was not as expected."""
    wrong = [each for each in figures["searches"] if each["verdict"] != each["expected"]]
    parted = [each for each in figures["followed"] if each["parted"]]
    return Tried(figures["states"], "states of the model", len(wrong) + len(parted))


def told(figures: Figures) -> Iterator[str]:
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
        "everybody is served from some moment on. `lag` bounds how much may be under way when the upstream "
        "says something of its own accord that crosses what the gateway says. Of orders that nobody in the "
        "call can tell apart, [one is searched](../proof/model/README.md#orders)."
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


def bounds(values: Mapping[str, int]) -> str:
    """Return bounds in short."""
    return ", ".join(f"{name.lower().replace('_', ' ')} {value}" for name, value in values.items())


def way(each: Figures) -> str:
    """Return the events and messages on the way to an error."""
    return "\n".join(line for line in each["way"] if line[0] in "><")
