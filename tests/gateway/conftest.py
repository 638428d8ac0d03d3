"""Fixtures of the gateway's tests."""

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import structlog

from turngate.core import limits as core
from turngate.gateway import limits

Bounds = Callable[..., None]


@pytest.fixture(autouse=True)
def log_ends_with_its_test() -> Iterator[None]:
    """Forget where log lines go: what pytest captured of one test is closed in the next."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def bounds() -> Iterator[Bounds]:
    """Set bounds of the I/O shell, or of the core, for one test: `bounds(CONNECT_S=0.1)`."""
    kept: dict[str, object] = {}

    def bind(**values: object) -> None:
        for name, value in values.items():
            kept.setdefault(name, getattr(owner(name), name))
            setattr(owner(name), name, value)

    def owner(name: str) -> ModuleType:
        return limits if hasattr(limits, name) else core

    yield bind
    for name, value in kept.items():
        setattr(owner(name), name, value)
