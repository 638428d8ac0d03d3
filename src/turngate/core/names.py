"""Names for what turngate sends: unique within a session, and the same in every replay."""

import re
from collections import Counter

_OURS = re.compile(r"tg_[a-z]+_\d+")


class Names:
    """Counts each kind of its own."""

    def __init__(self) -> None:
        self._last: Counter[str] = Counter()

    def new(self, kind: str) -> str:
        """Return a name that was not given before, such as `tg_item_1`."""
        self._last[kind] += 1
        return f"tg_{kind}_{self._last[kind]}"


def is_ours(name: str | None) -> bool:
    """Tell whether a name is one of these."""
    return name is not None and _OURS.fullmatch(name) is not None
