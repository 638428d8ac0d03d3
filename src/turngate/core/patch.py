"""Changes of the session's configuration, as neutral nested mappings.

Present keys change, nested mappings merge, `None` clears, everything else (lists too) replaces.
`Append` stands where text is to be added to what is there.
"""

from collections.abc import Mapping
from typing import TypeAlias, TypeGuard

from msgspec import Struct

Patch: TypeAlias = Mapping[str, object]
Path: TypeAlias = tuple[str, ...]


class Append(Struct, frozen=True):
    """Text to be added, on a line of its own, to the text that is configured."""

    text: str


def is_patch(value: object) -> TypeGuard[Patch]:
    """Tell a nested mapping from a value."""
    return isinstance(value, Mapping)


def merge(base: Patch, change: Patch) -> Patch:
    """Return `base` with `change` on top; neither is modified."""
    merged = dict(base)
    for key, new in change.items():
        old = merged.get(key)
        if is_patch(old) and is_patch(new):
            merged[key] = merge(old, new)
        elif isinstance(new, Append):
            merged[key] = _append(old, new)
        else:
            merged[key] = new
    return merged


def _append(old: object, new: Append) -> object:
    if isinstance(old, Append):
        return Append(f"{old.text}\n{new.text}")
    return f"{old}\n{new.text}" if old else new


def resolved(effective: Patch, change: Patch) -> Patch:
    """Return `change` with each `Append` replaced by the whole text it leads to."""
    result: dict[str, object] = {}
    for key, new in change.items():
        old = effective.get(key)
        if isinstance(new, Append):
            result[key] = f"{old}\n{new.text}" if old else new.text
        elif is_patch(new):
            result[key] = resolved(old if is_patch(old) else {}, new)
        else:
            result[key] = new
    return result


def value_at(patch: Patch, path: Path) -> object:
    """Return what stands at `path`, or None."""
    here: object = patch
    for key in path:
        here = here.get(key) if is_patch(here) else None
    return here


def without(patch: Patch, path: Path) -> Patch:
    """Return `patch` with the value at `path` removed, and with it mappings left empty."""
    head, *rest = path
    inner = patch.get(head)
    kept = {key: value for key, value in patch.items() if key != head}
    if not rest:
        return kept
    if not is_patch(inner):
        return patch
    left = without(inner, tuple(rest))
    return {**patch, head: left} if left else kept
