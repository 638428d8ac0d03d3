"""What the upstream is configured with: what is in force, and what is on its way there."""

from collections.abc import Iterable, Mapping
from functools import reduce

from turngate.core.patch import Append, Patch, Path, merge, resolved, value_at, without
from turngate.errors import PromptTooLong


class Configuration:
    """The settings of a session.

    `locked` are those that the agent's first audio fixes, `longest` bounds texts that grow.
    """

    def __init__(self, locked: tuple[Path, ...], longest: Mapping[Path, int] | None = None) -> None:
        self._locked, self._longest = locked, longest or {}
        self._in_force: Patch = {}
        self._sent: Patch = {}

    def already_is(self, patch: Patch) -> bool:
        """Tell whether a change would change nothing."""
        change = resolved(self._in_force, patch)
        return merge(self._in_force, change) == self._in_force

    def overgrown(self, change: Patch, coming: Iterable[Patch]) -> PromptTooLong | None:
        """Tell that a text would become too long by what a change adds to it.

        `coming` are the changes before it that are not confirmed yet, in order.
        """
        for path, limit in self._longest.items():
            if isinstance(value_at(change, path), Append):
                whole = value_at(reduce(merge, (*coming, change), self._in_force), path)
                text = whole.text if isinstance(whole, Append) else str(whole)
                if len(text) > limit:
                    return PromptTooLong(len(text), limit, "it was not added to")
        return None

    @property
    def in_force(self) -> Patch:
        """All of it."""
        return self._in_force

    def leaving(self, patch: Patch, *, agent_has_spoken: bool) -> tuple[Patch, tuple[Path, ...]]:
        """Return what of a change is to be sent, and which settings it cannot have any more.

        One value that the upstream has fixed would refuse the whole update.
        """
        patch, kept = resolved(self._in_force, patch), list[Path]()
        for path in self._locked if agent_has_spoken else ():
            wanted = value_at(patch, path)
            if wanted is None:
                continue
            patch = without(patch, path)
            if wanted != value_at(self._in_force, path):
                kept.append(path)
        self._sent = patch
        return patch, tuple(kept)

    def confirmed(self) -> None:
        """Take what was sent last as being in force."""
        self._in_force = merge(self._in_force, self._sent)
