"""Every field of Settings stands in the table, and nothing else does."""

import re
from collections.abc import Iterator

import pytest
from msgspec import inspect

from turngate.dialects import settings_component, settings_rows
from turngate.dialects.settings_kept import KEPT
from turngate.wire import agent

ROWS = (*settings_rows.AUDIO, *settings_rows.THINK, *settings_rows.SPEAK, *settings_rows.LISTEN)
INSTEAD = settings_component.COMPONENT[1:]
MANUAL = agent.AgentSettings(manual_audio_commit=True)


def leaves(kind: inspect.Type, path: str) -> Iterator[str]:
    """Yield the dotted path of each field below `path`, a list's entries as `[]`."""
    match kind:
        case inspect.StructType(fields=fields, cls=cls) if cls is not agent.History:
            for each in fields:
                yield from leaves(each.type, f"{path}.{each.encode_name}".removeprefix("."))
        case inspect.UnionType(types=types):
            for each in types:
                yield from leaves(each, path)
        case inspect.VarTupleType(item_type=inspect.StructType() as item):
            # A list of blocks stands for its first; only functions are all used.
            yield from leaves(item, f"{path}[]" if item.cls is agent.Function else path)
        case inspect.NoneType():
            pass
        case _:
            yield path


TEXT = " as a text"


def covered(path: str, sources: set[str]) -> bool:
    plain = {each.removesuffix(TEXT) for each in sources if each.endswith(TEXT)}
    return path in plain or any(
        path == each or path.startswith((f"{each}.", f"{each}[")) for each in sources
    )


def table() -> set[str]:
    kept = {path for each in KEPT for path in each.source.split(", ")}
    return kept | {row.source for row in (*ROWS, *settings_component.COMPONENT)}


FIELDS = sorted(set(leaves(inspect.type_info(agent.Settings), "")))


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_of_settings_is_in_the_table(path: str) -> None:
    assert covered(path, table())


def test_field_that_is_nowhere_would_be_missed() -> None:
    assert not covered("agent.mood", table())
    assert not covered("agent.thinking", {"agent.think"})


def test_table_names_only_fields_that_exist() -> None:
    fields = {path.replace("[]", "") for path in FIELDS}
    plain = {re.sub(r"\[.*?\]", "", path).removesuffix(TEXT) for path in table()}
    assert {path for path in plain if not any(covered(each, {path}) for each in fields)} == set()


def test_no_two_rows_fill_the_same_field() -> None:
    assert len({row.target for row in ROWS}) == len(ROWS)
    assert all("in the place of" in row.note or row.read(MANUAL) for row in INSTEAD)
