"""Renews the pictures in `docs/gallery` from the screenshots of the page's tests.

`python tools/gallery.py`, after the tests of the page have run. Each picture gets a palette, which
the eye does not miss and which makes it a third as large.
"""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / ".screenshots"
GALLERY = ROOT / "docs" / "gallery"
COLOURS = 96

PICTURES = (
    "welcome-light",
    "function-call",
    "barge-in",
    "race",
    "rehearsal-dark",
    "shop",
    "settings-dark",
    "microphone-denied",
    "gateway-gone",
    "narrow",
)
"""What is shown, of all that the tests leave behind."""


def main() -> int:
    """Write the pictures; 1 if a screenshot is missing."""
    missing = [name for name in PICTURES if not (SHOTS / f"{name}.png").exists()]
    if missing:
        print(f"no screenshot of {', '.join(missing)}; run the tests of the page first")
        return 1
    GALLERY.mkdir(exist_ok=True)
    for name in PICTURES:
        with Image.open(SHOTS / f"{name}.png") as shot:
            small = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(GALLERY / f"{name}.png", optimize=True)
    print(f"{len(PICTURES)} pictures in {GALLERY.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
