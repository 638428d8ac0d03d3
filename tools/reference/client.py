"""The page of the Python client, from its own docstrings."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from tools.reference.markdown import page

from turngate import client


def signature(name: str, thing: Callable[..., Any]) -> str:
    """Return how something is called, without the modules of its types."""
    try:
        shown = str(inspect.signature(thing)).replace("'", "")
    except ValueError:  # what Python itself makes has none
        return name
    for noise in (
        "turngate.wire.",
        "turngate.units.",
        "collections.abc.",
        "agent_settings.",
        "agent_client.",
        "self, ",
        "self",
    ):
        shown = shown.replace(noise, "")
    return f"{name}{shown}"


def section(name: str, thing: Any) -> Iterable[str]:
    """Yield the parts of a public class or function."""
    yield f"## {name}\n\n```python\n{signature(name, thing)}\n```\n\n{inspect.getdoc(thing) or ''}"
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            documented = inspect.getdoc(value)
            if not member.startswith("_") and callable(value) and documented:
                waits = "async " if inspect.iscoroutinefunction(value) else ""
                yield f"### {waits}{signature(member, value)}\n\n{documented}"
            elif isinstance(value, property) and documented:
                yield f"### {member}\n\n{documented}"


def parts() -> Iterable[str]:
    """Yield the parts of the page."""
    yield inspect.getdoc(client) or ""
    yield (
        "A whole program: [conversation.py](../../examples/client/conversation.py). How to: "
        "[build a client](../howto/build-a-client.md). The messages in `agent` are those of the "
        "[API](api.md)."
    )
    for name in sorted(
        client.__all__, key=lambda each: (each != "Client", each != "settings", each)
    ):
        thing = getattr(client, name)
        if callable(thing):
            yield from section(name, thing)


def client_page() -> str:
    """Return every public class and function of the client."""
    return page("The Python client", *parts())
