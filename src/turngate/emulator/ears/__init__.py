"""Ears for the emulator: who speaks, and which of the demo's sentences it was. Extra `local`.

Importing this package loads none of the extra; `Ears` in `ears.ear` does. Figures and limits are
in docs/explanation/local-ears.md.
"""
