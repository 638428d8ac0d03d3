"""What a process costs, read from /proc, and what a list of figures comes to."""

import os
from collections.abc import Sequence
from pathlib import Path


def processes(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found, todo = [pid], [pid]
    while todo:
        for task in Path(f"/proc/{todo.pop()}/task").iterdir():
            below = [int(each) for each in (task / "children").read_text().split()]
            found += below
            todo += below
    return found


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and its descendants, to the nanosecond where Linux has it."""
    return sum(
        int((task / "schedstat").read_text().split()[0]) / 1e9
        for each in processes(pid)
        for task in Path(f"/proc/{each}/task").iterdir()
    )


def memory_kib(pid: int) -> int:
    """Return the resident memory of a process and its descendants."""
    page_kib = os.sysconf("SC_PAGE_SIZE") // 1024
    return sum(
        int(Path(f"/proc/{each}/statm").read_text().split()[1]) * page_kib
        for each in processes(pid)
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of `values` lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
