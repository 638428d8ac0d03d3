"""Fixtures of the gateway's tests."""

from collections.abc import Callable, Iterator

import pytest

from turngate.gateway import limits

Bounds = Callable[..., None]


@pytest.fixture
def bounds() -> Iterator[Bounds]:
    """Set bounds of the I/O shell for one test: `bounds(CONNECT_S=0.1)`."""
    kept: dict[str, object] = {}

    def bind(**values: object) -> None:
        for name, value in values.items():
            kept.setdefault(name, getattr(limits, name))
            setattr(limits, name, value)

    yield bind
    for name, value in kept.items():
        setattr(limits, name, value)
