"""The page of the settings: how each field of the agent's configuration reaches the upstream."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from tools.reference.markdown import code, listed, page, table, written

from turngate.dialects import settings, settings_component, settings_kept, settings_rows
from turngate.wire import agent


def settings_page() -> str:
    """Return how each field of the agent's configuration reaches the upstream."""
    groups: tuple[tuple[str, tuple[settings_rows.Row[Any], ...]], ...] = (
        ("Settings only", settings_rows.AUDIO),
        ("Settings, UpdateThink", settings_rows.THINK),
        ("Settings, UpdateSpeak", settings_rows.SPEAK),
        ("Settings, UpdateListen", settings_rows.LISTEN),
        ("Settings only", settings_component.COMPONENT),
    )
    rows = [
        (code(row.source), code(row.target), row.note, left_out(row), where)
        for where, group in groups
        for row in group
    ]
    head = ("field of the client", "field of `session`", "how", "an update without it", "where")
    kept = ((listed(each.source.split(", ")), each.note) for each in settings_kept.KEPT)
    return page(
        "Settings",
        "What becomes of each field of `Settings` and of the blocks that the `Update...` messages "
        "replace. A value that cannot be had is refused by the field's name, and the session stays "
        "as it was. The voices that are known: " + listed(sorted(settings_rows.VOICES)) + ".",
        "## What is passed on",
        table(head, rows),
        "`UpdatePrompt` adds its text to `instructions`, on a line of its own.",
        "## What has no counterpart",
        table(("field of the client", "what happens"), kept),
        "## What turngate sets itself",
        table(
            ("field of `session`", "`--turns gateway`", "`--turns server`"),
            (
                (code(path), written(value), written(dict(flat(own(server_turns=True)))[path]))
                for path, value in flat(own(server_turns=False))
            ),
        ),
        f"A voice in the configuration becomes {code('.'.join(settings_rows.VOICE_PATH))}, unless the "
        "client names one that is known. The upstream fixes the voice with its first audio: a "
        "change after that takes another connection, on which the conversation is told again; "
        "without `reconnect`, and while the user speaks, the old voice is kept, with a warning.",
    )


def left_out(row: settings_rows.Row[Any]) -> str:
    """Return what an update does with a field that its new block does not have."""
    if row in (*settings_rows.AUDIO, *settings_component.COMPONENT):
        return ""
    if row.otherwise is msgspec.UNSET:
        empty = (
            row.read(agent.ThinkSettings(provider=agent.ThinkProvider()))
            if row in (settings_rows.THINK)
            else None
        )
        return "keeps the old value" if empty is None else f"sets {written(empty)}"
    return f"sets {written(row.otherwise)}"


def own(*, server_turns: bool) -> Mapping[str, Any]:
    """Return what turngate sets itself."""
    return settings.own(server_turns=server_turns, voice=None)


def flat(patch: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, object]]:
    """Yield the leaves of a nested mapping by their dotted paths."""
    for key, value in patch.items():
        if isinstance(value, Mapping):
            yield from flat(cast("Mapping[str, Any]", value), f"{path}{key}.")
        else:
            yield f"{path}{key}", value
