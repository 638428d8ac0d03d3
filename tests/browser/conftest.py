"""Fixtures of the page's tests: a gateway that lasts, and a browser driver."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from browser.stand import Driver, Gateway, emulating

LONGEST_S = 90
"""A conversation takes its time, and a browser and a recogniser share the machine with it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(LONGEST_S))


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    """Return what starts browsers; its event loop must not outlast the tests of the page."""
    with sync_playwright() as playwright:
        yield Driver(playwright)


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    """Return a strict gateway with diagnostics before the local emulator; nobody may stop it."""
    stand = Gateway("--diagnostics", "--strict")
    stand.start()
    yield stand
    stand.stop()


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """Return the URL of an emulator, for gateways that start and stop often."""
    with emulating() as url:
        yield url
