"""Changes inputs that are lines: which is there and when matters as much as what it says."""

from collections.abc import Callable
from random import Random


def changed(data: bytes, most: int, seed: int, change: Callable[[bytes], bytes]) -> bytes:
    """Change an input by its lines, or one of them by `change`; keep at most so many bytes."""
    chance = Random(seed)
    lines = data.split(b"\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(10):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines.insert(other, lines.pop(at))
        case 3:
            lines[at], lines[other] = lines[other], lines[at]
        case 4:
            lines.insert(at, chance.choice((b"!1", b"!30", b"!300", b"x")))
        case _:
            lines[at] = change(lines[at])
    return b"\n".join(lines)[:most]
