"""Writes the generated pages of docs/reference/ from the code that they describe.

`python -m tools.reference` writes them all; a test compares them with what it would write. Nothing
on these pages is typed by hand: texts are the docstrings, notes and reasons of the code itself.
"""

from collections.abc import Callable

from tools.reference.client import client_page
from tools.reference.commands import cli_page
from tools.reference.compatibility import compatibility_page
from tools.reference.configuration import configuration_page
from tools.reference.emulator import emulator_page
from tools.reference.errors import errors_page
from tools.reference.limits import limits_page
from tools.reference.messages import messages_page
from tools.reference.metrics import metrics_page
from tools.reference.settings import settings_page

PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "messages.md": messages_page,
    "compatibility.md": compatibility_page,
    "errors.md": errors_page,
    "limits.md": limits_page,
    "configuration.md": configuration_page,
    "metrics.md": metrics_page,
    "cli.md": cli_page,
    "emulator.md": emulator_page,
    "client.md": client_page,
}
"""What makes each page."""
