"""What was survived, for the page."""

from collections.abc import Iterator

from proof.telling import Figures, Tried
from tools.reference.markdown import table

READS = {
    "agent_call": "a whole call of an agent client: frames, messages, session, what is said to both sides",
    "native_call": "the same of a Realtime client",
    "agent": "a client's messages: decoded, translated, acted on",
    "native": "a Realtime client's events: looked at, put in order, marked",
    "upstream": "a server's events: decoded, translated, acted on by both kinds of session",
    "frames": "the frames of a WebSocket: put together, closed",
    "credentials": "requests: keys in headers, queries, subprotocols; the origin",
    "urls": "addresses that a client names, against the list of allowed hosts",
}


def tried(figures: Figures) -> Tried:
    """Return how many inputs were tried, and how many targets crashed."""
    return Tried(figures["executions"], "hostile inputs", figures["crashes"])


def told(figures: Figures) -> Iterator[str]:
    """Yield what each target was given."""
    if figures["is_guided"]:
        yield (
            "libFuzzer, by [atheris](https://pypi.org/project/atheris/), changes inputs and keeps those that reach code "
            "not reached before, from a [corpus](../proof/fuzz/corpus) that is kept. Where lines are events, it drops, "
            "repeats and moves them too, lets time pass, and cuts the upstream off. The time is the processor's, "
            "with the code instrumented; none may take 100 ms."
        )
    else:
        yield "atheris is not to be had here: only what is kept in the corpus was tried."
    yield table(
        ("target", "what is read", "inputs", "slowest ms", ""),
        (
            (
                name.replace("_", " "),
                READS[name],
                f"{each['runs']:,}",
                f"{each['slowest_ms']:.1f}",
                "**crashed**" if each["crashed"] else "",
            )
            for name, each in figures["targets"].items()
        ),
    )
