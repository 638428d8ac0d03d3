"""Writes every generated page, and the README's table of bars."""

import sys
from pathlib import Path

from tools.reference import PAGES
from tools.reference.bars import renew

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def main() -> int:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
        print(f"docs/reference/{name}")
    renew()
    print("README.md: the bars")
    return 0


if __name__ == "__main__":
    sys.exit(main())
